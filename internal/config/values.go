package config

import (
	"errors"
	"log/slog"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// value reads one setting from text. Its error completes "NAME …" and does not
// repeat the text.
type value interface {
	set(s string) error
}

type textValue struct{ to *string }

func text(to *string) value { return textValue{to} }

func (v textValue) set(s string) error {
	if strings.ContainsRune(s, 0) {
		return errors.New("holds a null byte")
	}
	*v.to = s
	return nil
}

type onOff bool

func (v *onOff) set(s string) error {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "on":
		*v = true
	case "false", "0", "no", "off":
		*v = false
	default:
		return errors.New("is a switch: write true or false")
	}
	return nil
}

type count int

func (v *count) set(s string) error {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > math.MaxInt32 {
		return errors.New("must be a whole number, 0 or more")
	}
	*v = count(n)
	return nil
}

type size int64

const (
	minBody = 64 << 10
	maxBody = 64 << 20
)

var units = []struct {
	suffix string
	factor int64
}{{"kib", 1 << 10}, {"mib", 1 << 20}, {"kb", 1000}, {"mb", 1_000_000}, {"b", 1}, {"", 1}}

func (v *size) set(s string) error {
	lower := strings.ToLower(strings.ReplaceAll(s, " ", ""))
	for _, u := range units {
		digits, ok := strings.CutSuffix(lower, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || n*u.factor < minBody || n*u.factor > maxBody {
			break
		}
		*v = size(n * u.factor)
		return nil
	}
	return errors.New("must be a size from 64KiB to 64MiB, as 1MiB")
}

type choice struct {
	to      *string
	choices []string
}

func (v *choice) set(s string) error {
	if !slices.Contains(v.choices, s) {
		return errors.New("must be " + strings.Join(v.choices, " or "))
	}
	*v.to = s
	return nil
}

type level slog.Level

func (v *level) set(s string) error {
	i := slices.Index([]string{"debug", "info", "warn", "error"}, strings.ToLower(s))
	if i < 0 {
		return errors.New("must be debug, info, warn or error")
	}
	*v = level([]slog.Level{slog.LevelDebug, slog.LevelInfo, slog.LevelWarn, slog.LevelError}[i])
	return nil
}

type prefixes []netip.Prefix

func (v *prefixes) set(s string) error {
	var all []netip.Prefix
	for item := range strings.SplitSeq(s, ",") {
		item = strings.TrimSpace(item)
		p, err := netip.ParsePrefix(item)
		if err != nil {
			a, err := netip.ParseAddr(item)
			if err != nil || a.Zone() != "" {
				return errors.New("must be addresses or networks apart by commas, as 10.0.0.0/8,192.0.2.7")
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		all = append(all, p.Masked())
	}
	*v = all
	return nil
}

// origins gathers: each flag adds to it, as does each item apart by commas.
type origins []string

func (v *origins) set(s string) error {
	for item := range strings.SplitSeq(s, ",") {
		item = strings.TrimSpace(item)
		u, err := origin(item)
		if err != nil {
			return errors.New("must be an origin, as https://example.com or http://localhost:3000")
		}
		*v = append(*v, u)
	}
	return nil
}

// rootKey takes the key's value, which has a file of its own as default.
type rootKey struct{ c *Config }

func (v *rootKey) set(s string) error { return text(&v.c.RootKey).set(s) }
