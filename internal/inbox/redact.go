package inbox

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/search"
	"github.com/botimum/botimum/internal/sensitive"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Redacting says what is to go from a message.
type Redacting struct {
	Ranges []Range `json:"ranges,omitempty" maxItems:"100" doc:"Parts of the body. Without ranges and without whole: everything that was flagged in it."`
	Whole  bool    `json:"whole,omitempty" doc:"All of the body."`
}

// Redaction is the mark that a redaction leaves.
type Redaction struct {
	By    actor.Ref `json:"by"`
	Kinds []string  `json:"kinds" doc:"Sorts of what was taken out; other for what nobody had flagged."`
	Whole bool      `json:"whole" doc:"Whether all of the body went."`
}

// kindOther is what people saw and no detector did.
const kindOther = "other"

// redacted is a message's next version, sealed and ready to be stored.
type redacted struct {
	was              sealedMessage
	subjectWas       []byte
	subjectText      string           // after the redaction, where it changed
	opening          *search.Document // the first message anew, where the subject changed with a later one
	next             Message
	body, sensitive  any
	preview, subject any
	mark             string
	tokens           [][]byte
}

// Redact takes parts of a message, or all of it, out for good: out of its row, the
// conversation's preview and subject, the search index, kept answers, and what
// streams remember. It leaves a mark of who did it, when and of what sort. A message
// that is redacted whole stays as it is. A legal hold refuses it.
//
// On SQLite the old bytes are overwritten in the file, and in its log as soon as no
// reader is in the way; on PostgreSQL, VACUUM does it. docs/privacy.md says what
// backups keep.
func (s *Service) Redact(ctx context.Context, conversationID, messageID string, what Redacting) (Message, error) {
	a := actor.From(ctx)
	r, err := s.redaction(ctx, a, conversationID, messageID, what)
	if err != nil {
		return Message{}, fault.Wrap("inbox.Redact", err)
	}
	out := []Message{r.next}
	if r.was.body != nil {
		if err := s.DB.Write(ctx, func(tx *storage.Tx) error { return s.saveRedaction(tx, a, r) }); err != nil {
			return Message{}, fault.Wrap("inbox.Redact", err)
		}
		if s.Hub != nil {
			s.Hub.Redacted(a.WorkspaceID, r.was.contactID, *r.next.RedactedAt)
		}
		s.dirty.Store(true)
		s.scrubNow(ctx)
	}
	err = s.nameAuthors(ctx, a.WorkspaceID, nil, out)
	s.Audit.Access(ctx, []string{r.was.contactID}, "conversation.messages")
	return out[0], fault.Wrap("inbox.Redact", err)
}

const selectMessage = `SELECT ` + messageColumns + ` FROM messages WHERE workspace_id = $1 AND conversation_id = $2 AND id = $3`

// redaction prepares the next version of a message.
func (s *Service) redaction(ctx context.Context, a actor.Actor, conversationID, messageID string, what Redacting) (*redacted, error) {
	var head row
	var isFirst bool
	var opening sealedMessage
	r := &redacted{}
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if head, err = loadConversation(tx, a.WorkspaceID, conversationID); err != nil {
			return err
		}
		r.was, err = scanMessage(tx.QueryRow(selectMessage, a.WorkspaceID, conversationID, messageID))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.NotFound("message")
		}
		if err != nil {
			return err
		}
		var first string
		err = tx.QueryRow(`SELECT MIN(id) FROM messages WHERE workspace_id = $1 AND conversation_id = $2`, a.WorkspaceID, conversationID).Scan(&first)
		if isFirst = first == messageID; err != nil || isFirst {
			return err
		}
		opening, err = scanMessage(tx.QueryRow(selectMessage, a.WorkspaceID, conversationID, first))
		return err
	})
	if err != nil {
		return nil, err
	}
	key, err := s.keyOf(ctx, a.WorkspaceID, r.was.contactID)
	if err != nil {
		return nil, err
	}
	old, err := r.was.open(key)
	if err != nil {
		return nil, err
	}
	r.next = old
	if r.was.body == nil {
		return r, nil // all of it went before
	}
	c, err := head.open(key)
	if err != nil {
		return nil, err
	}
	r.subjectWas = head.subject
	if err := s.seal(ctx, a, key, r, old, c.Subject, isFirst, what); err != nil || r.subject == nil || isFirst {
		return r, err
	}
	return r, s.reword(ctx, a, key, r, opening)
}

// reword prepares the first message's words anew, by which the subject is found too.
func (s *Service) reword(ctx context.Context, a actor.Actor, key *vault.Key, r *redacted, opening sealedMessage) error {
	m, err := opening.open(key)
	if err != nil {
		return err
	}
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return err
	}
	words := func(text string) [][]byte { return ix.Words(sensitive.Without(text, sensitive.Find(text))) }
	r.opening = &search.Document{WorkspaceID: a.WorkspaceID, Kind: kindMessage, ID: m.ID, ParentID: m.ConversationID, ContactID: opening.contactID,
		Tokens: append(words(m.Body), words(r.subjectText)...), At: m.CreatedAt}
	return nil
}

// seal works out what is left, and seals it.
func (s *Service) seal(ctx context.Context, a actor.Actor, key *vault.Key, r *redacted, old Message, subject string, isFirst bool, what Redacting) error {
	body, gone, kinds, err := cut(old, what)
	if err != nil {
		return err
	}
	now := s.Clock.Now()
	r.next.RedactedAt = &now
	r.next.Redaction = &Redaction{By: a.Ref(), Kinds: kinds, Whole: what.Whole}
	if old.Redaction != nil {
		r.next.Redaction.Kinds = union(old.Redaction.Kinds, kinds)
	}
	raw, err := json.Marshal(r.next.Redaction)
	if err != nil {
		return err
	}
	r.mark = string(raw)
	ix, err := s.Vault.Index(ctx, a.WorkspaceID)
	if err != nil {
		return err
	}
	r.next.Body, r.next.Sensitive = body, nil
	if !what.Whole {
		found := stillFound(body, old.Sensitive)
		if old.Sensitive != nil && (len(old.Sensitive.Masked) > 0 || len(found) > 0) {
			r.next.Sensitive = sensitiveOf(sensitive.Checked{Text: body, Masked: old.Sensitive.Masked, Found: found})
			if r.sensitive, err = sealSensitive(key, old.ID, r.next.Sensitive); err != nil {
				return err
			}
		}
		r.body = key.Seal(bodyPlace(old.ID), []byte(body))
		r.preview = key.Seal(place("preview_sealed", old.ConversationID), []byte(preview(body)))
		r.tokens = ix.Words(sensitive.Without(body, found))
	}
	if next := hide(subject, gone); next != subject {
		subject, r.subjectText = next, next
		r.subject = key.Seal(place("subject_sealed", old.ConversationID), []byte(subject))
	}
	if isFirst && subject != "" { // the subject is found through the first message
		r.tokens = append(r.tokens, ix.Words(sensitive.Without(subject, sensitive.Find(subject)))...)
	}
	return nil
}

// cut gives the body without what is to go, what went, and of which kinds it was.
func cut(m Message, what Redacting) (body string, gone, kinds []string, err error) {
	var found []Found
	if m.Sensitive != nil {
		found = m.Sensitive.Found
	}
	runes := []rune(m.Body)
	ranges := slices.Clone(what.Ranges)
	switch {
	case what.Whole && len(ranges) > 0:
		return "", nil, nil, fault.Invalid("ranges", "must be left out when the whole message goes")
	case what.Whole:
		ranges = []Range{{0, len(runes)}}
	case len(ranges) == 0:
		for _, f := range found {
			ranges = append(ranges, f.Range)
		}
		if len(ranges) == 0 {
			return "", nil, nil, fault.Invalid("ranges", "must name parts of the message: nothing in it is flagged")
		}
	}
	slices.SortFunc(ranges, func(a, b Range) int { return a.Start - b.Start })
	var out strings.Builder
	at := 0
	for _, r := range ranges {
		if r.Start < at || r.End <= r.Start || r.End > len(runes) {
			return "", nil, nil, fault.Invalid("ranges", "must lie in the message, one after another")
		}
		out.WriteString(string(runes[at:r.Start]) + sensitive.Hidden)
		gone = append(gone, string(runes[r.Start:r.End]))
		kinds = union(kinds, kindsIn(r, found))
		at = r.End
	}
	if what.Whole {
		return "", append(gone, textsOf(runes, found)...), kinds, nil
	}
	return out.String() + string(runes[at:]), gone, kinds, nil
}

func kindsIn(r Range, found []Found) []string {
	var kinds []string
	for _, f := range found {
		if f.Start < r.End && r.Start < f.End {
			kinds = union(kinds, []string{string(f.Kind)})
		}
	}
	if kinds == nil {
		kinds = []string{kindOther}
	}
	return kinds
}

func textsOf(runes []rune, found []Found) []string {
	out := make([]string, len(found))
	for i, f := range found {
		out[i] = string(runes[f.Start:min(f.End, len(runes))])
	}
	return out
}

func union(a, b []string) []string {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

// stillFound gives what was flagged before and is in the body still.
func stillFound(body string, before *Sensitive) []sensitive.Finding {
	if before == nil || len(before.Found) == 0 {
		return nil
	}
	return slices.DeleteFunc(sensitive.Find(body), func(f sensitive.Finding) bool {
		return !slices.ContainsFunc(before.Found, func(was Found) bool { return was.Kind == f.Kind })
	})
}

// hide gives a subject without what went from the message.
func hide(subject string, gone []string) string {
	for _, g := range gone {
		if g = strings.TrimSpace(g); g != "" {
			subject = strings.ReplaceAll(subject, g, sensitive.Hidden)
		}
	}
	return subject
}

const (
	updateRedacted = `UPDATE messages SET body_sealed = $1, sensitive_sealed = $2, redacted_at = $3, redaction = $4
		WHERE workspace_id = $5 AND conversation_id = $6 AND id = $7 AND body_sealed = $8`
	updatePreview = `UPDATE conversations SET preview_sealed = $1 WHERE workspace_id = $2 AND id = $3 AND last_message_id = $4`
	updateSubject = `UPDATE conversations SET subject_sealed = $1 WHERE workspace_id = $2 AND id = $3 AND subject_sealed = $4`
)

// saveRedaction stores the next version in the place of the old one.
func (s *Service) saveRedaction(tx *storage.Tx, a actor.Actor, r *redacted) error {
	m, sub := r.next, privacy.Subject{WorkspaceID: a.WorkspaceID, ContactID: r.was.contactID}
	if err := lock(tx, m.ConversationID); err != nil {
		return err
	}
	if err := s.mayHandle(tx, a, sub.ContactID); err != nil {
		return err
	}
	if held, err := s.IsHeld(tx, sub); err != nil {
		return err
	} else if held {
		return fault.Conflict("legal_hold", "A legal hold keeps what this person wrote. Redact it when the hold has ended, or have it lifted first.")
	}
	restore, err := tx.OverwriteDeleted()
	if err != nil {
		return err
	}
	defer restore()
	n, err := tx.Exec(updateRedacted, r.body, r.sensitive, clock.Micros(*m.RedactedAt), r.mark, a.WorkspaceID, m.ConversationID, m.ID, r.was.body)
	if err == nil && n == 0 {
		err = fault.Conflict("changed_meanwhile", "The message was redacted or erased meanwhile. Load it again.")
	}
	if err != nil {
		return err
	}
	if _, err := tx.Exec(updatePreview, r.preview, a.WorkspaceID, m.ConversationID, m.ID); err != nil {
		return err
	}
	if r.subject != nil {
		n, err := tx.Exec(updateSubject, r.subject, a.WorkspaceID, m.ConversationID, r.subjectWas)
		if err == nil && n == 0 {
			err = fault.Conflict("changed_meanwhile", "The subject changed meanwhile. Load the conversation again.")
		}
		if err != nil {
			return err
		}
	}
	if err := s.Search.Replace(tx, search.Document{WorkspaceID: a.WorkspaceID, Kind: kindMessage, ID: m.ID, ParentID: m.ConversationID,
		ContactID: r.was.contactID, Tokens: r.tokens, At: m.CreatedAt}); err != nil {
		return err
	}
	if r.opening != nil {
		if err := s.Search.Replace(tx, *r.opening); err != nil {
			return err
		}
	}
	if err := privacy.DropAnswers(tx, sub, *m.RedactedAt); err != nil {
		return err
	}
	s.Outbox.Append(tx, live.Event{Type: live.MessageRedacted, WorkspaceID: a.WorkspaceID, OccurredAt: *m.RedactedAt, ActorType: a.Type, ActorID: a.ID,
		ContactID: r.was.contactID, ConversationID: m.ConversationID, ObjectID: m.ID, Details: map[string]string{"type": m.Type}})
	return s.Audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "message.redacted", TargetType: "message",
		TargetID: m.ID, Details: map[string]string{"kinds": strings.Join(m.Redaction.Kinds, ",")}})
}

const (
	scrubPatience = 200 * time.Millisecond // writers wait as long
	scrubWait     = 5 * time.Second
)

// scrubNow removes what was redacted from the database's log, if readers let it.
func (s *Service) scrubNow(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), scrubWait)
	defer cancel()
	if err := s.ScrubRedacted(ctx); err != nil {
		s.Logger.InfoContext(ctx, "what was redacted is in the database's log for some seconds more", "error", err)
	}
}

// ScrubRedacted removes what was redacted from SQLite's log, if there is any left.
// Housekeeping calls it, since a reader may have been in the way.
func (s *Service) ScrubRedacted(ctx context.Context) error {
	if !s.dirty.Swap(false) {
		return nil
	}
	err := s.DB.ScrubWithin(ctx, scrubPatience)
	if err != nil {
		s.dirty.Store(true)
	}
	return fault.Wrap("inbox.ScrubRedacted", err)
}
