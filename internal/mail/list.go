package mail

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/storage"
)

// Mail is a mail in a list: what is known of it without opening it.
type Mail struct {
	ID         string     `json:"id" example:"mai_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Template   string     `json:"template" example:"privacy_link"`
	ContactID  *string    `json:"contact_id" doc:"The contact it is for; null where it is for an operator, or for somebody who was erased."`
	OperatorID *string    `json:"operator_id" doc:"The operator it is for; null where it is for a contact."`
	State      string     `json:"state" enum:"queued,held,sent,failed"`
	Code       *string    `json:"code" doc:"Why it is held or failed, or what the last attempt came to; null where there is nothing to say."`
	Attempts   int64      `json:"attempts"`
	CreatedAt  time.Time  `json:"created_at"`
	NextAt     *time.Time `json:"next_at" doc:"When it is tried next; null once it is sent or failed."`
	FinishedAt *time.Time `json:"finished_at" doc:"When it was sent or failed."`
	RetryUntil *time.Time `json:"retry_until" doc:"Until when one that failed can be sent again: what it tells is kept 72 hours. Null where it cannot."`
}

func (r row) mail() Mail {
	m := Mail{ID: r.id, Template: r.template, ContactID: pointer(r.contactID), OperatorID: pointer(r.operatorID), State: r.state, Code: pointer(r.code),
		Attempts: r.attempts, CreatedAt: clock.FromMicros(r.createdAt), FinishedAt: moment(r.finishedAt), RetryUntil: moment(r.valuesUntil)}
	if r.finishedAt == 0 {
		m.NextAt = moment(r.nextAt)
	}
	return m
}

func pointer(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func moment(micros int64) *time.Time {
	if micros == 0 {
		return nil
	}
	t := clock.FromMicros(micros)
	return &t
}

// Trouble is a reason why mails do not go out, and how many it holds up.
type Trouble struct {
	Code   string    `json:"code" example:"server_unreachable"`
	State  string    `json:"state" enum:"queued,held,failed" doc:"Whether they are tried again, held, or given up."`
	Count  int64     `json:"count"`
	LastAt time.Time `json:"last_at"`
}

// Status is how mail fares in a workspace.
type Status struct {
	Configured bool       `json:"configured" doc:"Whether the administrator named a mail server. Without one, mails wait."`
	From       *string    `json:"from" doc:"The address that mails come from; null where none is set."`
	Waiting    int64      `json:"waiting"`
	Held       int64      `json:"held"`
	Sent       int64      `json:"sent" doc:"In the last 30 days, as are all counts: mails are removed then."`
	Failed     int64      `json:"failed"`
	OldestAt   *time.Time `json:"oldest_waiting_at" doc:"Since when the oldest one waits."`
	LastSentAt *time.Time `json:"last_sent_at"`
	Troubles   []Trouble  `json:"troubles" doc:"What keeps mails from going out, the latest first."`
}

// Status tells how mail fares in the context's workspace.
func (s *Service) Status(ctx context.Context) (Status, error) {
	st := Status{Configured: s.Server != nil, From: pointer(s.From.Address), Troubles: []Trouble{}}
	var all []counted
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		all, err = counts(tx, actor.From(ctx).WorkspaceID)
		return err
	})
	for _, c := range all {
		st.add(c)
	}
	return st, fault.Wrap("mail.Status", err)
}

func (st *Status) add(c counted) {
	switch c.state {
	case StateQueued:
		st.Waiting += c.n
	case StateHeld:
		st.Held += c.n
	case StateSent:
		st.Sent += c.n
		st.LastSentAt = moment(c.latest)
		return
	case StateFailed:
		st.Failed += c.n
	}
	if c.state == StateQueued && (st.OldestAt == nil || clock.Micros(*st.OldestAt) > c.oldest) {
		st.OldestAt = moment(c.oldest)
	}
	if c.code != "" {
		st.Troubles = append(st.Troubles, Trouble{Code: c.code, State: c.state, Count: c.n, LastAt: clock.FromMicros(c.latest)})
	}
}

// Mails lists the mails of the context's workspace, the newest first. None is opened.
func (s *Service) Mails(ctx context.Context, paging httpx.Paging) (httpx.List[Mail], error) {
	const op = "mail.Mails"
	ws := actor.From(ctx).WorkspaceID
	scope, before := "mails "+ws, "~" // after every id
	if paging.Cursor != "" {
		at, err := httpx.DecodeCursor(scope, paging.Cursor, 1)
		if err != nil {
			return httpx.List[Mail]{}, fault.Wrap(op, err)
		}
		before = at[0]
	}
	var rows []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		rows, err = pageBefore(tx, ws, before, paging.Limit+1)
		return err
	})
	if err != nil {
		return httpx.List[Mail]{}, fault.Wrap(op, err)
	}
	mails := make([]Mail, len(rows))
	for i, r := range rows {
		mails[i] = r.mail()
	}
	return httpx.ListOf(mails, paging.Limit, scope, func(m Mail) []string { return []string{m.ID} }), nil
}

// SendTest queues a test mail to the operator of the context. Within a minute there
// is one at most.
func (s *Service) SendTest(ctx context.Context) error {
	const op = "mail.SendTest"
	a := actor.From(ctx)
	if a.Type != actor.Operator {
		return fault.Conflict("operator_needed", "A test mail goes to whoever asks for it. Sign in as an operator; a key has no address.")
	}
	to, err := s.Operator(ctx, a.WorkspaceID, a.ID)
	if err != nil {
		return fault.Wrap(op, err)
	}
	minute := s.Clock.Now().Unix() / 60
	d, err := s.Prepare(ctx, Message{WorkspaceID: a.WorkspaceID, OperatorID: a.ID, Address: to.Address, Name: to.Name, Locale: to.Locale,
		Template: Test, Key: strings.Join([]string{Test, a.ID, strconv.FormatInt(minute, 10)}, " ")})
	if err != nil {
		return fault.Wrap(op, err)
	}
	return fault.Wrap(op, s.DB.Write(ctx, func(tx *storage.Tx) error { return s.Queue(tx, d) }))
}
