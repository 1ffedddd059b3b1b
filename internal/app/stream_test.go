package app_test

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
)

// frame is one server-sent event.
type frame struct {
	id, event string
	data      map[string]any
}

// follow opens a stream and gives its frames until the test ends.
func (w *world) follow(t *testing.T, path, token, lastEventID string) <-chan frame {
	t.Helper()
	h := bearer(token)
	if lastEventID != "" {
		h.Set("Last-Event-ID", lastEventID)
	}
	return w.followWith(t, path, h)
}

// followAs reads the workspace's stream with these headers.
func (w *world) followAs(t *testing.T, h http.Header) <-chan frame {
	t.Helper()
	return w.followWith(t, "/api/v1/stream", h)
}

func (w *world) followWith(t *testing.T, path string, h http.Header) <-chan frame {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header = h
	res, err := w.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusOK || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		t.Fatalf("stream: %d %v", res.StatusCode, res.Header)
	}
	out := make(chan frame, 100)
	go func() {
		defer close(out)
		defer res.Body.Close()
		scan := bufio.NewScanner(res.Body)
		var f frame
		for scan.Scan() {
			name, value, _ := strings.Cut(scan.Text(), ": ")
			switch name {
			case "id":
				f.id = value
			case "event":
				f.event = value
			case "data":
				_ = json.Unmarshal([]byte(value), &f.data)
			case "":
				if f.event != "" {
					out <- f
				}
				f = frame{}
			}
		}
	}()
	return out
}

// next gives the next frame of an event, skipping presence and typing.
func next(t *testing.T, frames <-chan frame) frame {
	t.Helper()
	for {
		select {
		case f, ok := <-frames:
			if !ok {
				t.Fatal("the stream ended")
			}
			if f.event != "presence" && f.event != "typing" {
				return f
			}
		case <-time.After(10 * time.Second):
			t.Fatal("nothing came")
		}
	}
}

// Both sides hear what concerns them, and resume where they were.
func TestStreams(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		conversationID, _ := v.write(t, "hello")
		stranger := w.visit(t, w.made.Workspace.Key)
		stranger.write(t, "I am somebody else")
		ours := w.follow(t, "/api/v1/stream", w.made.APIKey, "")
		theirs := w.follow(t, "/widget/v1/stream", v.token, "")
		hello := next(t, ours)
		if hello.event != "hello" || next(t, theirs).event != "hello" {
			t.Fatalf("the stream greets with %+v", hello)
		}
		messages := "/conversations/" + conversationID + "/messages"
		w.api(t, "POST", messages, `{"body":"a note","type":"note"}`, http.StatusCreated)
		w.api(t, "POST", messages, `{"body":"an answer"}`, http.StatusCreated)
		stranger.write(t, "still somebody else")
		first, second := next(t, ours), next(t, ours)
		if body(first) != "a note" || body(second) != "an answer" || first.event != "message.created" {
			t.Errorf("operators hear %+v and %+v", first, second)
		}
		if f := next(t, theirs); body(f) != "an answer" {
			t.Errorf("the visitor hears %+v first", f)
		}
		w.api(t, "PATCH", "/conversations/"+conversationID, `{"state":"resolved"}`, http.StatusOK)
		if f := next(t, theirs); f.event != "conversation.resolved" {
			t.Errorf("the visitor hears %+v next", f)
		}
		again := w.follow(t, "/api/v1/stream", w.made.APIKey, first.id)
		if f := next(t, again); f.event != "hello" {
			t.Errorf("resuming greets with %+v", f)
		}
		if f := next(t, again); f.id != second.id || body(f) != "an answer" {
			t.Errorf("resuming after %s gives %+v, want %s", first.id, f, second.id)
		}
		foreign := w.setup(t, "Other", "owner@other.example")
		if f := next(t, w.follow(t, "/api/v1/stream", foreign.APIKey, "999999")); f.event != "reset" {
			t.Errorf("a number from elsewhere gives %+v, want a reset", f)
		}
	})
}

func body(f frame) string {
	data, _ := f.data["data"].(map[string]any)
	message, _ := data["message"].(map[string]any)
	s, _ := message["body"].(string)
	return s
}

// What a stream showed is in the access log.
func TestStreamsAreLogged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		frames := w.follow(t, "/api/v1/stream", w.made.APIKey, "")
		next(t, frames)
		_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		for next(t, frames).event != "message.created" {
		}
		if a := w.api(t, "GET", "/access-events?contact_id="+contactID, "", http.StatusOK); !strings.Contains(a.body, `"through":"stream"`) {
			t.Errorf("the access log says %s", a.body)
		}
	})
}
