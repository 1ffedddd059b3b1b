package boards

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

type setLogoIn struct {
	httpx.ByID
	RawBody []byte `contentType:"application/octet-stream"`
}

type getLogoIn struct {
	httpx.ByID
	Name string `query:"name" maxLength:"64" doc:"The board's logo, so that caches tell pictures apart. It chooses nothing."`
}

type logoOut struct {
	ContentType  string `header:"Content-Type"`
	CacheControl string `header:"Cache-Control"`
	Body         []byte
}

func (s *Service) logoRoutes(r *httpx.Router, tag, read, write string) {
	const path = "/api/v1/boards/{id}/logo"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path, ID: "getBoardLogo", Tag: tag, Summary: "Get a board's picture", Permission: read}, s.getLogo)
	httpx.Handle(r, httpx.Route{Method: http.MethodPut, Path: path, ID: "setBoardLogo", Tag: tag, Summary: "Give a board a picture", Permission: write,
		MaxBody: maxLogo, Description: "The body is the file: PNG, JPEG, WebP or GIF, up to 100 KB. It is drawn anew, at most 256 pixels a side; what else the file carried is left out."}, s.setLogo)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: path, ID: "removeBoardLogo", Tag: tag, Summary: "Take a board's picture away", Permission: write}, s.removeLogo)
}

func (s *Service) getLogo(ctx context.Context, in *getLogoIn) (*logoOut, error) {
	if _, err := s.Board(ctx, in.ID); err != nil {
		return nil, err
	}
	logo, err := s.LogoOf(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &logoOut{ContentType: logo.Type, CacheControl: "private, no-cache", Body: logo.Picture}, nil
}

func (s *Service) setLogo(ctx context.Context, in *setLogoIn) (*boardOut, error) {
	b, err := s.SetLogo(ctx, in.ID, append([]byte{}, in.RawBody...))
	if err != nil {
		return nil, err
	}
	return boardAnswer(http.StatusOK, b), nil
}

func (s *Service) removeLogo(ctx context.Context, in *httpx.ByID) (*boardOut, error) {
	b, err := s.SetLogo(ctx, in.ID, nil)
	if err != nil {
		return nil, err
	}
	return boardAnswer(http.StatusOK, b), nil
}
