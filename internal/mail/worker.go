package mail

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// The times of trying.
const (
	leaseFor  = 5 * time.Minute // longer than an attempt can take
	firstWait = time.Minute     // after the first attempt; then twice as long each time
	longest   = 6 * time.Hour
	giveUp    = 72 * time.Hour // after the first attempt
	lookAgain = time.Hour      // at what is held
	keepText  = 72 * time.Hour // of a mail that failed, so that it can be sent again
	hiccup    = time.Minute    // after trouble of our own
)

// Deliver sends everything that is due now, and says how many mails were taken by
// the server. It ends early when the server cannot be spoken to: what is due then
// stays so. The worker calls it; tests and commands may.
func (s *Service) Deliver(ctx context.Context) (int, error) { return s.deliver(ctx, ctx) }

// deliver is Deliver; a mail that is under way when ctx ends is sent for as long as
// the other context allows.
func (s *Service) deliver(ctx, sending context.Context) (sent int, err error) {
	for s.Server != nil && ctx.Err() == nil {
		r, found, err := s.claim(ctx)
		if err != nil || !found {
			return sent, fault.Wrap("mail.Deliver", err)
		}
		o := s.attempt(sending, r)
		if err := s.conclude(context.WithoutCancel(ctx), r, o); err != nil {
			return sent, fault.Wrap("mail.Deliver", err)
		}
		if o.is == sentNow {
			sent++
		}
		if o.off {
			return sent, nil
		}
	}
	return sent, nil
}

// claim takes the mail that has been due longest. It writes nothing if none is.
func (s *Service) claim(ctx context.Context) (r row, found bool, err error) {
	now := s.Clock.Now()
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		_, found, err = due(tx, now)
		return err
	})
	if err != nil || !found {
		return row{}, false, err
	}
	lease := rand.Text()
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("mails due"); err != nil {
			return err
		}
		var err error
		if r, found, err = due(tx, now); err != nil || !found {
			return err
		}
		r.lease, r.nextAt = lease, clock.Micros(now.Add(leaseFor))
		r.attempts++
		if r.firstAt == 0 {
			r.firstAt = clock.Micros(now)
		}
		return take(tx, r)
	})
	return r, found, err
}

// ending is how an attempt ended.
type ending int

const (
	sentNow  ending = iota // the server took it
	refused                // it will never be sent
	putOff                 // perhaps later
	withheld               // the gate closed; nothing was tried
	vanished               // the recipient was erased, or somebody else has it
)

// outcome is how an attempt ended, and why.
type outcome struct {
	is   ending
	code string
	smtp int  // the server's reply code, for the log; 0 where there was none
	off  bool // the next mail would fare the same
}

// attempt opens, renders and sends one mail. What forbids it is looked at as late as
// can be.
func (s *Service) attempt(ctx context.Context, r row) outcome {
	if r.expiresAt != 0 && r.expiresAt <= clock.Micros(s.Clock.Now()) {
		return outcome{is: refused, code: CodeExpired}
	}
	c, o := s.open(ctx, r)
	if o.is != sentNow {
		return o
	}
	if err := s.fill(ctx, r.workspaceID, &c); err != nil {
		return s.gated(ctx, r, err)
	}
	letter, err := s.letter(ctx, r, c)
	if err != nil {
		return s.trouble(ctx, r, err, outcome{is: refused, code: CodeNotRendered})
	}
	if r.contactID != "" {
		if err := s.May(ctx, r.workspaceID, r.contactID, r.template); err != nil {
			return s.gated(ctx, r, err)
		}
	}
	ours := false
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		ours, err = isOurs(tx, r)
		return err
	})
	if err != nil {
		return s.trouble(ctx, r, err, outcome{is: putOff})
	}
	if !ours {
		return outcome{is: vanished}
	}
	return s.Server.send(ctx, s.host(), letter)
}

// fill puts the titles of posts in, as they are now.
func (s *Service) fill(ctx context.Context, workspaceID string, c *content) error {
	if s.Title == nil || len(c.Values) == 0 { // forgotten already
		return nil
	}
	for name, postID := range c.Titles {
		title, err := s.Title(ctx, workspaceID, postID)
		if err != nil {
			return err
		}
		c.Values[name] = title
	}
	return nil
}

// open gives the content of a mail, if its recipient still has a key.
func (s *Service) open(ctx context.Context, r row) (content, outcome) {
	key, err := s.Vault.Key(ctx, r.subject())
	if err != nil {
		return content{}, s.keyless(ctx, r, err)
	}
	c, err := openContent(key, r.id, r.sealed)
	if err != nil {
		return content{}, s.keyless(ctx, r, err)
	}
	return c, outcome{}
}

// keyless says what becomes of a mail that cannot be opened.
func (s *Service) keyless(ctx context.Context, r row, err error) outcome {
	switch fault.KindOf(err) {
	case fault.KindGone:
		return outcome{is: vanished} // erased
	case fault.KindUnavailable:
		return s.trouble(ctx, r, err, outcome{is: putOff})
	}
	return s.trouble(ctx, r, err, outcome{is: refused, code: CodeNotRendered})
}

// gated says what becomes of a mail that the gate did not let pass.
func (s *Service) gated(ctx context.Context, r row, err error) outcome {
	switch fault.KindOf(err) {
	case fault.KindConflict:
		return outcome{is: withheld, code: fault.As(err).Code}
	case fault.KindNotFound, fault.KindGone:
		return outcome{is: vanished}
	}
	return s.trouble(ctx, r, err, outcome{is: putOff})
}

// trouble logs a failure of our own. No such error holds what is personal.
func (s *Service) trouble(ctx context.Context, r row, err error, o outcome) outcome {
	s.Logger.ErrorContext(ctx, "a mail could not be made ready", "mail", r.id, "template", r.template, "error", err)
	return o
}

// conclude notes how an attempt ended.
func (s *Service) conclude(ctx context.Context, r row, o outcome) error {
	if o.is == vanished {
		return s.DB.Write(ctx, func(tx *storage.Tx) error {
			ours, err := isOurs(tx, r)
			if err == nil && ours {
				err = remove(tx, r)
			}
			return err
		})
	}
	after := r.after(o, s.Clock.Now())
	if after.finishedAt != 0 && r.ownKey {
		return s.end(ctx, after)
	}
	after.keepValues()
	if after.finishedAt != 0 && after.valuesUntil == 0 && !s.KeepValues {
		after.sealed = s.withoutValues(ctx, r)
	}
	if o.is != sentNow {
		s.Logger.WarnContext(ctx, "a mail was not sent", "mail", r.id, "template", r.template, "state", after.state, "code", o.code,
			"reply", o.smtp, "attempts", after.attempts)
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error { return settle(tx, after) })
}

// after gives the row as an attempt leaves it.
func (r row) after(o outcome, now time.Time) row {
	r.code = o.code
	at := clock.Micros(now)
	switch {
	case o.is == sentNow:
		r.state, r.finishedAt, r.nextAt = StateSent, at, at
	case o.is == withheld: // nothing was tried
		r.state, r.nextAt = StateHeld, clock.Micros(now.Add(lookAgain))
		if r.attempts--; r.attempts == 0 {
			r.firstAt = 0
		}
	case o.is == refused, clock.FromMicros(r.firstAt).Add(giveUp).Before(now):
		r.state, r.finishedAt, r.nextAt = StateFailed, at, at
	default:
		r.state, r.nextAt = StateQueued, clock.Micros(now.Add(wait(r.attempts, o.code)))
	}
	return r
}

// keepValues says until when a mail that failed can be sent again: not after its own
// time is over.
func (r *row) keepValues() {
	if r.state != StateFailed || r.code == CodeExpired {
		return
	}
	until := clock.Micros(clock.FromMicros(r.finishedAt).Add(keepText))
	if r.expiresAt != 0 {
		until = min(until, r.expiresAt)
	}
	if until > r.finishedAt {
		r.valuesUntil = until
	}
}

// wait is how long until the next attempt after so many.
func wait(attempts int64, code string) time.Duration {
	if code == "" {
		return hiccup
	}
	return min(longest, firstWait<<min(attempts-1, 16))
}

// withoutValues gives the content of a mail that ended without what only its text
// needed. Where that cannot be done, the recipient is just being erased, and the old
// content cannot be opened either.
func (s *Service) withoutValues(ctx context.Context, r row) []byte {
	key, err := s.Vault.Key(ctx, r.subject())
	if err != nil {
		return r.sealed
	}
	c, err := openContent(key, r.id, r.sealed)
	if err != nil {
		return r.sealed
	}
	sealed, err := content{Address: c.Address, Name: c.Name, Locale: c.Locale}.seal(key, r.id)
	if err != nil {
		return r.sealed
	}
	return sealed
}
