package mail

var french = words{
	lang:      "fr",
	hello:     "Bonjour {name},",
	helloAll:  "Bonjour,",
	ifNot:     "Si le bouton ne fonctionne pas, ouvrez cette adresse :",
	automatic: "{workspace} vous a envoyé ce message automatiquement. Les réponses ne sont pas lues.",
	notice:    "Comment {workspace} traite vos données",

	labels: map[string]string{
		"kind": "Demande", "due_date": "Réponse au plus tard le", "reason": "Motif", "authority": "Où déposer une plainte", "fields": "Modifié",
		"erased_at": "Effacé le", "receipt": "Numéro du reçu",
		"minutes": "Valable une fois, pendant", "child_service": "Service",
		"stop": "Plus de messages sur cette idée", "post": "Idée", "status": "État", "answer": "Réponse", "into": "Continue sous le nom", "entry": "Ce qui est nouveau",
	},
	kinds: map[string]string{
		"access": "Une copie de vos données", "rectification": "Rectification de vos données", "erasure": "Effacement de vos données",
		"restriction": "Limitation de l’usage de vos données", "portability": "Vos données à emporter", "objection": "Opposition à un usage de vos données",
	},
	kindsInside: map[string]string{
		"access": "Accès (article 15)", "rectification": "Rectification (article 16)", "erasure": "Effacement (article 17)",
		"restriction": "Limitation (article 18)", "portability": "Portabilité (article 20)", "objection": "Opposition (article 21)",
	},
	fields: map[string]string{
		"name": "Nom complet", "first_name": "Prénom", "last_name": "Nom", "email": "Adresse e-mail", "phone": "Numéro de téléphone",
		"avatar_url": "Image", "external_id": "Numéro de client", "company_id": "Entreprise", "locale": "Langue", "timezone": "Fuseau horaire",
		"attributes": "Autres informations",
	},
	months:  [12]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	date:    "{day} {month} {year}",
	minutes: "{n} min",
	comma:   ", ",

	mails: map[string]wording{
		PrivacyLink: {
			subject: "Votre lien vers vos données chez {workspace}", title: "Voir vos données et en décider",
			before: []string{"Vous avez demandé à {workspace} ce qui est conservé à votre sujet. Ce lien vous le montre et vous permet de le corriger, de l’emporter ou de le faire effacer."},
			button: "Ouvrir mes données",
			after:  []string{"Si vous n’avez rien demandé, vous n’avez rien à faire. Sans ce lien, personne ne voit rien."},
		},
		RequestReceived: {
			subject: "{workspace} a reçu votre demande", title: "Nous avons reçu votre demande",
			before: []string{"Merci. Vous aurez une réponse au plus tard le jour indiqué ci-dessous, souvent bien avant. Cela ne vous coûte rien."},
			button: "Suivre la demande",
		},
		RequestCompleted: {
			subject: "Votre demande à {workspace} est traitée", title: "Votre demande est traitée",
			before: []string{"Ce que vous avez demandé a été fait."},
			button: "Voir le résultat",
		},
		RequestRefused: {
			subject: "{workspace} ne peut pas donner suite à votre demande", title: "Nous ne pouvons pas donner suite à votre demande",
			before: []string{"Nous avons examiné votre demande et devons la refuser. Le motif est indiqué ci-dessous."},
			button: "Voir la demande",
			after:  []string{"Si vous n’êtes pas d’accord, vous pouvez déposer une plainte auprès d’une autorité de protection des données ou saisir un tribunal. La plainte est gratuite."},
		},
		RequestDue: {
			subject: "Une demande d’exercice de droits chez {workspace} arrive à échéance", title: "Une demande arrive à échéance",
			before: []string{"Une personne attend une réponse au sujet de ses données. Veuillez regarder la demande avant le jour indiqué ci-dessous."},
			button: "Ouvrir la demande",
		},
		RequestEscalated: {
			subject: "En retard : une demande d’exercice de droits chez {workspace}", title: "Une demande a besoin de vous maintenant",
			before: []string{"Le jour où cette demande devait recevoir une réponse est arrivé ou passé. Vous recevez ce message en tant que propriétaire ou délégué à la protection des données de {workspace}."},
			button: "Ouvrir la demande",
		},
		RestrictionLifted: {
			subject: "{workspace} va de nouveau utiliser vos données", title: "La limitation de vos données prend fin",
			before: []string{"Vous avez fait limiter l’usage de vos données. Nous vous prévenons avant d’y mettre fin, comme la loi le demande (RGPD, article 18)."},
			after:  []string{"Si vous n’êtes pas d’accord, utilisez la page de confidentialité ci-dessous ou déposez une plainte auprès d’une autorité de protection des données."},
		},
		Rectified: {
			subject: "{workspace} a rectifié vos données", title: "Vos données ont été rectifiées",
			before: []string{"Nous avons modifié ce que nous conservons à votre sujet, et le signalons à ceux à qui nous l’avions transmis."},
			after:  []string{"Si ce n’est pas exact, dites-le-nous par la page de confidentialité ci-dessous."},
		},
		Erased: {
			subject: "{workspace} a effacé vos données", title: "Vos données ont été effacées",
			before: []string{"Tout ce que {workspace} conservait à votre sujet a été effacé, et la clé sans laquelle rien ne peut être lu a été détruite."},
			after: []string{"Rien d’autre n’est conservé à votre sujet qu’un reçu qui ne nomme personne. Votre adresse n’a été gardée à part que pour vous envoyer ce message, et disparaît avec lui.",
				"Si vous ne vous y attendiez pas, adressez-vous directement à {workspace} ou déposez une plainte auprès d’une autorité de protection des données."},
		},
		RequestExtended: {
			subject: "{workspace} a besoin de plus de temps pour votre demande", title: "Votre demande prend plus de temps",
			before: []string{"Nous ne pouvons pas répondre à la date annoncée d’abord. La nouvelle date et le motif figurent ci-dessous ; la loi le permet une fois, pour deux mois au plus (RGPD, article 12)."},
			button: "Suivre la demande",
			after:  []string{"Si vous n’êtes pas d’accord, vous pouvez déposer une plainte auprès d’une autorité de protection des données ou saisir un tribunal. La plainte est gratuite."},
		},
		ParentalConsent: {
			subject: "{workspace} demande votre accord de parent", title: "Un enfant a besoin de votre accord",
			before: []string{"Un enfant qui souhaite utiliser « {child_service} » nous a donné votre adresse. À son âge, nous ne pouvons conserver ses données que si un parent ou tuteur est d’accord (RGPD, article 8)."},
			button: "Lire et décider",
			after:  []string{"Si vous ne faites rien, rien n’est conservé au sujet de l’enfant. Si vous ne connaissez pas cet enfant, ne tenez pas compte de ce message."},
		},
		BoardSignIn: {
			subject: "Connexion aux idées de {workspace}", title: "Connectez-vous pour donner votre avis",
			before: []string{"Avec ce lien, vous êtes connecté aux idées de {workspace}. Vous n’avez pas besoin de mot de passe."},
			button: "Se connecter",
			after:  []string{"Si vous n’avez rien demandé, vous n’avez rien à faire. Sans ce lien, personne n’est connecté et votre adresse n’est conservée nulle part."},
		},
		PostStatus: {
			subject: "Du nouveau sur une idée que vous suivez chez {workspace}", title: "Une idée que vous suivez avance",
			before: []string{"Vous avez demandé à être prévenu quand cette idée avance."},
			button: "Voir l’idée",
		},
		PostAnswer: {
			subject: "{workspace} a répondu à une idée que vous suivez", title: "Il y a une réponse",
			before: []string{"Vous avez demandé à être prévenu quand cette idée avance."},
			button: "Voir l’idée",
		},
		PostMerged: {
			subject: "Une idée que vous suivez chez {workspace} continue sous un autre nom", title: "Deux idées n’en font plus qu’une",
			before: []string{"Quelqu’un souhaitait la même chose. Les deux idées continuent ensemble, avec tous leurs votes, et vous la suivez."},
			button: "Voir l’idée",
		},
		PostShipped: {
			subject: "{workspace} a réalisé ce que vous souhaitiez", title: "Une idée que vous suivez est réalisée",
			before: []string{"Vous avez demandé à être prévenu quand cette idée avance."},
			button: "Voir ce qui est nouveau",
		},
		Test: {
			subject: "Message d’essai de {workspace}", title: "L’envoi fonctionne",
			before: []string{"Vous avez demandé ce message dans Réglages, E-mail. Si vous le lisez, le serveur accepte les messages de {workspace}."},
		},
	},
}
