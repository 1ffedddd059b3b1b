package contacts

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// onlySwitchedOn is how long technical data is kept.
const onlySwitchedOn = "only where it is switched on: 30 days, or as set, 90 at most"

// Name is the holder's name.
func (s *Service) Name() string { return "contacts" }

// Fields declares this package's tables.
func (s *Service) Fields() []privacy.Field {
	operators := []string{"the workspace's operators"}
	personal := func(table, column, category string, holds ...string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: holds, Whose: privacy.OfContact, Category: category,
			Purpose: privacy.PurposeSupport, LawfulBasis: "as stated with the data (processing_bases)",
			Retention: "until erased; 30 days in the bin", Recipients: operators}
	}
	profile := personal("contacts", "profile_sealed", "identity", "name", "first_name", "last_name", "email", "phone", "avatar_url",
		"external_id", "locale", "timezone", "attributes", "provenance")
	profile.Sealed = true
	seen := personal("contacts", "last_seen_at", "technical", "when you were last here")
	seen.Ages = privacy.AgesTechnical
	accountable := func(table, column string, holds ...string) privacy.Field {
		f := personal(table, column, "accountability", holds...)
		f.Purpose, f.LawfulBasis, f.Retention = "accountability", "legal_obligation", "as long as the contact exists"
		return f
	}
	former := accountable("contact_changes", "former_sealed", "what your data said before it was changed")
	former.Sealed, former.Ages, former.Retention = true, privacy.AgesChanges, "90 days, then only which fields were changed"
	plain := personal("contact_attributes", "text_value", "identity", "attributes that are not personal")
	device := personal("contact_devices", "data_sealed", "technical", "the shortened network address", "the approximate country", "browser", "language", "page", "where you came from")
	device.Sealed, device.Retention, device.Ages = true, onlySwitchedOn, privacy.AgesDevices
	seenThere := personal("contact_devices", "seen_at", "technical", "when")
	seenThere.Retention, seenThere.Ages = onlySwitchedOn, privacy.AgesDevices
	mergedInto := personal("contacts", "merged_into", "identity", "which entry about you this one was joined with")
	mergedFormer := accountable("contact_merges", "former_sealed", "what your data said before and after two entries were joined")
	mergedFormer.Sealed, mergedFormer.Retention = true, "30 days"
	fields := []privacy.Field{
		profile,
		personal("contacts", "external_id_token", "identity", "a keyed token of the external id"),
		seen,
		personal("contacts", "company_id", "identity", "the company you belong to"),
		personal("contacts", "company_source", "identity", "whether that follows from your address"),
		personal("contacts", "verified_at", "identity", "when somebody vouched for who you are"),
		accountable("contacts", "restricted_at", "whether you had the use of your data restricted"),
		accountable("contacts", "held_until", "until when your data has to be kept"),
		accountable("contact_changes", "fields", "which of your data was changed"),
		accountable("contact_changes", "source", "through what"),
		accountable("contact_changes", "created_at", "when"),
		former,
		plain,
		personal("contact_attributes", "number_value", "identity", "attributes that are not personal"),
		personal("contact_columns", "data", "identity", "attributes that are not personal"),
		personal("contact_attribute_ages", "set_at", "identity", "since when an attribute is there"),
		device,
		seenThere,
		mergedInto,
		accountable("contact_merges", "fields", "which of your data a merge changed"),
		accountable("contact_merges", "source", "through what two entries about you were joined"),
		accountable("contact_merges", "created_at", "when they were joined"),
		accountable("contact_merges", "undone_at", "when that was undone"),
		mergedFormer,
		personal("contact_tags", "tag", "identity", "the words you are sorted by"),
		personal("contact_tags", "created_at", "identity", "since when you are sorted so"),
		personal("contact_tokens", "token", "identity", "a keyed token of the address, phone number, attribute or beginning of a name"),
	}
	fields = append(fields, personal("contact_namesakes", "token", "identity", "a keyed token of the address, phone number, attribute or beginning of a name"),
		personal("contact_namesakes", "company_id", "identity", "the company you belong to"))
	fields = append(fields, noteFields()...)
	fields = append(fields, blockFields()...)
	fields = append(fields, privacy.Nothing("attribute_definitions", "workspace_id", "key", "label", "description", "kind", "personal", "purpose",
		"retention_days", "removed_at", "created_at", "updated_at")...)
	fields = append(fields, privacy.Nothing("attribute_indexing", "workspace_id", "version", "cursor", "done", "total", "began_at", "ended_at",
		"lease_holder", "lease_until")...)
	fields = append(fields, privacy.Nothing("contact_attributes", "workspace_id", "key", "contact_id", "item")...)
	fields = append(fields, privacy.Nothing("contact_columns", "workspace_id", "key", "first_id")...)
	fields = append(fields, privacy.Nothing("contact_runs", "workspace_id", "first_id", "people", "visible", "ids")...)
	fields = append(fields, privacy.Nothing("contact_runs_making", "workspace_id", "cursor")...)
	fields = append(fields, privacy.Nothing("contact_attribute_ages", "workspace_id", "key", "contact_id")...)
	fields = append(fields, privacy.Nothing("bulk_jobs", "workspace_id", "id", "action", "tag", "state", "total", "outcomes", "actor_type", "actor_id",
		"created_at", "ended_at", "lease_holder", "lease_until", "value_sealed")...)
	fields = append(fields, privacy.Nothing("bulk_items", "workspace_id", "job_id", "contact_id")...)
	fields = append(fields, privacy.Nothing("contact_tags", "workspace_id", "contact_id")...)
	fields = append(fields, privacy.Nothing("contact_devices", "workspace_id", "contact_id", "id")...)
	fields = append(fields, privacy.Nothing("contacts", "workspace_id", "id", "source", "import_id", "deleted_at", "created_at", "updated_at", "merged_at")...)
	fields = append(fields, privacy.Nothing("contact_merges", "workspace_id", "contact_id", "id", "member_id", "actor_type", "actor_id", "undone_by_type", "undone_by_id", "final_at")...)
	fields = append(fields, privacy.Nothing("contact_distinctions", "workspace_id", "contact_id", "other_id", "actor_type", "actor_id", "created_at")...)
	fields = append(fields, privacy.Nothing("contact_changes", "workspace_id", "contact_id", "id", "actor_type", "actor_id")...)
	fields = append(fields, privacy.Nothing("contact_namesakes", "workspace_id", "contact_id")...)
	return append(fields, privacy.Nothing("contact_tokens", "workspace_id", "kind", "contact_id")...)
}

// ContactExport is what stands beside the profile, as it is handed to the person.
type ContactExport struct {
	ID           string     `json:"id"`
	Source       string     `json:"source"`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
	LastSeenAt   *time.Time `json:"last_seen_at"`
	VerifiedAt   *time.Time `json:"verified_at"`
	RestrictedAt *time.Time `json:"restricted_at"`
	DeletedAt    *time.Time `json:"deleted_at"`
	MergedInto   string     `json:"merged_into" doc:"The contact that this one was joined with, as the same person."`
	Tags         []string   `json:"tags"`
	Company      string     `json:"company" doc:"What the company is called that you belong to."`
}

// ProfileExport is one field of the profile with its provenance, as it is handed
// to the person.
type ProfileExport struct {
	Field  string     `json:"field"`
	Value  any        `json:"value"`
	Source string     `json:"source"`
	At     *time.Time `json:"at"`
}

// Provided keeps the fields that the person gave.
func (p ProfileExport) Provided() (any, bool) { return p, privacy.GivenByPerson(p.Source) }

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{
		{Name: "contact", Record: ContactExport{}, Tables: []string{"contacts", "contact_tags"}},
		{Name: "changes", Record: Rectification{}, Tables: []string{"contact_changes"}},
		{Name: "contact_notes", Record: NoteExport{}, Tables: []string{"contact_notes"}},
		{Name: "blocks", Record: BlockExport{}, Tables: []string{"contact_blocks", "blocks"}},
		{Name: "merges", Record: MergeExport{}, Tables: []string{"contact_merges"}},
		{Name: "devices", Record: DeviceExport{}, Tables: []string{"contact_devices"}},
		{Name: "profile", Record: ProfileExport{}, Tables: []string{"contacts", "contact_tokens", "contact_namesakes", "contact_attributes", "contact_columns", "contact_attribute_ages"}},
	}
}

// Export hands out the contact, the fields of their profile and what changed in them.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	r, err := loadByID(tx, sub.WorkspaceID, sub.ContactID)
	if fault.Is(err, fault.KindNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if err != nil {
		return err
	}
	p, err := openProfile(key, r)
	if err != nil {
		return err
	}
	tags, err := ownTags(tx, sub)
	if err != nil {
		return err
	}
	company := ""
	if r.company != "" {
		if company, err = s.use.CompanyName(ctx, tx, sub.WorkspaceID, r.company); err != nil {
			return err
		}
	}
	err = out("contact", ContactExport{ID: r.id, Company: company, Tags: append([]string{}, tags...), Source: r.source, CreatedAt: r.created, UpdatedAt: r.updated, LastSeenAt: pointer(r.lastSeen),
		VerifiedAt: pointer(r.verified), RestrictedAt: pointer(r.restricted), DeletedAt: pointer(r.deleted), MergedInto: r.merged})
	if err != nil {
		return err
	}
	for _, field := range p.export() {
		if err := out("profile", field); err != nil {
			return err
		}
	}
	if err := exportDevices(tx, key, sub, out); err != nil {
		return err
	}
	if err := exportChanges(tx, key, sub, out); err != nil {
		return err
	}
	if err := exportNotes(tx, key, sub, out); err != nil {
		return err
	}
	if err := exportBlocks(tx, sub, out); err != nil {
		return err
	}
	return exportMerges(tx, sub, out)
}

// export gives the profile's fields that hold something, attributes by name.
func (p Profile) export() []ProfileExport {
	var out []ProfileExport
	add := func(name string, value any) {
		e := ProfileExport{Field: name, Value: value}
		if from, known := p.Provenance[name]; known {
			e.Source, e.At = from.Source, pointer(from.At)
		}
		out = append(out, e)
	}
	for _, f := range (Change{}).fields() {
		if value := *f.at(&p); value != "" {
			add(f.name, value)
		}
	}
	for _, ch := range channels() {
		for _, a := range *ch.all(&p) {
			if !a.Primary {
				out = append(out, ProfileExport{Field: ch.list, Value: a.Address, Source: a.Source, At: a.At})
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.Claims)) {
		at := p.Claims[name].At
		out = append(out, ProfileExport{Field: "claims." + name, Value: p.Claims[name].Value, Source: "widget", At: &at})
	}
	for _, name := range slices.Sorted(maps.Keys(p.Attributes)) {
		add("attributes."+name, p.Attributes[name])
	}
	return out
}

// tablesOfContact have rows of a contact alone; key is how these are told apart in a
// workspace.
var tablesOfContact = []struct{ table, key string }{
	{"contact_tokens", "kind, token, contact_id"}, {"contact_namesakes", "company_id, token, contact_id"}, {"contact_attributes", "key, contact_id, item"},
	{"contact_attribute_ages", "key, contact_id"}, {"contact_devices", "contact_id, id"}, {"contact_changes", "contact_id, id"}, {"contact_tags", "contact_id, tag"},
	{"contact_notes", "contact_id, id"}, {"bulk_items", "job_id, contact_id"},
}

var outliveSurvivor = `UPDATE contacts SET merged_into = NULL, merged_at = NULL` +
	storage.FoundSQL("contacts", "workspace_id, id", `workspace_id = $1 AND merged_into = $2`)

// Erase deletes the contact, what changed in them and everything that finds them.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	counts := privacy.Counts{}
	blocks, entries, err := eraseBlocks(tx, sub) // while their tokens are there
	if err != nil {
		return nil, err
	}
	counts["contact_blocks"], counts["blocks"] = blocks, entries
	for _, t := range tablesOfContact {
		n, err := storage.Delete(tx, t.table, "workspace_id, "+t.key, `workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
		if err != nil {
			return nil, err
		}
		counts[t.table] = n
	}
	merges, err := eraseMerges(tx, sub)
	if err != nil {
		return nil, err
	}
	// In a copy from before, somebody who left since may still stand as merged into them.
	rows, err := tx.Query(selectMembersOf, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	left, err := scanIDs(rows)
	if err != nil {
		return nil, err
	}
	for _, one := range append(left, sub.ContactID) {
		segment.Changed(tx, sub.WorkspaceID, one)
	}
	if _, err := tx.Exec(outliveSurvivor, sub.WorkspaceID, sub.ContactID); err != nil {
		return nil, err
	}
	n, err := tx.Exec(`DELETE FROM contacts WHERE workspace_id = $1 AND id = $2`, sub.WorkspaceID, sub.ContactID)
	counts["contact_merges"], counts["contacts"] = merges, n
	return counts, err
}
