package contacts

import (
	"context"

	"github.com/botimum/botimum/internal/httpx"
)

type devicesOut struct {
	Body httpx.List[Device]
}

func (s *Service) getDevices(ctx context.Context, in *httpx.ByID) (*devicesOut, error) {
	found, err := s.Devices(ctx, in.ID)
	return &devicesOut{Body: httpx.List[Device]{Data: found}}, err
}
