package privacy

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Receipt proves an erasure without saying anything about the person: the
// contact's id means nothing any more.
type Receipt struct {
	ID           string    `json:"id" example:"ers_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	ContactID    string    `json:"contact_id,omitempty" doc:"The contact who was erased; absent for an operator."`
	MergedIDs    []string  `json:"merged_ids,omitempty" doc:"The contacts that had been merged into them and were erased with them, their keys too."`
	OperatorID   string    `json:"operator_id,omitempty" doc:"The operator who was erased; absent for a contact."`
	ErasedAt     time.Time `json:"erased_at"`
	Rows         Counts    `json:"rows" doc:"How many rows of each table went."`
	KeyDestroyed bool      `json:"key_destroyed" doc:"The person's key is gone: what backups still hold of them cannot be read."`
	Statement    string    `json:"statement" doc:"The text that is signed."`
	Signature    string    `json:"signature" doc:"Ed25519 over the statement, base64."`
	PublicKey    string    `json:"public_key" doc:"Ed25519, base64."`
	KeyID        string    `json:"key_id" doc:"The first 8 bytes of the key's SHA-256, in hexadecimal."`
}

// Erase erases a person (GDPR article 17): every holder's rows in one
// transaction, then the person's key, so that copies in backups are unreadable.
// Erasing someone who is erased already gives the same receipt again. A legal hold
// refuses it with legal_hold, which names the hold's end.
func (s *Service) Erase(ctx context.Context, contactID string) (Receipt, error) {
	return s.EraseWhile(ctx, contactID, func(*storage.Tx) error { return nil })
}

// EraseWhile erases a person if nothing is against it in the transaction that does:
// the failure of still is given, and nothing is erased.
func (s *Service) EraseWhile(ctx context.Context, contactID string, still func(tx *storage.Tx) error) (Receipt, error) {
	a := actor.From(ctx)
	sub := Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID}
	r, err := s.erasureOf(ctx, sub)
	if fault.Is(err, fault.KindNotFound) {
		r, err = s.eraseRows(ctx, sub, a, func(tx *storage.Tx, _ Standing) error { return still(tx) })
		if fault.Is(err, fault.KindNotFound) {
			if other, failed := s.erasureOf(ctx, sub); failed == nil { // somebody else was faster
				r, err = other, nil
			}
		}
	}
	if err != nil {
		return Receipt{}, fault.Wrap("privacy.Erase", err)
	}
	if r.completed.IsZero() {
		if r, err = s.destroyKeys(ctx, r); err != nil {
			return Receipt{}, fault.Wrap("privacy.Erase", err)
		}
	}
	return s.signer.receipt(r.people[0], r), nil
}

// erasure is the stored record behind a receipt.
type erasure struct {
	id        string
	people    []Subject // whose receipt it is, and who was merged into them
	counts    Counts
	created   time.Time
	completed time.Time
}

// EraseIf erases a person if the condition still holds in the transaction that
// does it, and otherwise nobody. It is for what happens by itself: who is under a
// legal hold or restricted is left as they are.
func (s *Service) EraseIf(ctx context.Context, contactID string, condition func(tx *storage.Tx) (bool, error)) error {
	a := actor.From(ctx)
	sub := Subject{WorkspaceID: a.WorkspaceID, ContactID: contactID}
	e, err := s.eraseRows(ctx, sub, a, func(tx *storage.Tx, st Standing) error {
		if st.IsRestricted() { // nobody asked for it: their data stays as it is
			return errCondition
		}
		holds, err := condition(tx)
		if err == nil && !holds {
			err = errCondition
		}
		return err
	})
	if e := fault.As(err); e != nil && e.Code == "legal_hold" {
		return nil // later
	}
	if errors.Is(err, errCondition) || fault.Is(err, fault.KindNotFound) {
		return nil // taken back, or erased by somebody else
	}
	if err == nil {
		_, err = s.destroyKeys(ctx, e)
	}
	return fault.Wrap("privacy.EraseIf", err)
}

var errCondition = errors.New("privacy: the condition of an erasure does not hold any more")

func (s *Service) eraseRows(ctx context.Context, sub Subject, a actor.Actor, check func(*storage.Tx, Standing) error) (erasure, error) {
	e := erasure{id: s.ids.New(id.Erasure), created: s.clock.Now()}
	last := s.farewell(ctx, sub, a, e.id)
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		members, err := s.people.Lock(tx, sub)
		if err != nil {
			return err
		}
		e.people, e.counts = nil, Counts{}
		for _, m := range members {
			st, err := s.mayErase(tx, m.Subject)
			if err != nil {
				return err
			}
			if err := check(tx, st); err != nil {
				return err
			}
			e.people = append(e.people, m.Subject)
		}
		for _, one := range e.people {
			counts, err := s.eraseHolders(withReceipt(ctx, e.id), tx, one)
			if err != nil {
				return err
			}
			e.counts.Add(counts)
		}
		if err := last.queue(tx); err != nil {
			return err
		}
		return s.noteErased(tx, e, a, last)
	})
	if err != nil {
		last.drop(ctx, s.log)
	}
	return e, err
}

// noteErased writes the record of an erasure, with one for each contact that was the
// person, and tells of them.
func (s *Service) noteErased(tx *storage.Tx, e erasure, a actor.Actor, last Farewell) error {
	for i, one := range e.people {
		row, receipt := e, any(nil)
		if i > 0 {
			row.id, receipt = s.ids.New(id.Erasure), e.id
		}
		if err := insertErasure(tx, one, row, receipt, a); err != nil {
			return err
		}
		s.outbox.Append(tx, live.Event{Type: live.ContactErased, WorkspaceID: one.WorkspaceID, OccurredAt: e.created,
			ActorType: a.Type, ActorID: a.ID, ContactID: one.ContactID, ObjectID: e.id})
		err := s.audit.Append(tx, audit.Entry{WorkspaceID: one.WorkspaceID, ActorType: a.Type, ActorID: a.ID,
			Action: "contact.erased", TargetType: "contact", TargetID: one.ContactID, Details: last.noted(e.id)})
		if err != nil {
			return err
		}
	}
	return nil
}

// LockSubject has transactions about one person wait for each other where they
// must: what adds to somebody, and what erases them.
func LockSubject(tx *storage.Tx, sub Subject) error {
	return tx.Lock("contact " + sub.ContactID)
}

func (s *Service) eraseHolders(ctx context.Context, tx *storage.Tx, sub Subject) (Counts, error) {
	counts := Counts{}
	for _, h := range s.holders {
		c, err := h.Erase(ctx, tx, sub)
		if err != nil {
			return nil, fault.Wrap(h.Name()+".Erase", err)
		}
		counts.Add(c)
	}
	return counts, nil
}

const completeErasure = `UPDATE erasures SET completed_at = $1 WHERE workspace_id = $2 AND contact_id = $3 AND completed_at IS NULL`

// destroyKeys ends an erasure whose rows are gone: the keys of all contacts that
// were the person go at once. It may run again after a crash.
func (s *Service) destroyKeys(ctx context.Context, e erasure) (erasure, error) {
	subjects := make([]vault.Subject, len(e.people))
	for i, one := range e.people {
		subjects[i] = vault.Subject{Workspace: one.WorkspaceID, ID: one.ContactID}
	}
	if err := s.vault.EraseMany(ctx, subjects); err != nil {
		return e, err
	}
	e.completed = s.clock.Now()
	return e, s.db.Write(ctx, func(tx *storage.Tx) error {
		for _, one := range e.people {
			if _, err := tx.Exec(completeErasure, clock.Micros(e.completed), one.WorkspaceID, one.ContactID); err != nil {
				return err
			}
		}
		return nil
	})
}

// FinishErasures destroys the keys of erasures that a crash interrupted between
// the rows and the key. The server calls it when it starts.
func (s *Service) FinishErasures(ctx context.Context) error {
	type open struct {
		sub Subject
		e   erasure
	}
	var unfinished []open
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		rows, err := tx.Query(`SELECT workspace_id, contact_id, id FROM erasures WHERE completed_at IS NULL ORDER BY created_at`)
		if err != nil {
			return err
		}
		defer rows.Close()
		unfinished = nil
		for rows.Next() {
			var o open
			if err := rows.Scan(&o.sub.WorkspaceID, &o.sub.ContactID, &o.e.id); err != nil {
				return err
			}
			unfinished = append(unfinished, o)
		}
		return rows.Err()
	})
	for _, o := range unfinished {
		if err == nil {
			o.e.people = []Subject{o.sub}
			_, err = s.destroyKeys(ctx, o.e)
		}
	}
	return fault.Wrap("privacy.FinishErasures", err)
}

// Purge removes what a restored backup brought back of somebody whose key is
// gone, in the caller's transaction. It leaves no receipt: the erasure had its own.
func (s *Service) Purge(ctx context.Context, tx *storage.Tx, sub Subject) error {
	_, err := s.eraseHolders(ctx, tx, sub)
	return fault.Wrap("privacy.Purge", err)
}

const insertErasureSQL = `
	INSERT INTO erasures (workspace_id, id, contact_id, actor_type, actor_id, row_counts, created_at, receipt_id)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

func insertErasure(tx *storage.Tx, sub Subject, e erasure, receipt any, a actor.Actor) error {
	counts, err := json.Marshal(e.counts)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertErasureSQL, sub.WorkspaceID, e.id, sub.ContactID, string(a.Type), a.ID, string(counts), clock.Micros(e.created), receipt)
	return err
}

const selectErasure = `
	SELECT r.id, r.row_counts, r.created_at, COALESCE(r.completed_at, 0), r.contact_id
	FROM erasures e JOIN erasures r ON r.workspace_id = e.workspace_id AND r.id = COALESCE(e.receipt_id, e.id)
	WHERE e.workspace_id = $1 AND e.contact_id = $2`

const selectErasedWith = `SELECT contact_id FROM erasures WHERE workspace_id = $1 AND receipt_id = $2 ORDER BY id`

// erasureOf gives the erasure of a person, by whichever of their contacts, or not found.
func (s *Service) erasureOf(ctx context.Context, sub Subject) (erasure, error) {
	var e erasure
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		var counts string
		var created, completed int64
		whose := Subject{WorkspaceID: sub.WorkspaceID}
		err := tx.QueryRow(selectErasure, sub.WorkspaceID, sub.ContactID).Scan(&e.id, &counts, &created, &completed, &whose.ContactID)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("erasure")
		}
		if err != nil {
			return err
		}
		e.created, e.completed = clock.FromMicros(created), clock.FromMicros(completed)
		if e.people, err = erasedWith(tx, whose, e.id); err != nil {
			return err
		}
		return json.Unmarshal([]byte(counts), &e.counts)
	})
	return e, err
}

// erasedWith gives who was erased under a receipt, whose receipt it is first.
func erasedWith(tx *storage.Tx, whose Subject, receipt string) ([]Subject, error) {
	rows, err := tx.Query(selectErasedWith, whose.WorkspaceID, receipt)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []Subject{whose}
	for rows.Next() {
		one := Subject{WorkspaceID: whose.WorkspaceID}
		if err := rows.Scan(&one.ContactID); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// WasErased tells whether a person was erased: the vault remembers it, also where
// the data was put back from before; or their erasure has begun.
func (s *Service) WasErased(ctx context.Context, sub Subject) (bool, error) {
	erased, err := s.vault.WasErased(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if err != nil || erased {
		return erased, fault.Wrap("privacy.WasErased", err)
	}
	_, err = s.erasureOf(ctx, sub)
	if fault.Is(err, fault.KindNotFound) {
		return false, nil
	}
	return err == nil, fault.Wrap("privacy.WasErased", err)
}

// IsGone tells whether a person was erased, from memory where their key is known:
// who still has a key was not.
func (s *Service) IsGone(ctx context.Context, sub Subject) (bool, error) {
	_, err := s.vault.Key(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID})
	if err == nil {
		return false, nil
	}
	if !fault.Is(err, fault.KindGone) {
		return false, fault.Wrap("privacy.IsGone", err)
	}
	return s.WasErased(ctx, sub) // no key: erased, or not there yet
}

// receiptSigner signs statements of erasure.
type receiptSigner struct {
	private ed25519.PrivateKey
	public  ed25519.PublicKey
}

func newReceiptSigner(seed []byte) receiptSigner {
	private := ed25519.NewKeyFromSeed(seed)
	return receiptSigner{private: private, public: private.Public().(ed25519.PublicKey)}
}

func (rs receiptSigner) receipt(sub Subject, e erasure) Receipt {
	keyID := sha256.Sum256(rs.public)
	r := Receipt{ID: e.id, ContactID: sub.ContactID, ErasedAt: e.completed, Rows: e.counts, KeyDestroyed: true,
		PublicKey: base64.StdEncoding.EncodeToString(rs.public), KeyID: hex.EncodeToString(keyID[:8])}
	if sub.WorkspaceID == "" {
		r.ContactID, r.OperatorID = "", sub.ContactID
	}
	if len(e.people) > 1 {
		for _, one := range e.people[1:] {
			r.MergedIDs = append(r.MergedIDs, one.ContactID)
		}
	}
	r.Statement = statement(sub, e)
	r.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(rs.private, []byte(r.Statement)))
	return r
}

// statement is the text of a receipt: lines of "name: value", sorted counts.
func statement(sub Subject, e erasure) string {
	tables := make([]string, 0, len(e.counts))
	for t := range e.counts {
		tables = append(tables, t)
	}
	slices.Sort(tables)
	var b strings.Builder
	whose := "workspace: " + sub.WorkspaceID + "\ncontact: " + sub.ContactID
	if sub.WorkspaceID == "" { // operators belong to no workspace
		whose = "operator: " + sub.ContactID
	} else if len(e.people) > 1 {
		for _, one := range e.people[1:] {
			whose += "\nmerged: " + one.ContactID
		}
	}
	fmt.Fprintf(&b, "botimum erasure receipt v1\nreceipt: %s\n%s\nerased_at: %s\nkey_destroyed: true\n",
		e.id, whose, e.completed.Format(time.RFC3339Nano))
	for _, t := range tables {
		fmt.Fprintf(&b, "rows.%s: %d\n", t, e.counts[t])
	}
	return b.String()
}

// VerifyReceipt tells whether a receipt was signed by the key it names.
func VerifyReceipt(r Receipt) bool {
	public, err1 := base64.StdEncoding.DecodeString(r.PublicKey)
	sig, err2 := base64.StdEncoding.DecodeString(r.Signature)
	return err1 == nil && err2 == nil && len(public) == ed25519.PublicKeySize && ed25519.Verify(public, []byte(r.Statement), sig)
}
