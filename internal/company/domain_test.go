package company

import (
	"strings"
	"testing"
)

func TestDomains(t *testing.T) {
	for given, want := range map[string]string{
		"Example.COM": "example.com", " example.com. ": "example.com", "bücher.example": "xn--bcher-kva.example", "XN--BCHER-KVA.example": "xn--bcher-kva.example",
		"пример.рф": "xn--e1afmkfd.xn--p1ai", "shop.example.co.uk": "shop.example.co.uk",
		"localhost": "", "co.uk": "", "com": "", "": "", ".": "", "a..com": "", "1.2.3.4": "", "[::1]": "", "exa mple.com": "", "printer.local": "", "example.com/x": "",
		"a@example.com": "", "exa\x00mple.com": "", "\xff.com": "", "x.123": "",
		strings.Repeat("a", 64) + ".com": "", strings.Repeat("a.", 200) + "com": "", strings.Repeat("ü", 100_000): "",
	} {
		got, ok := Domain(given)
		if got != want || ok != (want != "") {
			t.Errorf("%.30q: %q %v, want %q", given, got, ok, want)
		}
	}
}

func TestPublicMailIsNobodysCompany(t *testing.T) {
	if n := len(publicMail()); n < 150 {
		t.Errorf("only %d domains", n)
	}
	for _, d := range strings.Fields(publicDomains) {
		if !IsPublicMail(d) || !IsPublicMail(strings.ToUpper(d)) || !IsPublicMail("mail."+d) {
			t.Errorf("%s or what is under it is somebody's", d)
		}
	}
	for d, want := range map[string]bool{"yahoo.co.uk": true, "gmx.co.uk": true, "hotmail.fr": true, "xn--80a1acny.xn--p1ai": true, "ПОЧТА.рф": true, "gmail.com.": true,
		"live.example.com": false, "yahoo.example.com": false, "notgmail.com": false, "gmail.com.example.org": false, "example.com": false, "bücher.example": false, "com": false, "": false} {
		if got := IsPublicMail(d); got != want {
			t.Errorf("%s: %v", d, got)
		}
	}
}
