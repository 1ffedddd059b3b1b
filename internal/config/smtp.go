package config

import (
	"errors"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// SMTP is the mail server that takes outgoing mail.
type SMTP struct {
	Host     string
	Port     int
	Username string // empty: without signing in
	Password string
	TLS      string // starttls, implicit or off
}

// String names the server without its password.
func (s *SMTP) String() string {
	if s == nil {
		return ""
	}
	return net.JoinHostPort(s.Host, strconv.Itoa(s.Port)) + " tls=" + s.TLS
}

// smtpURL reads the server from its URL. Port and TLS follow from the scheme; ?tls=off
// leaves the connection in the clear, and ?tls=starttls insists on TLS also where the
// server is this machine.
type smtpURL struct{ c *Config }

func (v *smtpURL) set(s string) error {
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" || u.Path != "" && u.Path != "/" || u.Fragment != "" {
		return errors.New("must be smtp://host:587 or smtps://host:465, with user:password@ before the host where the server asks for it; write special characters of a password as %XX")
	}
	sv := &SMTP{Host: u.Hostname(), Port: 587, Username: u.User.Username(), TLS: "starttls"}
	sv.Password, _ = u.User.Password()
	switch {
	case u.Scheme == "smtps":
		sv.Port, sv.TLS = 465, "implicit"
	case isThisMachine(sv.Host):
		sv.TLS = "off"
	}
	if port := u.Port(); port != "" {
		if sv.Port, err = strconv.Atoi(port); err != nil || sv.Port < 1 || sv.Port > 65535 {
			return errors.New("must have a port from 1 to 65535")
		}
	}
	if err := sv.options(u); err != nil {
		return err
	}
	if (sv.Username == "") != (sv.Password == "") {
		return errors.New("must have a user and a password, or neither")
	}
	v.c.SMTP = sv
	return nil
}

func (s *SMTP) options(u *url.URL) error {
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return errors.New("can end in ?tls=off or ?tls=starttls, and in nothing else")
	}
	for name, values := range q {
		choice := values[len(values)-1]
		if name != "tls" || choice != "off" && choice != "starttls" || u.Scheme == "smtps" {
			return errors.New("can end in ?tls=off or ?tls=starttls after smtp://, and in nothing else")
		}
		s.TLS = choice
	}
	if s.TLS == "off" && s.Username != "" && !isThisMachine(s.Host) {
		return errors.New("with tls=off would send the password in the clear; leave one of them out")
	}
	return nil
}

// isThisMachine tells whether a host is loopback, where nobody listens in between.
func isThisMachine(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.Unmap().IsLoopback()
}

// mailFrom reads the address that mails come from.
type mailFrom struct{ c *Config }

func (v *mailFrom) set(s string) error {
	a, err := mail.ParseAddress(s)
	if err != nil || strings.ContainsAny(a.Name+a.Address, "\r\n") {
		return errors.New("must be an address, as help@example.com or Acme <help@example.com>")
	}
	for _, r := range a.Address {
		if r < '!' || r > '~' {
			return errors.New("must be an address of plain letters; write a domain with others in its xn-- form")
		}
	}
	v.c.MailFrom = *a
	return nil
}

func (c *Config) checkMail() error {
	if c.SMTP != nil && c.MailFrom.Address == "" {
		return errors.New("smtp-url needs mail-from beside it: the address that mails come from")
	}
	return nil
}
