package privacy

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// OperatorHolder is a holder that stores something about operators, who are data
// subjects too. An operator belongs to the installation, not to one workspace, so
// theirs is exported and erased in all of them at once.
type OperatorHolder interface {
	// OperatorSections says what is handed out.
	OperatorSections() []Section
	// ExportOperator hands out everything held about the operator, opened.
	ExportOperator(ctx context.Context, tx *storage.Tx, operatorID string, out Export) error
	// EraseOperator deletes every row about the operator. It may run again.
	EraseOperator(tx *storage.Tx, operatorID string) (Counts, error)
}

func (s *Service) operatorHolders() []OperatorHolder {
	var all []OperatorHolder
	for _, h := range s.told() {
		if of, ok := h.(OperatorHolder); ok {
			all = append(all, of)
		}
	}
	return all
}

// OperatorSections gives what is handed out about operators.
func (s *Service) OperatorSections() []Section {
	var all []Section
	for _, h := range s.operatorHolders() {
		all = append(all, h.OperatorSections()...)
	}
	return all
}

// SnapshotOperator is [Service.Snapshot] of an operator.
func (s *Service) SnapshotOperator(ctx context.Context, operatorID string, fn func(walk func(Export) error) error) error {
	return s.db.Read(ctx, func(tx *storage.Tx) error {
		return fn(func(out Export) error {
			for _, h := range s.operatorHolders() {
				if err := h.ExportOperator(ctx, tx, operatorID, out); err != nil {
					return fault.Wrap("privacy.SnapshotOperator", err)
				}
			}
			return nil
		})
	})
}

// CheckOperator tells whether an operator's data can be read: nil, or gone where
// the account was erased.
func (s *Service) CheckOperator(ctx context.Context, operatorID string) error {
	_, err := s.vault.Key(ctx, vault.Subject{ID: operatorID})
	return fault.Wrap("privacy.CheckOperator", err)
}

// EraseOperatorRows deletes every holder's rows about an operator and notes the
// erasure, in the caller's transaction. [Service.FinishOperator] ends it; should
// the server stop before that, it ends when the server starts again.
func (s *Service) EraseOperatorRows(tx *storage.Tx, by actor.Actor, operatorID string) error {
	counts, err := s.purgeOperator(tx, operatorID)
	if err != nil {
		return err
	}
	e := erasure{id: s.ids.New(id.Erasure), created: s.clock.Now(), counts: counts}
	if err := insertErasure(tx, Subject{ContactID: operatorID}, e, nil, by); err != nil {
		return err
	}
	return s.audit.Append(tx, audit.Entry{ActorType: by.Type, ActorID: by.ID, Action: "operator.erased", TargetType: "operator", TargetID: operatorID,
		Details: map[string]string{"receipt": e.id}})
}

func (s *Service) purgeOperator(tx *storage.Tx, operatorID string) (Counts, error) {
	counts := Counts{}
	for _, h := range s.operatorHolders() {
		c, err := h.EraseOperator(tx, operatorID)
		if err != nil {
			return nil, fault.Wrap("privacy.EraseOperatorRows", err)
		}
		counts.Add(c)
	}
	return counts, nil
}

// PurgeOperator removes what a restored backup brought back of an erased operator.
func (s *Service) PurgeOperator(tx *storage.Tx, operatorID string) error {
	_, err := s.purgeOperator(tx, operatorID)
	return err
}

// FinishOperator destroys the key of an operator whose rows are gone, and gives
// the receipt. It may be called again.
func (s *Service) FinishOperator(ctx context.Context, operatorID string) (Receipt, error) {
	sub := Subject{ContactID: operatorID}
	e, err := s.erasureOf(ctx, sub)
	if err == nil && e.completed.IsZero() {
		e, err = s.destroyKeys(ctx, e)
	}
	if err != nil {
		return Receipt{}, fault.Wrap("privacy.FinishOperator", err)
	}
	return s.signer.receipt(sub, e), nil
}
