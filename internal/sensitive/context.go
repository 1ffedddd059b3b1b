package sensitive

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	reachBefore = 60 // bytes before a number in which a word tells what it is
	reachAfter  = 30 // and behind it
	labelReach  = 30 // bytes before a number in which a label names it
)

// window gives the text from so many bytes before start, in lower case.
func window(text string, start, end int) string {
	for start > 0 && start < len(text) && !utf8.RuneStart(text[start]) {
		start++
	}
	for end < len(text) && !utf8.RuneStart(text[end]) {
		end++
	}
	return strings.ToLower(text[start:end])
}

// around gives what stands before and behind a place, in lower case.
func around(text string, start, end int) (before, after string) {
	return window(text, max(0, start-reachBefore), start), window(text, end, min(len(text), end+reachAfter))
}

// hasWord tells whether one of the words stands in a text that is in lower case.
// A word of up to five letters must stand alone; a longer one may go on.
func hasWord(lower string, words []string) bool {
	for _, w := range words {
		if lastWord(lower, w) >= 0 {
			return true
		}
	}
	return false
}

// lastWord gives where a word stands last; -1 if nowhere.
func lastWord(lower, w string) int {
	for at := len(lower); ; {
		at = strings.LastIndex(lower[:at], w)
		if at < 0 {
			return -1
		}
		before, _ := utf8.DecodeLastRuneInString(lower[:at])
		after, _ := utf8.DecodeRuneInString(lower[at+len(w):])
		alone := at == 0 || !unicode.IsLetter(before)
		if alone && (len(w) > 5 || at+len(w) == len(lower) || !unicode.IsLetter(after)) {
			return at
		}
	}
}

// labelled tells whether the words right before a number say that it is something
// else: no digit stands between, and none of the words that speak for it.
func labelled(text string, start int, forIt []string) bool {
	before := window(text, max(0, start-labelReach), start)
	if i := strings.LastIndexAny(before, "0123456789\n"); i >= 0 {
		before = before[i+1:]
	}
	at := -1
	for _, w := range labels {
		at = max(at, lastWord(before, w))
	}
	return at >= 0 && !hasWord(before[at:], forIt)
}

// labels name numbers that belong to nobody, in the languages of the product.
var labels = []string{
	"order", "tracking", "track", "invoice", "receipt", "ref", "reference", "ticket", "quote", "shipment", "parcel", "voucher", "customer no",
	"customer number", "phone", "tel", "mobile", "fax", "whatsapp", "call me", "serial", "imei", "isbn", "ean", "upc", "sku", "lot", "batch", "sim",
	"loyalty", "member", "library", "timestamp", "version", "build", "room", "model", "part number", "usps", "fedex", "dhl", "ups", "account number",
	"bestell", "bestellnummer", "rechnung", "sendung", "sendungsnummer", "kundennummer", "telefon", "handy", "artikel", "aktenzeichen", "zählerstand",
	"commande", "facture", "suivi", "colis", "téléphone", "client", "siret", "siren", "pedido", "factura", "teléfono", "seguimiento", "cliente",
	"zamówienie", "faktura", "przesyłki", "telefon", "zamówienia", "nip", "regon", "رقم الطلب", "رقم الهاتف", "رقم الشحنة", "رقم الفاتورة", "هاتف", "هاتفي",
}
