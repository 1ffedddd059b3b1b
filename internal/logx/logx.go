package logx

import (
	"context"
	"io"
	"log/slog"
	"time"
)

// Options say how to log.
type Options struct {
	Format string     // "json"; anything else is text
	Level  slog.Level // the least important lines to write
	// RequestID gives the id of the request that a context belongs to, or "".
	// Nil means that lines carry none.
	RequestID func(context.Context) string
}

// New gives a logger that writes to w, one line an entry, with times in UTC.
func New(w io.Writer, o Options) *slog.Logger {
	plain := &slog.HandlerOptions{Level: o.Level, ReplaceAttr: utc}
	var h slog.Handler = slog.NewTextHandler(w, plain)
	if o.Format == "json" {
		h = slog.NewJSONHandler(w, plain)
	}
	return slog.New(&handler{next: Guard(h), requestID: o.RequestID})
}

// utc writes the time of an entry in UTC to the millisecond.
func utc(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey && a.Value.Kind() == slog.KindTime {
		return slog.String(slog.TimeKey, a.Value.Time().UTC().Format("2006-01-02T15:04:05.000Z07:00"))
	}
	return a
}

// handler adds what the context knows.
type handler struct {
	next      slog.Handler
	requestID func(context.Context) string
}

func (h *handler) Enabled(ctx context.Context, l slog.Level) bool { return h.next.Enabled(ctx, l) }

func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	if h.requestID != nil && ctx != nil {
		if requestID := h.requestID(ctx); requestID != "" {
			r = r.Clone()
			r.AddAttrs(slog.String("request_id", requestID))
		}
	}
	return h.next.Handle(ctx, r)
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &handler{h.next.WithAttrs(attrs), h.requestID}
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.next.WithGroup(name), h.requestID}
}

// Guard gives a handler that takes out of each entry what looks personal, and
// hands the rest on.
func Guard(next slog.Handler) slog.Handler { return &guard{next} }

type guard struct{ next slog.Handler }

func (g *guard) Enabled(ctx context.Context, l slog.Level) bool { return g.next.Enabled(ctx, l) }

func (g *guard) Handle(ctx context.Context, r slog.Record) error {
	clean := slog.NewRecord(r.Time, r.Level, Redact(r.Message), r.PC)
	r.Attrs(func(a slog.Attr) bool {
		clean.AddAttrs(cleanAttr(a))
		return true
	})
	return g.next.Handle(ctx, clean)
}

func (g *guard) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &guard{g.next.WithAttrs(cleanAttrs(attrs))}
}

func (g *guard) WithGroup(name string) slog.Handler { return &guard{g.next.WithGroup(name)} }

func cleanAttrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, 0, len(attrs))
	for _, a := range attrs {
		clean = append(clean, cleanAttr(a))
	}
	return clean
}

// cleanAttr gives the attribute with nothing in it but what was looked through:
// a value of any other type becomes text first.
func cleanAttr(a slog.Attr) slog.Attr {
	v := a.Value.Resolve()
	switch v.Kind() {
	case slog.KindGroup:
		return slog.Attr{Key: a.Key, Value: slog.GroupValue(cleanAttrs(v.Group())...)}
	case slog.KindString, slog.KindAny:
		return slog.String(a.Key, Redact(asText(v)))
	}
	return slog.Attr{Key: a.Key, Value: v} // numbers, times and their like
}

// asText gives a value's text. An error that is nil inside is not worth a panic.
func asText(v slog.Value) (s string) {
	defer func() {
		if recover() != nil {
			s = "(cannot be printed)"
		}
	}()
	switch x := v.Any().(type) {
	case error:
		return x.Error()
	case []byte:
		return "(bytes)"
	case time.Time:
		return x.UTC().Format(time.RFC3339Nano)
	}
	return v.String()
}
