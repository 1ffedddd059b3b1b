package sensitive

import "strings"

// validAT checks an Austrian social security number (ASVG; Dachverband der
// Sozialversicherungsträger): three digits, a check digit, the day of birth;
// weights 3 7 9 and 5 8 4 2 1 6, modulo 11. Months 13 to 15 stand for unknown ones.
func validAT(s string) bool {
	month := num(s, 6, 8)
	if s[0] == '0' || !isDay(min(month, 12), num(s, 4, 6)) || month > 15 {
		return false
	}
	return (weighted(s[:3], 3, 7, 9)+weighted(s[4:], 5, 8, 4, 2, 1, 6))%11 == num(s, 3, 4)
}

// validBE checks a Belgian national register number or BIS number (Royal Decree of
// 3 April 1984): 97 less the nine digits modulo 97, with a 2 before them for those
// born from 2000 on. BIS numbers add 20 or 40 to the month.
func validBE(s string) bool {
	month := num(s, 2, 4)
	for month > 20 {
		month -= 20
	}
	if !isDay(month, num(s, 4, 6)) {
		return false
	}
	n, check := num(s, 0, 9), num(s, 9, 11)
	return check == 97-n%97 || check == 97-(2_000_000_000+n)%97
}

// validBG checks a Bulgarian EGN (Ordinance RD-02-20-9 on civil registration):
// weights 2 4 8 5 10 9 7 3 6, modulo 11, then 10. The month says the century.
func validBG(s string) bool {
	month := num(s, 2, 4)
	for month > 20 {
		month -= 20
	}
	return isDay(month, num(s, 4, 6)) && weighted(s, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10 == num(s, 9, 10)
}

// validCYTax checks a Cypriot tax identification code (European Commission, TIN
// algorithms): the digits at odd places are translated, the letter is the sum
// modulo 26. Cypriot identity cards have no check digit.
func validCYTax(s string) bool {
	odd := [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}
	sum := 0
	for i := range 8 {
		d := int(s[i] - '0')
		if i%2 == 0 {
			d = odd[d]
		}
		sum += d
	}
	return s[8] == byte('A'+sum%26)
}

// validCZ checks a Czech or Slovak birth number (Act 133/2000 Coll.; Act 301/1995
// Z. z.): divisible by 11, or once a remainder of 10 with a last digit 0; women add
// 50 to the month, and where numbers ran out 20 or 70. Until 1953 it had nine
// digits and no check.
func validCZ(s string) bool {
	month := num(s, 2, 4)
	if month > 50 {
		month -= 50
	}
	if month > 20 {
		month -= 20
	}
	if !isDay(month, num(s, 4, 6)) {
		return false
	}
	if len(s) == 9 {
		return num(s, 0, 2) < 54
	}
	return num(s, 0, 10)%11 == 0 || num(s, 0, 9)%11 == 10 && s[9] == '0'
}

// validDETax checks a German tax id (Steuer-ID, §139b AO; Bundeszentralamt für
// Steuern): ISO 7064 MOD 11,10; of the first ten digits one comes twice or three
// times and the others at most once.
func validDETax(s string) bool {
	if s[0] == '0' || !mod11_10(s) {
		return false
	}
	var times [10]int
	for i := range 10 {
		times[s[i]-'0']++
	}
	repeated := 0
	for _, n := range times {
		if n > 3 {
			return false
		}
		if n > 1 {
			repeated++
		}
	}
	return repeated == 1
}

// validDEPension checks a German pension insurance number (VKVV §§2-4): area,
// day of birth, initial, serial, and the sum of the digits of the products by 2 1 2
// 5 7 1 2 1 2 1 2 1, modulo 10.
func validDEPension(s string) bool {
	if s[8] < 'A' || !isDay(num(s, 4, 6), min(31, num(s, 2, 4))) {
		return false
	}
	l := int(s[8]-'A') + 1
	d := s[:8] + string(rune('0'+l/10)) + string(rune('0'+l%10)) + s[9:11]
	sum := 0
	for i, w := range [...]int{2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1} {
		p := int(d[i]-'0') * w
		sum += p/10 + p%10
	}
	return sum%10 == num(s, 11, 12)
}

// validDK checks a Danish CPR number (CPR-kontoret, Personnummeret i CPR): the day
// of birth. Since 2007 the modulus 11 no longer holds, so words must tell.
func validDK(s string) bool { return isDay(num(s, 2, 4), num(s, 0, 2)) }

// validBaltic checks an Estonian or Lithuanian personal code (EVS 585:2007;
// Lithuanian Law on the Population Register): weights 1 to 9 and 1, modulo 11, and
// if that is 10, weights 3 to 9 and 1 to 3.
func validBaltic(s string) bool {
	if s[0] < '1' || s[0] > '8' || !isDay(num(s, 3, 5), num(s, 5, 7)) {
		return false
	}
	check := weighted(s, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1) % 11
	if check == 10 {
		check = weighted(s, 3, 4, 5, 6, 7, 8, 9, 1, 2, 3) % 11 % 10
	}
	return check == num(s, 10, 11)
}

// validESCitizen checks a Spanish DNI (Real Decreto 1553/2005): the letter is the
// number modulo 23 in TRWAGMYFPDXBNJZSQVHLCKE.
func validESCitizen(s string) bool {
	return "TRWAGMYFPDXBNJZSQVHLCKE"[num(s, 0, 8)%23] == s[8]
}

// validESForeigner checks a Spanish NIE: as a DNI, with X, Y, Z for 0, 1, 2.
func validESForeigner(s string) bool {
	if s[0] < 'X' || s[0] > 'Z' {
		return false
	}
	return validESCitizen(string('0'+s[0]-'X') + s[1:])
}

// validFI checks a Finnish HETU (Digital and Population Data Services Agency; since
// 2023 with further separators): the nine digits modulo 31 in their alphabet.
func validFI(s string) bool {
	if len(s) == 11 { // the separator is a letter: a century or one of the new ones
		if strings.IndexByte("ABCDEFUVWXY", s[6]) < 0 {
			return false
		}
		s = s[:6] + s[7:]
	}
	for _, c := range []byte(s[6:9]) {
		if !isDigit(c) {
			return false
		}
	}
	return isDay(num(s, 2, 4), num(s, 0, 2)) && num(s, 6, 9) > 1 && "0123456789ABCDEFHJKLMNPRSTUVWXY"[num(s, 0, 9)%31] == s[9]
}

// validFR checks a French NIR (INSEE; Code de la sécurité sociale R115-1): 97 less
// the number modulo 97, with Corsica's 2A as 19 and 2B as 18.
func validFR(s string) bool {
	department, month := s[5:7], num(s, 3, 5)
	switch {
	case department == "2A":
		department = "19"
	case department == "2B":
		department = "18"
	case !isDigit(department[0]) || !isDigit(department[1]):
		return false
	}
	if s[0] != '1' && s[0] != '2' && s[0] != '7' && s[0] != '8' || month == 0 || month > 12 && month < 20 || month > 42 && month < 50 {
		return false
	}
	return num(s[:5]+department+s[7:13], 0, 13)%97+num(s, 13, 15) == 97
}

// validGRHealth checks a Greek AMKA (EFKA): the day of birth and Luhn.
func validGRHealth(s string) bool {
	return isDay(num(s, 2, 4), num(s, 0, 2)) && luhn([]byte(s))
}

// validGRTax checks a Greek AFM (AADE): powers of two, modulo 11, then 10.
func validGRTax(s string) bool {
	return weighted(s, 256, 128, 64, 32, 16, 8, 4, 2)%11%10 == num(s, 8, 9) && varied([]byte(s))
}

// validHUHealth checks a Hungarian TAJ (Act XX of 1996): weights 3 and 7, modulo 10.
func validHUHealth(s string) bool {
	return weighted(s, 3, 7, 3, 7, 3, 7, 3, 7)%10 == num(s, 8, 9)
}

// validHUTax checks a Hungarian tax id (Act XX of 1996): an 8, weights 1 to 9,
// modulo 11.
func validHUTax(s string) bool {
	return s[0] == '8' && weighted(s, 1, 2, 3, 4, 5, 6, 7, 8, 9)%11 == num(s, 9, 10)
}

// validIE checks an Irish PPS number (Department of Social Protection): weights 8
// to 2, a second letter by 9, modulo 23; the first letter is the check.
func validIE(s string) bool {
	sum := weighted(s, 8, 7, 6, 5, 4, 3, 2)
	if len(s) == 9 && s[8] != 'W' {
		sum += int(s[8]-'A'+1) * 9
	}
	return "WABCDEFGHIJKLMNOPQRSTUV"[sum%23] == s[7]
}

// validIT checks an Italian codice fiscale (Decreto ministeriale 23 December 1976):
// characters at odd places are translated; the sum modulo 26 is the letter. Letters
// stand for digits where two people would have the same (omocodia).
func validIT(s string) bool {
	for _, i := range []int{6, 7, 9, 10, 12, 13, 14} {
		if !isDigit(s[i]) && strings.IndexByte("LMNPQRSTUV", s[i]) < 0 {
			return false
		}
	}
	if strings.IndexByte("ABCDEHLMPRST", s[8]) < 0 {
		return false
	}
	odd := [...]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range 15 {
		v := int(s[i] - '0')
		if !isDigit(s[i]) {
			v = int(s[i] - 'A')
		}
		if i%2 == 0 {
			v = odd[v]
		}
		sum += v
	}
	return s[15] == byte('A'+sum%26)
}

// validLU checks a Luxembourg identification number (Loi du 19 juin 2013): the day
// of birth, then a digit of Luhn and one of Verhoeff, both over the first eleven.
func validLU(s string) bool {
	year := num(s, 0, 4)
	return year > 1850 && year < 2100 && isDay(num(s, 4, 6), num(s, 6, 8)) && luhn([]byte(s[:12])) && verhoeff(s[:11]+s[12:])
}

// validLV checks a Latvian personal code given until 2017 (Law on the Register of
// Natural Persons): the day of birth, weights 1 6 3 7 9 10 5 8 4 2 from 1101,
// modulo 11.
func validLV(s string) bool {
	return isDay(num(s, 2, 4), num(s, 0, 2)) && (1101-weighted(s, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))%11 == num(s, 10, 11)
}

// validLVNew checks the form of a Latvian personal code given since 2017: it begins
// with 32 to 39 and has no check digit.
func validLVNew(s string) bool { return s[0] == '3' && s[1] >= '2' }

// validMT checks the form of a Maltese identity card: it has no check digit.
func validMT(s string) bool { return strings.IndexByte("MGAPLHBZ", s[len(s)-1]) >= 0 }

// validNL checks a Dutch BSN (Wet algemene bepalingen burgerservicenummer): weights
// 9 to 2 and -1, divisible by 11.
func validNL(s string) bool {
	return weighted(s, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0 && varied([]byte(s))
}

// validPL checks a Polish PESEL (Act on population registration of 24 September
// 2010): weights 1 3 7 9, modulo 10; the month says the century.
func validPL(s string) bool {
	return isDay(num(s, 2, 4)%20, num(s, 4, 6)) && (10-weighted(s, 1, 3, 7, 9, 1, 3, 7, 9, 1, 3)%10)%10 == num(s, 10, 11)
}

// validPTTax checks a Portuguese NIF (Decreto-Lei 14/2013): weights 9 to 2, modulo
// 11; a result below 2 is 0.
func validPTTax(s string) bool {
	check := 11 - weighted(s, 9, 8, 7, 6, 5, 4, 3, 2)%11
	if check > 9 {
		check = 0
	}
	return s[0] != '0' && check == num(s, 8, 9)
}

// validPTCard checks the number of a Portuguese Cartão de Cidadão (Portaria
// 203/2007; AMA, Validação de Número de Documento): Luhn over digits and letters, A
// as 10.
func validPTCard(s string) bool {
	sum := 0
	for i := range len(s) {
		v := int(s[i] - '0')
		if !isDigit(s[i]) {
			v = int(s[i]-'A') + 10
		}
		if i%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// validRO checks a Romanian CNP (Legea 105/1996; OUG 97/2005): sex, day of birth,
// county, weights 2 7 9 1 4 6 3 5 8 2 7 9, modulo 11, 10 as 1.
func validRO(s string) bool {
	county := num(s, 7, 9)
	if s[0] == '0' || !isDay(num(s, 3, 5), num(s, 5, 7)) || county < 1 || county > 52 && county != 70 && county != 80 && county != 90 {
		return false
	}
	check := weighted(s, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
	if check == 10 {
		check = 1
	}
	return check == num(s, 12, 13)
}

// validSE checks a Swedish personal or coordination number (Folkbokföringslagen
// 1991:481): Luhn over the last ten digits; coordination numbers add 60 to the day.
// Twelve digits that read as a moment of these years are not one.
func validSE(s string) bool {
	if len(s) == 12 {
		year := num(s, 0, 4)
		if year < 1850 || year > 2100 || year >= 2015 && year < 2050 && num(s, 8, 10) < 24 && num(s, 10, 12) < 60 {
			return false
		}
		s = s[2:]
	}
	day := num(s, 4, 6)
	if day > 60 {
		day -= 60
	}
	return isDay(num(s, 2, 4), day) && luhn([]byte(s))
}

// validSI checks a Slovenian EMŠO (Zakon o centralnem registru prebivalstva): the
// day of birth, register 50 to 59, weights 7 6 5 4 3 2 twice, modulo 11, and 10 as 0.
func validSI(s string) bool {
	if !isDay(num(s, 2, 4), num(s, 0, 2)) || s[7] != '5' {
		return false
	}
	return (11-weighted(s, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11%10 == num(s, 12, 13)
}

// validSSN checks a US social security number (SSA, POMS RM 10201): it has no check
// digit; areas 000, 666 and 900 up, group 00 and serial 0000 are not given out.
func validSSN(s string) bool {
	return s[:3] != "000" && s[:3] != "666" && s[0] != '9' && s[3:5] != "00" && s[5:] != "0000"
}

// validITIN checks a US individual taxpayer identification number (IRS Publication
// 4757): 9, and a group of 50-65, 70-88, 90-92 or 94-99. It has no check digit.
func validITIN(s string) bool {
	group := num(s, 3, 5)
	return s[0] == '9' && (group >= 50 && group <= 65 || group >= 70 && group <= 88 || group >= 90 && group != 93)
}

// verhoeff tells whether the last digit is that of Verhoeff's scheme (J. Verhoeff,
// Error Detecting Decimal Codes, 1969): products in the dihedral group of order ten.
func verhoeff(s string) bool {
	permute := [...]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	c := 0
	for i := range len(s) {
		d := int(s[len(s)-1-i] - '0')
		for range i % 8 {
			d = permute[d]
		}
		c = dihedral(c, d)
	}
	return c == 0
}

// dihedral multiplies: 0 to 4 turn a pentagon, 5 to 9 mirror it.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return (a+b-5)%5 + 5
	case b < 5:
		return (a-5-b+5)%5 + 5
	}
	return (a - b + 5) % 5
}
