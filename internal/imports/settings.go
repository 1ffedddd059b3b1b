package imports

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
)

// ImportChange changes an import's settings; what is absent stays.
type ImportChange struct {
	Encoding    *string        `json:"encoding,omitempty" enum:"utf-8,utf-16le,utf-16be,windows-1252,iso-8859-1,iso-8859-15"`
	Separator   *string        `json:"separator,omitempty" maxLength:"1"`
	Quotes      *bool          `json:"quotes,omitempty"`
	Header      *bool          `json:"header,omitempty"`
	Dates       *string        `json:"dates,omitempty" enum:"ymd,dmy,mdy"`
	MatchBy     *string        `json:"match_by,omitempty" enum:"email,external_id,phone"`
	OnMatch     *string        `json:"on_match,omitempty" enum:"update,fill,skip"`
	Basis       *privacy.Basis `json:"basis,omitempty"`
	AskedInFull *bool          `json:"asked_in_full,omitempty"`
	Targets     []string       `json:"targets,omitempty" maxItems:"500" doc:"What each column is for, in the file's order; see the columns' target."`
}

// Set changes how a table is read and what becomes of its rows. A dry run that was
// made before counts no more.
func (s *Service) Set(ctx context.Context, importID string, c ImportChange) (ImportPreview, error) {
	if err := seesAddresses(ctx); err != nil { // a column of addresses could be made a name, which they read
		return ImportPreview{}, fault.Wrap("imports.Set", err)
	}
	r, err := s.change(ctx, importID, "", func(r *record, _ time.Time) error {
		if r.state != StateReady {
			return notNow("Its settings can be changed before it starts, while no dry run is under way.")
		}
		reread := c.apply(&r.stored.Settings)
		if reread {
			if err := s.analyse(ctx, r, false); err != nil {
				return err
			}
		}
		r.checked = nil
		if c.Targets == nil {
			return nil
		}
		return s.setTargets(ctx, r, c.Targets)
	})
	if err != nil {
		return ImportPreview{}, fault.Wrap("imports.Set", err)
	}
	out, err := s.preview(ctx, r)
	return out, fault.Wrap("imports.Set", err)
}

// apply makes the change, and tells whether the table has to be read anew.
func (c ImportChange) apply(to *ImportSettings) (reread bool) {
	was := *to
	set(&to.Encoding, c.Encoding)
	set(&to.Separator, c.Separator)
	set(&to.Quotes, c.Quotes)
	set(&to.Header, c.Header)
	set(&to.Dates, c.Dates)
	set(&to.MatchBy, c.MatchBy)
	set(&to.OnMatch, c.OnMatch)
	set(&to.AskedInFull, c.AskedInFull)
	if c.Basis != nil {
		to.Basis = c.Basis
	}
	return was.Encoding != to.Encoding || was.Separator != to.Separator || was.Quotes != to.Quotes || was.Header != to.Header
}

func set[T any](to *T, from *T) {
	if from != nil {
		*to = *from
	}
}

func notNow(detail string) error { return fault.Conflict("import_not_now", detail) }

// setTargets says what the columns are for.
func (s *Service) setTargets(ctx context.Context, r *record, targets []string) error {
	if len(targets) != len(r.stored.Columns) {
		return fault.Invalid("targets", "must say of each column what it is for, or be empty for it; the table has "+itoa(int64(len(r.stored.Columns)))+" columns")
	}
	purposes, err := s.Privacy.Purposes(ctx, r.workspaceID)
	if err != nil {
		return err
	}
	var bad []fault.FieldError
	seen := map[string]bool{}
	for i, to := range targets {
		field := "targets." + itoa(int64(i))
		switch {
		case to == "":
		case seen[to]:
			bad = append(bad, fault.FieldError{Field: field, Detail: "is what another column is for already"})
		case !isTarget(to, purposes):
			bad = append(bad, fault.FieldError{Field: field, Detail: "is nothing that a column can be for, or a purpose that does not rest on consent"})
		}
		seen[to] = true
		if r.stored.Columns[i].Target != to {
			r.stored.Columns[i].Target, r.stored.Columns[i].Guessed = to, false
		}
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

var plainTargets = []string{toEmail, toName, toFirst, toLast, toPhone, toExternal, toLocale, toTimezone, toAvatar, toCompany, toDomain, toTags, toConsentAt, toConsentFrom, toPurpose, toLawful, toEvidence}

func isTarget(to string, purposes []privacy.Purpose) bool {
	if key, is := strings.CutPrefix(to, toAttribute); is {
		return contacts.IsAttributeKey(key)
	}
	if key, is := strings.CutPrefix(to, toConsent); is {
		return slices.ContainsFunc(purposes, func(p privacy.Purpose) bool { return p.Key == key && p.LawfulBasis == "consent" })
	}
	return slices.Contains(plainTargets, to)
}
