package sensitive

import (
	"cmp"
	"slices"
)

// Kind is a sort of sensitive text.
type Kind string

// The kinds, in the order in which they are looked for.
const (
	Key        Kind = "key"         // of an API or a server: tokens and private keys too
	IBAN       Kind = "iban"        // a bank account (ISO 13616)
	Card       Kind = "card"        // a payment card (ISO/IEC 7812)
	NationalID Kind = "national_id" // a person's number with a state
	Password   Kind = "password"    // PINs too
)

// Kinds gives all kinds.
func Kinds() []Kind { return []Kind{Key, IBAN, Card, NationalID, Password} }

// Confidence is how sure a finding is.
type Confidence string

// The confidences.
const (
	Sure   Confidence = "sure"   // a form or check digits that chance hardly meets
	Likely Confidence = "likely" // the words beside it say so
	Unsure Confidence = "unsure" // nothing but its digits or its place say so: never masked, only flagged
)

// Finding is a place in a text.
type Finding struct {
	Kind       Kind
	Start, End int        // bytes; both lie between characters
	Country    string     // ISO 3166 in lower case, of an IBAN or a national id
	Confidence Confidence // how sure it is
}

// Find gives what is sensitive in a text, in its order. Text without numbers, long
// words and words such as "password" costs about a nanosecond a byte and no memory.
func Find(text string) []Finding {
	hints := hint(text)
	if hints == 0 {
		return nil
	}
	var found []Finding
	add := func(f Finding) {
		for _, other := range found {
			if f.Start < other.End && other.Start < f.End {
				return
			}
		}
		found = append(found, f)
	}
	if hints&longWord != 0 {
		findKeys(text, add)
	}
	if hints&manyDigits != 0 {
		f := fold(text)
		findIBANs(f, add)
		findCards(f, add)
		findIDs(f, add)
	}
	if hints&secretWord != 0 {
		findPasswords(text, add)
	}
	slices.SortFunc(found, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
	return found
}
