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
		if r, err = s.destroyKey(ctx, sub, r); err != nil {
			return Receipt{}, fault.Wrap("privacy.Erase", err)
		}
	}
	return s.signer.receipt(sub, r), nil
}

// erasure is the stored record behind a receipt.
type erasure struct {
	id        string
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
		_, err = s.destroyKey(ctx, sub, e)
	}
	return fault.Wrap("privacy.EraseIf", err)
}

var errCondition = errors.New("privacy: the condition of an erasure does not hold any more")

func (s *Service) eraseRows(ctx context.Context, sub Subject, a actor.Actor, check func(*storage.Tx, Standing) error) (erasure, error) {
	e := erasure{id: s.ids.New(id.Erasure), created: s.clock.Now()}
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := LockSubject(tx, sub); err != nil {
			return err
		}
		st, err := s.mayErase(tx, sub)
		if err != nil {
			return err
		}
		if err := check(tx, st); err != nil {
			return err
		}
		counts, err := s.eraseHolders(withReceipt(ctx, e.id), tx, sub)
		if err != nil {
			return err
		}
		e.counts = counts
		if err := insertErasure(tx, sub, e, a); err != nil {
			return err
		}
		s.outbox.Append(tx, live.Event{Type: live.ContactErased, WorkspaceID: sub.WorkspaceID, OccurredAt: e.created,
			ActorType: a.Type, ActorID: a.ID, ContactID: sub.ContactID, ObjectID: e.id})
		return s.audit.Append(tx, audit.Entry{WorkspaceID: sub.WorkspaceID, ActorType: a.Type, ActorID: a.ID,
			Action: "contact.erased", TargetType: "contact", TargetID: sub.ContactID, Details: map[string]string{"receipt": e.id}})
	})
	return e, err
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

// destroyKey ends an erasure whose rows are gone. It may run again after a crash.
func (s *Service) destroyKey(ctx context.Context, sub Subject, e erasure) (erasure, error) {
	if err := s.vault.Erase(ctx, vault.Subject{Workspace: sub.WorkspaceID, ID: sub.ContactID}); err != nil {
		return e, err
	}
	e.completed = s.clock.Now()
	return e, s.db.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`UPDATE erasures SET completed_at = $1 WHERE workspace_id = $2 AND id = $3`,
			clock.Micros(e.completed), sub.WorkspaceID, e.id)
		return err
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
			_, err = s.destroyKey(ctx, o.sub, o.e)
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
	INSERT INTO erasures (workspace_id, id, contact_id, actor_type, actor_id, row_counts, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7)`

func insertErasure(tx *storage.Tx, sub Subject, e erasure, a actor.Actor) error {
	counts, err := json.Marshal(e.counts)
	if err != nil {
		return err
	}
	_, err = tx.Exec(insertErasureSQL, sub.WorkspaceID, e.id, sub.ContactID, string(a.Type), a.ID, string(counts), clock.Micros(e.created))
	return err
}

const selectErasure = `
	SELECT id, row_counts, created_at, COALESCE(completed_at, 0) FROM erasures WHERE workspace_id = $1 AND contact_id = $2`

// erasureOf gives the erasure of a person, or not found.
func (s *Service) erasureOf(ctx context.Context, sub Subject) (erasure, error) {
	var e erasure
	err := s.db.Read(ctx, func(tx *storage.Tx) error {
		var counts string
		var created, completed int64
		err := tx.QueryRow(selectErasure, sub.WorkspaceID, sub.ContactID).Scan(&e.id, &counts, &created, &completed)
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("erasure")
		}
		if err != nil {
			return err
		}
		e.created, e.completed = clock.FromMicros(created), clock.FromMicros(completed)
		return json.Unmarshal([]byte(counts), &e.counts)
	})
	return e, err
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
