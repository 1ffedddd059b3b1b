package contacts

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
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

	Filter     *segment.Filter `json:"filter,omitempty" doc:"Only people of whom these conditions are true."`
	ContactIDs []string        `json:"contact_ids,omitempty" maxItems:"10000" doc:"Only these people, as far as they are there."`

	Columns []string `json:"columns,omitempty" maxItems:"100" doc:"What is told of each: id, external_id, email, name, first_name, last_name, phone, locale, timezone, verified, created_at, attributes (all, as JSON) or attributes.KEY. All of them if absent. Where asked for also tags and company, as imports read them."`
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

	tags    []string // where they are asked for
	company string
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
	limits := 0
	for _, is := range []bool{e.SegmentID != "", e.Filter != nil, len(e.ContactIDs) > 0} {
		if is {
			limits++
		}
	}
	if limits > 1 || len(e.ContactIDs) > maxExportIDs {
		return ExportHeader{}, fault.Invalid("contact_ids", "say whom it is about in one way: segment_id, filter, up to 10,000 contact_ids, or nothing for everybody")
	}
	h := ExportHeader{Reason: e.Reason, ExportedAt: s.clock.Now(), ExportedBy: a.Ref()}
	h.ExportedBy.Name = a.Name
	who, err := s.exported(ctx, e)
	if err != nil {
		return ExportHeader{}, err
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if e.Purpose != "" {
			p, err := s.use.Purpose(tx, a.WorkspaceID, e.Purpose)
			if err != nil {
				return err
			}
			h.Purpose, h.PurposeVersion, h.LawfulBasis = p.Key, p.Version, p.LawfulBasis
		}
		return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "contact.list_exported",
			Details: map[string]string{"purpose": e.Purpose, "reason": e.Reason, "format": e.Format, "segment": e.SegmentID, "of": who.word()}})
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
	who, err := s.exported(ctx, e)
	if err != nil {
		return err
	}
	for before, more := beyond, true; more; {
		var people []Contact
		if people, before, more, err = s.exportSome(ctx, e, who, before); err != nil {
			return fault.Wrap("contacts.WriteExport", err)
		}
		s.audit.Access(ctx, idsOf(people), "contacts.export")
		companies, err := s.companyNames(ctx, e, people)
		if err != nil {
			return fault.Wrap("contacts.WriteExport", err)
		}
		for _, c := range people {
			one := ExportPerson{ID: c.ID, ExternalID: c.ExternalID, Email: c.Email, Name: c.Name, FirstName: c.FirstName, LastName: c.LastName,
				Phone: c.Phone, Locale: c.Locale, Timezone: c.Timezone, Verified: c.Verified, Attributes: c.Attributes, CreatedAt: c.CreatedAt, tags: c.Tags}
			if c.CompanyID != nil {
				one.company = companies[*c.CompanyID]
			}
			if err := out.person(one); err != nil {
				return err
			}
		}
	}
	return out.end()
}

// maxExportIDs is how many people can be named.
const maxExportIDs = 10_000

// exported is whom an export is limited to: by conditions, by ids newest first, or,
// where both are nil, not at all.
type exported struct {
	in  *segment.Predicate
	ids []string
}

func (w exported) word() string {
	switch {
	case w.in != nil:
		return "conditions"
	case w.ids != nil:
		return strconv.Itoa(len(w.ids))
	}
	return "all"
}

func (s *Service) exported(ctx context.Context, e Export) (who exported, err error) {
	switch {
	case e.SegmentID != "":
		who.in, err = s.segments.Predicate(ctx, e.SegmentID)
	case e.Filter != nil:
		who.in, err = s.segments.Compile(ctx, actor.From(ctx).WorkspaceID, *e.Filter)
	case len(e.ContactIDs) > 0:
		who.ids = slices.Compact(slices.Sorted(slices.Values(e.ContactIDs)))
		slices.Reverse(who.ids)
	}
	return who, err
}

// page gives the people of the next page, and where it ended; "" if it was the last.
func (w exported) page(tx *storage.Tx, s *Service, workspaceID, before string) (records []record, last string, err error) {
	if w.ids != nil {
		from, _ := slices.BinarySearchFunc(w.ids, before, func(id, before string) int { return strings.Compare(before, id) })
		for from < len(w.ids) && w.ids[from] >= before {
			from++
		}
		some := w.ids[from:min(len(w.ids), from+exportPage)]
		all, err := recordsOf(tx, workspaceID, slices.Values(some))
		for _, one := range some {
			if r, is := all[one]; is && r.deleted.IsZero() && r.restricted.IsZero() && r.merged == "" {
				records = append(records, r)
			}
		}
		if len(some) == exportPage {
			last = some[exportPage-1]
		}
		return records, last, err
	}
	if w.in != nil {
		records, err = s.recordsIn(tx, w.in, workspaceID, before, exportPage)
	} else {
		records, err = scanRecords(tx.Query(selectExport, workspaceID, before, exportPage))
	}
	if len(records) == exportPage {
		last = records[exportPage-1].id
	}
	return records, last, err
}

// companyNames gives the companies that people belong to, where they are asked for.
func (s *Service) companyNames(ctx context.Context, e Export, people []Contact) (map[string]string, error) {
	out := map[string]string{}
	if !slices.Contains(e.Columns, "company") {
		return out, nil
	}
	workspaceID := actor.From(ctx).WorkspaceID
	return out, s.db.Read(ctx, func(tx *storage.Tx) error {
		for _, c := range people {
			if c.CompanyID == nil || out[*c.CompanyID] != "" {
				continue
			}
			name, err := s.use.CompanyName(ctx, tx, workspaceID, *c.CompanyID)
			if err != nil {
				return err
			}
			out[*c.CompanyID] = name
		}
		return nil
	})
}

const selectExport = `
	SELECT ` + columns + ` FROM contacts
	WHERE workspace_id = $1 AND id < $2 AND deleted_at IS NULL AND restricted_at IS NULL AND merged_into IS NULL
	ORDER BY id DESC LIMIT $3`

// exportSome gives those of the next page who may be in an export, and where the
// page ended.
func (s *Service) exportSome(ctx context.Context, e Export, who exported, before string) (people []Contact, last string, more bool, err error) {
	workspaceID := actor.From(ctx).WorkspaceID
	var usable []record
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		var err error
		if usable, last, err = who.page(tx, s, workspaceID, before); err != nil {
			return err
		}
		if more = last != ""; e.Purpose != "" {
			usable, err = s.usableFor(tx, workspaceID, e.Purpose, usable)
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
