package imports

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

func rowsOf(t *testing.T, text, separator string) []row {
	t.Helper()
	r := newReader(strings.NewReader(text), separator, true)
	var out []row
	for {
		one, err := r.read()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, one)
	}
}

func TestRowsAreReadAsSpreadsheetsWriteThem(t *testing.T) {
	for name, c := range map[string]struct {
		text, separator string
		want            []row
	}{
		"plain":           {"a,b\n1,2\n", ",", []row{{1, []string{"a", "b"}, ""}, {2, []string{"1", "2"}, ""}}},
		"no last break":   {"a;b", ";", []row{{1, []string{"a", "b"}, ""}}},
		"windows":         {"a,b\r\n1,2\r\n", ",", []row{{1, []string{"a", "b"}, ""}, {2, []string{"1", "2"}, ""}}},
		"old Macintosh":   {"a,b\r1,2\r", ",", []row{{1, []string{"a", "b"}, ""}, {2, []string{"1", "2"}, ""}}},
		"quotes":          {"\"a,\"\"b\"\"\",\"x\ny\"\n2,3\n", ",", []row{{1, []string{`a,"b"`, "x\ny"}, ""}, {2, []string{"2", "3"}, ""}}},
		"empty lines":     {"\n\na,b\n\n1,2\n\n", ",", []row{{3, []string{"a", "b"}, ""}, {5, []string{"1", "2"}, ""}}},
		"empty cells":     {",,\n", ",", []row{{1, []string{"", "", ""}, ""}}},
		"formula is text": {"=cmd|' /C calc'!A0,@x\n", ",", []row{{1, []string{"=cmd|' /C calc'!A0", "@x"}, ""}}},
		"quote inside":    {"5\" disk,b\n", ",", []row{{1, []string{`5" disk`, "b"}, ""}}},
		"null":            {"a\x00,b\n1,2\n", ",", []row{{1, []string{"a\x00", "b"}, "holds null characters, which are no text"}, {2, []string{"1", "2"}, ""}}},
		"unclosed": {"a,b\n1,\"two\n3,4\n5,6\n", ",", []row{{1, []string{"a", "b"}, ""}, {2, nil, "opens a quote and does not close it"},
			{3, []string{"3", "4"}, ""}, {4, []string{"5", "6"}, ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, rowsOf(t, c.text, c.separator), cmp.AllowUnexported(row{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRowsThatAreTooMuchLoseNoOther(t *testing.T) {
	long := strings.Repeat("x", 10<<20)
	wide := strings.Repeat("x,", 10_000)
	for _, text := range []string{"a,b\n" + long + ",1\n3,4\n", "a,b\n\"" + long + "\",1\n3,4\n", "a,b\n" + wide + "\n3,4\n"} {
		got := rowsOf(t, text, ",")
		if len(got) != 3 || got[1].problem == "" || got[2].problem != "" || got[2].cells[1] != "4" {
			t.Errorf("%d rows; the second says %q", len(got), got[1].problem)
		}
	}
}

func TestAFileOfUnclosedQuotesEndsSoon(t *testing.T) {
	part := "\"x\n" + strings.Repeat("y", maxRowBytes) + "\n"
	r := newReader(strings.NewReader(strings.Repeat(part, 4)), ",", true)
	r.broken = maxBroken - 2
	for n := 0; ; n++ {
		_, err := r.read()
		if errors.Is(err, errTooBroken) {
			return
		}
		if err != nil {
			t.Fatalf("after %d rows: %v", n, err)
		}
	}
}

func TestNoHeadingMeansTwoThings(t *testing.T) {
	means := map[string]string{}
	for to, words := range headings {
		for _, w := range words {
			if means[w] != "" || plainWord(w) != w {
				t.Errorf("%s: %s and %s; plainly %s", w, to, means[w], plainWord(w))
			}
			means[w] = to
		}
	}
}

func TestEncodingsAreFound(t *testing.T) {
	const text = "Name;Stadt\nJürgen Größe;München\nFrançois;Évry\n"
	utf16le, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().String(text)
	utf16be, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().String(text)
	windows, _ := charmap.Windows1252.NewEncoder().String(text + "100 €;“x”\n")
	latin9, _ := charmap.ISO8859_15.NewEncoder().String(text + "100 €;x\n")
	latin1, _ := charmap.ISO8859_1.NewEncoder().String(text)
	for _, c := range []struct{ name, raw, encoding, want string }{
		{"utf-8", text, UTF8, text}, {"utf-8 with mark", "\xef\xbb\xbf" + text, UTF8, text}, {"utf-16le", utf16le, UTF16LE, text}, {"utf-16be", utf16be, UTF16BE, text},
		{"windows", windows, Windows1252, text + "100 €;“x”\n"}, {"latin9", latin9, Latin9, text + "100 €;x\n"}, {"latin1", latin1, Windows1252, text},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := &detector{}
			for _, b := range []byte(c.raw) { // cut everywhere
				_, _ = d.Write([]byte{b})
			}
			name, isText := d.encoding()
			got, err := io.ReadAll(decode(bytes.NewReader([]byte(c.raw)), name))
			if err != nil || name != c.encoding || !isText || string(got) != c.want {
				t.Errorf("%s, text %t, %v: %q", name, isText, err, got)
			}
		})
	}
}

func TestSeparatorsAreFound(t *testing.T) {
	for _, c := range []struct {
		text, want string
		skip       int
	}{
		{"a;b;c\n1,5;2;3\n", ";", 0}, {"a\tb\n1\t2\n", "\t", 0}, {"a|b\n", "|", 0}, {"mail\nx@y.example\n", ",", 0},
		{"sep=|\na|b\n", "|", 1}, {"# an export, of us\r\nid;x\r\n1;2\r\n", ";", 1}, {"name,note\nx,\"a;b;c\"\ny,\"d;e;f\"\n", ",", 0},
	} {
		if got := sniff([]byte(c.text)); got != (sniffed{c.want, c.skip}) {
			t.Errorf("%q: %+v", c.text, got)
		}
	}
}

func TestHeadingsAreUnderstoodInSixLanguages(t *testing.T) {
	c := choices{attributes: []named{{"plan", "Tarif"}}, purposes: []named{{"marketing", "Newsletter"}}}
	for _, x := range []struct{ names, want string }{
		{"E-Mail,First Name,Last name,Phone number,Company,Customer ID", "email,first_name,last_name,phone,company,external_id"},
		{"E-Mail-Adresse,Vorname,Nachname,Telefon,Firma,Kundennummer,Sprache,TARIF", "email,first_name,last_name,phone,company,external_id,locale,attributes.plan"},
		{"Courriel,Prénom,Nom,Téléphone,Société,Langue", "email,first_name,last_name,phone,company,locale"},
		{"Correo electrónico,Nombre,Apellidos,Teléfono,Empresa,Zona horaria", "email,first_name,last_name,phone,company,timezone"},
		{"Adres e-mail,Imię,Nazwisko,Numer telefonu,Firma,Język", "email,first_name,last_name,phone,company,locale"}, //nolint:misspell // Polish
		{"البريد الإلكتروني,الاسم الأول,اللقب,رقم الهاتف,الشركة", "email,first_name,last_name,phone,company"},
		{"newsletter,consent_at,email,email", "consent.marketing,consent_at,email,"},
		{"x,,???", ",,"},
	} {
		if got := strings.Join(c.guess(strings.Split(x.names, ",")), ","); got != x.want {
			t.Errorf("%s: %s", x.names, got)
		}
	}
}

// Whatever comes, reading ends and gives each line's cells or a problem.
func FuzzReader(f *testing.F) {
	f.Add([]byte("a,b\n1,\"2\n"), ",")
	f.Add([]byte("\"\"\"\r\r\n,"), ";")
	f.Fuzz(func(t *testing.T, text []byte, separator string) {
		r := newReader(bytes.NewReader(text), separator, true)
		for n := 0; ; n++ {
			one, err := r.read()
			if err != nil {
				return
			}
			if one.problem == "" && len(one.cells) == 0 || n > len(text)+1 {
				t.Fatalf("row %d: %+v", n, one)
			}
		}
	})
}
