package webhook

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// testType is the type of what [Service.Test] sends. No event has it.
const testType = "webhook.test"

// maxAnswer is how much of an answer is read, so that its connection can be used again.
const maxAnswer = 4 << 10

// address is where to send, and how to sign.
type address struct {
	endpointKey
	url     string
	secrets []string
}

func (s *Service) address(ctx context.Context, workspaceID string, r row) (address, error) {
	key, err := s.key(ctx, workspaceID)
	if err != nil {
		return address{}, err
	}
	e, err := r.open(key, s.Clock.Now())
	if err != nil {
		return address{}, err
	}
	secrets, err := r.secrets(key, s.Clock.Now())
	return address{endpointKey{workspaceID, r.id}, e.URL, secrets}, err
}

// sending is a request under way about a person.
type sending struct{ cancel context.CancelCauseFunc }

var errErased = errors.New("webhook: the person is being erased")

// Erased cuts off what is being sent about a person on this node; with an empty
// contact id, about anybody in the workspace. It is tried again, as ids.
func (s *Service) Erased(workspaceID, contactID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub, some := range s.underWay {
		if sub.WorkspaceID == workspaceID && (contactID == "" || sub.ContactID == contactID) {
			for one := range some {
				one.cancel(errErased)
			}
		}
	}
}

// watch gives a context that ends if the person is erased.
func (s *Service) watch(ctx context.Context, sub privacy.Subject) (watched context.Context, done func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	one := &sending{cancel}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.underWay[sub] == nil {
		s.underWay[sub] = map[*sending]struct{}{}
	}
	s.underWay[sub][one] = struct{}{}
	return ctx, func() {
		cancel(nil)
		s.mu.Lock()
		defer s.mu.Unlock()
		if delete(s.underWay[sub], one); len(s.underWay[sub]) == 0 {
			delete(s.underWay, sub)
		}
	}
}

// attempt sends a delivery and writes down what came of it.
func (s *Service) attempt(ctx context.Context, to address, t task) error {
	// Watched before it is looked whether the person is there: an erasure is either
	// seen by the look or cuts the request off.
	watched, done := s.watch(ctx, t.subject(to.workspaceID))
	defer done()
	body, bare, err := s.payload(watched, to, t)
	if fault.Is(err, fault.KindNotFound) {
		return s.drop(ctx, to, t)
	}
	var o Outcome
	if err == nil {
		o = s.post(watched, to, t.eventID, body)
	} else {
		s.Logger.ErrorContext(ctx, "webhooks: an event cannot be rendered", "event", t.eventID, "type", t.eventType, "error", err)
		o.Error = word("render_failed")
	}
	switch {
	case o.Delivered:
		return s.succeeded(ctx, to, t, o, bare)
	case errors.Is(context.Cause(watched), errErased):
		return nil // still due; the next attempt tells ids
	}
	return s.failed(ctx, to, t, o)
}

func word(s string) *string { return &s }

// post makes the request. The answer's body does not matter.
func (s *Service) post(ctx context.Context, to address, eventID string, body []byte) Outcome {
	began := time.Now()
	status, err := s.request(ctx, to, eventID, body)
	o := Outcome{DurationMS: time.Since(began).Milliseconds()}
	if err != nil {
		o.Error = word("egress_failed")
		if f := fault.As(err); f != nil {
			o.Error = &f.Code
		}
		return o
	}
	code := int64(status)
	o.StatusCode, o.Delivered = &code, status >= 200 && status < 300
	return o
}

func (s *Service) request(ctx context.Context, to address, eventID string, body []byte) (status int, err error) {
	at := s.Clock.Now()
	signature, err := sign(to.secrets, eventID, at, body)
	if err != nil {
		return 0, err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, to.url, bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Webhook-Id", eventID)
	r.Header.Set("Webhook-Timestamp", strconv.FormatInt(at.Unix(), 10))
	r.Header.Set("Webhook-Signature", signature)
	res, err := s.Egress.Do(r)
	if err != nil {
		return 0, err
	}
	defer res.Body.Close()
	_, _ = io.CopyN(io.Discard, res.Body, maxAnswer)
	return res.StatusCode, nil
}

// Test sends an endpoint of the context's workspace something to see whether it
// answers, and says what came of it. It is not tried again.
func (s *Service) Test(ctx context.Context, endpointID string) (Outcome, error) {
	a := actor.From(ctx)
	var r row
	err := s.DB.Write(ctx, func(tx *storage.Tx) (err error) {
		if r, err = loadEndpoint(tx, a.WorkspaceID, endpointID); err != nil {
			return err
		}
		return s.record(tx, a, "webhook_endpoint.tested", endpointID, nil)
	})
	if err != nil {
		return Outcome{}, fault.Wrap("webhook.Test", err)
	}
	to, err := s.address(ctx, a.WorkspaceID, r)
	if err != nil {
		return Outcome{}, fault.Wrap("webhook.Test", err)
	}
	e := live.Event{ID: s.IDs.New("evt"), Type: testType, WorkspaceID: a.WorkspaceID, OccurredAt: s.Clock.Now(), ActorType: a.Type, ActorID: a.ID}
	body, err := e.Envelope([]byte(`{"endpoint_id":"` + r.id + `"}`))
	if err != nil {
		return Outcome{}, fault.Wrap("webhook.Test", err)
	}
	return s.post(ctx, to, e.ID, body), nil
}

// succeeded writes down that a delivery arrived, and who was told of the person.
func (s *Service) succeeded(ctx context.Context, to address, t task, o Outcome, bare bool) error {
	now := clock.Micros(s.Clock.Now())
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		bare := bare // it may run again
		if t.contactID != "" && !bare {
			sub := t.subject(to.workspaceID)
			if err := privacy.LockSubject(tx, sub); err != nil { // an erasure is waited for, and then nobody is there
				return err
			}
			if _, err := s.People.Standing(tx, sub); fault.Is(err, fault.KindNotFound) {
				bare = true // erased since: there is nobody left to note it for
			} else if err != nil {
				return err
			}
		}
		if t.contactID != "" && !bare {
			if _, err := tx.Exec(noteTold, to.workspaceID, t.contactID, hostOf(to.url), t.eventType, now, now); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(finishDelivery, Delivered, 1, o.StatusCode, nil, o.DurationMS, now, now, to.workspaceID, t.id); err != nil {
			return err
		}
		_, err := tx.Exec(noteSuccess, to.workspaceID, to.id)
		return err
	})
}

// failed writes down that an attempt came to nothing, has the next one wait, and
// switches an endpoint off that wants nothing any more or has failed for long.
func (s *Service) failed(ctx context.Context, to address, t task, o Outcome) error {
	at := s.Clock.Now()
	now := clock.Micros(at)
	state, wait := afterAttempt(t.attempts + 1)
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := s.postpone(tx, to, t, o, state, at.Add(wait)); err != nil {
			return err
		}
		var since int64
		if err := tx.QueryRow(noteFailure, now, to.workspaceID, to.id).Scan(&since); isNone(err) {
			return nil // removed meanwhile
		} else if err != nil {
			return err
		}
		reason := ""
		if o.gone() {
			reason = OffGone
		} else if at.Sub(clock.FromMicros(since)) >= failingFor {
			reason = OffFailing
		}
		if reason == "" {
			return nil
		}
		n, err := tx.Exec(switchOff, reason, now, to.workspaceID, to.id)
		if err != nil || n == 0 {
			return err
		}
		by := actor.Actor{Type: actor.System, ID: "webhook", WorkspaceID: to.workspaceID}
		return s.record(tx, by, "webhook_endpoint.switched_off", to.id, map[string]string{"reason": reason})
	})
}

func (s *Service) postpone(tx *storage.Tx, to address, t task, o Outcome, state string, next time.Time) error {
	now := clock.Micros(s.Clock.Now())
	if state == Failed {
		_, err := tx.Exec(finishDelivery, Failed, 1, o.StatusCode, o.Error, o.DurationMS, now, now, to.workspaceID, t.id)
		return err
	}
	if _, err := tx.Exec(postponeDelivery, clock.Micros(next), o.StatusCode, o.Error, o.DurationMS, now, to.workspaceID, t.id); err != nil {
		return err
	}
	if t.contactID == "" || t.eventType == live.ContactErased {
		return nil
	}
	_, err := tx.Exec(postponeLater, clock.Micros(next), to.workspaceID, to.id, t.contactID, t.sequence)
	return err
}

// drop ends a delivery whose event is no longer kept.
func (s *Service) drop(ctx context.Context, to address, t task) error {
	now := clock.Micros(s.Clock.Now())
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(finishDelivery, Dropped, 0, nil, "event_removed", nil, nil, now, to.workspaceID, t.id)
		return err
	})
}

func isNone(err error) bool { return errors.Is(err, sql.ErrNoRows) }
