package sensitive

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func everything(Finding) bool { return true }

func TestMaskKeepsWhatPeopleNeed(t *testing.T) {
	for text, want := range map[string]string{
		"card 4242 4242 4242 4242 please":                 "card •••• 4242 please",
		"Karte ٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢":                          "Karte •••• 4242",
		"IBAN DE89 3704 0044 0532 0130 00.":               "IBAN DE•• ••••.",
		"my password is Tr0ub4dor&3":                      "my password is ••••••••",
		"key AKIAIOSFODNN7EXAMPLE":                        "key ••••••••",
		"My SSN is 078-05-1120":                           "My SSN is ••••••••",
		"split 4242\n4242\n4242\n4242 by lines":           "split •••• 4242 by lines",
		"hidden 4\u200b242\u200b4242\u200b4242\u200b4242": "hidden •••• 4242",
		"nothing here":                                    "nothing here",
	} {
		if got, _ := Mask(text, everything); got != want {
			t.Errorf("%q is masked as %q, want %q", text, got, want)
		}
	}
}

func TestPolicyMasksAndFlags(t *testing.T) {
	c := DefaultPolicy().Check("card 4242424242424242 and IBAN DE89370400440532013000")
	if c.Text != "card •••• 4242 and IBAN DE89370400440532013000" || len(c.Masked) != 1 || c.Masked[0] != Card {
		t.Errorf("%+v", c)
	}
	if len(c.Found) != 1 || c.Text[c.Found[0].Start:c.Found[0].End] != "DE89370400440532013000" {
		t.Errorf("found %+v", c.Found)
	}
	for text, kept := range map[string]bool{
		"it is 4242424242424242, I think":        true, // an order number for all we know
		"4242424242424242":                       true,
		"it is 4242 4242 4242 4242, I think":     false,
		"it is 4242-4242-4242-4242, I think":     false,
		"it is 3782 822463 10005, I think":       false,
		"my card 4242424242424242":               false,
		"meine Kreditkarte 4242424242424242":     false,
		"ma carte 4242424242424242":              false,
		"mi tarjeta 4242424242424242":            false,
		"moja karta 4242424242424242":            false,
		"بطاقتي 4242424242424242":                false,
		"4242424242424242 12/27":                 false,
		"4242424242424242, cvv 123":              false,
		"password: monkey":                       true, // a word like any other
		"password: monkey7!":                     false,
		"my number 77230542499":                  true,
		"a password? monkeys have none: bananas": true,
	} {
		policy := DefaultPolicy()
		policy[NationalID] = DoMask
		if c := policy.Check(text); kept != (c.Text == text) {
			t.Errorf("%q is stored as %q", text, c.Text)
		} else if kept && strings.Contains(text, "4242424242424242") && (len(c.Found) != 1 || c.Found[0].Confidence != Unsure) {
			t.Errorf("%q is not flagged: %+v", text, c.Found)
		}
	}
	flagged, off := Policy{Card: DoFlag}, Policy{Card: DoNone}
	if got := len(flagged.Check("it is 4242424242424242").Found); got != 1 {
		t.Errorf("%d flagged", got)
	}
	if got := len(off.Check("it is 4242424242424242").Found); got != 0 {
		t.Errorf("%d flagged, though it is off", got)
	}
	if c := (Policy{}).Check("card 4242424242424242"); c.Text != "card 4242424242424242" || len(c.Found) > 0 {
		t.Errorf("with everything off: %+v", c)
	}
}

// Numbers that sources publish as samples of their rule, and the same with a digit
// changed.
func TestIDRules(t *testing.T) {
	for _, tt := range []struct {
		name  string
		valid func(string) bool
		good  string
		bad   string
	}{
		{"AT", validAT, "1237010180", "2237010180"},
		{"BE", validBE, "93051822361", "93051822362"},
		{"BG", validBG, "7523169263", "7523169264"},
		{"CY", validCYTax, "10259033P", "10259033Q"},
		{"CZ", validCZ, "7103192745", "7103192746"},
		{"DE tax", validDETax, "86095742719", "86095742718"},
		{"DE pension", validDEPension, "65170839J003", "65170839J004"},
		{"EE", validBaltic, "37605030299", "37605030290"},
		{"ES", validESCitizen, "12345678Z", "12345678A"},
		{"ES NIE", validESForeigner, "X1234567L", "X1234567A"},
		{"FI", validFI, "131052308T", "131052308U"},
		{"FR", validFR, "295109912611193", "295109912611199"},
		{"GR AMKA", validGRHealth, "01013099997", "01013099999"},
		{"GR AFM", validGRTax, "023456780", "123456781"},
		{"HR", mod11_10, "33392005961", "33392005962"},
		{"IE", validIE, "6433435F", "6433435E"},
		{"IT", validIT, "RSSMRA85T10A562S", "RSSMRA85T10A562T"},
		{"LT", validBaltic, "38703181745", "38703181746"},
		{"LU", validLU, "1893120105732", "1893120105733"},
		{"LV", validLV, "16117519997", "16117519998"},
		{"NL", validNL, "111222333", "111252333"},
		{"PL", validPL, "44051401359", "44051401358"},
		{"PT", validPTTax, "123456789", "123456788"},
		{"PT card", validPTCard, "000000000ZZ4", "000000000ZZ5"},
		{"RO", validRO, "1630615123457", "1630615123458"},
		{"SE", validSE, "8112289874", "8112289873"},
		{"SI", validSI, "0101006500006", "0101006500007"},
		{"SK", validCZ, "7103192745", "7103192744"},
		{"US SSN", validSSN, "078051120", "666051120"},
		{"US ITIN", validITIN, "912901234", "912931234"},
	} {
		if !tt.valid(tt.good) {
			t.Errorf("%s: %s is refused", tt.name, tt.good)
		}
		if tt.valid(tt.bad) {
			t.Errorf("%s: %s is taken", tt.name, tt.bad)
		}
	}
}

func TestOrdinaryTextCostsNoMemory(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Find(ordinary) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

const ordinary = "Hello, I ordered two of the blue chairs last week and one of them came with a broken leg. Could you send me another one, please? Thanks, Anna"

// No text breaks a detector; findings lie between characters, in order and apart;
// and what is masked stays as it is when masked again.
func FuzzMask(f *testing.F) {
	for _, name := range []string{"corpus.tsv", "heldout.tsv", "formerly-fresh.tsv", "fresh.tsv"} {
		for _, e := range examples(f, name) {
			f.Add(e.text)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		at := 0
		for _, found := range Find(text) {
			if found.Start < at || found.End <= found.Start || found.End > len(text) {
				t.Fatalf("%+v after %d in %q", found, at, text)
			}
			if utf8.ValidString(text) && (!utf8.ValidString(text[:found.Start]) || !utf8.ValidString(text[found.Start:found.End])) {
				t.Fatalf("%+v cuts a character of %q", found, text)
			}
			at = found.End
		}
		once, _ := Mask(text, everything)
		if twice, kinds := Mask(once, everything); twice != once || len(kinds) > 0 {
			t.Fatalf("masked again: %q, %q, %q", text, once, twice)
		}
	})
}

func BenchmarkFind(b *testing.B) {
	for name, text := range map[string]string{
		"ordinary":      ordinary,
		"with_numbers":  "My order 4539148803436467 of 2026-11-20 has not arrived; call me at +49 30 901820, please.",
		"with_a_card":   "Please charge 4242 4242 4242 4242 again, it expired.",
		"with_password": "I forgot my password and cannot sign in any more.",
		"long":          strings.Repeat(ordinary+" ", 100),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				Find(text)
			}
		})
	}
}
