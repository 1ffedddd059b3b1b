package sensitive

// Action is what is done with a kind when it arrives.
type Action string

// The actions.
const (
	DoMask Action = "mask" // the original is never stored
	DoFlag Action = "flag" // it is stored, sealed, with a mark and the offer to take it out
	DoNone Action = "off"
)

// Policy says what a workspace does with each kind.
type Policy map[Kind]Action

// DefaultPolicy masks what no conversation needs and whoever reads it could spend or
// sign in with: cards (PCI DSS 4.0 requirement 3 forbids keeping them unprotected),
// passwords and keys. It flags what support often asks for: bank accounts for
// refunds, and ids.
func DefaultPolicy() Policy {
	return Policy{Key: DoMask, Card: DoMask, Password: DoMask, IBAN: DoFlag, NationalID: DoFlag}
}

// Masks tells whether a finding is masked on arrival. What may as well be an order
// number is not: nobody could bring it back.
func (p Policy) Masks(f Finding) bool { return p[f.Kind] == DoMask && f.Confidence != Unsure }

// Flags tells whether a finding is flagged.
func (p Policy) Flags(f Finding) bool {
	return p[f.Kind] == DoFlag || p[f.Kind] == DoMask && f.Confidence == Unsure
}

// Checked is a text as it may be stored.
type Checked struct {
	Text   string
	Masked []Kind    // what was masked
	Found  []Finding // what is flagged in Text
}

// Check gives a text as it may be stored under the policy.
func (p Policy) Check(text string) Checked {
	c := Checked{Text: text}
	c.Text, c.Masked = Mask(text, p.Masks)
	for _, f := range Find(c.Text) {
		if p.Flags(f) {
			c.Found = append(c.Found, f)
		}
	}
	return c
}
