package boards

import (
	"database/sql"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// voiceFields declares the tables by which people speak for themselves.
func voiceFields() []privacy.Field {
	const nobody = "nobody: it is compared, not shown"
	field := func(table, column, category, retention, recipient string, holds ...string) privacy.Field {
		return privacy.Field{Table: table, Column: column, Holds: holds, Whose: privacy.OfContact, Category: category, Purpose: privacy.PurposeSupport,
			LawfulBasis: "legitimate_interests", Retention: retention, Recipients: []string{recipient}}
	}
	const machine = "nobody: it is read by the machine and deleted"
	link := field("board_links", "content_sealed", "identity", "15 minutes, or until the link is used", machine,
		"the address that a link was asked for", "what you ticked when you asked for it")
	visit := field("board_sessions", "content_sealed", "identity", "24 hours, or until you take part", machine, "the address that you signed in with")
	link.Sealed, visit.Sealed = true, true
	const session = "30 days, or until you sign out"
	const kept = "until the contact is erased"
	ballots := field("anonymous_ballots", "voter_token", "technical", "as long as the post exists, or until you sign in", nobody,
		"a keyed token of the random cookie that you voted with")
	network := field("anonymous_ballots", "network_token", "technical", "two days", nobody, "a keyed token of the day and of a part of your network's address")
	fields := []privacy.Field{link, visit, ballots, network,
		field("board_links", "email_token", "identity", "15 minutes, or until the link is used", nobody, "a keyed token of the address"),
		field("board_sessions", "age", "identity", session, machine, "whether you are of age, where boards ask for it"),
		field("board_sessions", "locale", "identity", session, machine, "the language that you signed in with"),
		field("board_sessions", "created_at", "technical", session, "nobody but you", "when you signed in to boards"),
		field("board_agreements", "how", "communication", kept, "the workspace's operators", "how you agreed to a post or a vote that others wrote down for you"),
		field("board_agreements", "created_at", "communication", kept, "the workspace's operators", "when that was noted"),
		field("board_people", "follow", "communication", kept, machine, "whether you want to be told of everything you take part in"),
		field("post_subscriptions", "created_at", "communication", "until you end it, or the contact is erased", machine, "what you want to be told of, and since when"),
	}
	reaction := field("comment_reactions", "reaction", "communication", kept, "whoever may see the board", "what you showed below a comment")
	fields = append(fields, reaction,
		field("comment_reactions", "created_at", "communication", kept, "the workspace's operators", "when you showed it"),
		field("comment_mentions", "person_id", "communication", kept, "whoever may see the comment", "that the team named you in a comment"))
	for _, nothing := range [][]privacy.Field{
		privacy.Nothing("comment_reactions", "workspace_id", "comment_id", "person_type", "person_id", "post_id"),
		privacy.Nothing("comment_mentions", "workspace_id", "comment_id", "person_type", "post_id"),
		privacy.Nothing("board_links", "workspace_id", "token_hash", "contact_id", "board_id", "browser_hash", "expires_at"),
		privacy.Nothing("board_sessions", "workspace_id", "token_hash", "id", "contact_id", "proof", "expires_at"),
		privacy.Nothing("board_tokens", "workspace_id", "token_hash", "expires_at"),
		privacy.Nothing("board_people", "workspace_id", "contact_id"),
		privacy.Nothing("board_agreements", "workspace_id", "contact_id", "post_id", "kind", "conversation_id", "message_id", "noted_by_type", "noted_by_id"),
		privacy.Nothing("anonymous_ballots", "workspace_id", "post_id", "from_post_id", "created_at"),
		privacy.Nothing("post_subscriptions", "workspace_id", "post_id", "contact_id", "token_hash", "from_post_id"),
		privacy.Nothing("post_notices", "workspace_id", "id", "post_id", "kind", "ref", "title", "path", "after", "due_at", "created_at"),
	} {
		fields = append(fields, nothing...)
	}
	return fields
}

// SubscriptionExport is a post that a contact is told of, as it is handed to them.
type SubscriptionExport struct {
	PostID    string    `json:"post_id"`
	Always    bool      `json:"always"`
	CreatedAt time.Time `json:"created_at"`
}

// Provided keeps all of it: they asked for it.
func (s SubscriptionExport) Provided() (any, bool) { return s, true }

// SessionExport is a sign-in to boards, as it is handed to its contact.
type SessionExport struct {
	ID        string    `json:"id"`
	Proof     string    `json:"proof"`
	CreatedAt time.Time `json:"created_at"`
	ExpiresAt time.Time `json:"expires_at"`
}

const (
	selectTheirSubscriptions = `
	SELECT f.post_id, COALESCE(p.follow, 0), f.created_at FROM post_subscriptions f
	LEFT JOIN board_people p ON p.workspace_id = f.workspace_id AND p.contact_id = f.contact_id
	WHERE f.workspace_id = $1 AND f.contact_id = $2 ORDER BY f.post_id`
	selectTheirSessions = `SELECT id, proof, created_at, expires_at FROM board_sessions WHERE workspace_id = $1 AND contact_id = $2 ORDER BY created_at, id`
)

// AgreementExport is the note that a contact agreed to a post or a vote, as it is handed
// to them. Who noted it is not about them.
type AgreementExport struct {
	PostID    string    `json:"post_id"`
	Kind      string    `json:"kind"`
	How       string    `json:"how"`
	CreatedAt time.Time `json:"created_at"`
}

func exportAgreements(tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	notes, err := queryAll(tx, scanAgreement, `SELECT `+agreementColumns+` FROM board_agreements g WHERE g.workspace_id = $1 AND g.contact_id = $2
		ORDER BY g.created_at, g.post_id, g.kind`, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	for _, n := range notes {
		if err := out("board_agreements", AgreementExport{n.PostID, n.Kind, n.How, n.CreatedAt}); err != nil {
			return err
		}
	}
	return nil
}

func exportVoices(tx *storage.Tx, sub privacy.Subject, out privacy.Export) error {
	followed, err := queryAll(tx, func(rows *sql.Rows) (f SubscriptionExport, err error) {
		var always, at int64
		err = rows.Scan(&f.PostID, &always, &at)
		f.Always, f.CreatedAt = always != 0, clock.FromMicros(at)
		return f, err
	}, selectTheirSubscriptions, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	sessions, err := queryAll(tx, func(rows *sql.Rows) (s SessionExport, err error) {
		var created, expires int64
		err = rows.Scan(&s.ID, &s.Proof, &created, &expires)
		s.CreatedAt, s.ExpiresAt = clock.FromMicros(created), clock.FromMicros(expires)
		return s, err
	}, selectTheirSessions, sub.WorkspaceID, sub.ContactID)
	if err != nil {
		return err
	}
	for _, f := range followed {
		if err := out("subscriptions", f); err != nil {
			return err
		}
	}
	for _, s := range sessions {
		if err := out("board_sessions", s); err != nil {
			return err
		}
	}
	if err := exportReactions(tx, sub, out); err != nil {
		return err
	}
	if err := exportMentions(tx, sub, out); err != nil {
		return err
	}
	return exportAgreements(tx, sub, out)
}

// eraseVoices removes what a person follows, their sign-ins, and links to sign in.
func eraseVoices(tx *storage.Tx, sub privacy.Subject, counts privacy.Counts) error {
	for _, table := range []string{"post_subscriptions", "board_sessions", "board_links", "board_people", "board_refusals", "board_agreements"} {
		n, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND contact_id = $2`, sub.WorkspaceID, sub.ContactID)
		if err != nil {
			return err
		}
		counts[table] = n
	}
	for _, table := range []string{"comment_reactions", "comment_mentions"} {
		n, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND person_id = $2`, sub.WorkspaceID, sub.ContactID)
		if err != nil {
			return err
		}
		counts[table] = n
	}
	return nil
}
