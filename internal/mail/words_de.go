package mail

var german = words{
	lang:      "de",
	hello:     "Guten Tag {name},",
	helloAll:  "Guten Tag,",
	ifNot:     "Falls die Schaltfläche nicht funktioniert, öffnen Sie diese Adresse:",
	automatic: "{workspace} hat Ihnen diese Nachricht automatisch gesandt. Antworten darauf werden nicht gelesen.",
	notice:    "Wie {workspace} mit Ihren Daten umgeht",

	labels: map[string]string{
		"kind": "Anfrage", "due_date": "Antwort bis", "reason": "Grund", "authority": "Wo Sie sich beschweren können", "fields": "Geändert",
		"erased_at": "Gelöscht am", "receipt": "Nummer der Quittung",
		"minutes": "Gilt einmal, für", "child_service": "Angebot",
		"stop": "Keine Nachrichten mehr zu dieser Idee", "post": "Idee", "status": "Stand", "answer": "Antwort", "into": "Geht weiter als", "entry": "Was neu ist",
	},
	kinds: map[string]string{
		"access": "Eine Kopie Ihrer Daten", "rectification": "Berichtigung Ihrer Daten", "erasure": "Löschung Ihrer Daten",
		"restriction": "Eingeschränkte Nutzung Ihrer Daten", "portability": "Ihre Daten zum Mitnehmen", "objection": "Widerspruch gegen eine Nutzung Ihrer Daten",
	},
	kindsInside: map[string]string{
		"access": "Auskunft (Artikel 15)", "rectification": "Berichtigung (Artikel 16)", "erasure": "Löschung (Artikel 17)",
		"restriction": "Einschränkung (Artikel 18)", "portability": "Übertragbarkeit (Artikel 20)", "objection": "Widerspruch (Artikel 21)",
	},
	fields: map[string]string{
		"name": "Name", "first_name": "Vorname", "last_name": "Nachname", "email": "E-Mail-Adresse", "phone": "Telefonnummer",
		"avatar_url": "Bild", "external_id": "Kundennummer", "company_id": "Firma", "locale": "Sprache", "timezone": "Zeitzone",
		"attributes": "Weitere Angaben",
	},
	months:  [12]string{"Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November", "Dezember"},
	date:    "{day}. {month} {year}",
	minutes: "{n} Min.",
	comma:   ", ",

	mails: map[string]wording{
		PrivacyLink: {
			subject: "Ihr Link zu Ihren Daten bei {workspace}", title: "Ihre Daten sehen und darüber bestimmen",
			before: []string{"Sie haben {workspace} gefragt, was dort über Sie gespeichert ist. Dieser Link zeigt es Ihnen. Sie können es berichtigen, mitnehmen oder löschen lassen."},
			button: "Meine Daten öffnen",
			after:  []string{"Wenn Sie nicht danach gefragt haben, brauchen Sie nichts zu tun. Ohne den Link sieht niemand etwas."},
		},
		RequestReceived: {
			subject: "{workspace} hat Ihre Anfrage erhalten", title: "Wir haben Ihre Anfrage",
			before: []string{"Vielen Dank. Sie hören spätestens an dem Tag von uns, der unten steht, oft viel früher. Es kostet Sie nichts."},
			button: "Anfrage verfolgen",
		},
		RequestCompleted: {
			subject: "Ihre Anfrage an {workspace} ist erledigt", title: "Ihre Anfrage ist erledigt",
			before: []string{"Was Sie verlangt haben, ist getan."},
			button: "Ergebnis ansehen",
		},
		RequestRefused: {
			subject: "{workspace} kann Ihrer Anfrage nicht folgen", title: "Wir können Ihrer Anfrage nicht folgen",
			before: []string{"Wir haben Ihre Anfrage geprüft und müssen sie ablehnen. Der Grund steht unten."},
			button: "Anfrage ansehen",
			after:  []string{"Wenn Sie das anders sehen, können Sie sich bei einer Datenschutzbehörde beschweren oder vor Gericht gehen. Die Beschwerde ist kostenlos."},
		},
		RequestDue: {
			subject: "Eine Datenschutzanfrage bei {workspace} wird fällig", title: "Eine Datenschutzanfrage wird fällig",
			before: []string{"Jemand wartet auf eine Antwort zu den eigenen Daten. Bitte sehen Sie sich die Anfrage vor dem Tag an, der unten steht."},
			button: "Anfrage öffnen",
		},
		RequestEscalated: {
			subject: "Überfällig: eine Datenschutzanfrage bei {workspace}", title: "Eine Datenschutzanfrage braucht Sie jetzt",
			before: []string{"Der Tag, bis zu dem diese Anfrage zu beantworten war, ist da oder vorbei. Sie erhalten dies, weil Ihnen {workspace} gehört oder Sie dort für den Datenschutz zuständig sind."},
			button: "Anfrage öffnen",
		},
		RestrictionLifted: {
			subject: "{workspace} wird Ihre Daten wieder nutzen", title: "Die Einschränkung für Ihre Daten endet",
			before: []string{"Sie haben die Nutzung Ihrer Daten einschränken lassen. Bevor wir das aufheben, sagen wir es Ihnen, wie es das Gesetz verlangt (DSGVO, Artikel 18)."},
			after:  []string{"Wenn Sie nicht einverstanden sind, nutzen Sie die Datenschutzseite unten oder beschweren Sie sich bei einer Datenschutzbehörde."},
		},
		Rectified: {
			subject: "{workspace} hat Ihre Daten berichtigt", title: "Ihre Daten wurden berichtigt",
			before: []string{"Wir haben geändert, was wir über Sie gespeichert haben, und teilen es denen mit, an die wir es weitergegeben hatten."},
			after:  []string{"Wenn das nicht stimmt, sagen Sie es uns über die Datenschutzseite unten."},
		},
		Erased: {
			subject: "{workspace} hat Ihre Daten gelöscht", title: "Ihre Daten wurden gelöscht",
			before: []string{"Alles, was {workspace} über Sie gespeichert hatte, wurde gelöscht, und der Schlüssel, ohne den es nicht lesbar ist, wurde vernichtet."},
			after: []string{"Über Sie wird nichts weiter aufbewahrt als eine Quittung, die niemanden nennt. Ihre Adresse wurde nur noch getrennt aufbewahrt, um Ihnen diese Nachricht zu senden, und wird mit ihr entfernt.",
				"Wenn Sie das nicht erwartet haben, wenden Sie sich direkt an {workspace} oder beschweren Sie sich bei einer Datenschutzbehörde."},
		},
		RequestExtended: {
			subject: "{workspace} braucht mehr Zeit für Ihre Anfrage", title: "Ihre Anfrage dauert länger",
			before: []string{"Bis zu dem Tag, den wir zuerst genannt haben, können wir nicht antworten. Der neue Tag und der Grund stehen unten; das Gesetz erlaubt das einmal, um höchstens zwei Monate (DSGVO Artikel 12)."},
			button: "Anfrage verfolgen",
			after:  []string{"Wenn Sie nicht einverstanden sind, können Sie sich bei einer Datenschutzbehörde beschweren oder vor Gericht gehen. Die Beschwerde ist kostenlos."},
		},
		ParentalConsent: {
			subject: "{workspace} bittet um Ihre Einwilligung als Eltern", title: "Ein Kind braucht Ihre Einwilligung",
			before: []string{"Ein Kind, das „{child_service}“ nutzen möchte, hat uns Ihre Adresse genannt. In seinem Alter dürfen wir seine Daten nur behalten, wenn ein Elternteil oder Vormund zustimmt (DSGVO, Artikel 8)."},
			button: "Lesen und entscheiden",
			after:  []string{"Wenn Sie nichts tun, wird nichts über das Kind behalten. Wenn Sie kein solches Kind kennen, beachten Sie diese Nachricht bitte nicht."},
		},
		BoardSignIn: {
			subject: "Anmelden bei den Ideen von {workspace}", title: "Anmelden und mitreden",
			before: []string{"Mit diesem Link sind Sie bei den Ideen von {workspace} angemeldet. Sie brauchen kein Passwort."},
			button: "Anmelden",
			after:  []string{"Wenn Sie nicht danach gefragt haben, brauchen Sie nichts zu tun. Ohne den Link ist niemand angemeldet, und Ihre Adresse wird nirgends aufbewahrt."},
		},
		PostStatus: {
			subject: "Neues zu einer Idee, der Sie bei {workspace} folgen", title: "Eine Idee, der Sie folgen, ist weiter",
			before: []string{"Sie wollten erfahren, wenn sich bei dieser Idee etwas tut."},
			button: "Idee ansehen",
		},
		PostAnswer: {
			subject: "{workspace} hat auf eine Idee geantwortet, der Sie folgen", title: "Es gibt eine Antwort",
			before: []string{"Sie wollten erfahren, wenn sich bei dieser Idee etwas tut."},
			button: "Idee ansehen",
		},
		PostMerged: {
			subject: "Eine Idee, der Sie bei {workspace} folgen, geht unter anderem Namen weiter", title: "Aus zwei Ideen ist eine geworden",
			before: []string{"Jemand hat sich dasselbe gewünscht. Die beiden Ideen gehen als eine weiter, mit allen Stimmen, und Sie folgen ihr."},
			button: "Idee ansehen",
		},
		PostShipped: {
			subject: "{workspace} hat umgesetzt, was Sie sich gewünscht haben", title: "Eine Idee, der Sie folgen, ist umgesetzt",
			before: []string{"Sie wollten erfahren, wenn sich bei dieser Idee etwas tut."},
			button: "Ansehen, was neu ist",
		},
		Test: {
			subject: "Testnachricht von {workspace}", title: "Der Versand funktioniert",
			before: []string{"Sie haben diese Nachricht unter Einstellungen, E-Mail angefordert. Dass Sie sie lesen, heißt: Der Mailserver nimmt Nachrichten von {workspace} an."},
		},
	},
}
