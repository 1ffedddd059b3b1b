package webhook

import (
	"context"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// RotateSecret gives an endpoint a new secret, and gives that here and never again.
// For the overlap, deliveries are signed with the one before, too.
func (s *Service) RotateSecret(ctx context.Context, endpointID string, overlap time.Duration) (secret string, oldUntil time.Time, err error) {
	a, now := actor.From(ctx), s.Clock.Now()
	key, err := s.key(ctx, a.WorkspaceID)
	if err != nil {
		return "", time.Time{}, fault.Wrap("webhook.RotateSecret", err)
	}
	secret, oldUntil = newSecret(), now.Add(overlap)
	sealed := key.Seal(placeOf("secret_sealed", endpointID), []byte(secret))
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("webhook endpoint " + endpointID); err != nil {
			return err
		}
		r, err := loadEndpoint(tx, a.WorkspaceID, endpointID)
		if err != nil {
			return err
		}
		old, err := key.Open(placeOf("secret_sealed", r.id), r.secret)
		if err != nil {
			return err
		}
		resealed := key.Seal(placeOf("old_secret_sealed", r.id), old)
		changed := max(clock.Micros(now), r.changeAt+1)
		if _, err := tx.Exec(rotateSecret, resealed, clock.Micros(oldUntil), sealed, changed, a.WorkspaceID, r.id); err != nil {
			return err
		}
		return s.record(tx, a, "webhook_endpoint.secret_rotated", r.id, nil)
	})
	return secret, oldUntil, fault.Wrap("webhook.RotateSecret", err)
}

// secrets gives what an endpoint's deliveries are signed with: the secret, and the
// one before during an overlap.
func (r row) secrets(key *vault.Key, now time.Time) ([]string, error) {
	current, err := key.Open(placeOf("secret_sealed", r.id), r.secret)
	if err != nil {
		return nil, err
	}
	all := []string{string(current)}
	if until := nullMoment(r.oldUntil); until == nil || !until.After(now) || r.old == nil {
		return all, nil
	}
	old, err := key.Open(placeOf("old_secret_sealed", r.id), r.old)
	return append(all, string(old)), err
}
