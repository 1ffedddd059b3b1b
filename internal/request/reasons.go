package request

// reasonTexts say what the reasons of a refusal mean, for the person.
var reasonTexts = map[string]string{
	IdentityNotProven: "We could not make sure that it is you who asks (GDPR article 12(6)).",
	Unfounded:         "The request is manifestly unfounded (GDPR article 12(5)).",
	Excessive:         "The same was asked for too often within a short time (GDPR article 12(5)).",
	LegalHold:         "The data must be kept for now because of a legal dispute or an order (GDPR article 17(3)).",
	LegalObligation:   "A law obliges us to keep this data (GDPR article 17(3)(b)).",
	LegalClaims:       "The data is needed for legal claims (GDPR articles 17(3)(e), 21(1)).",
	RightsOfOthers:    "It would adversely affect the rights of other people (GDPR article 15(4)).",
	OverridingGrounds: "There are compelling legitimate grounds that override your interests (GDPR article 21(1)).",
	AccurateAlready:   "The data is accurate as it stands.",
	NothingHeld:       "Nothing is held about you any more.",
	Other:             "See what we wrote to you.",
}

// reasonText gives what a reason means, in a sentence.
func reasonText(reason string) string { return firstOf(reasonTexts[reason], reasonTexts[Other]) }
