package timeline

// Privacy gives what people agreed to, refused and had restricted, which the privacy
// package stores.
func Privacy() []Source {
	const reads = "privacy:read"
	return []Source{
		{Kind: KindConsent, Permission: reads, From: "consents", At: "x.created_at", ID: "x.id", What: "x.action", Ref: "x.purpose", Actor: true},
		{Kind: KindObjection, Permission: reads, From: "objections", At: "x.created_at", ID: "x.id", What: "x.action", Ref: "x.purpose", Actor: true},
		{Kind: KindRestriction, Permission: reads, From: "restrictions", At: "x.created_at", ID: "x.id", What: "x.action", Actor: true},
		{Kind: KindHold, Permission: reads, From: "legal_holds", At: "x.created_at", ID: "x.id", What: "'set'", Actor: true},
	}
}
