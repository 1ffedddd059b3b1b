package mail

var english = words{
	lang:      "en",
	hello:     "Hello {name},",
	helloAll:  "Hello,",
	ifNot:     "If the button does not work, open this address:",
	automatic: "{workspace} sent you this automatically. Answers to it are not read.",
	notice:    "How {workspace} handles your data",

	labels: map[string]string{
		"kind": "Request", "due_date": "Answered by", "reason": "Reason", "authority": "Where you can complain", "fields": "Changed",
		"erased_at": "Erased on", "receipt": "Number of the receipt",
		"minutes": "Works once, for", "child_service": "Service",
		"stop": "No more mails about this idea", "post": "Idea", "status": "Now", "answer": "Answer", "into": "Goes on as", "entry": "What is new",
	},
	kinds: map[string]string{
		"access": "A copy of your data", "rectification": "Correction of your data", "erasure": "Erasure of your data",
		"restriction": "Restricted use of your data", "portability": "Your data to take along", "objection": "Objection to a use of your data",
	},
	kindsInside: map[string]string{
		"access": "Access (article 15)", "rectification": "Rectification (article 16)", "erasure": "Erasure (article 17)",
		"restriction": "Restriction (article 18)", "portability": "Portability (article 20)", "objection": "Objection (article 21)",
	},
	fields: map[string]string{
		"name": "Name", "first_name": "First name", "last_name": "Last name", "email": "E-mail address", "phone": "Phone number",
		"avatar_url": "Picture", "external_id": "Customer number", "company_id": "Company", "locale": "Language", "timezone": "Time zone",
		"attributes": "Other details",
	},
	months:  [12]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
	date:    "{day} {month} {year}",
	minutes: "{n} min",
	comma:   ", ",

	mails: map[string]wording{
		PrivacyLink: {
			subject: "Your link to your data at {workspace}", title: "See and decide about your data",
			before: []string{"You asked {workspace} what it holds about you. This link shows it, and lets you correct it, take it along or have it erased."},
			button: "Open my data",
			after:  []string{"If you did not ask for this, you need do nothing. Without the link nobody sees anything."},
		},
		RequestReceived: {
			subject: "{workspace} has your request", title: "We have your request",
			before: []string{"Thank you. You hear from us by the day below; often it is much sooner. It costs you nothing."},
			button: "Follow the request",
		},
		RequestCompleted: {
			subject: "Your request to {workspace} is done", title: "Your request is done",
			before: []string{"What you asked for has been done."},
			button: "See the result",
		},
		RequestRefused: {
			subject: "{workspace} cannot do what you asked", title: "We cannot do what you asked",
			before: []string{"We have looked at your request and have to refuse it. The reason is below."},
			button: "See the request",
			after:  []string{"If you disagree, you can complain to a data protection authority or go to court. Complaining is free."},
		},
		RequestDue: {
			subject: "A privacy request at {workspace} falls due", title: "A privacy request falls due",
			before: []string{"Somebody is waiting for an answer about their data. Please look at the request before the day below."},
			button: "Open the request",
		},
		RequestEscalated: {
			subject: "Late: a privacy request at {workspace}", title: "A privacy request needs you now",
			before: []string{"The day by which this request was to be answered is here or has passed. You get this as an owner or privacy officer of {workspace}."},
			button: "Open the request",
		},
		RestrictionLifted: {
			subject: "{workspace} is about to use your data again", title: "The restriction on your data ends",
			before: []string{"You had the use of your data restricted. We tell you before we end that restriction, as the law asks (GDPR article 18)."},
			after:  []string{"If you do not agree, use the privacy page below or complain to a data protection authority."},
		},
		Rectified: {
			subject: "{workspace} has corrected your data", title: "Your data was corrected",
			before: []string{"We changed what we hold about you, and tell those to whom we had passed it on."},
			after:  []string{"If this is not right, tell us through the privacy page below."},
		},
		Erased: {
			subject: "{workspace} has erased your data", title: "Your data was erased",
			before: []string{"Everything that {workspace} held about you was erased, and the key without which it cannot be read was destroyed."},
			after: []string{"Nothing else is kept about you but a receipt that names nobody. Your address was kept apart only to send you this mail, and is removed with it.",
				"If you did not expect this, write to {workspace} directly, or complain to a data protection authority."},
		},
		RequestExtended: {
			subject: "{workspace} needs more time for your request", title: "Your request takes longer",
			before: []string{"We cannot answer by the day that we named first. The new day and the reason are below; the law allows this once, for two months at most (GDPR article 12)."},
			button: "Follow the request",
			after:  []string{"If you disagree, you can complain to a data protection authority or go to court. Complaining is free."},
		},
		ParentalConsent: {
			subject: "{workspace} asks for your consent as a parent", title: "A child needs your consent",
			before: []string{"A child who wants to use “{child_service}” gave us your address. At their age we may keep their data only if a parent or guardian agrees (GDPR article 8)."},
			button: "Read and decide",
			after:  []string{"If you do nothing, nothing about the child is kept. If you know no such child, please ignore this mail."},
		},
		BoardSignIn: {
			subject: "Sign in to the boards of {workspace}", title: "Sign in and have a say",
			before: []string{"With this link you are signed in to the boards of {workspace}. You need no password."},
			button: "Sign in",
			after:  []string{"If you did not ask for this, you need do nothing. Without the link nobody is signed in, and your address is kept nowhere."},
		},
		PostStatus: {
			subject: "News about an idea that you follow at {workspace}", title: "An idea that you follow has moved",
			before: []string{"You asked to be told when this idea moves."},
			button: "See the idea",
		},
		PostAnswer: {
			subject: "{workspace} answered an idea that you follow", title: "There is an answer",
			before: []string{"You asked to be told when this idea moves."},
			button: "See the idea",
		},
		PostMerged: {
			subject: "An idea that you follow at {workspace} goes on under another name", title: "Two ideas have become one",
			before: []string{"Somebody wished for the same thing. The two ideas go on as one, with all of their votes, and you follow it."},
			button: "See the idea",
		},
		PostShipped: {
			subject: "{workspace} has done what you wished for", title: "An idea that you follow is done",
			before: []string{"You asked to be told when this idea moves."},
			button: "See what is new",
		},
		Test: {
			subject: "Test mail from {workspace}", title: "Mail works",
			before: []string{"You asked for this mail under Settings, Mail. That you read it means that the mail server takes mails from {workspace}."},
		},
	},
}
