package request

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/storage"
)

const selectDue = `SELECT ` + requestColumns + fromRequests + `WHERE r.remind_at <= $1 ORDER BY r.remind_at LIMIT $2`

// Remind tells operators of requests whose time runs out, and that it has: after 3,
// 5 and 6 days of a week, and when it is over. Each level is told once, whatever
// number of nodes call this: the row moves on in the transaction that tells. Who was
// away for longer hears the present level only. At most limit requests.
func (s *Service) Remind(ctx context.Context, limit int) error {
	now := s.Clock.Now()
	var due []row
	err := s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		due, err = scanRows(tx.Query(selectDue, clock.Micros(now), limit))
		return err
	})
	for _, r := range due {
		as := actor.With(ctx, actor.Actor{Type: actor.System, ID: "deadline", WorkspaceID: r.workspaceID})
		err = errors.Join(err, s.remind(as, r, now)) // one that fails holds up no other
	}
	return fault.Wrap("request.Remind", err)
}

func (s *Service) remind(ctx context.Context, r row, now time.Time) error {
	level := levelAt(r.received, r.due, now)
	mail, err := s.warnings(ctx, r, level)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		present, err := lockRow(tx, r)
		if fault.Is(err, fault.KindNotFound) {
			return nil
		}
		if err != nil || !present.isOpen() || present.reminded >= level || present.remind.IsZero() {
			return err
		}
		if !present.due.Equal(r.due) { // extended this moment
			return nil
		}
		present.reminded, present.remind = level, nextMoment(present.received, present.due, level)
		present.told = append(present.told, told{level, now})
		if err := saveRow(tx, present, now); err != nil {
			return err
		}
		name := strconv.Itoa(level)
		if level == overdue {
			name = "overdue"
		}
		if err := s.record(tx, present, actor.From(ctx), "due", live.PrivacyRequestDue, map[string]string{"level": name}); err != nil {
			return err
		}
		return mail.queue(tx)
	})
}

// warnings gives the mails to owners and privacy officers.
func (s *Service) warnings(ctx context.Context, r row, level int) (letters, error) {
	if s.Mail == nil || s.Officers == nil {
		return nil, nil
	}
	ws, err := s.Workspaces.Get(ctx, r.workspaceID)
	if err != nil {
		return nil, err
	}
	officers, err := s.Officers(ctx, r.workspaceID)
	if err != nil {
		return nil, err
	}
	template := "request_due"
	if level >= overdue {
		template = "request_escalated"
	}
	var out letters
	for _, o := range officers {
		queue, err := s.Mail(ctx, Letter{WorkspaceID: r.workspaceID, OperatorID: o.ID, Address: o.Address, Name: o.Name, Locale: ws.Settings.Locale,
			Template: template, Key: template + ":" + r.id + ":" + strconv.Itoa(level) + ":" + r.due.Format(time.DateOnly) + ":" + o.ID,
			Values: map[string]string{"kind": r.kind, "due_date": r.due.Format(time.DateOnly), "url": s.queueURL(r)}})
		if err != nil {
			s.Logger.WarnContext(ctx, "an operator could not be written to", "operator", o.ID, "error", err)
			continue
		}
		out = append(out, queue)
	}
	return out, nil
}

// queueURL is where operators find a request.
func (s *Service) queueURL(r row) string {
	return s.PublicURL + "/privacy-centre/requests/" + r.id
}

// Tidy has the links of requests that were closed long ago forgotten.
func (s *Service) Tidy(ctx context.Context, limit int) error {
	before := clock.Micros(s.Clock.Now().Add(-statusLife))
	return fault.Wrap("request.Tidy", s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(forgetLinks, before, limit)
		return err
	}))
}
