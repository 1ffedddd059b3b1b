package config

import (
	"slices"
	"strings"
)

const prefix = "BOTIMUM_"

// Setting is one line of the table.
type Setting struct {
	Name    string // of the flag, without its dashes
	Arg     string // what stands for the value in the help; empty: a switch
	Default string // in words; empty: nothing
	Doc     string // what it is for, in a sentence
	Env     string // the variable; empty: it follows from the name
	Secrecy Secrecy

	bind func(*Config) value
}

// Secrecy says how careful to be with a setting.
type Secrecy int

const (
	// Open is for what anybody may see.
	Open Secrecy = iota
	// Holds is for what may hold a secret, as a URL holds a password: there is a
	// _FILE twin, and no error repeats the value.
	Holds
	// Only is for what is a secret and nothing else: the flag names a file.
	Only
)

// Flags gives the names of its flags.
func (s Setting) Flags() []string {
	switch s.Secrecy {
	case Holds:
		return []string{s.Name, s.Name + "-file"}
	case Only:
		return []string{s.Name + "-file"}
	}
	return []string{s.Name}
}

// Variables gives the names of its variables.
func (s Setting) Variables() []string {
	if s.Secrecy == Open {
		return []string{s.variable()}
	}
	return []string{s.variable(), s.variable() + "_FILE"}
}

func (s Setting) variable() string {
	if s.Env != "" {
		return s.Env
	}
	return prefix + strings.ToUpper(strings.ReplaceAll(s.Name, "-", "_"))
}

// settings is the table. Their order is that of the help.
var settings = []Setting{
	{Name: "data", Arg: "DIR", Default: "./data", Doc: "Directory for everything that is kept: database, vault, root key, files.",
		bind: func(c *Config) value { return text(&c.Data) }},
	{Name: "listen", Arg: "HOST:PORT", Default: "127.0.0.1:8080", Doc: "Address to serve on. Leave the host out to serve on every address of the machine.",
		bind: func(c *Config) value { return text(&c.Listen) }},
	{Name: "public-url", Arg: "URL", Default: "from listen", Doc: "Address under which browsers reach the server, as https://support.example.com.",
		bind: func(c *Config) value { return text(&c.PublicURL) }},
	{Name: "database-url", Arg: "URL", Default: "sqlite://DATA/botimum.db", Secrecy: Holds, Doc: "Database: sqlite:///path/to/file.db or postgres://user:password@host/database.",
		bind: func(c *Config) value { return text(&c.DatabaseURL) }},
	{Name: "vault-url", Arg: "URL", Default: "sqlite://DATA/vault.db, or the PostgreSQL database's name with _vault added", Secrecy: Holds, Doc: "Database of the vault, which keeps people's keys apart from their data.",
		bind: func(c *Config) value { return text(&c.VaultURL) }},
	{Name: "nats-url", Arg: "URL", Default: "none: one node", Secrecy: Holds, Doc: "NATS server that connects several nodes, as nats://host:4222. They also share a PostgreSQL database.",
		bind: func(c *Config) value { return text(&c.NATSURL) }},
	{Name: "blob-url", Arg: "URL", Default: "DATA/files", Secrecy: Holds, Doc: "Where uploaded files go: file:///directory or s3://KEY:SECRET@bucket/prefix?endpoint=https://host&region=name.",
		bind: func(c *Config) value { return text(&c.BlobURL) }},
	{Name: "smtp-url", Arg: "URL", Default: "none: mails wait", Secrecy: Holds, Doc: "Mail server for outgoing mail, as smtp://user:password@host:587 or smtps://host:465.",
		bind: func(c *Config) value { return &smtpURL{c} }},
	{Name: "mail-from", Arg: "ADDRESS", Default: "none", Doc: "Address that mails come from, as help@example.com; its name is the workspace's unless one is given.",
		bind: func(c *Config) value { return &mailFrom{c} }},
	{Name: "root-key", Arg: "KEYSET", Default: "the file DATA/keys/root.json, made at first start", Secrecy: Only, Doc: "Root key that opens the vault: a Tink keyset as JSON, or base64 of it. Without it nothing can be read.",
		bind: func(c *Config) value { return &rootKey{c} }},
	{Name: "demo", Doc: "Make demo data and a demo website at /demo, and print the demo operator's sign-in.",
		bind: func(c *Config) value { return (*onOff)(&c.Demo) }},
	{Name: "require-approval", Doc: "Refuse to start unless this release carries its signed approvals.",
		bind: func(c *Config) value { return (*onOff)(&c.RequireApproval) }},
	{Name: "rate-limit", Arg: "N", Default: "100", Doc: "Requests a second that each API key or session may make; 0 for no limit.",
		bind: func(c *Config) value { return (*count)(&c.RateLimit) }},
	{Name: "metrics-token", Arg: "TOKEN", Default: "none: loopback only", Secrecy: Only, Doc: "Bearer token for reading /metrics from another machine.",
		bind: func(c *Config) value { return text(&c.MetricsToken) }},
	{Name: "trust-proxy", Arg: "CIDR,…", Default: "none", Doc: "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed, as 10.0.0.0/8 or 192.0.2.7.",
		bind: func(c *Config) value { return (*prefixes)(&c.TrustProxy) }},
	{Name: "tls-cert", Arg: "FILE", Default: "none: plain HTTP", Doc: "Certificate chain in PEM, to serve HTTPS without a proxy.",
		bind: func(c *Config) value { return text(&c.TLSCert) }},
	{Name: "tls-key", Arg: "FILE", Default: "none", Doc: "Private key in PEM that belongs to the certificate.",
		bind: func(c *Config) value { return text(&c.TLSKey) }},
	{Name: "max-body", Arg: "SIZE", Default: "1MiB", Doc: "Largest body of a request, from 64KiB to 64MiB. Routes that take files have their own limit.",
		bind: func(c *Config) value { return (*size)(&c.MaxBody) }},
	{Name: "log-format", Arg: "FORMAT", Default: "text", Doc: "Form of the log on standard error: text or json.",
		bind: func(c *Config) value { return &choice{&c.LogFormat, []string{"text", "json"}} }},
	{Name: "log-level", Arg: "LEVEL", Default: "info", Doc: "Least important lines that are logged: debug, info, warn or error.",
		bind: func(c *Config) value { return (*level)(&c.LogLevel) }},

	{Name: "workspace", Arg: "NAME", Env: "BOTIMUM_SETUP_WORKSPACE", Doc: "Name of the workspace to make.",
		bind: func(c *Config) value { return text(&c.Workspace) }},
	{Name: "email", Arg: "ADDRESS", Env: "BOTIMUM_SETUP_EMAIL", Doc: "E-mail address by which its owner signs in.",
		bind: func(c *Config) value { return text(&c.Email) }},
	{Name: "password", Arg: "PASSWORD", Env: "BOTIMUM_SETUP_PASSWORD", Secrecy: Only, Doc: "Password of that owner; not needed for an operator that exists.",
		bind: func(c *Config) value { return text(&c.Password) }},
	{Name: "name", Arg: "NAME", Env: "BOTIMUM_SETUP_NAME", Default: "from the address", Doc: "Name of that owner, as colleagues see it.",
		bind: func(c *Config) value { return text(&c.Name) }},
	{Name: "origin", Arg: "ORIGIN", Env: "BOTIMUM_SETUP_ORIGIN", Doc: "Website that may show the widget, as https://example.com; may be given more than once.",
		bind: func(c *Config) value { return (*origins)(&c.Origins) }},

	{Name: "to", Arg: "FILE", Env: "BOTIMUM_BACKUP_TO", Doc: "File to write the data to.",
		bind: func(c *Config) value { return text(&c.To) }},
	{Name: "vault-to", Arg: "FILE", Env: "BOTIMUM_BACKUP_VAULT_TO", Default: "none: the vault is not backed up", Doc: "File to write the vault to. Keep it apart from the data, and for a shorter time.",
		bind: func(c *Config) value { return text(&c.VaultTo) }},
	{Name: "from", Arg: "FILE", Env: "BOTIMUM_RESTORE_FROM", Doc: "File to read the data from.",
		bind: func(c *Config) value { return text(&c.From) }},
	{Name: "vault-from", Arg: "FILE", Env: "BOTIMUM_RESTORE_VAULT_FROM", Default: "none: the vault that is there stays", Doc: "File to read the vault from.",
		bind: func(c *Config) value { return text(&c.VaultFrom) }},
}

// Command is one thing that the program can be told to do.
type Command struct {
	Name     string // one word or two, as "audit verify"
	Summary  string
	Settings []string // names, in the order of the table
	Required []string
}

var (
	storeSettings = []string{"data", "database-url", "vault-url", "root-key", "log-format", "log-level"}
	commands      = []Command{
		{Name: "serve", Summary: "serve the dashboard, the API and the widget",
			Settings: []string{"data", "listen", "public-url", "database-url", "vault-url", "nats-url", "blob-url", "smtp-url", "mail-from", "root-key", "demo", "require-approval",
				"rate-limit", "metrics-token", "trust-proxy", "tls-cert", "tls-key", "max-body", "log-format", "log-level"}},
		{Name: "setup", Summary: "make a workspace and its owner, and print their ids and an API key as one line of JSON",
			Settings: with("workspace", "email", "password", "name", "origin"), Required: []string{"workspace", "email"}},
		{Name: "backup", Summary: "write a consistent copy of the data to a file, also while serving",
			Settings: with("blob-url", "to", "vault-to"), Required: []string{"to"}},
		{Name: "restore", Summary: "put such a copy into an empty place",
			Settings: with("blob-url", "from", "vault-from"), Required: []string{"from"}},
		{Name: "migrate", Summary: "bring the databases to what this release expects", Settings: with()},
		{Name: "doctor", Summary: "look for what is wrong with this installation, and say what to do", Settings: with("listen", "public-url", "nats-url", "blob-url", "smtp-url", "mail-from")},
		{Name: "audit verify", Summary: "prove that nothing was removed from the audit log or changed in it", Settings: with()},
		{Name: "vault rotate", Summary: "wrap every key with a new root key and drop the old one; the server must be stopped", Settings: with()},
		{Name: "openapi", Summary: "print the OpenAPI document of the REST API"},
	}
)

// with adds names to the settings that every command with a store has.
func with(names ...string) []string { return slices.Concat(storeSettings, names) }

// Commands gives what the program can be told to do.
func Commands() []Command { return slices.Clone(commands) }

// Find gives the command that the arguments begin with, and what is left of them.
func Find(args []string) (c Command, rest []string, found bool) {
	for words := min(2, len(args)); words > 0; words-- {
		name := strings.Join(args[:words], " ")
		i := slices.IndexFunc(commands, func(c Command) bool { return c.Name == name })
		if i >= 0 {
			return commands[i], args[words:], true
		}
	}
	return Command{}, args, false
}

// Settings gives the command's lines of the table.
func (c Command) settings() []Setting {
	var own []Setting
	for _, s := range settings {
		if slices.Contains(c.Settings, s.Name) {
			own = append(own, s)
		}
	}
	return own
}

func find(name string) Setting {
	return settings[slices.IndexFunc(settings, func(s Setting) bool { return s.Name == name })]
}
