package children_test

import (
	"testing"
	"time"

	"github.com/botimum/botimum/internal/children"
)

// Every member state of the union is in the table, between the ages that article
// 8(1) allows.
func TestAgesAreThoseOfArticle8(t *testing.T) {
	members := []string{"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL",
		"PL", "PT", "RO", "SE", "SI", "SK"}
	known := map[string]children.Age{}
	for _, a := range children.Ages() {
		if a.Years < 13 || a.Years > 16 || a.Source == "" || len(a.Country) != 2 {
			t.Errorf("%+v: article 8(1) allows 13 to 16, by a law", a)
		}
		if known[a.Country].Country != "" {
			t.Errorf("%s stands in the table twice", a.Country)
		}
		known[a.Country] = a
	}
	for _, m := range members {
		if known[m].Country == "" {
			t.Errorf("%s is a member state and not in the table", m)
		}
	}
	for country, want := range map[string]int{"de": 16, "AT": 14, "FR": 15, "BE": 13, "DK": 15, "US": 13, "JP": 16, "": 16} {
		if got := children.AgeIn(country).Years; got != want {
			t.Errorf("AgeIn(%q) = %d, want %d", country, got, want)
		}
	}
}

func TestCheck(t *testing.T) {
	now := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	sixteen := children.AgeIn("DE")
	for born, want := range map[string]string{
		"2010-10":    children.OfAge,
		"2010-11":    children.Child, // of a month, its last day counts
		"2010-11-25": children.OfAge, // on the birthday
		"2010-11-26": children.Child,
		"2012-02":    children.Child,
		"1950-01":    children.OfAge,
		"2026-11":    children.Child, // this month
	} {
		if got, err := children.Check(born, sixteen, now); got != want || err != nil {
			t.Errorf("Check(%s) = %q, %v, want %q", born, got, err, want)
		}
	}
	for _, born := range []string{"", "2012", "2012-13", "12-2012", "2012-02-30", "1890-01", "2027-03", "'; DROP TABLE"} {
		if got, err := children.Check(born, sixteen, now); err == nil {
			t.Errorf("Check(%q) = %q, want a refusal", born, got)
		}
	}
}

func TestCountryOf(t *testing.T) {
	for locale, want := range map[string]string{"de-AT": "AT", "en_US": "US", "de": "FR", "": "FR", "en-150": "FR", "zz-": "FR", "sr-Latn-RS": "RS"} {
		if got := children.CountryOf(locale, "FR"); got != want {
			t.Errorf("CountryOf(%q) = %q, want %q", locale, got, want)
		}
	}
}

func TestLanguageOf(t *testing.T) {
	for wish, want := range map[string]string{"de-CH": "de", "pt, fr;q=0.5": "fr", "ja": "en", "": "en", "ar-EG,en;q=0.8": "ar", "!!": "en"} {
		if got := children.LanguageOf(wish); got != want {
			t.Errorf("LanguageOf(%q) = %q, want %q", wish, got, want)
		}
	}
}
