package sensitive

import (
	"slices"
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
func labelled(text string, start, end int, forIt ...[]string) bool {
	speaksFor := func(words string) bool {
		return slices.ContainsFunc(forIt, func(some []string) bool { return hasWord(words, some) })
	}
	before := window(text, max(0, start-labelReach), start)
	if i := strings.LastIndexAny(before, "0123456789\n"); i >= 0 {
		before = before[i+1:]
	}
	at := -1
	for _, w := range labels {
		at = max(at, lastWord(before, w))
	}
	if i := strings.LastIndex(before, "nummer"); i > at { // compounds: Vorgangsnummer
		if start := i - len(lastLetters(before[:i])); start < i {
			at = start
		}
	}
	if at >= 0 {
		return !speaksFor(before[at:])
	}
	return labelledAfter(window(text, end, min(len(text), end+reachAfter)), speaksFor)
}

// labelledAfter tells whether the words behind a number say what it is: "is my
// order number".
func labelledAfter(after string, speaksFor func(string) bool) bool {
	after = strings.TrimLeft(after, " ,")
	verb, rest, _ := strings.Cut(after, " ")
	if i := strings.IndexAny(rest, ".,;!?\n"); i >= 0 {
		rest = rest[:i]
	}
	return slices.Contains([]string{"is", "was", "ist", "war", "est", "es", "to", "jest", "هو"}, verb) && hasWord(rest, labels) && !speaksFor(rest)
}

// lastLetters gives the letters that a text ends with.
func lastLetters(s string) string {
	return s[strings.LastIndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) })+1:]
}

// labels name numbers that belong to nobody, in the languages of the product.
var labels = []string{
	"order", "tracking", "track", "invoice", "receipt", "ref", "reference", "ticket", "quote", "shipment", "parcel", "voucher", "customer no",
	"customer number", "phone", "tel", "mobile", "fax", "whatsapp", "call me", "serial", "imei", "isbn", "ean", "upc", "sku", "lot", "batch", "sim",
	"loyalty", "member", "library", "timestamp", "version", "build", "room", "model", "part number", "usps", "fedex", "dhl", "ups", "account number",
	"bestell", "bestellnummer", "rechnung", "sendung", "sendungsnummer", "kundennummer", "telefon", "handy", "artikel", "aktenzeichen", "zählerstand",
	"reservation", "booking", "confirmation", "case", "seat", "part", "item", "article", "product", "pallet", "unit", "container", "flight", "contract", "meter",
	"device", "transaction", "delivery", "barcode", "catalogue", "build id", "process id", "message id", "order id", "po", "rma", "awb", "vin", "gtin", "asin", "locker", "shelf",
	"reservierung", "buchung", "vorgang", "auftrag", "lieferung", "lieferschein", "paket", "vertrag", "gerät", "zähler", "platz", "teil", "teilenummer", "bestellung", "auftragsnr", "bestellnr", "rechnungsnr",
	"réservation", "dossier", "référence", "réf", "livraison", "contrat", "pièce", "n° de série", "numéro de série", "billet", "appareil", //nolint:misspell // French
	"reserva", "localizador", "referencia", "envío", "contrato", "artículo", "pieza", "asiento", "número de serie", "albarán", "billete", "paquete",
	"rezerwacja", "rezerwacji", "zgłoszenie", "zgłoszenia", "przesyłka", "paczka", "paczki", "umowa", "umowy", "numer seryjny", "artykuł", "artykułu", "część", "części", "miejsce", "faktury", "telefonu",
	"حجز", "الحجز", "الفاتورة", "الطلب", "الشحنة", "تتبع", "التتبع", "التذكرة", "طلب", "الطلبية", "الرقم التسلسلي", "العقد",
	"commande", "facture", "suivi", "colis", "téléphone", "client", "siret", "siren", "pedido", "factura", "teléfono", "seguimiento", "cliente",
	"zamówienie", "faktura", "przesyłki", "telefon", "zamówienia", "nip", "regon", "رقم الطلب", "رقم الهاتف", "رقم الشحنة", "رقم الفاتورة", "هاتف", "هاتفي",
}
