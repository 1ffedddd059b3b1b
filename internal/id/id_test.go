package id_test

import (
	"testing"
	"time"

	"github.com/botimum/botimum/internal/id"
)

func TestNewIsValidAndIncreases(t *testing.T) {
	for name, src := range map[string]id.Source{"system": id.System{}, "fake": id.NewFake(time.Unix(1e9, 0))} {
		last := ""
		for range 10_000 {
			got := src.New("con")
			if !id.Valid("con", got) {
				t.Fatalf("%s: Valid(%q) = false", name, got)
			}
			if got <= last {
				t.Fatalf("%s: %q is not larger than %q", name, got, last)
			}
			last = got
		}
	}
}

func TestFakeRepeats(t *testing.T) {
	a, b := id.NewFake(time.Unix(5, 0)), id.NewFake(time.Unix(5, 0))
	if x, y := a.New("msg"), b.New("msg"); x != y {
		t.Errorf("%q != %q", x, y)
	}
}

func TestValidRefuses(t *testing.T) {
	good := id.New("con")
	for name, s := range map[string]string{
		"empty": "", "other prefix": "cnv" + good[3:], "short": good[:len(good)-1], "long": good + "0",
		"letter outside the alphabet": good[:len(good)-1] + "u", "upper case": "con_" + "01JDB2K8Q5E6R7S8T9V0W1X2Y3",
		"more than 128 bits": "con_8" + good[5:], "no underscore": "con-" + good[4:],
	} {
		if id.Valid("con", s) {
			t.Errorf("%s: Valid(%q) = true", name, s)
		}
	}
}

func FuzzValidNeverPanics(f *testing.F) {
	f.Add("con_01jdb2k8q5e6r7s8t9v0w1x2y3")
	f.Fuzz(func(t *testing.T, s string) {
		if id.Valid("con", s) && len(s) != 30 {
			t.Errorf("Valid(%q) with length %d", s, len(s))
		}
	})
}
