package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/botimum/botimum/internal/fault"
)

// Problem is an error document (RFC 9457) with the API's extensions: a stable
// code, and the fields that broke their rules.
type Problem struct {
	Type   string             `json:"type" doc:"Where this sort of problem is described." example:"/docs/problems#not_found"`
	Title  string             `json:"title" doc:"The status in words." example:"Not Found"`
	Status int                `json:"status" doc:"The HTTP status." example:"404"`
	Detail string             `json:"detail" doc:"What went wrong and what to do next." example:"There is no such conversation here."`
	Code   string             `json:"code" doc:"A stable word for programs." example:"not_found"`
	Errors []fault.FieldError `json:"errors,omitempty" doc:"The fields that break their rules."`

	retryAfter int // seconds; 0: not said
}

// Error gives the detail, as huma wants of its errors.
func (p *Problem) Error() string { return p.Detail }

// GetStatus gives the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType gives the media type of problem documents.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders gives the headers that belong to the problem.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.retryAfter))
	}
	return h
}

var statusOf = map[fault.Kind]int{
	fault.KindInternal: http.StatusInternalServerError, fault.KindMalformed: http.StatusBadRequest,
	fault.KindUnauthorized: http.StatusUnauthorized, fault.KindForbidden: http.StatusForbidden,
	fault.KindNotFound: http.StatusNotFound, fault.KindConflict: http.StatusConflict, fault.KindGone: http.StatusGone,
	fault.KindPreconditionFailed: http.StatusPreconditionFailed, fault.KindTooLarge: http.StatusRequestEntityTooLarge,
	fault.KindInvalid: http.StatusUnprocessableEntity, fault.KindTooMany: http.StatusTooManyRequests,
	fault.KindUnavailable: http.StatusServiceUnavailable,
}

// ProblemOf turns an error into its problem document. This is the one place
// where kinds become statuses, and where what is internal is logged, once,
// instead of shown.
func ProblemOf(ctx context.Context, log *slog.Logger, err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	e := fault.As(err)
	if e == nil || e.Kind == fault.KindInternal {
		if !errors.Is(err, context.Canceled) {
			log.ErrorContext(ctx, "request failed", "error", err)
		}
		return newProblem(http.StatusInternalServerError, "internal", "Something went wrong on our side. Try again; the server's log has the cause under this request's id.")
	}
	if e.Kind == fault.KindUnavailable {
		log.WarnContext(ctx, "request could not be served", "error", err)
	}
	out := newProblem(statusOf[e.Kind], e.Code, e.Detail)
	out.Errors = e.Fields
	out.retryAfter = int(math.Ceil(e.RetryAfter.Seconds()))
	return out
}

func newProblem(status int, code, detail string) *Problem {
	return &Problem{Type: "/docs/problems#" + code, Title: http.StatusText(status), Status: status, Code: code, Detail: detail}
}

// WriteProblem answers with the error's problem document.
func WriteProblem(w http.ResponseWriter, r *http.Request, log *slog.Logger, err error) {
	p := ProblemOf(r.Context(), log, err)
	for k, vs := range p.GetHeaders() {
		w.Header()[k] = vs
	}
	if p.Status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="botimum"`)
	}
	w.Header().Set("Content-Type", p.ContentType(""))
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p)
}

// humaProblem turns what huma found into a problem. Huma's own texts for bodies
// that cannot be read quote them; ours do not.
func humaProblem(log *slog.Logger) func(huma.Context, int, string, ...error) huma.StatusError {
	return func(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
		if status >= 500 {
			return ProblemOf(contextOf(ctx), log, errors.Join(errs...))
		}
		code := codeOf(status)
		p := newProblem(status, code, detailOf(status, msg))
		for _, err := range errs {
			field := fieldOf(err)
			if field.Detail == errNull.Error() {
				p = newProblem(http.StatusUnprocessableEntity, "invalid", "The text holds a null character (U+0000). Remove it and send again.")
				break
			}
			if status == http.StatusBadRequest {
				continue // the cause quotes the body
			}
			p.Errors = append(p.Errors, field)
		}
		return p
	}
}

func contextOf(ctx huma.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx.Context()
}

func codeOf(status int) string {
	switch status {
	case http.StatusBadRequest:
		return "malformed"
	case http.StatusUnprocessableEntity:
		return "invalid"
	case http.StatusRequestEntityTooLarge:
		return "too_large"
	case http.StatusUnsupportedMediaType:
		return "unsupported_media_type"
	case http.StatusRequestTimeout:
		return "timeout"
	}
	return strings.ReplaceAll(strings.ToLower(http.StatusText(status)), " ", "_")
}

func detailOf(status int, msg string) string {
	switch status {
	case http.StatusBadRequest:
		return "The body cannot be read. Send one JSON object in UTF-8."
	case http.StatusUnprocessableEntity:
		return "Some fields need another look."
	case http.StatusRequestEntityTooLarge:
		return "The body is too large. Send less at once."
	case http.StatusUnsupportedMediaType:
		return "Send the body as application/json."
	}
	return msg
}

// fieldOf names the field that an error is about, without where it stood.
func fieldOf(err error) fault.FieldError {
	d, ok := err.(huma.ErrorDetailer)
	if !ok {
		return fault.FieldError{Detail: "is not valid"}
	}
	detail := d.ErrorDetail()
	field := detail.Location
	for _, prefix := range []string{"body.", "query.", "path.", "header."} {
		field = strings.TrimPrefix(field, prefix)
	}
	return fault.FieldError{Field: field, Detail: plain(detail.Message)}
}
