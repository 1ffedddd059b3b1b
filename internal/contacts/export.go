package contacts

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

// The formats of an export.
const (
	FormatCSV  = "csv"
	FormatJSON = "json"
)

// exportPage is how many people are looked at at once: memory stays flat.
const exportPage = 200

// Export says what somebody wants to take out.
type Export struct {
	Format    string `json:"format" enum:"csv,json"`
	Purpose   string `json:"purpose,omitempty" maxLength:"64" doc:"The key of the purpose that the export is for: only people whose data may be used for it are in it. Without one, everybody who is not restricted or in the bin."`
	Reason    string `json:"reason" pattern:"^[a-z][a-z0-9_]{0,63}$" patternDescription:"lower-case words joined by _, since it stands in the audit log" doc:"Why it is taken out, in lower-case words." example:"october_newsletter"`
	SegmentID string `json:"segment_id,omitempty" maxLength:"64" doc:"Only people in this segment."`

	Columns []string `json:"columns,omitempty" maxItems:"100" doc:"What is told of each: id, external_id, email, name, first_name, last_name, phone, locale, timezone, verified, created_at, attributes (all, as JSON) or attributes.KEY. All of them if absent."`
}

// ExportHeader is what an export says of itself.
type ExportHeader struct {
	Purpose        string    `json:"purpose"`
	PurposeVersion int64     `json:"purpose_version"`
	LawfulBasis    string    `json:"lawful_basis"`
	Reason         string    `json:"reason"`
	ExportedAt     time.Time `json:"exported_at"`
	ExportedBy     actor.Ref `json:"exported_by" doc:"Who took it out."`
	Statement      string    `json:"statement" doc:"Who is in it, in words."`
}

var exportReason = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// ExportPerson is a contact in an export.
type ExportPerson struct {
	ID         string         `json:"id"`
	ExternalID string         `json:"external_id"`
	Email      string         `json:"email"`
	Name       string         `json:"name"`
	FirstName  string         `json:"first_name"`
	LastName   string         `json:"last_name"`
	Phone      string         `json:"phone"`
	Locale     string         `json:"locale"`
	Timezone   string         `json:"timezone"`
	Verified   bool           `json:"verified"`
	Attributes map[string]any `json:"attributes"`
	CreatedAt  time.Time      `json:"created_at"`
}

// BeginExport checks an export, writes that it was taken into the audit log, and
// gives its header. Nothing of anybody has been read yet.
func (s *Service) BeginExport(ctx context.Context, e Export) (ExportHeader, error) {
	a := actor.From(ctx)
	if e.Format != FormatCSV && e.Format != FormatJSON {
		return ExportHeader{}, fault.Invalid("format", "must be csv or json")
	}
	if !exportReason.MatchString(e.Reason) {
		return ExportHeader{}, fault.Invalid("reason", "is needed, in lower-case words joined by _: it stands in the audit log")
	}
	if err := e.checkColumns(a); err != nil {
		return ExportHeader{}, err
	}
	h := ExportHeader{Reason: e.Reason, ExportedAt: s.clock.Now(), ExportedBy: a.Ref()}
	h.ExportedBy.Name = a.Name
	if _, err := s.exported(ctx, e); err != nil {
		return ExportHeader{}, err
	}
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if e.Purpose != "" {
			p, err := s.use.Purpose(tx, a.WorkspaceID, e.Purpose)
			if err != nil {
				return err
			}
			h.Purpose, h.PurposeVersion, h.LawfulBasis = p.Key, p.Version, p.LawfulBasis
		}
		return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "contact.list_exported",
			Details: map[string]string{"purpose": e.Purpose, "reason": e.Reason, "format": e.Format, "segment": e.SegmentID}})
	})
	h.Statement = h.statement()
	return h, fault.Wrap("contacts.BeginExport", err)
}

func (h ExportHeader) statement() string {
	const without = "Nobody who is restricted or in the bin."
	switch {
	case h.Purpose == "":
		return "All contacts, for no stated purpose: do not write to them on the strength of this list. " + without
	case h.LawfulBasis == "consent":
		return fmt.Sprintf("Only contacts with a live consent to the purpose %s. Nobody who objected to it. %s", h.Purpose, without)
	}
	return fmt.Sprintf("Contacts for the purpose %s, which rests on %s. Nobody who objected to it. %s", h.Purpose, strings.ReplaceAll(h.LawfulBasis, "_", " "), without)
}

// WriteExport writes an export that was begun, a page of people at a time, newest
// first. Each page is decided when it is read: who withdraws meanwhile is not on a
// later one. Whoever is in it is logged as read before they are written.
func (s *Service) WriteExport(ctx context.Context, e Export, h ExportHeader, w io.Writer) error {
	out := newExportWriter(e, w)
	if err := out.head(h); err != nil {
		return err
	}
	in, err := s.exported(ctx, e)
	if err != nil {
		return err
	}
	for before, more := beyond, true; more; {
		var people []Contact
		if people, before, more, err = s.exportSome(ctx, e.Purpose, in, before); err != nil {
			return fault.Wrap("contacts.WriteExport", err)
		}
		s.audit.Access(ctx, idsOf(people), "contacts.export")
		for _, c := range people {
			err := out.person(ExportPerson{ID: c.ID, ExternalID: c.ExternalID, Email: c.Email, Name: c.Name, FirstName: c.FirstName, LastName: c.LastName,
				Phone: c.Phone, Locale: c.Locale, Timezone: c.Timezone, Verified: c.Verified, Attributes: c.Attributes, CreatedAt: c.CreatedAt})
			if err != nil {
				return err
			}
		}
	}
	return out.end()
}

// exported gives whom an export is limited to; nil if to nobody.
func (s *Service) exported(ctx context.Context, e Export) (*segment.Predicate, error) {
	if e.SegmentID == "" {
		return nil, nil
	}
	return s.segments.Predicate(ctx, e.SegmentID)
}

const selectExport = `
	SELECT ` + columns + ` FROM contacts
	WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL AND restricted_at IS NULL AND merged_into IS NULL
	ORDER BY id DESC LIMIT $3`

// exportSome gives those of the next page who may be in an export, and where the
// page ended.
func (s *Service) exportSome(ctx context.Context, purpose string, in *segment.Predicate, before string) (people []Contact, last string, more bool, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	var usable []record
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		var records []record
		var err error
		if in != nil {
			records, err = s.recordsIn(tx, in, workspaceID, before, exportPage)
		} else {
			records, err = scanRecords(tx.Query(selectExport, workspaceID, before, exportPage))
		}
		if err != nil {
			return err
		}
		if more = len(records) == exportPage; more {
			last = records[exportPage-1].id
		}
		if usable = records; purpose != "" {
			usable, err = s.usableFor(tx, workspaceID, purpose, records)
		}
		return err
	})
	if err != nil {
		return nil, "", false, err
	}
	people, err = s.openAll(ctx, workspaceID, usable)
	return people, last, more, err
}

// usableFor leaves those whose data may be used for a purpose.
func (s *Service) usableFor(tx *storage.Tx, workspaceID, purpose string, records []record) ([]record, error) {
	p, err := s.use.Purpose(tx, workspaceID, purpose)
	if err != nil {
		return nil, err
	}
	var out []record
	for _, r := range records {
		err := s.use.MayUse(tx, privacy.Subject{WorkspaceID: workspaceID, ContactID: r.id}, p)
		if fault.Is(err, fault.KindConflict) || fault.Is(err, fault.KindNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}
