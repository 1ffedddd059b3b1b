package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// complete fills in what follows from other settings, and checks the whole.
func (c *Config) complete() error {
	var err error
	if c.Data, err = filepath.Abs(c.Data); err != nil {
		return fmt.Errorf("data cannot be found: %w", err)
	}
	if c.RootKeyFile == "" {
		c.RootKeyFile = filepath.Join(c.Data, "keys", "root.json")
	}
	for _, step := range []func() error{c.checkListen, c.completePublicURL, c.completeDatabases, c.checkNATS, c.checkBlob, c.checkMail, c.checkTLS, c.checkSetup} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (c *Config) checkListen() error {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return errors.New("listen must be HOST:PORT, as 127.0.0.1:8080 or :8080")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return errors.New("listen must end in a port from 0 to 65535")
	}
	if strings.ContainsAny(host, "/@ ") {
		return errors.New("listen must be HOST:PORT without http:// before it")
	}
	return nil
}

// completePublicURL derives the public URL from the address to listen on, unless
// it was given.
func (c *Config) completePublicURL() error {
	if c.publicURLGiven {
		u, err := origin(c.PublicURL)
		if err != nil {
			return fmt.Errorf("public-url %w, as https://support.example.com", err)
		}
		c.PublicURL = u
		return nil
	}
	host, port, _ := net.SplitHostPort(c.Listen)
	if addr, err := netip.ParseAddr(host); host == "" || err == nil && addr.IsUnspecified() {
		host = "localhost"
	}
	scheme := "http"
	if c.TLSCert != "" {
		scheme = "https"
	}
	c.PublicURL = scheme + "://" + net.JoinHostPort(host, port)
	return nil
}

// Listening notes the address that the server was given when it asked for port
// 0, and corrects the public URL if that follows from it.
func (c *Config) Listening(addr string) {
	_, port, err := net.SplitHostPort(addr)
	if err != nil {
		return
	}
	host, _, _ := net.SplitHostPort(c.Listen)
	c.Listen = net.JoinHostPort(host, port)
	_ = c.completePublicURL() // fails only for one that was given, which was checked
}

// origin checks that a URL is an origin and gives it as browsers write it.
func origin(raw string) (string, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "", errors.New("must be a URL that begins with https:// or http://")
	case u.User != nil, u.RawQuery != "", u.Fragment != "", u.Path != "" && u.Path != "/":
		return "", errors.New("must end after the host and port")
	}
	host := strings.ToLower(u.Host)
	if u.Scheme == "http" {
		host = strings.TrimSuffix(host, ":80")
	} else {
		host = strings.TrimSuffix(host, ":443")
	}
	return u.Scheme + "://" + host, nil
}

func (c *Config) completeDatabases() error {
	if c.DatabaseURL == "" {
		c.DatabaseURL = "sqlite://" + filepath.Join(c.Data, "botimum.db")
	}
	if err := checkDatabase("database-url", c.DatabaseURL); err != nil {
		return err
	}
	if c.VaultURL == "" {
		vault, err := vaultBeside(c.DatabaseURL, c.Data)
		if err != nil {
			return err
		}
		c.VaultURL = vault
	}
	if err := checkDatabase("vault-url", c.VaultURL); err != nil {
		return err
	}
	if place(c.DatabaseURL) == place(c.VaultURL) {
		return errors.New("vault-url must name another database than database-url: keys are kept apart from what they open")
	}
	return nil
}

func checkDatabase(name, raw string) error {
	if path, ok := strings.CutPrefix(raw, "sqlite://"); ok {
		if path == "" || strings.ContainsAny(path, "?#") {
			return fmt.Errorf("%s must be sqlite:// and a path without ? and #, as sqlite:///var/lib/botimum/botimum.db", name)
		}
		return nil
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return fmt.Errorf("%s must begin with sqlite:// or postgres://; write special characters of a password as %%XX", name)
	}
	return nil
}

// vaultBeside gives where the vault is when nobody said.
func vaultBeside(database, data string) (string, error) {
	if strings.HasPrefix(database, "sqlite://") {
		return "sqlite://" + filepath.Join(data, "vault.db"), nil
	}
	u, err := url.Parse(database)
	if err != nil || strings.Trim(u.Path, "/") == "" {
		return "", errors.New("database-url names no database after its host; add one, or set vault-url")
	}
	u.Path += "_vault"
	return u.String(), nil
}

// place names the database behind a URL, whoever asks for it.
func place(raw string) string {
	if path, ok := strings.CutPrefix(raw, "sqlite://"); ok {
		if abs, err := filepath.Abs(path); err == nil {
			path = abs
		}
		return path
	}
	u, err := url.Parse(raw)
	if err != nil {
		return raw
	}
	return u.Host + u.Query().Get("host") + u.Path + u.Query().Get("dbname")
}

func (c *Config) checkNATS() error {
	if c.NATSURL == "" {
		return nil
	}
	for item := range strings.SplitSeq(c.NATSURL, ",") {
		u, err := url.Parse(strings.TrimSpace(item))
		if err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls"}, u.Scheme) {
			return errors.New("nats-url must begin with nats:// or tls://, as nats://host:4222")
		}
	}
	return nil
}

func (c *Config) checkBlob() error {
	if c.BlobURL == "" {
		return nil
	}
	u, err := url.Parse(c.BlobURL)
	if err != nil || u.Scheme != "s3" && u.Scheme != "file" || u.Scheme == "s3" && u.Host == "" || u.Scheme == "file" && (u.Host != "" || u.Path == "") {
		return errors.New("blob-url must be file:///directory or s3://KEY:SECRET@bucket?endpoint=https://host&region=name")
	}
	if u.Scheme == "file" {
		return nil
	}
	if _, given := u.User.Password(); !given || u.User.Username() == "" {
		return errors.New("blob-url must hold the key and its secret, as s3://KEY:SECRET@bucket, with %2F for / and %2B for + in them")
	}
	if !prefixOfFiles.MatchString(u.Path) {
		return errors.New("blob-url may end in a prefix of letters, digits, - and _, as s3://KEY:SECRET@bucket/botimum")
	}
	for name := range u.Query() {
		if name != "endpoint" && name != "region" {
			return errors.New("blob-url takes endpoint and region, and nothing else")
		}
	}
	if endpoint := u.Query().Get("endpoint"); endpoint != "" {
		e, err := url.Parse(endpoint)
		if err != nil || e.Scheme != "https" && e.Scheme != "http" || e.Host == "" || e.User != nil || e.RawQuery != "" {
			return errors.New("the endpoint in blob-url must be https://host or http://host")
		}
	}
	return nil
}

var prefixOfFiles = regexp.MustCompile(`^(/[A-Za-z0-9_-]+)*/?$`)

func (c *Config) checkTLS() error {
	if (c.TLSCert == "") != (c.TLSKey == "") {
		return errors.New("tls-cert and tls-key belong together: set both or neither")
	}
	return nil
}

func (c *Config) checkSetup() error {
	if c.Command != "setup" {
		return nil
	}
	if strings.TrimSpace(c.Workspace) == "" {
		return errors.New("workspace must be a name")
	}
	return nil
}

// Redacted gives a URL without the password in it, for a person to read.
func Redacted(raw string) string {
	if raw == "" || strings.HasPrefix(raw, "sqlite://") {
		return raw
	}
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a URL)"
	}
	q := u.Query()
	for _, key := range []string{"password", "sslpassword", "secret", "token"} {
		if q.Has(key) {
			q.Set(key, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}
