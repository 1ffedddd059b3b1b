package mail

import (
	"context"
	"database/sql"
	"errors"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Preview is an opened mail, for demonstrations.
type Preview struct {
	Mail
	Rendered
	Address, Name string
}

// Previews opens the newest mails of the context's workspace. Those of people who
// were erased are left out.
func (s *Service) Previews(ctx context.Context, limit int) ([]Preview, error) {
	var rows []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = pageBefore(tx, actor.From(ctx).WorkspaceID, "~", limit)
		return err
	})
	var all []Preview
	for _, r := range rows {
		p, err := s.preview(ctx, r)
		if fault.Is(err, fault.KindGone) {
			continue
		}
		if err != nil {
			return nil, fault.Wrap("mail.Previews", err)
		}
		all = append(all, p)
	}
	return all, fault.Wrap("mail.Previews", err)
}

const selectMail = `SELECT ` + mailColumns + ` FROM mails WHERE workspace_id = $1 AND id = $2`

// Preview opens one mail of the context's workspace.
func (s *Service) Preview(ctx context.Context, mailID string) (Preview, error) {
	var r row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		r, err = scan(tx.QueryRow(selectMail, actor.From(ctx).WorkspaceID, mailID))
		return err
	})
	if errors.Is(err, sql.ErrNoRows) {
		err = fault.NotFound("mail")
	}
	if err != nil {
		return Preview{}, fault.Wrap("mail.Preview", err)
	}
	p, err := s.preview(ctx, r)
	return p, fault.Wrap("mail.Preview", err)
}

// preview opens and renders a mail. One whose values are gone has no text any more.
func (s *Service) preview(ctx context.Context, r row) (Preview, error) {
	key, err := s.Vault.Key(ctx, r.subject())
	if err != nil {
		return Preview{}, err
	}
	c, err := openContent(key, r.id, r.sealed)
	if err != nil {
		return Preview{}, err
	}
	ws, err := s.Workspace(ctx, r.workspaceID)
	if err != nil {
		return Preview{}, err
	}
	if r.contactID != "" {
		s.Accessed(ctx, []string{r.contactID}, "mail")
	}
	if err := s.fill(ctx, r.workspaceID, &c); err != nil && !fault.Is(err, fault.KindNotFound) {
		return Preview{}, err
	}
	out, err := render(r.template, c, ws)
	if err != nil {
		out = Rendered{Subject: "(the text is not kept)"}
	}
	return Preview{Mail: r.mail(), Rendered: out, Address: c.Address, Name: c.Name}, nil
}
