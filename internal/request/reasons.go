package request

import "strings"

// reasonTexts say what the reasons of a refusal mean, for the person, in the
// languages of the portal and the mails.
var reasonTexts = map[string]map[string]string{
	"en": {
		IdentityNotProven: "We could not make sure that it is you who asks (GDPR article 12(6)).",
		Unfounded:         "The request is manifestly unfounded (GDPR article 12(5)).",
		Excessive:         "The same was asked for too often within a short time (GDPR article 12(5)).",
		LegalHold:         "The data must be kept for now because of a legal dispute or an order (GDPR article 17(3)).",
		LegalObligation:   "A law obliges us to keep this data (GDPR article 17(3)(b)).",
		LegalClaims:       "The data is needed for legal claims (GDPR articles 17(3)(e) and 21(1)).",
		RightsOfOthers:    "It would adversely affect the rights of other people (GDPR article 15(4)).",
		OverridingGrounds: "There are compelling legitimate grounds that override your interests (GDPR article 21(1)).",
		AccurateAlready:   "The data is accurate as it stands.",
		NothingHeld:       "Nothing is held about you any more.",
		Other:             "See what we wrote to you.",
	},
	"de": {
		IdentityNotProven: "Wir konnten nicht sicherstellen, dass Sie selbst anfragen (Artikel 12 Absatz 6 DSGVO).",
		Unfounded:         "Der Antrag ist offenkundig unbegründet (Artikel 12 Absatz 5 DSGVO).",
		Excessive:         "Dasselbe wurde in kurzer Zeit zu oft beantragt (Artikel 12 Absatz 5 DSGVO).",
		LegalHold:         "Die Daten müssen vorerst wegen eines Rechtsstreits oder einer Anordnung aufbewahrt werden (Artikel 17 Absatz 3 DSGVO).",
		LegalObligation:   "Ein Gesetz verpflichtet uns, diese Daten aufzubewahren (Artikel 17 Absatz 3 Buchstabe b DSGVO).",
		LegalClaims:       "Die Daten werden für Rechtsansprüche benötigt (Artikel 17 Absatz 3 Buchstabe e und Artikel 21 Absatz 1 DSGVO).",
		RightsOfOthers:    "Es würde die Rechte anderer Menschen beeinträchtigen (Artikel 15 Absatz 4 DSGVO).",
		OverridingGrounds: "Es gibt zwingende schutzwürdige Gründe, die Ihre Interessen überwiegen (Artikel 21 Absatz 1 DSGVO).",
		AccurateAlready:   "Die Daten sind richtig, wie sie sind.",
		NothingHeld:       "Über Sie ist nichts mehr gespeichert.",
		Other:             "Siehe unsere Nachricht an Sie.",
	},
	"fr": {
		IdentityNotProven: "Nous n’avons pas pu nous assurer que la demande vient de vous (article 12, paragraphe 6, du RGPD).",
		Unfounded:         "La demande est manifestement infondée (article 12, paragraphe 5, du RGPD).",
		Excessive:         "La même demande a été faite trop souvent en peu de temps (article 12, paragraphe 5, du RGPD).",
		LegalHold:         "Les données doivent être conservées pour l’instant en raison d’un litige ou d’une injonction (article 17, paragraphe 3, du RGPD).",
		LegalObligation:   "Une loi nous oblige à conserver ces données (article 17, paragraphe 3, point b), du RGPD).",
		LegalClaims:       "Les données sont nécessaires à l’exercice de droits en justice (article 17, paragraphe 3, point e), et article 21, paragraphe 1, du RGPD).",
		RightsOfOthers:    "Cela porterait atteinte aux droits d’autres personnes (article 15, paragraphe 4, du RGPD).",
		OverridingGrounds: "Des motifs légitimes et impérieux prévalent sur vos intérêts (article 21, paragraphe 1, du RGPD).",
		AccurateAlready:   "Les données sont exactes telles quelles.",
		NothingHeld:       "Plus aucune donnée n’est conservée à votre sujet.",
		Other:             "Voyez ce que nous vous avons écrit.",
	},
	"es": {
		IdentityNotProven: "No hemos podido comprobar que sea usted quien lo solicita (artículo 12, apartado 6, del RGPD).",
		Unfounded:         "La solicitud es manifiestamente infundada (artículo 12, apartado 5, del RGPD).",
		Excessive:         "Lo mismo se ha solicitado demasiadas veces en poco tiempo (artículo 12, apartado 5, del RGPD).",
		LegalHold:         "Por ahora los datos deben conservarse debido a un litigio o a una orden (artículo 17, apartado 3, del RGPD).",
		LegalObligation:   "Una ley nos obliga a conservar estos datos (artículo 17, apartado 3, letra b), del RGPD).",
		LegalClaims:       "Los datos son necesarios para reclamaciones legales (artículo 17, apartado 3, letra e), y artículo 21, apartado 1, del RGPD).",
		RightsOfOthers:    "Afectaría negativamente a los derechos de otras personas (artículo 15, apartado 4, del RGPD).",
		OverridingGrounds: "Hay motivos legítimos imperiosos que están por encima de sus intereses (artículo 21, apartado 1, del RGPD).",
		AccurateAlready:   "Los datos son exactos tal como están.",
		NothingHeld:       "Ya no se conserva nada sobre usted.",
		Other:             "Vea lo que le hemos escrito.",
	},
	"pl": {
		IdentityNotProven: "Nie mogliśmy się upewnić, że prośba pochodzi od Ciebie (art. 12 ust. 6 RODO).",
		Unfounded:         "Żądanie jest ewidentnie nieuzasadnione (art. 12 ust. 5 RODO).",
		Excessive:         "To samo żądanie składano zbyt często w krótkim czasie (art. 12 ust. 5 RODO).",
		LegalHold:         "Dane muszą na razie zostać zachowane z powodu sporu lub nakazu (art. 17 ust. 3 RODO).",
		LegalObligation:   "Prawo zobowiązuje nas do przechowywania tych danych (art. 17 ust. 3 lit. b RODO).",
		LegalClaims:       "Dane są potrzebne do dochodzenia roszczeń lub obrony przed nimi (art. 17 ust. 3 lit. e i art. 21 ust. 1 RODO).",
		RightsOfOthers:    "Wpłynęłoby to niekorzystnie na prawa innych osób (art. 15 ust. 4 RODO).",
		OverridingGrounds: "Istnieją ważne prawnie uzasadnione podstawy, nadrzędne wobec Twoich interesów (art. 21 ust. 1 RODO).",
		AccurateAlready:   "Dane są prawidłowe w obecnej postaci.",
		NothingHeld:       "Nie przechowujemy już żadnych danych o Tobie.",
		Other:             "Zobacz, co do Ciebie napisaliśmy.",
	},
	"ar": {
		IdentityNotProven: "لم نتمكن من التأكد من أنك أنت صاحب الطلب (المادة 12(6) من اللائحة العامة لحماية البيانات).",
		Unfounded:         "الطلب لا أساس له بشكل واضح (المادة 12(5) من اللائحة العامة لحماية البيانات).",
		Excessive:         "تكرّر الطلب نفسه أكثر مما ينبغي خلال وقت قصير (المادة 12(5) من اللائحة العامة لحماية البيانات).",
		LegalHold:         "يجب الاحتفاظ بالبيانات في الوقت الحالي بسبب نزاع قانوني أو أمر رسمي (المادة 17(3) من اللائحة العامة لحماية البيانات).",
		LegalObligation:   "يُلزمنا القانون بالاحتفاظ بهذه البيانات (المادة 17(3)(ب) من اللائحة العامة لحماية البيانات).",
		LegalClaims:       "البيانات ضرورية لمطالبات قانونية (المادتان 17(3)(هـ) و21(1) من اللائحة العامة لحماية البيانات).",
		RightsOfOthers:    "قد يمس ذلك حقوق أشخاص آخرين (المادة 15(4) من اللائحة العامة لحماية البيانات).",
		OverridingGrounds: "توجد أسباب مشروعة قاهرة ترجح على مصالحك (المادة 21(1) من اللائحة العامة لحماية البيانات).",
		AccurateAlready:   "البيانات صحيحة كما هي.",
		NothingHeld:       "لم نعد نحتفظ بأي بيانات عنك.",
		Other:             "راجع ما كتبناه إليك.",
	},
}

// ReasonText gives what a reason of a refusal means, in a sentence for the person,
// in the language of a tag such as de-AT; in English where that is not known.
func ReasonText(reason, locale string) string {
	language, _, _ := strings.Cut(strings.ToLower(locale), "-")
	texts := reasonTexts[language]
	if texts == nil {
		texts = reasonTexts["en"]
	}
	return firstOf(texts[reason], texts[Other])
}
