package httpx

import (
	"context"
	"io"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Streamed is an answer that is written while it is made.
type Streamed struct {
	Body func(huma.Context)
}

// StreamOf gives an answer of a media type with further headers. A write that fails
// breaks the connection off, so that nobody takes a part for the whole; failed is
// told why.
func StreamOf(mediaType string, header map[string]string, write func(ctx context.Context, w io.Writer) error, failed func(error)) *Streamed {
	return &Streamed{Body: func(hctx huma.Context) {
		hctx.SetHeader("Content-Type", mediaType)
		hctx.SetHeader("Cache-Control", "no-store")
		for name, value := range header {
			hctx.SetHeader(name, value)
		}
		hctx.SetStatus(http.StatusOK)
		if err := write(hctx.Context(), hctx.BodyWriter()); err != nil {
			failed(err)
			panic(http.ErrAbortHandler)
		}
	}}
}
