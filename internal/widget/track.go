package widget

import (
	"context"

	"github.com/botimum/botimum/internal/activity"
	"github.com/botimum/botimum/internal/privacy"
)

type trackIn struct {
	Body struct {
		Name       string         `json:"name" maxLength:"64"`
		Properties map[string]any `json:"properties,omitempty"`
		Basis      *privacy.Basis `json:"basis,omitempty"`
	}
}

// postEvent stores what the visitor did, as the page tells. It is a deliberate act of
// the website, not of the visitor: so it makes nobody known who is not.
func (s *Service) postEvent(ctx context.Context, in *trackIn) (*struct{}, error) {
	_, err := s.Activity.Track(ctx, []activity.NewEvent{{Name: in.Body.Name, Properties: in.Body.Properties, Basis: in.Body.Basis}}, true)
	if err == nil {
		s.noteBrowser(ctx, sessionOf(ctx))
	}
	return nil, ended(err)
}
