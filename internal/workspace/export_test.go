package workspace

import "context"

// Begin starts a session for whoever proved the password that has the hash.
func (s *Service) Begin(ctx context.Context, operatorID, provenHash string) error {
	_, err := s.begin(ctx, account{id: operatorID, passwordHash: provenHash}, "")
	return err
}
