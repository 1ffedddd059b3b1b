package privacy

// The purposes that every workspace starts with.
const (
	PurposeSupport      = "support"
	PurposeEmailReplies = "email_replies"
	PurposeMarketing    = "marketing"
)

// DefaultPurposes are in force until a workspace writes its own version. They are
// told in the languages of the portal.
func DefaultPurposes() []Purpose {
	return []Purpose{
		{Key: PurposeSupport, Name: "Answering messages", LawfulBasis: "legitimate_interests", Locale: "en", Version: 1,
			Wording: "We use what you write to us here to answer you.",
			Translations: map[string]PurposeText{
				"de": {"Nachrichten beantworten", "Was Sie uns hier schreiben, verwenden wir, um Ihnen zu antworten."},
				"fr": {"Répondre aux messages", "Nous utilisons ce que vous nous écrivez ici pour vous répondre."},
				"es": {"Responder a los mensajes", "Usamos lo que nos escribe aquí para responderle."},
				"pl": {"Odpowiadanie na wiadomości", "To, co tu do nas piszesz, wykorzystujemy, aby Ci odpowiedzieć."},
				"ar": {"الرد على الرسائل", "نستخدم ما تكتبه لنا هنا من أجل الرد عليك."},
			}},
		{Key: PurposeEmailReplies, Name: "Replies by e-mail", LawfulBasis: "consent", Locale: "en", Version: 1,
			Wording: "Send me the answer by e-mail if I have left the page. I can withdraw this at any time.",
			Translations: map[string]PurposeText{
				"de": {"Antworten per E-Mail", "Schicken Sie mir die Antwort per E-Mail, wenn ich die Seite verlassen habe. Ich kann das jederzeit widerrufen."},
				"fr": {"Réponses par e-mail", "Envoyez-moi la réponse par e-mail si j’ai quitté la page. Je peux retirer cet accord à tout moment."},
				"es": {"Respuestas por correo electrónico", "Envíenme la respuesta por correo electrónico si he salido de la página. Puedo retirar este consentimiento en cualquier momento."}, //nolint:misspell // Spanish
				"pl": {"Odpowiedzi e-mailem", "Proszę przesłać mi odpowiedź e-mailem, jeśli opuszczę stronę. Mogę wycofać tę zgodę w każdej chwili."},
				"ar": {"الردود بالبريد الإلكتروني", "أرسلوا إليّ الرد بالبريد الإلكتروني إذا غادرت الصفحة. يمكنني سحب هذه الموافقة في أي وقت."},
			}},
		{Key: PurposeMarketing, Name: "News by e-mail", LawfulBasis: "consent", Locale: "en", Version: 1, Marketing: marked(),
			Wording: "Send me news about the product by e-mail. I can withdraw this at any time.",
			Translations: map[string]PurposeText{
				"de": {"Neuigkeiten per E-Mail", "Schicken Sie mir Neuigkeiten über das Produkt per E-Mail. Ich kann das jederzeit widerrufen."},
				"fr": {"Actualités par e-mail", "Envoyez-moi par e-mail des actualités sur le produit. Je peux retirer cet accord à tout moment."},
				"es": {"Novedades por correo electrónico", "Envíenme novedades sobre el producto por correo electrónico. Puedo retirar este consentimiento en cualquier momento."}, //nolint:misspell // Spanish
				"pl": {"Wiadomości o produkcie e-mailem", "Proszę przesyłać mi e-mailem wiadomości o produkcie. Mogę wycofać tę zgodę w każdej chwili."},
				"ar": {"أخبار بالبريد الإلكتروني", "أرسلوا إليّ أخبار المنتج بالبريد الإلكتروني. يمكنني سحب هذه الموافقة في أي وقت."},
			}},
	}
}
