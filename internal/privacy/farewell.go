package privacy

import (
	"context"
	"log/slog"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/storage"
)

// Farewell is the mail by which somebody hears that they were erased, where others
// decided it (GDPR article 12(3)). It is sealed with a key of its own.
type Farewell struct {
	ID    string                          // the mail's id; empty: there is none
	Why   string                          // why there is none: a word
	Queue func(tx *storage.Tx) error      // in the transaction that erases
	Drop  func(ctx context.Context) error // where it did not commit
}

// The reasons for which somebody is not told of their erasure.
const (
	noAddress   = "no_verified_address"
	notPrepared = "not_prepared"
)

// NoAddress is the farewell to somebody of whom no address is proven: a stranger
// might have it.
func NoAddress() Farewell { return Farewell{Why: noAddress} }

// farewell prepares the mail to somebody whom an operator or a key erases. Whoever
// has themselves erased sees that it was done. A mail that cannot be written is no
// reason to refuse an erasure.
func (s *Service) farewell(ctx context.Context, sub Subject, a actor.Actor, receiptID string) Farewell {
	if s.farewells == nil || !WorksForCustomer(a) {
		return Farewell{}
	}
	f, err := s.farewells(ctx, sub, receiptID)
	if err != nil {
		s.log.WarnContext(ctx, "somebody cannot be told of their erasure", "receipt", receiptID, "error", err)
		return Farewell{Why: notPrepared}
	}
	return f
}

func (f Farewell) queue(tx *storage.Tx) error {
	if f.Queue == nil {
		return nil
	}
	return f.Queue(tx)
}

func (f Farewell) drop(ctx context.Context, log *slog.Logger) {
	if f.Drop == nil {
		return
	}
	if err := f.Drop(context.WithoutCancel(ctx)); err != nil {
		log.WarnContext(ctx, "the key of a mail that is not sent is still there", "mail", f.ID, "error", err)
	}
}

// noted gives what the audit log says of an erasure.
func (f Farewell) noted(receiptID string) map[string]string {
	details := map[string]string{"receipt": receiptID}
	if f.ID != "" {
		details["mail"] = f.ID
	}
	if f.Why != "" {
		details["not_told"] = f.Why
	}
	return details
}

// Asked is what is known of somebody's own request while it is carried out.
type Asked struct {
	Locale string // of the request
	Proven bool   // they opened a link that was mailed to their address
}

type askedKey struct{}

// WithAsked gives a context in which an erasure knows the request for it.
func WithAsked(ctx context.Context, a Asked) context.Context {
	return context.WithValue(ctx, askedKey{}, a)
}

// AskedOf gives the request that is carried out in the context, if there is one.
func AskedOf(ctx context.Context) Asked {
	a, _ := ctx.Value(askedKey{}).(Asked)
	return a
}
