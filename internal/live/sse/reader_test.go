package sse

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func readAll(r io.Reader) (frames []Frame, err error) {
	reader := NewReader(r)
	for {
		f, err := reader.Next()
		if err != nil {
			return frames, err
		}
		frames = append(frames, f)
	}
}

func TestReader(t *testing.T) {
	tests := map[string]struct {
		in   string
		want []Frame
	}{
		"an event":            {"id: 1\nevent: a\ndata: x\n\n", []Frame{{ID: "1", HasID: true, Event: "a", Data: []byte("x")}}},
		"no name":             {"data: x\n\n", []Frame{{Event: "message", Data: []byte("x")}}},
		"an empty name":       {"event\ndata: x\n\n", []Frame{{Event: "message", Data: []byte("x")}}},
		"no space":            {"data:x\n\n", []Frame{{Event: "message", Data: []byte("x")}}},
		"two spaces":          {"data:  x\n\n", []Frame{{Event: "message", Data: []byte(" x")}}},
		"many lines":          {"data: x\ndata\ndata: y\n\n", []Frame{{Event: "message", Data: []byte("x\n\ny")}}},
		"a byte order mark":   {"\xef\xbb\xbfdata: x\n\n", []Frame{{Event: "message", Data: []byte("x")}}},
		"carriage returns":    {"data: x\r\rdata: y\r\n\r\n", []Frame{{Event: "message", Data: []byte("x")}, {Event: "message", Data: []byte("y")}}},
		"blank lines":         {"\n\n\ndata: x\n\n\n\n", []Frame{{Event: "message", Data: []byte("x")}}},
		"a heartbeat":         {": hb\n\n", []Frame{{Event: "message", Comment: true}}},
		"with an id":          {": hb\nid: 7\n\ndata: x\n\n", []Frame{{ID: "7", HasID: true, Event: "message", Comment: true}, {ID: "7", Event: "message", Data: []byte("x")}}},
		"an id stays":         {"id: 1\ndata: x\n\ndata: y\n\n", []Frame{{ID: "1", HasID: true, Event: "message", Data: []byte("x")}, {ID: "1", Event: "message", Data: []byte("y")}}},
		"an id is taken back": {"id: 1\ndata: x\n\nid\ndata: y\n\n", []Frame{{ID: "1", HasID: true, Event: "message", Data: []byte("x")}, {HasID: true, Event: "message", Data: []byte("y")}}},
		"a null in an id":     {"id: 1\x002\ndata: x\n\n", []Frame{{Event: "message", Data: []byte("x")}}},
		"unknown fields":      {"retry: 10\nfoo: bar\ndata: x\n\n", []Frame{{Event: "message", Data: []byte("x")}}},
		"cut off":             {"data: x\n\ndata: y\n", []Frame{{Event: "message", Data: []byte("x")}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			for how, r := range map[string]io.Reader{"whole": strings.NewReader(tt.in), "in bytes": iotest.OneByteReader(strings.NewReader(tt.in))} {
				got, err := readAll(r)
				if !errors.Is(err, io.EOF) {
					t.Errorf("%s: ended with %v", how, err)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", how, diff)
				}
			}
		})
	}
}

func TestReaderRefusesWhatIsTooLong(t *testing.T) {
	line := strings.Repeat("x", MaxFrame+1)
	for name, in := range map[string]string{"a line": "data: " + line, "a frame": strings.Repeat("data: "+line[:MaxFrame/4]+"\n", 5)} {
		if _, err := readAll(strings.NewReader(in)); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s gave %v", name, err)
		}
	}
}

func FuzzReader(f *testing.F) {
	f.Add([]byte("id: 1\nevent: message.created\ndata: {}\n\n: hb\nid: 2\n\n"))
	f.Add([]byte("\xef\xbb\xbfdata: x\r\n\rdata\r\r"))
	f.Add([]byte("event: hello\ndata: {\"sequence\":3}\n\nid\n\n"))
	f.Fuzz(func(t *testing.T, in []byte) {
		whole, err1 := readAll(bytes.NewReader(in))
		pieces, err2 := readAll(iotest.HalfReader(bytes.NewReader(in)))
		if diff := cmp.Diff(whole, pieces); diff != "" || !errors.Is(err2, err1) {
			t.Errorf("it depends on how the bytes come: %v, %v\n%s", err1, err2, diff)
		}
		for _, f := range whole {
			if bytes.ContainsRune(f.Data, '\r') || strings.ContainsAny(f.Event+f.ID, "\r\n\x00") && !strings.Contains(f.Event, "\x00") {
				t.Errorf("a line break got through: %+v", f)
			}
			if f.Comment && len(f.Data) > 0 {
				t.Errorf("a comment has data: %+v", f)
			}
		}
	})
}
