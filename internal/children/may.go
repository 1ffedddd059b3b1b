package children

import (
	"context"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// IsChild tells whether a contact is known to be a child: the gate found so, and
// their parent was asked.
func (s *Service) IsChild(tx *storage.Tx, sub privacy.Subject) (bool, error) {
	_, is, err := of(tx, sub)
	return is, err
}

// MayProfile tells whether things may be found out about somebody that nobody told:
// nil, or child. Where the workspace asks for ages, who came past the gate by
// another way than the widget is of unknown age, and may be a child too (recital 38).
func (s *Service) MayProfile(ctx context.Context, sub privacy.Subject, gated bool, source string) error {
	if gated && source != "widget" {
		return fault.Conflict("age_unknown", "This workspace asks people for their age, and nobody asked this person, so they may be a child.")
	}
	var is bool
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		is, err = s.IsChild(tx, sub)
		return err
	})
	if err == nil && is {
		err = fault.Conflict("child", "This person is a child, so nothing is found out about them (GDPR recital 38).")
	}
	return fault.Wrap("children.MayProfile", err)
}

// CodeParentNeeded says that a parent has to agree first.
const CodeParentNeeded = "parental_consent_needed"

// MayWrite tells whether something that somebody does may be stored: nil, or that
// they are a child whose parent did not agree.
func MayWrite(tx *storage.Tx, sub privacy.Subject) error {
	c, is, err := of(tx, sub)
	if err == nil && is && c.State != StateGiven {
		err = &fault.Error{Kind: fault.KindForbidden, Code: CodeParentNeeded, Detail: "A parent has to agree first. Nothing was stored."}
	}
	return fault.Wrap("children.MayWrite", err)
}
