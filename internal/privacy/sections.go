package privacy

import "github.com/botimum/botimum/internal/actor"

// Sections says what is handed out.
func (records) Sections() []Section {
	return []Section{
		{Name: "consents", Record: Consent{}, Tables: []string{"consents"}},
		{Name: "objections", Record: Objection{}, Tables: []string{"objections"}},
		{Name: "restrictions", Record: Restriction{}, Tables: []string{"restrictions"}},
		{Name: "legal_holds", Record: LegalHold{}, Tables: []string{"legal_holds"}},
		{Name: "lawful_bases", Record: BasisExport{}, Tables: []string{"processing_bases"}},
	}
}

// Provided keeps every consent: it is the person's own word, whoever wrote it down.
func (c Consent) Provided() (any, bool) { return c, true }

// Provided keeps every objection, for the same reason.
func (o Objection) Provided() (any, bool) { return o, true }

// asTold gives the record as the person is told of it: who of the operators acted
// stays with the workspace (see [audit.ReadExport]).
func (c Consent) asTold() Consent         { c.Actor = party(c.Actor); return c }
func (o Objection) asTold() Objection     { o.Actor = party(o.Actor); return o }
func (r Restriction) asTold() Restriction { r.Actor = party(r.Actor); return r }
func (h LegalHold) asTold() LegalHold {
	h.Actor = party(h.Actor)
	if h.LiftedBy != nil {
		by := party(*h.LiftedBy)
		h.LiftedBy = &by
	}
	return h
}
func (b BasisExport) asTold() BasisExport { return b }

// party gives the category of who acted, and the id only of the person themselves.
func party(r actor.Ref) actor.Ref {
	if r.Type == actor.Contact {
		return r
	}
	return actor.Ref{Type: r.Type}
}
