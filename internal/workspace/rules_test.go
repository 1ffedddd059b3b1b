package workspace

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

func TestRolesHoldWhatTheyShould(t *testing.T) {
	tests := []struct {
		permission string
		roles      []Role // who holds it
	}{
		{"workspace:read", Roles()},
		{"workspace:write", []Role{Owner, Admin}},
		{"operators:write", []Role{Owner, Admin}},
		{"keys:read", []Role{Owner, Admin}},
		{"keys:write", []Role{Owner, Admin}},
		{"inbox:read", Roles()},
		{"inbox:write", []Role{Owner, Admin, Agent}},
		{"contacts:read", Roles()},
		{"contacts:erase", []Role{Owner, Admin, PrivacyOfficer, Agent}},
		{"privacy:write", []Role{Owner, Admin, PrivacyOfficer}},
		{"audit:read", []Role{Owner, Admin, PrivacyOfficer}},
		{"something:new", []Role{Owner}},
		{"", nil},
	}
	for _, tt := range tests {
		for _, role := range append(Roles(), "none") {
			if got, want := role.Permissions().Allow(tt.permission), slices.Contains(tt.roles, role); got != want {
				t.Errorf("%s holds %q: %v, want %v", role, tt.permission, got, want)
			}
		}
	}
}

func TestRolesAreMadeOfPermissionsThatExist(t *testing.T) {
	for _, role := range Roles() {
		for _, p := range role.Permissions() {
			if !knownScope(p) {
				t.Errorf("%s holds %q, which no route can name", role, p)
			}
		}
	}
	if !slices.IsSorted(KnownPermissions()) {
		t.Error("the permissions are not sorted")
	}
}

func TestCheckScopes(t *testing.T) {
	owner, agent := Owner.Permissions(), Agent.Permissions()
	tests := []struct {
		name    string
		scopes  []string
		granter actor.Permissions
		want    string // joined; "" is refused
	}{
		{"sorted, no doubles", []string{"inbox:write", "contacts:read", "inbox:write"}, owner, "contacts:read inbox:write"},
		{"an area", []string{"privacy:*"}, owner, "privacy:*"},
		{"all", []string{"*"}, owner, "*"},
		{"all, by one who does not hold all", []string{"*"}, Admin.Permissions(), ""},
		{"within", []string{"inbox:read", "contacts:*"}, agent, "contacts:* inbox:read"},
		{"beyond", []string{"inbox:read", "keys:write"}, agent, ""},
		{"an area beyond", []string{"privacy:*"}, agent, ""},
		{"none", nil, owner, ""},
		{"unknown", []string{"inbox:delete"}, owner, ""},
		{"unknown area", []string{"billing:*"}, owner, ""},
		{"part of an area", []string{"inb:*"}, owner, ""},
		{"empty", []string{""}, owner, ""},
		{"a space", []string{"inbox:read keys:write"}, owner, ""},
		{"star in the wrong place", []string{"*:read"}, owner, ""},
		{"too many", slices.Repeat([]string{"inbox:read"}, maxScopes+1), owner, ""},
	}
	for _, tt := range tests {
		got, err := checkScopes(tt.scopes, tt.granter)
		if strings.Join(got, " ") != tt.want || (tt.want == "") != fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestNobodyMakesAnotherMightier(t *testing.T) {
	may := map[Role][]Role{
		Owner:          Roles(),
		Admin:          {Admin, PrivacyOfficer, Agent, Viewer},
		PrivacyOfficer: {PrivacyOfficer, Viewer},
		Agent:          {Agent, Viewer},
		Viewer:         {Viewer},
	}
	for granter, allowed := range may {
		for _, role := range Roles() {
			if err := checkRole(role, granter.Permissions()); (err == nil) != slices.Contains(allowed, role) {
				t.Errorf("%s gives %s: %v", granter, role, err)
			}
		}
	}
	if err := checkRole("emperor", Owner.Permissions()); !fault.Is(err, fault.KindInvalid) {
		t.Errorf("an unknown role: %v", err)
	}
}

func TestCleanOrigin(t *testing.T) {
	tests := map[string]string{
		"https://www.example.org":      "https://www.example.org",
		"https://www.example.org/":     "https://www.example.org",
		" HTTPS://WWW.Example.ORG ":    "https://www.example.org",
		"https://example.org:443":      "https://example.org",
		"http://example.org:80":        "http://example.org",
		"http://example.org:443":       "http://example.org:443",
		"http://127.0.0.1:8080":        "http://127.0.0.1:8080",
		"http://[::1]:8080":            "http://[::1]:8080",
		"http://[0:0:0:0:0:0:0:1]":     "http://[::1]",
		"https://bücher.example":       "https://xn--bcher-kva.example",
		"http://localhost:3000":        "http://localhost:3000",
		"https://example.org:08443":    "https://example.org:8443",
		"":                             "",
		"example.org":                  "",
		"https://":                     "",
		"https://example.org/path":     "",
		"https://example.org?q":        "",
		"https://example.org?":         "",
		"https://example.org#":         "",
		"https://u:p@example.org":      "",
		"https://example.org:":         "",
		"https://example.org:0":        "",
		"https://example.org:99999":    "",
		"https://*.example.org":        "",
		"https://exa mple.org":         "",
		"https://example..org":         "",
		"https://.example.org":         "",
		"javascript:alert(1)":          "",
		"ftp://example.org":            "",
		"null":                         "",
		"https://example.org\x00.evil": "",
		"https://[fe80::1%25eth0]":     "",
	}
	for in, want := range tests {
		if got, ok := cleanOrigin(in); got != want || ok != (want != "") {
			t.Errorf("cleanOrigin(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func FuzzCleanOrigin(f *testing.F) {
	f.Add("https://www.example.org:8443")
	f.Add("http://[::1]")
	f.Fuzz(func(t *testing.T, in string) {
		once, ok := cleanOrigin(in)
		if !ok {
			return
		}
		if twice, ok := cleanOrigin(once); !ok || twice != once {
			t.Errorf("%q gave %q, which gave %q", in, once, twice)
		}
		if strings.ContainsAny(once, " /?#@\x00\n") && strings.Count(once, "/") != 2 {
			t.Errorf("%q gave %q", in, once)
		}
	})
}

func TestPatchNamesEveryFieldThatBreaksItsRule(t *testing.T) {
	p := func(s string) *string { return &s }
	bad := Patch{Name: p(" "), Settings: &SettingsPatch{
		AllowedOrigins: []string{"example.org"}, NoticeURL: p("/privacy"), DefaultPurpose: p("Marketing!"), Color: p("teal"),
		Greeting: p("a\u202eb"), WidgetPosition: p("top"), Locale: p("english please"),
	}}
	_, err := bad.apply(Workspace{})
	f := fault.As(err)
	if f == nil || len(f.Fields) != 8 {
		t.Fatalf("want all eight fields named, got %v", err)
	}
	good := Patch{Name: p(" Acme "), Settings: &SettingsPatch{
		AllowedOrigins: []string{"https://A.example", "https://a.example/"}, NoticeURL: p("https://a.example/privacy"), DefaultPurpose: p("support"),
		Color: p("#0F766E"), Greeting: p(" Hello. "), WidgetPosition: p("left"), Locale: p("pt-BR"),
	}}
	w, err := good.apply(Workspace{Settings: DefaultSettings()})
	if err != nil || w.Name != "Acme" || w.Settings.Color != "#0f766e" || w.Settings.Greeting != "Hello." || len(w.Settings.AllowedOrigins) != 1 {
		t.Errorf("%+v, %v", w, err)
	}
	if !w.Settings.AllowsOrigin("https://a.example") || w.Settings.AllowsOrigin("https://b.example") || w.Settings.AllowsOrigin("") {
		t.Error("the wrong origins are allowed")
	}
	same, err := Patch{}.apply(w)
	if err != nil || same.Name != w.Name || same.Settings.Locale != "pt-BR" {
		t.Errorf("an empty change: %+v, %v", same, err)
	}
	cleared, err := Patch{Settings: &SettingsPatch{AllowedOrigins: []string{}, NoticeURL: p("")}}.apply(w)
	if err != nil || cleared.Settings.AllowedOrigins == nil || len(cleared.Settings.AllowedOrigins) != 0 || cleared.Settings.NoticeURL != "" {
		t.Errorf("clearing: %+v, %v", cleared, err)
	}
}

func TestCleanEmail(t *testing.T) {
	for _, ok := range []string{"ada@example.org", "a@b.co", "o'neil+tag@sub.example.org", "josé@bücher.example", "user@localhost", `"a@b"@example.org`} {
		if got, why := cleanEmail(" " + ok + " "); got != ok || why != "" {
			t.Errorf("%q was refused: %s", ok, why)
		}
	}
	for _, bad := range []string{"", "ada", "@example.org", "ada@", "a b@example.org", "ada@exa mple.org", "ada@example..org", "ada@.org", "ada@-a.org",
		"ada@a_b.org", "a@b@c.org", "ada\n@example.org", "ada@example.org\x00", "ada@<x>", strings.Repeat("a", 65) + "@example.org",
		"a@" + strings.Repeat("b", 64) + ".org", "a@" + strings.Repeat("b.", 130) + "org"} {
		if got, why := cleanEmail(bad); got != "" || why == "" {
			t.Errorf("%q was taken", bad)
		}
	}
}

func TestSlugBase(t *testing.T) {
	tests := map[string]string{
		"Acme Inc.":            "acme-inc",
		"  Crème Brûlée!  ":    "creme-brulee",
		"株式会社":                 "workspace",
		"":                     "workspace",
		"---":                  "workspace",
		"A/B?C#D":              "a-b-c-d",
		"../../etc/passwd":     "etc-passwd",
		"Straße 7":             "stra-e-7",
		"x" + "\u0301\u0301 y": "x-y",
	}
	for in, want := range tests {
		if got := slugBase(in); got != want {
			t.Errorf("slugBase(%q) = %q, want %q", in, got, want)
		}
	}
}

// Whatever the names, slugs are distinct, short, and safe in an address.
func TestSlugsAreUniqueAndSafe(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		taken := map[string]bool{}
		names := rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"Acme", "acme", "ACME 2", "acme-2", ""})), 1, 40).Draw(t, "names")
		for _, name := range names {
			slug, err := slugFor(name, func(s string) (bool, error) { return taken[s], nil })
			if err != nil {
				t.Fatal(err)
			}
			if taken[slug] {
				t.Fatalf("%q is taken", slug)
			}
			taken[slug] = true
			if slug == "" || len(slug) > maxSlugBase+1+slugSuffixLen+1 || !madeOf(slug, "abcdefghijklmnopqrstuvwxyz0123456789-") ||
				slug[0] == '-' || slug[len(slug)-1] == '-' {
				t.Fatalf("%q gave %q", name, slug)
			}
		}
	})
}

func TestSecretsAreLongAndDistinct(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		for _, s := range []string{newSecret(), newWidgetKey()} {
			if seen[s] {
				t.Fatal("the same secret twice")
			}
			seen[s] = true
		}
	}
	if s := newSecret(); len(s) != secretLen || !looksLikeSecret(s) {
		t.Errorf("a secret of %d characters", len(s))
	}
	if k := newWidgetKey(); len(k) != 27 || !looksLikeWidgetKey(k) {
		t.Errorf("widget key %q", k)
	}
	for _, bad := range []string{"", "wk_", "wk_0123", strings.Repeat("a", secretLen-1), strings.Repeat("-", secretLen)} {
		if looksLikeSecret(bad) || looksLikeWidgetKey(bad) {
			t.Errorf("%q looks like a secret", bad)
		}
	}
}
