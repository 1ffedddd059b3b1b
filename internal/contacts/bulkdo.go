package contacts

import (
	"context"
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// bulkValue is what a job gives everybody whom it is about.
type bulkValue struct {
	Attribute string         `json:"attribute,omitempty"`
	Value     any            `json:"value,omitempty"` // nil takes the attribute away
	CompanyID string         `json:"company_id,omitempty"`
	Block     *NewBlock      `json:"block,omitempty"`
	Basis     *privacy.Basis `json:"basis,omitempty"`
}

func bulkPlace(jobID string) vault.Place {
	return vault.Place{Table: "bulk_jobs", Column: "value_sealed", Row: jobID}
}

// value gives what a job gives everybody, and nil where it gives nothing. What nobody
// could be given is refused before anybody is.
func (s *Service) bulkValue(ctx context.Context, n NewBulkJob) (*bulkValue, error) {
	a := actor.From(ctx)
	v := &bulkValue{}
	switch n.Action {
	case BulkAttribute:
		v.Attribute, v.Value = n.Attribute, n.Value
		if err := (Change{Attributes: map[string]any{n.Attribute: n.Value}}).Validate(); err != nil {
			return nil, err
		}
		if _, err := s.checkDeclared(ctx, a.WorkspaceID, Change{Attributes: map[string]any{n.Attribute: n.Value}}); err != nil {
			return nil, err
		}
	case BulkCompany:
		if v.CompanyID = *n.CompanyID; v.CompanyID != "" {
			err := s.db.Read(ctx, func(tx *storage.Tx) error { return s.use.HoldCompany(tx, a.WorkspaceID, v.CompanyID) })
			if fault.Is(err, fault.KindNotFound) {
				return nil, fault.Invalid("company_id", "is not a company of this workspace")
			}
			if err != nil {
				return nil, err
			}
		}
	case BulkBlock:
		v.Block = n.Block
		return v, checkReason(n.Block.Reason, n.Block.Until, s.clock.Now())
	default:
		return nil, nil
	}
	basis, err := s.basis(ctx, a.WorkspaceID, n.Basis)
	v.Basis = &basis
	return v, err
}

// sealBulk seals a job's value with the workspace's key.
func (s *Service) sealBulk(ctx context.Context, workspaceID, jobID string, v *bulkValue) (any, error) {
	if v == nil {
		return nil, nil
	}
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: workspaceID})
	if err != nil {
		return nil, err
	}
	return key.Seal(bulkPlace(jobID), plain), nil
}

// openBulk gives a running job's value.
func (s *Service) openBulk(ctx context.Context, workspaceID, jobID string, sealed []byte) (v bulkValue, err error) {
	if len(sealed) == 0 {
		return v, nil
	}
	key, err := s.vault.Key(ctx, vault.Subject{Workspace: workspaceID})
	if err != nil {
		return v, err
	}
	plain, err := key.Open(bulkPlace(jobID), sealed)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(plain, &v)
}

// bulkOne does a job's act on one person, and says what came of it.
func (s *Service) bulkOne(ctx context.Context, job BulkJob, v bulkValue, contactID string) (string, error) {
	var err error
	switch job.Action {
	case BulkTag, BulkUntag:
		_, err = s.SetTag(ctx, contactID, job.Tag, job.Action == BulkTag)
	case BulkBin:
		err = s.Bin(ctx, contactID)
	case BulkRestore:
		err = s.Restore(ctx, contactID)
	case BulkErase:
		_, err = s.erase(ctx, contactID)
	case BulkRestrict:
		err = s.use.Restrict(ctx, contactID, true, "")
	case BulkAttribute:
		_, err = s.Update(ctx, contactID, Change{Attributes: map[string]any{v.Attribute: v.Value}, Basis: v.Basis}, nil)
	case BulkCompany:
		_, err = s.Update(ctx, contactID, Change{CompanyID: &v.CompanyID, Basis: v.Basis}, nil)
	case BulkBlock:
		_, err = s.Block(ctx, contactID, *v.Block)
	case BulkUnblock:
		err = s.Unblock(ctx, contactID)
	}
	return outcomeOf(err)
}

// outcomeOf names why somebody was left as they are; a failure that says nothing of
// the person is given back.
func outcomeOf(err error) (string, error) {
	f := fault.As(err)
	switch {
	case err == nil:
		return "done", nil
	case fault.Is(err, fault.KindNotFound) || fault.Is(err, fault.KindGone):
		return "not_found", nil
	case f != nil && f.Code == "processing_restricted":
		return "restricted", nil
	case f != nil && f.Code == "legal_hold":
		return "held", nil
	case f != nil && fault.Is(err, fault.KindConflict):
		return f.Code, nil
	case fault.Is(err, fault.KindInvalid):
		return "invalid", nil
	}
	return "", err
}

const tellEvery = time.Second

// tellBulk appends an event about how far a job is: of one under way once a second at
// most, however fast it goes.
func (s *Service) tellBulk(tx *storage.Tx, workspaceID string, job BulkJob, state string) {
	now := s.clock.Now()
	s.toldMu.Lock()
	last, known := s.told[job.ID]
	is := state != BulkRunning || !known || now.Sub(last) >= tellEvery
	if is {
		s.told[job.ID] = now
	}
	if state != BulkRunning {
		delete(s.told, job.ID)
	}
	s.toldMu.Unlock()
	if is {
		s.outbox.Append(tx, live.Event{Type: live.BulkProgress, WorkspaceID: workspaceID, OccurredAt: now, ActorType: job.Actor.Type, ActorID: job.Actor.ID,
			ObjectID: job.ID, Details: map[string]string{"state": state}})
	}
}

// end ends a job in a transaction: its value and whom it was still about are gone with it.
func (s *Service) end(tx *storage.Tx, workspaceID string, job BulkJob, state string) error {
	if _, err := tx.Exec(endBulk, state, clock.Micros(s.clock.Now()), workspaceID, job.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(dropItems, workspaceID, job.ID); err != nil {
		return err
	}
	s.tellBulk(tx, workspaceID, job, state)
	return nil
}

// mayGoOn tells whether who began a job may still do what it does; where not, the job
// ends. What was done stays done.
func (s *Service) mayGoOn(ctx context.Context, workspaceID string, job BulkJob) (bool, error) {
	if s.use.Holds == nil {
		return true, nil
	}
	for _, permission := range []string{"contacts:write", NewBulkJob{Action: job.Action}.permission()} {
		holds, err := s.use.Holds(ctx, workspaceID, job.Actor, permission)
		if err != nil {
			return false, err
		}
		if !holds {
			return false, s.db.Write(ctx, func(tx *storage.Tx) error { return s.stopIn(tx, workspaceID, job) })
		}
	}
	return true, nil
}

func (s *Service) stopIn(tx *storage.Tx, workspaceID string, job BulkJob) error {
	if err := tx.Lock(bulkLock(job.ID)); err != nil {
		return err
	}
	if now, err := scanBulk(tx.QueryRow(selectBulk, workspaceID, job.ID)); err != nil || now.State != BulkRunning {
		return err
	}
	if err := s.end(tx, workspaceID, job, BulkStopped); err != nil {
		return err
	}
	return s.audit.Append(tx, audit.Entry{WorkspaceID: workspaceID, ActorType: actor.System, ActorID: "bulk", Action: "contact.bulk_stopped",
		TargetType: "bulk_job", TargetID: job.ID, Details: map[string]string{"began_by": job.Actor.ID}})
}
