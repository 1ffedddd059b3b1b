package config

import (
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func load(t *testing.T, command string, args, env []string) *Config {
	t.Helper()
	c, err := Load(command, args, env)
	if err != nil {
		t.Fatalf("Load(%s, %q, %q): %v", command, args, env, err)
	}
	return c
}

func write(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWithoutAnySetting(t *testing.T) {
	c := load(t, "serve", nil, []string{"PATH=/bin", "HOME=/root"})
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(wd, "data")
	got := map[string]any{
		"data": c.Data, "listen": c.Listen, "public": c.PublicURL, "database": c.DatabaseURL, "vault": c.VaultURL, "nats": c.NATSURL,
		"root": c.RootKeyFile, "rate": c.RateLimit, "body": c.MaxBody, "format": c.LogFormat, "level": c.LogLevel, "demo": c.Demo,
	}
	want := map[string]any{
		"data": data, "listen": "127.0.0.1:8080", "public": "http://127.0.0.1:8080", "database": "sqlite://" + data + "/botimum.db",
		"vault": "sqlite://" + data + "/vault.db", "nats": "", "root": data + "/keys/root.json", "rate": 100, "body": int64(1 << 20),
		"format": "text", "level": slog.LevelInfo, "demo": false,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What the table calls a default in so many words is what Load starts from.
func TestDefaultsAreTrue(t *testing.T) {
	none := load(t, "serve", nil, nil)
	for _, name := range []string{"data", "listen", "rate-limit", "max-body", "log-format", "log-level"} {
		said := load(t, "serve", []string{"--" + name, find(name).Default}, nil)
		if diff := cmp.Diff(fmt.Sprint(none, none.RateLimit, none.MaxBody, none.LogFormat, none.LogLevel),
			fmt.Sprint(said, said.RateLimit, said.MaxBody, said.LogFormat, said.LogLevel)); diff != "" {
			t.Errorf("--%s %s is not the default: %s", name, find(name).Default, diff)
		}
	}
}

func TestFlagBeatsVariable(t *testing.T) {
	env := []string{"BOTIMUM_LISTEN=:9000", "BOTIMUM_DEMO=yes", "BOTIMUM_RATE_LIMIT=7", "BOTIMUM_LOG_LEVEL=", "BOTIMUM_TEST_POSTGRES=x"}
	c := load(t, "serve", []string{"--listen", "0.0.0.0:9001", "-demo=false", "--log-format=json"}, env)
	if c.Listen != "0.0.0.0:9001" || c.Demo || c.RateLimit != 7 || c.LogFormat != "json" || c.LogLevel != slog.LevelInfo {
		t.Errorf("got %s, rate limit %d, log %s %s", c, c.RateLimit, c.LogFormat, c.LogLevel)
	}
	if c.PublicURL != "http://localhost:9001" {
		t.Errorf("the public URL of an open address is %s", c.PublicURL)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	url := write(t, "postgres://bo:geheim@db.example/app\r\n")
	token := write(t, "a token of some length\n")
	c := load(t, "serve", []string{"--metrics-token-file", token, "--root-key-file", "/nowhere/root.json"}, []string{"BOTIMUM_DATABASE_URL_FILE=" + url})
	if c.DatabaseURL != "postgres://bo:geheim@db.example/app" || c.VaultURL != "postgres://bo:geheim@db.example/app_vault" {
		t.Errorf("database %s, vault %s", c.DatabaseURL, c.VaultURL)
	}
	if c.MetricsToken != "a token of some length" || c.RootKeyFile != "/nowhere/root.json" || c.RootKey != "" {
		t.Errorf("token %q, root key %q in %q", c.MetricsToken, c.RootKey, c.RootKeyFile)
	}
	// The flag beats the variable, whichever form each has.
	c = load(t, "serve", []string{"--database-url", "sqlite:///x/y.db"}, []string{"BOTIMUM_DATABASE_URL_FILE=" + url})
	if c.DatabaseURL != "sqlite:///x/y.db" {
		t.Errorf("database %s", c.DatabaseURL)
	}
}

func TestSecretsStaySecret(t *testing.T) {
	c := load(t, "serve", []string{"--nats-url", "nats://me:geheim@host:4222"}, []string{
		"BOTIMUM_DATABASE_URL=postgres://bo:geheim@db/app?sslpassword=geheim", "BOTIMUM_ROOT_KEY=geheim", "BOTIMUM_METRICS_TOKEN=geheim", "BOTIMUM_SETUP_PASSWORD=geheim",
	})
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("starting", "config", c)
	for _, form := range []string{c.String(), fmt.Sprintf("%v %+v %#v", *c, c, *c), log.String()} {
		if strings.Contains(form, "geheim") {
			t.Errorf("a secret is told: %s", form)
		}
	}
}

func TestRefusals(t *testing.T) {
	long := write(t, strings.Repeat("x", maxSecretFile+1))
	tests := []struct {
		command string
		args    []string
		env     []string
		want    string // the whole line
	}{
		{"serve", nil, []string{"BOTIMUM_LISTN=:80"}, "there is no setting BOTIMUM_LISTN; did you mean BOTIMUM_LISTEN?; unset it if it is not meant for botimum"},
		{"serve", nil, []string{"BOTIMUM_COLOUR_OF_THE_SEA=blue"}, "there is no setting BOTIMUM_COLOUR_OF_THE_SEA; unset it if it is not meant for botimum"},
		{"serve", nil, []string{"BOTIMUM_LISTEN_FILE=/x"}, "there is no setting BOTIMUM_LISTEN_FILE; did you mean BOTIMUM_LISTEN?; unset it if it is not meant for botimum"},
		{"serve", []string{"--pubic-url", "x"}, nil, "serve has no flag --pubic-url; did you mean public-url?"},
		{"serve", []string{"--to", "x"}, nil, "serve has no flag --to"},
		{"serve", []string{"--root-key", "x"}, nil, "--root-key would show the secret to every user of this machine; use --root-key-file FILE or BOTIMUM_ROOT_KEY"},
		{"serve", []string{"--listen"}, nil, "--listen needs a value after it"},
		{"serve", []string{"now"}, nil, "serve takes no arguments but flags; see botimum help serve"},
		{"serve", nil, []string{"BOTIMUM_NATS_URL=nats://h", "BOTIMUM_NATS_URL_FILE=/x"}, "both BOTIMUM_NATS_URL and BOTIMUM_NATS_URL_FILE are set; keep one of them"},
		{"serve", nil, []string{"BOTIMUM_ROOT_KEY=k", "BOTIMUM_ROOT_KEY_FILE=/x"}, "both BOTIMUM_ROOT_KEY and BOTIMUM_ROOT_KEY_FILE are set; keep one of them"},
		{"serve", []string{"--nats-url", "nats://h", "--nats-url-file", "/x"}, nil, "both --nats-url and --nats-url-file are set; keep one of them"},
		{"serve", []string{"--nats-url-file", "/not/there"}, nil, "--nats-url-file cannot be read: open /not/there: no such file or directory"},
		{"serve", nil, []string{"BOTIMUM_METRICS_TOKEN_FILE=/dev/null"}, "BOTIMUM_METRICS_TOKEN_FILE names an empty file"},
		{"serve", nil, []string{"BOTIMUM_METRICS_TOKEN_FILE=" + long}, "BOTIMUM_METRICS_TOKEN_FILE names a file of more than 64 KiB; that is no secret"},
		{"serve", nil, []string{"BOTIMUM_DEMO=maybe"}, "BOTIMUM_DEMO is a switch: write true or false"},
		{"serve", []string{"--rate-limit", "-1"}, nil, "--rate-limit must be a whole number, 0 or more"},
		{"serve", []string{"--max-body", "9GB"}, nil, "--max-body must be a size from 64KiB to 64MiB, as 1MiB"},
		{"serve", []string{"--log-level", "loud"}, nil, "--log-level must be debug, info, warn or error"},
		{"serve", []string{"--log-format", "xml"}, nil, "--log-format must be text or json"},
		{"serve", []string{"--trust-proxy", "10.0.0.0/8,elsewhere"}, nil, "--trust-proxy must be addresses or networks apart by commas, as 10.0.0.0/8,192.0.2.7"},
		{"serve", []string{"--listen", "8080"}, nil, "listen must be HOST:PORT, as 127.0.0.1:8080 or :8080"},
		{"serve", []string{"--listen", "host:80000"}, nil, "listen must end in a port from 0 to 65535"},
		{"serve", []string{"--public-url", "support.example.com"}, nil, "public-url must be a URL that begins with https:// or http://, as https://support.example.com"},
		{"serve", []string{"--public-url", "https://example.com/help"}, nil, "public-url must end after the host and port, as https://support.example.com"},
		{"serve", []string{"--database-url", "mysql://root:geheim@h/d"}, nil, "database-url must begin with sqlite:// or postgres://; write special characters of a password as %XX"},
		{"serve", []string{"--database-url", "postgres://u:ge heim%@h/d"}, nil, "database-url must begin with sqlite:// or postgres://; write special characters of a password as %XX"},
		{"serve", []string{"--database-url", "sqlite://"}, nil, "database-url must be sqlite:// and a path without ? and #, as sqlite:///var/lib/botimum/botimum.db"},
		{"serve", []string{"--database-url", "postgres://host"}, nil, "database-url names no database after its host; add one, or set vault-url"},
		{"serve", []string{"--database-url", "sqlite:///a/b.db", "--vault-url", "sqlite:///a/../a/b.db"}, nil, "vault-url must name another database than database-url: keys are kept apart from what they open"},
		{"serve", []string{"--database-url", "postgres://me@h/d", "--vault-url", "postgres://you@h/d?sslmode=disable"}, nil, "vault-url must name another database than database-url: keys are kept apart from what they open"},
		{"serve", []string{"--nats-url", "http://h"}, nil, "nats-url must begin with nats:// or tls://, as nats://host:4222"},
		{"serve", []string{"--blob-url", "ftp://h"}, nil, "blob-url must be file:///directory or s3://KEY:SECRET@bucket?endpoint=https://host&region=name"},
		{"serve", []string{"--blob-url", "s3://bucket"}, nil, "blob-url must hold the key and its secret, as s3://KEY:SECRET@bucket, with %2F for / and %2B for + in them"},
		{"serve", []string{"--blob-url", "s3://k:s@bucket/../x"}, nil, "blob-url may end in a prefix of letters, digits, - and _, as s3://KEY:SECRET@bucket/botimum"},
		{"serve", []string{"--blob-url", "s3://k:s@bucket?regoin=x"}, nil, "blob-url takes endpoint and region, and nothing else"},
		{"serve", []string{"--blob-url", "s3://k:s@bucket?endpoint=files.example.org"}, nil, "the endpoint in blob-url must be https://host or http://host"},
		{"serve", []string{"--tls-cert", "/c.pem"}, nil, "tls-cert and tls-key belong together: set both or neither"},
		{"setup", []string{"--email", "a@b.example"}, nil, "setup needs --workspace NAME: name of the workspace to make."},
		{"setup", []string{"--email", "a@b.example", "--workspace", "W", "--password", "geheim"}, nil, "--password would show the secret to every user of this machine; use --password-file FILE or BOTIMUM_SETUP_PASSWORD"},
		{"setup", []string{"--email", "a@b.example", "--workspace", "W", "--origin", "example.com"}, nil, "--origin must be an origin, as https://example.com or http://localhost:3000"},
		{"backup", nil, nil, "backup needs --to FILE: file to write the data to."},
		{"restore", nil, []string{"BOTIMUM_RESTORE_VAULT_FROM=/v"}, "restore needs --from FILE: file to read the data from."},
		{"backpu", nil, nil, `there is no command "backpu"; did you mean backup?`},
	}
	for _, test := range tests {
		_, err := Load(test.command, test.args, test.env)
		if err == nil || err.Error() != test.want {
			t.Errorf("%s %q %q:\n got %v\nwant %s", test.command, test.args, test.env, err, test.want)
		}
		if err != nil && strings.Contains(err.Error(), "geheim") {
			t.Errorf("the line repeats a secret: %v", err)
		}
	}
}

func TestSetup(t *testing.T) {
	password := write(t, "correct horse\n")
	c := load(t, "setup", []string{"--workspace", "Acme", "--email", "a@b.example", "--password-file", password, "--origin", "https://Acme.example:443/", "--origin", "http://localhost:3000"},
		[]string{"BOTIMUM_DEMO=true"}) // a setting of another command is left alone
	got := []any{c.Workspace, c.Email, c.Password, c.Origins, c.Demo}
	want := []any{"Acme", "a@b.example", "correct horse", []string{"https://acme.example", "http://localhost:3000"}, false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTrustProxy(t *testing.T) {
	c := load(t, "serve", []string{"--trust-proxy", "10.1.2.3/8, 192.0.2.7,fd00::/8"}, nil)
	want := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.7/32"), netip.MustParsePrefix("fd00::/8")}
	if diff := cmp.Diff(want, c.TrustProxy, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Error(diff)
	}
}

func TestFiles(t *testing.T) {
	for blob, want := range map[string]string{"": "/d/files", "file:///srv/files": "/srv/files", "s3://k:s@bucket/p?endpoint=http://10.0.0.7:9000&region=x": ""} {
		c := load(t, "serve", []string{"--data", "/d"}, []string{"BOTIMUM_BLOB_URL=" + blob})
		if got := c.Files(); got != want {
			t.Errorf("with %q files lie in %q, want %q", blob, got, want)
		}
	}
}

func TestListening(t *testing.T) {
	c := load(t, "serve", []string{"--listen", "127.0.0.1:0"}, nil)
	c.Listening("127.0.0.1:40123")
	if c.Listen != "127.0.0.1:40123" || c.PublicURL != "http://127.0.0.1:40123" {
		t.Errorf("listen %s, public %s", c.Listen, c.PublicURL)
	}
	c = load(t, "serve", []string{"--listen", ":0", "--public-url", "HTTPS://Example.com:443"}, nil)
	c.Listening("[::]:40123")
	if c.Listen != ":40123" || c.PublicURL != "https://example.com" {
		t.Errorf("listen %s, public %s", c.Listen, c.PublicURL)
	}
}

func TestAskingForHelp(t *testing.T) {
	if _, err := Load("serve", []string{"--help"}, nil); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("got %v", err)
	}
	var b strings.Builder
	if err := Help(&b, "serve"); err != nil {
		t.Fatal(err)
	}
	c, _, _ := Find([]string{"serve"})
	for _, name := range c.Settings {
		s := find(name)
		for _, part := range append(s.Variables(), s.Flags()...) {
			if !strings.Contains(b.String(), part) {
				t.Errorf("the help of serve does not tell of %s", part)
			}
		}
	}
	for line := range strings.Lines(b.String()) {
		if len([]rune(line)) > 110 {
			t.Errorf("a line of %d characters: %s", len(line), line)
		}
	}
	b.Reset()
	if err := HelpAll(&b); err != nil || !strings.Contains(b.String(), "audit verify") {
		t.Errorf("%v: %s", err, &b)
	}
}

// The table itself keeps the rules of the package.
func TestTable(t *testing.T) {
	seen := make(map[string]bool)
	for _, s := range settings {
		for _, name := range append(s.Variables(), s.Flags()...) {
			if seen[name] {
				t.Errorf("%s stands twice", name)
			}
			seen[name] = true
		}
		if !strings.HasSuffix(s.Doc, ".") || len(s.Doc) > 110 {
			t.Errorf("%s: its line should be one sentence: %s", s.Name, s.Doc)
		}
	}
	for _, c := range commands {
		for _, name := range append(c.Settings, c.Required...) {
			if !seen[find(name).variable()] {
				t.Errorf("%s: there is no %s", c.Name, name)
			}
		}
	}
}

func TestFind(t *testing.T) {
	tests := []struct {
		args string
		name string
		rest int
	}{
		{"audit verify --data x", "audit verify", 2}, {"serve", "serve", 0}, {"serve --demo", "serve", 1}, {"audit", "", 1}, {"", "", 0},
	}
	for _, test := range tests {
		c, rest, found := Find(strings.Fields(test.args))
		if c.Name != test.name || len(rest) != test.rest || found != (test.name != "") {
			t.Errorf("Find(%q) = %q, %q, %t", test.args, c.Name, rest, found)
		}
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("--listen", "127.0.0.1:80", "BOTIMUM_DATABASE_URL=postgres://u:p@h/d")
	f.Add("--max-body", "1 KiB", "BOTIMUM_=")
	f.Fuzz(func(t *testing.T, flag, value, pair string) {
		c, err := Load("serve", []string{flag, value}, []string{pair})
		if err == nil && (c.DatabaseURL == "" || c.VaultURL == "" || c.PublicURL == "") {
			t.Errorf("accepted, but incomplete: %s", c)
		}
	})
}

func ExampleLoad() {
	c, err := Load("serve", []string{"--listen", ":8443", "--public-url", "https://support.example.com"}, []string{"BOTIMUM_DATA=/var/lib/botimum"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Listen, c.PublicURL, c.DatabaseURL)
	// Output: :8443 https://support.example.com sqlite:///var/lib/botimum/botimum.db
}
