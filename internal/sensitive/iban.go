package sensitive

import "strings"

// ibanLengths are those of the IBAN Registry (SWIFT, ISO 13616), release 99, as
// "country length".
const ibanLengths = "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 " +
	"FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 " +
	"MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SO23 SV28 TL23 TN24 TR26 " +
	"UA29 VA22 VG24 XK20 YE30"

// ibanDigits are the countries whose account numbers have no letters.
const ibanDigits = "AT BA BE CZ DE DK EE ES FI FO GL HR HU IL LT ME NO PL PT RS SE SI SK TN XK"

func ibanLength(country string) int {
	if i := strings.Index(ibanLengths, country); i >= 0 && i%5 == 0 {
		return int(ibanLengths[i+2]-'0')*10 + int(ibanLengths[i+3]-'0')
	}
	return 0
}

// findIBANs finds bank accounts: a country's letters, its length, and the check of
// ISO 7064 MOD 97-10 (ISO 13616-1, clause 6).
func findIBANs(f *folded, add func(Finding)) {
	for i := 0; i+4 < len(f.b); i++ {
		if !isLetter(f.b[i]) || f.b[i] == letter || !isLetter(f.b[i+1]) || f.b[i+1] == letter || !isDigit(f.b[i+2]) && isWord(f.b[i+2]) || !f.afterLabel(i) {
			continue
		}
		country := strings.ToUpper(string(f.b[i : i+2]))
		length := ibanLength(country)
		if length == 0 {
			continue
		}
		if j := f.iban(i, length, strings.Contains(ibanDigits, country)); j > 0 {
			add(f.finding(IBAN, i, j, strings.ToLower(country), Sure))
			i = j - 1
		}
	}
}

// afterLabel tells whether an account number may begin at i: not within a word, but
// behind a word that was glued to it, as in "IBANDE89" or "iban_de89".
func (f *folded) afterLabel(i int) bool {
	if i == 0 || !isWord(f.b[i-1]) {
		return i == 0 || f.b[i-1] != masked
	}
	if f.b[i-1] == '_' || f.b[i-1] == letter {
		return true
	}
	start := i
	for start > 0 && isLetter(f.b[start-1]) {
		start--
	}
	return i-start >= 3 && (start == 0 || !isWord(f.b[start-1]))
}

// beforeWord tells whether nothing but a word stands at j: letters, no digits.
func (f *folded) beforeWord(j int) bool {
	end := j
	for end < len(f.b) && isLetter(f.b[end]) {
		end++
	}
	return end-j >= 2 && (end == len(f.b) || !isWord(f.b[end]))
}

// joins tells whether what stands between two groups holds a number together:
// spaces and line breaks, and at most one mark.
func joins(between []byte) bool {
	marks := 0
	for _, c := range between {
		switch {
		case isSpace(c):
		case c == '-' || c == '.' || c == ',' || c == '_' || c == '/' || c == '|' || c == '*' || c == '\'' || c == other:
			marks++
		default:
			return false
		}
	}
	return marks <= 1 && len(between) <= 4
}

// iban gives where an account number that begins at i ends; 0 if it is none.
func (f *folded) iban(i, length int, digitsOnly bool) int {
	var buf [34]byte
	n, gap := 0, i
	j := i
	for ; j < len(f.b) && n < length; j++ {
		c := f.b[j]
		if !isDigit(c) && (c == letter || !isLetter(c) || digitsOnly && n >= 2) {
			continue
		}
		if !joins(f.b[gap:j]) {
			return 0
		}
		if isLetter(c) {
			c &^= 0x20
		}
		buf[n] = c
		n, gap = n+1, j+1
	}
	if n < length || j < len(f.b) && isWord(f.b[j]) && !f.beforeWord(j) || !isDigit(buf[2]) || !isDigit(buf[3]) {
		return 0
	}
	if mod97(mod97(0, buf[4:n]), buf[:4]) != 1 {
		return 0
	}
	return j
}

// mod97 goes on with a remainder: a letter counts as two digits, A as 10.
func mod97(m int, chars []byte) int {
	for _, c := range chars {
		if isDigit(c) {
			m = (m*10 + int(c-'0')) % 97
		} else {
			m = (m*100 + int(c-'A') + 10) % 97
		}
	}
	return m
}
