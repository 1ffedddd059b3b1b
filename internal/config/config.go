package config

import (
	"log/slog"
	"net/mail"
	"net/netip"
	"path/filepath"
	"strings"
)

// Config is how to run. [Load] fills it in and checks it; after that each field
// can be used as it is.
type Config struct {
	Command string // which command it was read for

	Data   string // directory, absolute
	Listen string // HOST:PORT
	// PublicURL is the origin under which browsers reach the server: scheme, host
	// and port, nothing after.
	PublicURL string

	DatabaseURL string // sqlite:// or postgres://
	VaultURL    string // the same, and never the same database
	NATSURL     string // empty: everything stays in this process
	BlobURL     string // empty: files lie in Data/files

	SMTP     *SMTP        // the mail server; nil: none
	MailFrom mail.Address // who mails come from

	RootKey     string // the keyset itself; empty: it is in RootKeyFile
	RootKeyFile string // where the keyset is

	Demo            bool
	RequireApproval bool
	RateLimit       int // requests a second and key; 0: no limit
	MetricsToken    string
	TrustProxy      []netip.Prefix // whose X-Forwarded-For is believed
	TLSCert, TLSKey string         // PEM files; both or neither
	MaxBody         int64          // bytes of a request's body

	LogFormat string // text or json
	LogLevel  slog.Level

	// For setup.
	Workspace, Name, Email, Password string
	Origins                          []string

	// For backup and restore: files.
	To, VaultTo, From, VaultFrom string

	publicURLGiven bool
}

// Files gives the directory of uploaded files, or "" when they are not on disk.
func (c *Config) Files() string {
	if c.BlobURL == "" {
		return filepath.Join(c.Data, "files")
	}
	dir, _ := strings.CutPrefix(c.BlobURL, "file://")
	if dir == c.BlobURL {
		return ""
	}
	return dir
}

// LogValue gives what may stand in a log: which command, where, on what.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("command", c.Command),
		slog.String("data", c.Data),
		slog.String("listen", c.Listen),
		slog.String("public_url", c.PublicURL),
		slog.String("database", Redacted(c.DatabaseURL)),
		slog.String("vault", Redacted(c.VaultURL)),
		slog.String("nats", Redacted(c.NATSURL)),
		slog.String("blob", Redacted(c.BlobURL)),
		slog.String("smtp", c.SMTP.String()),
		slog.Bool("demo", c.Demo),
	)
}

// String gives the same as LogValue, so that a Config that is printed by mistake
// keeps its secrets.
func (c Config) String() string { return c.LogValue().String() }

// GoString is String, for %#v.
func (c Config) GoString() string { return c.String() }
