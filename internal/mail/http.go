package mail

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

const tag = "Mail"

// Routes mounts the routes of outgoing mail.
func (s *Service) Routes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/mail", ID: "getMail", Tag: tag,
		Summary: "Whether mail goes out, and what waits or failed", Permission: "workspace:read"}, s.getStatus)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/mails", ID: "listMails", Tag: tag,
		Summary: "List mails, newest first, without opening any", Permission: "workspace:read"}, s.listMails)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/mail/test", ID: "testMail", Tag: tag, Status: http.StatusAccepted,
		Summary: "Queue a test mail to yourself", Description: "At most one a minute. It goes to the operator who is signed in, so a key cannot ask for one.",
		Permission: "workspace:write"}, s.postTest)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/mails/{id}/retry", ID: "retryMail", Tag: tag,
		Summary: "Send a mail again that failed", Description: "Within 72 hours of its failing (`retry_until`), and while it is of use. One that waits already is given as it is. " +
			"409 `mail_sent` or `mail_gone` otherwise.",
		Permission: "workspace:write"}, s.postRetry)
}

type statusOut struct {
	Body Status
}

func (s *Service) getStatus(ctx context.Context, _ *struct{}) (*statusOut, error) {
	st, err := s.Status(ctx)
	return &statusOut{st}, err
}

type mailsOut struct {
	Body httpx.List[Mail]
}

func (s *Service) listMails(ctx context.Context, in *httpx.Paging) (*mailsOut, error) {
	l, err := s.Mails(ctx, *in)
	return &mailsOut{l}, err
}

func (s *Service) postTest(ctx context.Context, _ *struct{}) (*statusOut, error) {
	if err := s.SendTest(ctx); err != nil {
		return nil, err
	}
	return s.getStatus(ctx, nil)
}

type mailOut struct {
	Body Mail
}

func (s *Service) postRetry(ctx context.Context, in *httpx.ByID) (*mailOut, error) {
	m, err := s.Retry(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &mailOut{m}, nil
}
