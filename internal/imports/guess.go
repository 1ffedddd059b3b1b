package imports

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// What a column may be for, besides attributes and consents, which name their own.
const (
	toEmail       = "email"
	toName        = "name"
	toFirst       = "first_name"
	toLast        = "last_name"
	toPhone       = "phone"
	toExternal    = "external_id"
	toLocale      = "locale"
	toTimezone    = "timezone"
	toAvatar      = "avatar_url"
	toCompany     = "company"
	toDomain      = "company_domain"
	toTags        = "tags"
	toAttribute   = "attributes."
	toConsent     = "consent."
	toConsentAt   = "consent_at"
	toConsentFrom = "consent_evidence"
	toPurpose     = "basis.purpose"
	toLawful      = "basis.lawful_basis"
	toEvidence    = "basis.evidence"
)

// headings are what columns are called in the product's languages: English, German,
// French, Spanish, Polish and Arabic. They are compared as [plainWord] gives them.
var headings = map[string][]string{
	toEmail: {"email", "mail", "emailaddress", "mailaddress", "primaryemail", "workemail", "emailadresse", "mailadresse", "courriel", "adressemail",
		"adresseemail", "correo", "correoelectronico", "direcciondecorreo", "adresemail", "adresmailowy", "poczta", "البريدالالكتروني", "البريد", "بريدالكتروني", "الايميل"},
	toName: {"name", "fullname", "contactname", "contact", "person", "displayname", "vollername", "kontakt", "nomcomplet", "nometprenom", "nombrecompleto",
		"nombreyapellidos", "imieinazwisko", "nazwa", "الاسمالكامل", "الاسم"},
	toFirst: {"firstname", "givenname", "forename", "first", "vorname", "prenom", "nombre", "imie", "الاسمالاول"},
	toLast: {"lastname", "surname", "familyname", "last", "nachname", "familienname", "zuname", "nom", "nomdefamille", "apellido", "apellidos", "nazwisko",
		"اسمالعايله", "اللقب", "اسمالعايلة"},
	toPhone: {"phone", "phonenumber", "mobile", "mobilephone", "cell", "cellphone", "tel", "telephone", "telefon", "telefonnummer", "handy", "mobil", "mobilnummer",
		"rufnummer", "numerodetelephone", "portable", "telefono", "movil", "celular", "numertelefonu", "telefonkomorkowy", "komorka", "الهاتف", "رقمالهاتف", "الجوال"},
	toExternal: {"externalid", "externalnumber", "userid", "customerid", "customernumber", "customerno", "contactid", "crmid", "kundennummer", "kundennr", "kundenid",
		"externeid", "idclient", "numeroclient", "numerodeclient", "identifiantexterne", "idcliente", "numerodecliente", "idexterno", "idklienta", "numerklienta",
		"identyfikatorzewnetrzny", "رقمالعميل", "المعرفالخارجي"},
	toLocale:   {"locale", "language", "lang", "sprache", "langue", "idioma", "lengua", "jezyk", "اللغة", "اللغه"},
	toTimezone: {"timezone", "tz", "zeitzone", "fuseauhoraire", "zonahoraria", "strefaczasowa", "المنطقةالزمنية", "المنطقهالزمنيه"},
	toAvatar:   {"avatar", "avatarurl", "photo", "picture", "bild", "foto", "image", "imagen", "zdjecie", "صورة"},
	toCompany: {"company", "companyname", "organisation", "organization", "organisationname", "organizationname", "employer", "account", "accountname", "firma", "firmenname",
		"unternehmen", "arbeitgeber", "entreprise", "societe", "nomdelentreprise", "empresa", "compania", "nombredelaempresa", "przedsiebiorstwo", "nazwafirmy", "الشركة", "شركة", "اسمالشركة"},
	toDomain: {"companydomain", "companydomainname", "companywebsite", "companyurl", "domain", "domainname", "website", "webseite", "firmendomain", "firmenwebsite", "domaine",
		"siteweb", "dominio", "sitioweb", "domena", "stronainternetowa", "نطاقالشركة", "الموقعالالكتروني"},
	toTags: {"tags", "tag", "labels", "label", "keywords", "contacttags", "schlagworte", "schlagworter", "stichworte", "etiketten", "etiquettes", "motscles", "etiquetas",
		"palabrasclave", "etykiety", "tagi", "slowakluczowe", "الوسوم", "وسوم"},
	toConsentAt:   {"consentat", "consentdate", "consenttime", "optindate", "optintime", "einwilligungam", "einwilligungsdatum", "dateduconsentement", "fechadeconsentimiento", "datazgody", "تاريخالموافقة"},
	toConsentFrom: {"consentevidence", "consentsource", "optinsource", "einwilligungsnachweis", "nachweis", "preuveduconsentement", "pruebadeconsentimiento", "dowodzgody", "دليلالموافقة"},
	toPurpose:     {"purpose", "basispurpose", "zweck", "finalite", "finalidad", "cel", "الغرض"},
	toLawful:      {"lawfulbasis", "legalbasis", "rechtsgrundlage", "baselegale", "baselegal", "podstawaprawna", "الاساسالقانوني"},
	toEvidence:    {"evidence", "basisevidence"},
}

// consentWords are what a column of consents is called.
var consentWords = []string{"consent", "optin", "newsletter", "marketing", "einwilligung", "zustimmung", "consentement", "consentimiento", "zgoda", "موافقة", "الموافقة"}

// plainWord gives a heading without case, accents, spaces and signs.
func plainWord(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(s)) {
		switch {
		case r == 'ł':
			b.WriteByte('l')
		case r == 'أ' || r == 'إ' || r == 'آ':
			b.WriteRune('ا')
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

// choices are what columns can be matched to in a workspace, besides the fields that
// everybody has.
type choices struct {
	attributes []named // declared
	purposes   []named // that rest on consent
	known      []string
}

type named struct{ key, label string }

// guess gives for each heading what its column is for, "" where there is no telling.
// No two columns are for the same.
func (c choices) guess(names []string) []string {
	out := make([]string, len(names))
	used := map[string]bool{}
	for i, name := range names {
		word := plainWord(name)
		if word == "" {
			continue
		}
		if to := c.guessOne(word); to != "" && !used[to] {
			out[i], used[to] = to, true
		}
	}
	return out
}

func (c choices) guessOne(word string) string {
	for _, a := range c.attributes {
		if plainWord(a.key) == word || plainWord(a.label) == word {
			return toAttribute + a.key
		}
	}
	for to, words := range headings {
		if plainWord(to) == word || slices.Contains(words, word) {
			return to
		}
	}
	for _, p := range c.purposes {
		key := plainWord(p.key)
		for _, w := range consentWords {
			if word == key || word == plainWord(p.label) || word == w+key || word == key+w || word == w && len(c.purposes) == 1 {
				return toConsent + p.key
			}
		}
	}
	if slices.Contains(c.known, word) {
		return toAttribute + word
	}
	return ""
}
