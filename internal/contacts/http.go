package contacts

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/privacy"
)

type listIn struct {
	httpx.Paging
	Bin        bool   `query:"bin" doc:"List the bin instead."`
	Restricted bool   `query:"restricted" doc:"List only those whose data is restricted: search does not find them."`
	Blocked    bool   `query:"blocked" doc:"List only those who are blocked."`
	SegmentID  string `query:"segment_id" maxLength:"64" doc:"List only those in this segment."`
	Sort       string `query:"sort" enum:"newest,last_seen" default:"newest" doc:"Who comes first: who was added last, or who was seen last. By last_seen goes with the whole list."`
}

type listOut struct {
	Body httpx.List[Contact]
}

type searchIn struct {
	httpx.Paging
	Body Query
}

type changesIn struct {
	httpx.ByID
	httpx.Paging
}

type changesOut struct {
	Body httpx.List[Rectification]
}

type createIn struct {
	Body Change
}

type upsertIn struct {
	ExternalID string `path:"external_id" maxLength:"200"`
	Body       Change
}

type updateIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    Change
}

type contactOut struct {
	Status int
	ETag   string `header:"ETag"`
	Body   Contact
}

func answer(status int, c Contact) *contactOut {
	return &contactOut{Status: status, ETag: httpx.ETag(c.UpdatedAt), Body: c}
}

type deleteIn struct {
	httpx.ByID
	Erase bool `query:"erase" doc:"Erase at once and for good, instead of moving to the bin."`
}

// deleteOut answers an erasure with its receipt, and the bin with nothing.
type deleteOut struct {
	Status int
	Body   *privacy.Receipt
}

// Routes mounts the contacts' routes.
func (s *Service) Routes(r *httpx.Router) {
	s.attributeRoutes(r)
	s.tagRoutes(r)
	s.noteRoutes(r)
	s.deviceRoutes(r)
	s.bulkRoutes(r)
	s.blockRoutes(r)
	const tag = "Contacts"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts", ID: "listContacts", Tag: tag,
		Summary: "List contacts, newest or last seen first", Permission: "contacts:read"}, s.list0)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts", ID: "createContact", Tag: tag, Status: http.StatusCreated,
		Summary: "Add a contact", Permission: "contacts:write"}, s.create)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/search", ID: "searchContacts", Tag: tag,
		Summary: "Find contacts by address, phone number, external id, name or conditions", Permission: "contacts:read"}, s.search)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/{id}", ID: "getContact", Tag: tag,
		Summary: "Get a contact", Permission: "contacts:read"}, s.get)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/contacts/{id}", ID: "updateContact", Tag: tag,
		Summary: "Change a contact", Permission: "contacts:write"}, s.update)
	httpx.Handle(r, httpx.Route{Method: http.MethodPut, Path: "/api/v1/contacts/by-external-id/{external_id}", ID: "upsertContact", Tag: tag, First: true,
		Summary: "Change the contact with this external id, or add one", Permission: "contacts:write"}, s.upsert)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/contacts/{id}", ID: "deleteContact", Tag: tag,
		Summary: "Move a contact to the bin for 30 days, or erase them at once", Permission: "contacts:write",
		Description: "With erase=true everything about the person goes now: rows, search tokens and their key, so that backups cannot be read either. The answer is a signed receipt.",
	}, s.delete)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/{id}/restore", ID: "restoreContact", Tag: tag,
		Summary: "Take a contact out of the bin", Permission: "contacts:write"}, s.restore)
	s.mergeRoutes(r)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/{id}/changes", ID: "listContactChanges", Tag: tag,
		Summary: "List what was changed in a contact, newest first", Permission: "privacy:read"}, s.changes)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/export", ID: "exportContacts", Tag: tag, Permission: "contacts:read", Stream: true,
		Summary: "Export contacts as CSV or JSON, for a purpose",
		Description: "With a purpose it holds only people whose data may be used for it at this moment: where it rests on consent, those with a live consent; " +
			"nobody who objected to it, and never anybody who is restricted or in the bin. Its header says so. Needs privacy:read too. " +
			"Each person in it is logged as read, and the export is in the audit log with its purpose and reason.",
	}, s.export)
}

func (s *Service) deviceRoutes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/{id}/devices", ID: "listContactDevices", Tag: "Contacts",
		Summary: "List the technical data kept of somebody's browsers, newest first", Permission: "contacts:read",
		Description: "At most 20. Only what the workspace's settings switched on is there. Those who do not see addresses are not shown the network."}, s.getDevices)
}

func (s *Service) attributeRoutes(r *httpx.Router) {
	const tag, path = "Attributes", "/api/v1/attributes"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path, ID: "listAttributes", Tag: tag,
		Summary: "List the attributes that contacts may have", Permission: "contacts:read"}, s.getAttributes)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path, ID: "declareAttribute", Tag: tag, Status: http.StatusCreated,
		Summary: "Declare an attribute", Permission: "workspace:write",
		Description: "Values that contacts have under its key already are indexed in the background."}, s.postAttribute)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/{key}", ID: "getAttribute", Tag: tag,
		Summary: "Get an attribute's declaration", Permission: "contacts:read"}, s.getAttribute)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: path + "/{key}", ID: "changeAttribute", Tag: tag,
		Summary: "Change an attribute's declaration", Permission: "workspace:write",
		Description: "What changes how values are found is done in the background, for all contacts."}, s.patchAttribute)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: path + "/{key}", ID: "removeAttribute", Tag: tag, Status: http.StatusAccepted,
		Summary: "Remove an attribute with all its values", Permission: "workspace:write",
		Description: "The values leave the profiles in the background, and what changes said before with them. Those of people whose data is restricted or held stay, sealed, as long as that lasts."}, s.deleteAttribute)
}

// mergeRoutes mounts the routes of duplicates and merging.
func (s *Service) mergeRoutes(r *httpx.Router) {
	const tag, read, write = "Contacts", "contacts:read", "contacts:write"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/duplicates", ID: "listDuplicates", Tag: tag, First: true,
		Summary: "List pairs of contacts who may be one person, and why", Permission: read,
		Description: "A page may be shorter than its limit and still have a next one: contacts are looked through in bounded steps."}, s.duplicates)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/duplicates/dismiss", ID: "dismissDuplicate", Tag: tag, Status: http.StatusNoContent, First: true,
		Summary: "Say that two contacts are two people", Permission: write}, s.dismiss)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/{id}/merge", ID: "mergeContact", Tag: tag,
		Summary: "Merge another contact into this one, as the same person", Permission: write,
		Description: "No row moves: what is about the other stays sealed with its own key and is shown, exported, restricted and erased together with this one. " +
			"Of their consents the stricter holds. It can be undone within 30 days."}, s.merge)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/{id}/merge/preview", ID: "previewMerge", Tag: tag,
		Summary: "Show what a merge would make of two contacts", Permission: write}, s.preview)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contacts/{id}/merges", ID: "listMerges", Tag: tag,
		Summary: "List who was merged into a contact, newest first", Permission: read}, s.merges)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/merges/{id}/undo", ID: "undoMerge", Tag: tag,
		Summary: "Undo a merge of the last 30 days", Permission: write}, s.undo)
}

func (s *Service) tagRoutes(r *httpx.Router) {
	const tag, path = "Contacts", "/api/v1/contacts/{id}/tags/{tag}"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/contact-tags", ID: "listContactTags", Tag: tag,
		Summary: "List the tags that contacts have, with how many have each", Permission: "contacts:read"}, s.getTags)
	httpx.Handle(r, httpx.Route{Method: http.MethodPut, Path: path, ID: "tagContact", Tag: tag,
		Summary: "Give a contact a tag", Permission: "contacts:write",
		Description: "A tag is the workspace's own word for a kind of people. It stands in addresses and is not sealed: put nothing into it that tells who somebody is."}, s.putTag)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: path, ID: "untagContact", Tag: tag,
		Summary: "Take a tag from a contact", Permission: "contacts:write"}, s.deleteTag)
}

// noteRoutes mounts the routes of what operators write down about people.
func (s *Service) noteRoutes(r *httpx.Router) {
	const tag, path = "Contacts", "/api/v1/contacts/{id}/notes"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path, ID: "listContactNotes", Tag: tag,
		Summary: "List what operators wrote down about a contact, newest first", Permission: "contacts:read",
		Description: "Of somebody who was merged it lists the notes about all that they were."}, s.getNotes)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path, ID: "createContactNote", Tag: tag, Status: http.StatusCreated,
		Summary: "Write something down about a contact", Permission: "contacts:write",
		Description: "For operators alone: no page and no widget shows it. It is sealed with the person's key, and handed out when they ask for what is held about them."}, s.postNote)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/{note_id}", ID: "getContactNote", Tag: tag,
		Summary: "Get a note, with its version", Permission: "contacts:read"}, s.getNote)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: path + "/{note_id}", ID: "updateContactNote", Tag: tag,
		Summary: "Change what a note says", Permission: "contacts:write",
		Description: "What it said before is not kept; the note and the audit log say who changed it. With If-Match it is refused if somebody else changed it meanwhile."}, s.patchNote)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: path + "/{note_id}", ID: "deleteContactNote", Tag: tag, Status: http.StatusNoContent,
		Summary: "Remove a note for good", Permission: "contacts:write"}, s.deleteNote)
}

// bulkRoutes mounts the routes of acts on many people.
func (s *Service) bulkRoutes(r *httpx.Router) {
	const tag = "Contacts"
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/bulk", ID: "beginBulkJob", Tag: tag, Status: http.StatusAccepted,
		Summary: "Do something with many contacts, in the background", Permission: "contacts:write",
		Description: "Whom it is about is fixed when it begins, at most 100,000 people. Each is acted on as by the route for one of them, with the same entries in the audit log. " +
			"To erase needs contacts:erase and the number of people, to restrict privacy:write."}, s.postBulk)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/bulk-jobs", ID: "listBulkJobs", Tag: tag,
		Summary: "List acts on many contacts, newest first", Permission: "contacts:read"}, s.getBulks)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/bulk-jobs/{id}", ID: "getBulkJob", Tag: tag,
		Summary: "Get how far an act on many contacts is", Permission: "contacts:read"}, s.getBulk)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/bulk-jobs/{id}/cancel", ID: "cancelBulkJob", Tag: tag,
		Summary: "Stop an act on many contacts; what was done stays done", Permission: "contacts:write"}, s.cancelBulk)
}

func (s *Service) list0(ctx context.Context, in *listIn) (*listOut, error) {
	if in.Bin && in.Restricted {
		return nil, fault.Invalid("restricted", "goes with the contacts that are not in the bin")
	}
	if in.Blocked && (in.Bin || in.Restricted || in.SegmentID != "" || in.Sort == sortSeen) {
		return nil, fault.Invalid("blocked", "goes with the whole list, newest first")
	}
	if in.Sort == sortSeen {
		if in.Bin || in.Restricted || in.SegmentID != "" {
			return nil, fault.Invalid("sort", "by last_seen goes with the whole list: no bin, restricted or segment_id")
		}
		return s.listSeen(ctx, in.Paging)
	}
	if in.SegmentID != "" {
		if in.Bin || in.Restricted {
			return nil, fault.Invalid("segment_id", "goes with the contacts that are neither in the bin nor restricted")
		}
		p, err := s.segments.Predicate(ctx, in.SegmentID)
		if err != nil {
			return nil, err
		}
		return page(ctx, "contacts in "+in.SegmentID, in.Paging, func(before string) ([]Contact, error) { return s.In(ctx, p, before, in.Limit+1) })
	}
	return page(ctx, "contacts", in.Paging, func(before string) ([]Contact, error) {
		if in.Blocked {
			return s.Blocked(ctx, before, in.Limit+1)
		}
		if in.Restricted {
			return s.Restricted(ctx, before, in.Limit+1)
		}
		return s.List(ctx, before, in.Limit+1, in.Bin)
	})
}

func (s *Service) search(ctx context.Context, in *searchIn) (*listOut, error) {
	return page(ctx, "contacts.search", in.Paging, func(before string) ([]Contact, error) {
		return s.Search(ctx, in.Body, before, in.Limit+1)
	})
}

// page reads the cursor, asks for one more than the page holds, and gives the page.
func page(ctx context.Context, list string, in httpx.Paging, find func(before string) ([]Contact, error)) (*listOut, error) {
	scope := list + " " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := find(before)
	if err != nil {
		return nil, err
	}
	return &listOut{Body: httpx.ListOf(found, in.Limit, scope, func(c Contact) []string { return []string{c.ID} })}, nil
}

func (s *Service) create(ctx context.Context, in *createIn) (*contactOut, error) {
	c, err := s.Create(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, c.ID)
	return answer(http.StatusCreated, c), nil
}

func (s *Service) get(ctx context.Context, in *httpx.ByID) (*contactOut, error) {
	c, err := s.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, c), nil
}

func (s *Service) update(ctx context.Context, in *updateIn) (*contactOut, error) {
	c, err := s.Update(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) })
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, c), nil
}

func (s *Service) upsert(ctx context.Context, in *upsertIn) (*contactOut, error) {
	c, created, err := s.Upsert(ctx, in.ExternalID, in.Body)
	if err != nil {
		return nil, err
	}
	if created {
		return answer(http.StatusCreated, c), nil
	}
	return answer(http.StatusOK, c), nil
}

func (s *Service) delete(ctx context.Context, in *deleteIn) (*deleteOut, error) {
	if !in.Erase {
		return &deleteOut{Status: http.StatusNoContent}, s.Bin(ctx, in.ID)
	}
	if !actor.From(ctx).Can("contacts:erase") {
		return nil, fault.Forbidden("contacts:erase")
	}
	receipt, err := s.erase(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &deleteOut{Status: http.StatusOK, Body: &receipt}, nil
}

func (s *Service) restore(ctx context.Context, in *httpx.ByID) (*contactOut, error) {
	if err := s.Restore(ctx, in.ID); err != nil {
		return nil, err
	}
	return s.get(ctx, in)
}

func (s *Service) changes(ctx context.Context, in *changesIn) (*changesOut, error) {
	scope := "changes " + in.ID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.Changes(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &changesOut{Body: httpx.ListOf(found, in.Limit, scope, func(r Rectification) []string { return []string{r.ID} })}, nil
}

type exportIn struct {
	Body Export
}

func (s *Service) export(ctx context.Context, in *exportIn) (*httpx.Streamed, error) {
	if !actor.From(ctx).Can("privacy:read") {
		return nil, fault.Forbidden("privacy:read")
	}
	h, err := s.BeginExport(ctx, in.Body)
	if err != nil {
		return nil, err
	}
	mediaType := "application/json"
	if in.Body.Format == FormatCSV {
		mediaType = "text/csv; charset=utf-8; header=present"
	}
	header := map[string]string{"Botimum-Export-Purpose": h.Purpose, "Botimum-Export-Basis": h.LawfulBasis, "Botimum-Export-Statement": h.Statement,
		"Content-Disposition": `attachment; filename="contacts-` + h.ExportedAt.Format(time.DateOnly) + "-" + h.Reason + "." + in.Body.Format + `"`}
	write := func(ctx context.Context, w io.Writer) error { return s.WriteExport(ctx, in.Body, h, w) }
	return httpx.StreamOf(mediaType, header, write, func(err error) {
		slog.WarnContext(ctx, "an export broke off", "error", err)
	}), nil
}
