package config

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMailServer(t *testing.T) {
	for url, want := range map[string]SMTP{
		"smtp://mail.example.com":                    {Host: "mail.example.com", Port: 587, TLS: "starttls"},
		"smtp://u:p%40ss@mail.example.com:25/":       {Host: "mail.example.com", Port: 25, Username: "u", Password: "p@ss", TLS: "starttls"},
		"smtps://u%40example.com:p@mail.example.com": {Host: "mail.example.com", Port: 465, Username: "u@example.com", Password: "p", TLS: "implicit"},
		"smtp://127.0.0.1:1025":                      {Host: "127.0.0.1", Port: 1025, TLS: "off"},
		"smtp://u:p@[::1]:1025":                      {Host: "::1", Port: 1025, Username: "u", Password: "p", TLS: "off"},
		"smtp://localhost?tls=starttls":              {Host: "localhost", Port: 587, TLS: "starttls"},
		"smtp://mx.internal:25?tls=off":              {Host: "mx.internal", Port: 25, TLS: "off"},
		"smtp://mail.example.com:2525?tls=starttls":  {Host: "mail.example.com", Port: 2525, TLS: "starttls"},
	} {
		c := load(t, "serve", []string{"--smtp-url", url, "--mail-from", "Acme <help@example.com>"}, nil)
		if diff := cmp.Diff(&want, c.SMTP); diff != "" || c.MailFrom.Address != "help@example.com" || c.MailFrom.Name != "Acme" {
			t.Errorf("%s: %s %v", url, diff, c.MailFrom)
		}
	}
	file := write(t, "smtp://bo:geheim@mail.example.com\n")
	c := load(t, "serve", nil, []string{"BOTIMUM_SMTP_URL_FILE=" + file, "BOTIMUM_MAIL_FROM=help@example.com"})
	if c.SMTP.Password != "geheim" || strings.Contains(fmt.Sprintf("%v %+v %#v", c, c, *c), "geheim") {
		t.Errorf("the password is not read, or told: %v", c)
	}
}

func TestMailServerRefusals(t *testing.T) {
	for _, args := range [][]string{
		{"--smtp-url", "mail.example.com"},
		{"--smtp-url", "http://geheim.example.com"},
		{"--smtp-url", "smtp://"},
		{"--smtp-url", "smtp://mail.example.com/geheim"},
		{"--smtp-url", "smtp://mail.example.com:0"},
		{"--smtp-url", "smtp://mail.example.com:99999"},
		{"--smtp-url", "smtp://geheim@mail.example.com"},
		{"--smtp-url", "smtp://bo:geheim@mail.example.com?tls=off"},
		{"--smtp-url", "smtp://mail.example.com?tls=geheim"},
		{"--smtp-url", "smtps://mail.example.com?tls=off"},
		{"--smtp-url", "smtp://mail.example.com?verify=no"},
		{"--smtp-url", "smtp://bo:ge/heim@mail.example.com"},
		{"--smtp-url", "smtp://mail.example.com", "--mail-from", ""},
		{"--mail-from", "nobody"},
		{"--mail-from", "a@example.com, b@example.com"},
		{"--mail-from", "müller@example.com"},
		{"--mail-from", "Acme\r\nBcc: x <help@example.com>"},
	} {
		if args[0] == "--smtp-url" && len(args) == 2 {
			args = append(args, "--mail-from", "help@example.com")
		}
		if _, err := Load("serve", args, nil); err == nil || strings.Contains(err.Error(), "geheim") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := Load("serve", []string{"--smtp-url", "smtp://mail.example.com"}, nil); err == nil || !strings.Contains(err.Error(), "mail-from") {
		t.Errorf("without a sender: %v", err)
	}
}
