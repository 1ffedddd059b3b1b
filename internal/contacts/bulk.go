package contacts

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

// What can be done with many people at once.
const (
	BulkTag      = "tag"
	BulkUntag    = "untag"
	BulkBin      = "bin"
	BulkRestore  = "restore"
	BulkErase    = "erase"
	BulkRestrict = "restrict"

	BulkAttribute = "attribute" // give an attribute, or take it away
	BulkCompany   = "company"   // put with a company, or with none
	BulkBlock     = "block"
	BulkUnblock   = "unblock"
)

// The states of a job.
const (
	BulkRunning   = "running"
	BulkDone      = "done"
	BulkCancelled = "cancelled"
	BulkStopped   = "stopped" // who began it may not do that any more
)

const (
	maxBulk  = 100_000 // people in one job
	bulkPage = 1000
)

// NewBulkJob says what to do with whom: exactly one of ContactIDs, Filter,
// SegmentID, All and Bin.
type NewBulkJob struct {
	Action     string          `json:"action" enum:"tag,untag,bin,restore,erase,restrict,attribute,company,block,unblock"`
	Tag        string          `json:"tag,omitempty" maxLength:"400" doc:"The tag, for tag and untag."`
	Attribute  string          `json:"attribute,omitempty" maxLength:"64" doc:"The key of the attribute, for attribute."`
	Value      any             `json:"value,omitempty" doc:"Its value; null or absent takes the attribute away."`
	CompanyID  *string         `json:"company_id,omitempty" maxLength:"64" doc:"The company, for company; empty for none."`
	Block      *NewBlock       `json:"block,omitempty" doc:"Why and until when, for block."`
	Basis      *privacy.Basis  `json:"basis,omitempty" doc:"Why the data may be processed, for attribute and company; needed unless the workspace has a default purpose."`
	ContactIDs []string        `json:"contact_ids,omitempty" maxItems:"10000" doc:"These people. Those who are not in the workspace are told as not_found."`
	Filter     *segment.Filter `json:"filter,omitempty" doc:"Whom these conditions are true of."`
	SegmentID  string          `json:"segment_id,omitempty" maxLength:"64" doc:"Those in this segment."`
	All        bool            `json:"all,omitempty" doc:"Everybody who is neither in the bin nor restricted."`
	Bin        bool            `json:"bin,omitempty" doc:"Everybody in the bin."`
	Expect     *int64          `json:"expect,omitempty" minimum:"0" doc:"How many people you mean: if it is another number by now, nothing is done. Needed to erase."`
}

// BulkJob is one act on many people.
type BulkJob struct {
	ID        string           `json:"id"`
	Action    string           `json:"action" enum:"tag,untag,bin,restore,erase,restrict,attribute,company,block,unblock"`
	Tag       string           `json:"tag"`
	Attribute string           `json:"attribute" doc:"The key of the attribute that it gives or takes away. The value is kept while it runs, sealed, and then no more."`
	State     string           `json:"state" enum:"running,done,cancelled,stopped"`
	Total     int64            `json:"total" doc:"People whom it was about when it began."`
	Done      int64            `json:"done" doc:"People whose turn it was."`
	Outcomes  map[string]int64 `json:"outcomes" doc:"How many came out how: done; or why they were left as they are: restricted, held, not_found, too_many_tags, invalid, failed."`
	Actor     actor.Ref        `json:"actor"`
	CreatedAt time.Time        `json:"created_at"`
	EndedAt   *time.Time       `json:"ended_at"`
}

// permission gives what an action needs beside contacts:write.
func (n NewBulkJob) permission() string {
	switch n.Action {
	case BulkErase:
		return "contacts:erase"
	case BulkRestrict:
		return "privacy:write"
	}
	return "contacts:write"
}

// check gives the job as it is done, or what is wrong with it.
func (n NewBulkJob) check() (NewBulkJob, error) {
	actions := []string{BulkTag, BulkUntag, BulkBin, BulkRestore, BulkErase, BulkRestrict, BulkAttribute, BulkCompany, BulkBlock, BulkUnblock}
	if !slices.Contains(actions, n.Action) {
		return n, fault.Invalid("action", "must be one of "+strings.Join(actions, ", "))
	}
	chosen := 0
	for _, is := range []bool{len(n.ContactIDs) > 0, n.Filter != nil, n.SegmentID != "", n.All, n.Bin} {
		if is {
			chosen++
		}
	}
	if chosen != 1 || len(n.ContactIDs) > 10_000 {
		return n, fault.Invalid("contact_ids", "say whom it is about, in one way: up to 10,000 contact_ids, filter, segment_id, all or bin")
	}
	if n.Action == BulkErase && n.Expect == nil {
		return n, fault.Invalid("expect", "is needed to erase: the number of people whom you mean")
	}
	return n.checkGiven()
}

// checkGiven gives the job with what its action needs, or what is missing.
func (n NewBulkJob) checkGiven() (out NewBulkJob, err error) {
	out = n
	out.Tag = ""
	switch n.Action {
	case BulkTag, BulkUntag:
		out.Tag, err = CleanTag(n.Tag)
	case BulkAttribute:
		if !attributeKey.MatchString(n.Attribute) {
			err = fault.Invalid("attribute", "must be the key of an attribute")
		}
	case BulkCompany:
		if n.CompanyID == nil {
			err = fault.Invalid("company_id", "is needed; empty for none")
		}
	case BulkBlock:
		if n.Block == nil {
			err = fault.Invalid("block", "is needed: the reason, and until when")
		}
	}
	return out, err
}

const (
	insertBulkJob = `INSERT INTO bulk_jobs (workspace_id, id, action, tag, state, total, outcomes, actor_type, actor_id, created_at, ended_at, lease_holder, lease_until, value_sealed)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, NULL, '', 0, $11)`
	insertBulkItem = `INSERT INTO bulk_items (workspace_id, job_id, contact_id) VALUES `
)

// BeginBulk fixes whom a job is about, and has it done in the background.
func (s *Service) BeginBulk(ctx context.Context, n NewBulkJob) (BulkJob, error) {
	a := actor.From(ctx)
	n, err := n.check()
	if err != nil {
		return BulkJob{}, err
	}
	if !a.Can(n.permission()) {
		return BulkJob{}, fault.Forbidden(n.permission())
	}
	in, err := s.bulkPredicate(ctx, n)
	if err != nil {
		return BulkJob{}, fault.Wrap("contacts.BeginBulk", err)
	}
	v, err := s.bulkValue(ctx, n)
	if err != nil {
		return BulkJob{}, fault.Wrap("contacts.BeginBulk", err)
	}
	job := BulkJob{ID: s.ids.New(id.BulkJob), Action: n.Action, Tag: n.Tag, Attribute: n.Attribute, State: BulkRunning, Actor: a.Ref(), CreatedAt: s.clock.Now()}
	sealed, err := s.sealBulk(ctx, a.WorkspaceID, job.ID, v)
	if err != nil {
		return BulkJob{}, fault.Wrap("contacts.BeginBulk", err)
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		job.Outcomes = map[string]int64{}
		people, err := s.bulkPeople(tx, a.WorkspaceID, n, in)
		if err != nil {
			return err
		}
		asked := int64(len(people))
		if len(n.ContactIDs) > 0 {
			asked = distinct(n.ContactIDs)
		}
		if n.Expect != nil && *n.Expect != asked {
			return fault.Conflict("count_changed", "It is about another number of people by now: "+strconv.FormatInt(asked, 10)+". Look again whom you mean.")
		}
		if job.Total = asked; asked > int64(len(people)) {
			job.Outcomes["not_found"] = asked - int64(len(people))
			job.Done = job.Outcomes["not_found"]
		}
		return s.insertBulk(tx, a, job, sealed, people)
	})
	if err == nil {
		s.wakeBulk()
	}
	return job, fault.Wrap("contacts.BeginBulk", err)
}

func distinct(ids []string) int64 {
	return int64(len(slices.Compact(slices.Sorted(slices.Values(ids)))))
}

func (s *Service) insertBulk(tx *storage.Tx, a actor.Actor, job BulkJob, sealed any, people []string) error {
	outcomes, err := json.Marshal(job.Outcomes)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(insertBulkJob, a.WorkspaceID, job.ID, job.Action, cmpOr(job.Tag, job.Attribute), BulkRunning, job.Total, string(outcomes),
		string(a.Type), a.ID, clock.Micros(job.CreatedAt), sealed); err != nil {
		return err
	}
	args := make([]any, 0, 3*len(people))
	for _, p := range people {
		args = append(args, a.WorkspaceID, job.ID, p)
	}
	if _, err := storage.InsertRows(tx, insertBulkItem, 3, args, ` ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "contact.bulk_started",
		TargetType: "bulk_job", TargetID: job.ID, Details: map[string]string{"action": job.Action, "people": strconv.FormatInt(job.Total, 10)}})
}

// bulkPredicate gives the conditions of a job; nil if it has none.
func (s *Service) bulkPredicate(ctx context.Context, n NewBulkJob) (*segment.Predicate, error) {
	switch {
	case n.Filter != nil:
		return s.segments.Compile(ctx, actor.From(ctx).WorkspaceID, *n.Filter)
	case n.SegmentID != "":
		return s.segments.Predicate(ctx, n.SegmentID)
	}
	return nil, nil
}

const (
	selectEverybody = `SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.id < $2 AND ` + Visible + ` ORDER BY c.id DESC LIMIT $3`
	selectBinned    = `SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND c.id < $2 AND c.deleted_at IS NOT NULL AND c.merged_into IS NULL ORDER BY c.id DESC LIMIT $3`
)

// bulkPeople gives the ids of those whom a job is about.
func (s *Service) bulkPeople(tx *storage.Tx, workspaceID string, n NewBulkJob, in *segment.Predicate) ([]string, error) {
	if len(n.ContactIDs) > 0 {
		return present(tx, workspaceID, n.ContactIDs)
	}
	next := func(before string) ([]string, error) {
		if in != nil {
			return s.segments.Members(tx, in, before, bulkPage)
		}
		query := selectEverybody
		if n.Bin {
			query = selectBinned
		}
		rows, err := tx.Query(query, workspaceID, before, bulkPage)
		if err != nil {
			return nil, err
		}
		return scanIDs(rows)
	}
	var out []string
	for before := beyond; ; {
		some, err := next(before)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
		if len(out) > maxBulk {
			return nil, fault.Conflict("too_many_people", "One job is about at most 100,000 people. Narrow it down.")
		}
		if len(some) < bulkPage {
			return out, nil
		}
		before = some[len(some)-1]
	}
}

// present gives those of some ids that are contacts of the workspace.
func present(tx *storage.Tx, workspaceID string, ids []string) ([]string, error) {
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	var out []string
	for from, to := range storage.Chunks(len(ids), 1) {
		args := make([]any, 0, to-from+1)
		for _, id := range ids[from:to] {
			args = append(args, id)
		}
		rows, err := tx.Query(`SELECT id FROM contacts WHERE id IN (VALUES `+storage.Values(to-from, 1)+`) AND workspace_id = $`+strconv.Itoa(to-from+1),
			append(args, workspaceID)...)
		if err != nil {
			return nil, err
		}
		some, err := scanIDs(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}
