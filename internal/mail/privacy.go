package mail

import (
	"context"
	"database/sql"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Name is the holder's name.
func (s *Service) Name() string { return "mail" }

// Fields declares this package's table.
func (s *Service) Fields() []privacy.Field {
	personal := func(column string, holds ...string) privacy.Field {
		return privacy.Field{Table: "mails", Column: column, Holds: holds, Whose: privacy.OfContact, Category: "communication",
			Purpose: privacy.PurposeSupport, LawfulBasis: "legal_obligation", Retention: "30 days",
			Ages:       privacy.AgesMails,
			Recipients: []string{"the mail server that the administrator chose", "the workspace's operators, but for the address and the text"}}
	}
	sealed := personal("content_sealed", "address", "name", "language", "what the mail tells, until it is sent, or for 72 hours after it failed")
	sealed.Sealed = true
	last := privacy.Field{Table: "mails", Column: "own_key", Holds: []string{"that you are still to be told of your erasure: address, name and language, sealed with a key of their own"},
		Whose: privacy.OfContact, Category: "communication", Purpose: "accountability", LawfulBasis: "legal_obligation",
		Retention: "until the mail is sent, 72 hours at most", Recipients: sealed.Recipients}
	fields := []privacy.Field{
		sealed, last,
		personal("template", "what kind of mail was sent to you"),
		personal("finished_at", "when a mail was sent to you"),
	}
	return append(fields, privacy.Nothing("mails", "workspace_id", "id", "contact_id", "operator_id", "key_hash", "state", "code", "attempts", "next_at",
		"lease", "message_id", "created_at", "expires_at", "first_at", "values_until")...)
}

const selectOfOperator = `SELECT ` + mailColumns + ` FROM mails WHERE operator_id = $1 ORDER BY workspace_id, id`

const selectOfContact = `SELECT ` + mailColumns + ` FROM mails WHERE workspace_id = $1 AND contact_id = $2 ORDER BY id`

// Sections says what is handed out.
func (s *Service) Sections() []privacy.Section {
	return []privacy.Section{{Name: "mails", Record: Exported{}, Tables: []string{"mails"}}}
}

// OperatorSections says what is handed out about operators.
func (s *Service) OperatorSections() []privacy.Section { return s.Sections() }

// Export hands out what was written to the contact: when, where, and of which kind.
// What a mail told is not kept once it is sent.
func (s *Service) Export(ctx context.Context, tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	rows, err := tx.Query(selectOfContact, sub.WorkspaceID, sub.ContactID)
	return s.handOut(ctx, rows, err, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID}, out)
}

// ExportOperator hands out what was written to the operator.
func (s *Service) ExportOperator(ctx context.Context, tx *storage.Tx, operatorID string, out privacy.Export) error {
	rows, err := tx.Query(selectOfOperator, operatorID)
	return s.handOut(ctx, rows, err, vault.Subject{ID: operatorID}, out)
}

// handOut opens mails with their recipient's key, one by one.
func (s *Service) handOut(ctx context.Context, rows *sql.Rows, err error, whose vault.Subject, out privacy.Export) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	var key *vault.Key
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return err
		}
		if key == nil {
			if key, err = s.Vault.Key(ctx, whose); err != nil {
				return err
			}
		}
		c, err := openContent(key, r.id, r.sealed)
		if err != nil {
			return err
		}
		if r.template == ParentalConsent { // the address is the parent's
			c.Address, c.Name = "", ""
		}
		err = out("mails", Exported{ID: r.id, Template: r.template, State: r.state, Address: c.Address, Name: c.Name, Locale: c.Locale,
			CreatedAt: clock.FromMicros(r.createdAt), FinishedAt: moment(r.finishedAt)})
		if err != nil {
			return err
		}
	}
	return rows.Err()
}

// Exported is a mail as its recipient gets to see it.
type Exported struct {
	ID         string     `json:"id"`
	Template   string     `json:"template"`
	State      string     `json:"state"`
	Address    string     `json:"address"`
	Name       string     `json:"name"`
	Locale     string     `json:"locale"`
	CreatedAt  time.Time  `json:"created_at"`
	FinishedAt *time.Time `json:"finished_at"`
}

// Erase deletes the contact's mails, those that wait included.
func (s *Service) Erase(_ context.Context, tx *storage.Tx, sub privacy.Subject) (privacy.Counts, error) {
	n, err := storage.Delete(tx, "mails", "workspace_id, id", `workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return nil, err
	}
	own, err := tx.Exec(deleteOwn, sub.WorkspaceID, sub.ContactID) // whose key is gone, in a restored copy
	return privacy.Counts{"mails": n + own}, err
}

const deleteOwn = `DELETE FROM mails WHERE workspace_id = $1 AND id = $2 AND own_key = 1`

// EraseOperator deletes an operator's mails in every workspace, in the transaction
// that erases their account.
func (s *Service) EraseOperator(tx *storage.Tx, operatorID string) (privacy.Counts, error) {
	n, err := tx.Exec(`DELETE FROM mails WHERE operator_id = $1`, operatorID)
	return privacy.Counts{"mails": n}, err
}

// Ages names the category of rules that end mails sooner than the 30 days.
func (s *Service) Ages() []string { return []string{privacy.AgesMails} }

// ended are the mails that a rule is about: sent or given up, and old enough.
const ended = ` FROM mails m WHERE m.workspace_id = $1 AND m.created_at < $2 AND m.finished_at IS NOT NULL`

// Retain deletes mails that were sent or given up and are older than the rule
// allows. Those that wait are not touched.
func (s *Service) Retain(_ context.Context, tx *storage.Tx, r privacy.Rule) (int64, error) {
	if r.Category != privacy.AgesMails {
		return 0, nil
	}
	n, err := tx.Exec(`DELETE FROM mails WHERE (workspace_id, id) IN (SELECT m.workspace_id, m.id`+ended+r.Of("m")+` ORDER BY m.created_at LIMIT $3)`,
		r.WorkspaceID, clock.Micros(r.Before), r.Limit)
	r.Note("mails", n)
	return n, err
}

// Due counts what Retain would delete in all.
func (s *Service) Due(_ context.Context, tx *storage.Tx, r privacy.Rule) (privacy.Counts, error) {
	if r.Category != privacy.AgesMails {
		return privacy.Counts{}, nil
	}
	var n int64
	err := tx.QueryRow(`SELECT COUNT(*)`+ended+r.Of("m"), r.WorkspaceID, clock.Micros(r.Before)).Scan(&n)
	return privacy.Counts{"mails": n}, err
}

const deleteOld = `
	DELETE FROM mails WHERE (workspace_id, id) IN
		(SELECT workspace_id, id FROM mails WHERE workspace_id = $1 AND created_at < $2 ORDER BY created_at LIMIT $3)`

// RemoveOld deletes mails of a workspace that were queued before a moment, at most
// so many, whether they were sent or still wait, and says how many those were.
func (s *Service) RemoveOld(ctx context.Context, workspaceID string, before time.Time, limit int) (n int64, err error) {
	err = s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		n, err = tx.Exec(deleteOld, workspaceID, clock.Micros(before), limit)
		return err
	})
	return n, fault.Wrap("mail.RemoveOld", err)
}
