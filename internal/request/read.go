package request

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
	"github.com/botimum/botimum/internal/workspace"
)

// Get gives one request. A person sees their own alone.
func (s *Service) Get(ctx context.Context, id string) (Request, error) {
	a := actor.From(ctx)
	r, err := s.load(ctx, a.WorkspaceID, id)
	if err == nil && a.Type == actor.Contact && r.contactID != a.ID {
		err = fault.NotFound("request")
	}
	if err != nil {
		return Request{}, fault.Wrap("request.Get", err)
	}
	out, err := s.show(ctx, r)
	return out, fault.Wrap("request.Get", err)
}

func (s *Service) load(ctx context.Context, workspaceID, id string) (r row, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = loadRow(tx, workspaceID, id)
		return err
	})
	return r, err
}

// show opens one request for the context's actor.
func (s *Service) show(ctx context.Context, r row) (Request, error) {
	out, err := s.openRows(ctx, actor.From(ctx), []row{r})
	if err != nil {
		return Request{}, err
	}
	return out[0], nil
}

// Filter says which requests to list.
type Filter struct {
	State     string
	Kind      string
	ContactID string
	Open      bool // only those that wait for an answer
	ByDue     bool // the most urgent first, instead of the newest

	contacts []any // all that are the person of ContactID, where they are several
}

// ofPerson gives the filter for all contacts that are the same person.
func (f Filter) ofPerson(tx *storage.Tx, workspaceID string) (Filter, error) {
	if f.ContactID == "" {
		return f, nil
	}
	members, err := contacts.Group(tx, workspaceID, f.ContactID)
	if fault.Is(err, fault.KindNotFound) {
		return f, nil
	}
	f.contacts = nil
	for _, m := range members {
		f.contacts = append(f.contacts, m.ContactID)
	}
	return f, err
}

// Place is where in a list a page begins: after this request.
type Place struct {
	Due time.Time // of a list by due date
	ID  string
}

// List gives requests: those after a place (nil: the first), at most limit.
func (s *Service) List(ctx context.Context, f Filter, after *Place, limit int) ([]Request, error) {
	a := actor.From(ctx)
	if a.Type == actor.Contact {
		f.ContactID = a.ID
	}
	var rows []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if a.Type != actor.Contact || a.SignedIn {
			if f, err = f.ofPerson(tx, a.WorkspaceID); err != nil {
				return err
			}
		}
		query, args := listSQL(a.WorkspaceID, f, after, limit)
		rows, err = scanRows(tx.Query(query, args...))
		return err
	})
	if err != nil {
		return nil, fault.Wrap("request.List", err)
	}
	out, err := s.openRows(ctx, a, rows)
	return out, fault.Wrap("request.List", err)
}

// listSQL writes the query of a list; there is one text for each sort of filter.
func listSQL(workspaceID string, f Filter, after *Place, limit int) (string, []any) {
	args := []any{workspaceID}
	var b strings.Builder
	b.WriteString(`SELECT ` + requestColumns + fromRequests + `WHERE r.workspace_id = $1`)
	and := func(condition string, values ...any) {
		for _, v := range values {
			args = append(args, v)
			condition = strings.Replace(condition, "?", placeholder(len(args)), 1)
		}
		b.WriteString(" AND " + condition)
	}
	if f.Open {
		and("r.closed_at IS NULL")
	}
	if f.State != "" {
		and("r.state = ?", f.State)
	}
	if f.Kind != "" {
		and("r.kind = ?", f.Kind)
	}
	if len(f.contacts) > 1 {
		and("r.contact_id IN ("+strings.TrimSuffix(strings.Repeat("?, ", len(f.contacts)), ", ")+")", f.contacts...)
	} else if f.ContactID != "" {
		and("r.contact_id = ?", f.ContactID)
	}
	order := ` ORDER BY r.id DESC`
	if f.ByDue {
		order = ` ORDER BY r.due_at, r.id`
		if after != nil {
			and("(r.due_at, r.id) > (?, ?)", clock.Micros(after.Due), after.ID)
		}
	} else if after != nil {
		and("r.id < ?", after.ID)
	}
	args = append(args, limit)
	b.WriteString(order + ` LIMIT ` + placeholder(len(args)))
	return b.String(), args
}

func placeholder(n int) string { return "$" + strconv.Itoa(n) }

// openRows opens requests and notes who looked. One whose person's key is gone is
// shown without what was theirs.
func (s *Service) openRows(ctx context.Context, a actor.Actor, rows []row) ([]Request, error) {
	ws, err := s.Workspaces.Get(ctx, a.WorkspaceID)
	if err != nil {
		return nil, err
	}
	subjects := make([]vault.Subject, 0, len(rows))
	for _, r := range rows {
		if r.contactID != "" {
			subjects = append(subjects, vault.Subject{Workspace: r.workspaceID, ID: r.contactID})
		}
	}
	keys, err := s.Vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	out := make([]Request, 0, len(rows))
	var seen []string
	for _, r := range rows {
		key := keys[vault.Subject{Workspace: r.workspaceID, ID: r.contactID}]
		one, err := s.open(ws, r, key)
		if fault.Is(err, fault.KindGone) {
			one, err = s.open(ws, r, nil) // erased this moment
		}
		if err != nil {
			return nil, err
		}
		if a.Type == actor.Contact {
			one = one.forPerson()
		} else if one.ContactID != nil {
			seen = append(seen, *one.ContactID)
		}
		out = append(out, one)
	}
	if err := s.asPersons(ctx, a, rows, out); err != nil {
		return nil, err
	}
	if a.Type == actor.Operator || a.Type == actor.APIKey {
		s.Audit.Access(ctx, seen, "privacy_requests")
	}
	return out, s.name(ctx, a.WorkspaceID, out)
}

// asPersons shows requests of contacts who were merged with their survivor. They are
// changed in place.
func (s *Service) asPersons(ctx context.Context, a actor.Actor, rows []row, out []Request) error {
	var ids []string
	for _, r := range rows {
		if r.person.Survivor != "" {
			ids = append(ids, r.person.Survivor)
		}
	}
	persons, err := s.Contacts.Persons(ctx, a.WorkspaceID, ids)
	if err != nil {
		return err
	}
	for i, r := range rows {
		if person, known := persons[r.person.Survivor]; known && out[i].Contact != nil {
			out[i].Contact = &person
		}
	}
	return nil
}

// open gives a request as it is shown. Without a key what is the person's is left out.
func (s *Service) open(ws workspace.Workspace, r row, key *vault.Key) (Request, error) {
	now := s.Clock.Now()
	out := Request{ID: r.id, Kind: r.kind, Source: r.source, State: r.state, Purpose: r.purpose, Proof: r.proof, Changes: map[string]string{},
		FiledBy: actor.Ref{Type: actor.Type(r.actorType), ID: r.actorID}, Automatic: r.automatic, Hold: r.hold, Reason: r.reason,
		ReceivedAt: r.received, VerifiedAt: pointer(r.verified), StartedAt: pointer(r.started), ClosedAt: pointer(r.closed), DueAt: r.due,
		LegalDueAt: r.legalDue(), Overdue: r.isOpen() && !now.Before(r.due), UpdatedAt: r.update}
	if r.verifiedBy != "" {
		out.VerifiedBy = refOf(r.verifiedBy)
	}
	if r.handlerID != "" {
		out.Handler = refOf(r.handlerID)
	}
	if !r.extended.IsZero() {
		out.Extension = &Extended{At: r.extended, By: ref(r.extendedByType, r.extendedBy)}
	}
	if r.receiptID != "" {
		out.ReceiptID = &r.receiptID
	}
	if r.state == Refused {
		out.Complaint = &Complaint{Authority: ws.Settings.AuthorityName, URL: ws.Settings.AuthorityURL}
	}
	out.Steps = stepsOf(r)
	if key == nil {
		return out, nil
	}
	d, err := openDetails(key, r)
	if err != nil {
		return out, err
	}
	out.ContactID, out.Note, out.Answer = &r.contactID, d.Note, d.Answer
	if out.Extension != nil {
		out.Extension.Reason = d.Longer
	}
	if d.Changes != nil {
		out.Changes = d.Changes
	}
	if r.person.Profile != nil {
		who, err := r.person.Open(key, r.contactID)
		if err != nil {
			return out, err
		}
		out.Contact = &who
	}
	return out, nil
}

// forPerson gives a request as the person sees it: without the names of those who
// work on it.
func (r Request) forPerson() Request {
	r.Contact, r.Handler, r.VerifiedBy = nil, nil, nil
	if r.FiledBy.Type != actor.Contact {
		r.FiledBy.ID = ""
	}
	if r.Extension != nil {
		e := *r.Extension
		e.By = nil
		r.Extension = &e
	}
	for i := range r.Steps {
		r.Steps[i].By = nil
	}
	return r
}

// stepsOf tells what happened to a request, from its row.
func stepsOf(r row) []Step {
	steps := []Step{{What: Received, At: r.received, By: &actor.Ref{Type: actor.Type(r.actorType), ID: r.actorID}}}
	add := func(what string, at time.Time, by *actor.Ref) {
		if !at.IsZero() {
			steps = append(steps, Step{What: what, At: at, By: by})
		}
	}
	var voucher, handler *actor.Ref
	if r.verifiedBy != "" {
		voucher = refOf(r.verifiedBy)
	}
	if r.handlerID != "" {
		handler = refOf(r.handlerID)
	}
	add(Verified, r.verified, voucher)
	add("started", r.started, handler)
	add("extended", r.extended, ref(r.extendedByType, r.extendedBy))
	for _, t := range r.told {
		what := "reminded"
		if t.level >= overdue {
			what = "escalated"
		}
		steps = append(steps, Step{What: what, At: t.at, Level: t.level})
	}
	add(r.state, r.closed, ref(r.closedByType, r.closedBy))
	slices.SortStableFunc(steps, func(a, b Step) int { return a.At.Compare(b.At) })
	return steps
}

// refOf tells an operator's id from a key's.
func refOf(id string) *actor.Ref {
	if strings.HasPrefix(id, "key_") {
		return &actor.Ref{Type: actor.APIKey, ID: id}
	}
	return &actor.Ref{Type: actor.Operator, ID: id}
}

func pointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// name puts operators' names to their ids.
func (s *Service) name(ctx context.Context, workspaceID string, requests []Request) error {
	var refs []*actor.Ref
	for i := range requests {
		r := &requests[i]
		refs = append(refs, &r.FiledBy, r.Handler, r.VerifiedBy)
		if r.Extension != nil {
			refs = append(refs, r.Extension.By)
		}
		for j := range r.Steps {
			refs = append(refs, r.Steps[j].By)
		}
	}
	var ids []string
	for _, one := range refs {
		if one != nil && one.Type == actor.Operator && one.ID != "" {
			ids = append(ids, one.ID)
		}
	}
	if len(ids) == 0 || s.Names == nil {
		return nil
	}
	names, err := s.Names(ctx, workspaceID, ids)
	for _, one := range refs {
		if one != nil && one.Type == actor.Operator {
			one.Name = names[one.ID]
		}
	}
	return err
}
