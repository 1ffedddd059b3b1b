package app_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/clock"
	filesvc "github.com/botimum/botimum/internal/files"
)

type staged = filesvc.Staged

// attachment is a file as the API tells of it.
type attachment struct {
	ID, Name, Type string
	Size           int64
	Width, Height  int
}

// photo is a JPEG in which a camera says where it was.
func photo(t *testing.T) string {
	t.Helper()
	p := image.NewRGBA(image.Rect(0, 0, 3000, 1500))
	for i := range p.Pix {
		p.Pix[i] = byte(i)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	exif := "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x00 GPS 52.5200N 13.4050E"
	return "\xff\xd8\xff\xe1" + string([]byte{0, byte(len(exif) + 2)}) + exif + b.String()[2:]
}

func drawing(t *testing.T) string {
	t.Helper()
	p := image.NewPaletted(image.Rect(0, 0, 8, 4), color.Palette{color.White, color.Black})
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// form puts a file into a multipart body.
func fileForm(t *testing.T, name, content string) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.WriteString(part, content)
	if err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func (w *world) sendAttachment(t *testing.T, key, boardID, name, content string) answer {
	t.Helper()
	header := bearer(key)
	body, kind := fileForm(t, name, content)
	header.Set("Content-Type", kind)
	return w.do(t, call{method: "POST", path: "/api/v1/boards/" + boardID + "/files", body: body, header: header})
}

func (w *world) attach(t *testing.T, boardID, name, content string) (f attachment) {
	t.Helper()
	a := w.sendAttachment(t, w.made.APIKey, boardID, name, content)
	if a.status != http.StatusCreated {
		t.Fatalf("%s: %d %s", name, a.status, a.body)
	}
	a.json(t, &f)
	return f
}

// stored gives the files in the store.
func (w *world) stored(t *testing.T) map[string][]byte {
	t.Helper()
	return files(t, filepath.Join(w.cfg.Data, "files"))
}

// filesOf gives what a post or comment says is attached to it.
func filesOf(t *testing.T, a answer) []attachment {
	t.Helper()
	var p struct{ Files []attachment }
	a.json(t, &p)
	return p.Files
}

func TestFilesOfPostsAndComments(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, `{"name":"Ideas"}`)
		f := w.attach(t, board, "../Urlaub ☀.jpg", photo(t))
		if f.Name != "Urlaub ☀.jpg" || f.Type != "image/jpeg" || f.Width != 2560 || f.Height != 1280 {
			t.Errorf("it became %+v", f)
		}
		text := w.attach(t, board, "log.txt", "all is well, says Marigold\n")
		a := w.api(t, "POST", "/boards/"+board+"/posts", `{"title":"A lamp","file_ids":["`+text.ID+`","`+f.ID+`"]}`, http.StatusCreated)
		if got := filesOf(t, a); len(got) != 2 || got[0] != text || got[1] != f {
			t.Errorf("the answer has %+v", got)
		}
		var p struct{ ID string }
		a.json(t, &p)
		if got := filesOf(t, w.api(t, "GET", "/posts/"+p.ID, "", http.StatusOK)); len(got) != 2 || got[1] != f {
			t.Errorf("the post has %+v", got)
		}
		if list := w.api(t, "GET", "/boards/"+board+"/posts", "", http.StatusOK); strings.Contains(list.body, `"files"`) {
			t.Errorf("the list: %s", list.body)
		}
		for name, content := range w.stored(t) {
			if bytes.Contains(content, []byte("Marigold")) || bytes.Contains(content, []byte("GPS 52.5200N")) || bytes.HasPrefix(content, []byte("\xff\xd8")) {
				t.Errorf("%s is not sealed", name)
			}
		}
		got := w.api(t, "GET", "/files/"+f.ID, "", http.StatusOK)
		if strings.Contains(got.body, "GPS 52.5200N") || strings.Contains(got.body, "Exif\x00") || int64(len(got.body)) != f.Size {
			t.Errorf("%d bytes came, with what the camera wrote", len(got.body))
		}
		for name, want := range map[string]string{"Content-Type": "image/jpeg", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
			"Content-Disposition": "inline; filename*=utf-8''Urlaub%20%E2%98%80.jpg", "Cache-Control": "private, max-age=300", "Cross-Origin-Resource-Policy": "same-origin"} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s", name, got.header.Get(name))
			}
		}
		some := bearer(w.made.APIKey)
		some.Set("Range", "bytes=4-8")
		if part := w.do(t, call{method: "GET", path: "/api/v1/files/" + text.ID, header: some}); part.status != http.StatusPartialContent || part.body != "is we" ||
			part.header.Get("Content-Type") != "text/plain; charset=utf-8" || !strings.HasPrefix(part.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("a part: %d %q %v", part.status, part.body, part.header)
		}
		some.Del("Range")
		some.Set("If-None-Match", got.header.Get("ETag"))
		if again := w.do(t, call{method: "GET", path: "/api/v1/files/" + f.ID, header: some}); again.status != http.StatusNotModified {
			t.Errorf("again: %d", again.status)
		}

		note := w.attach(t, board, "note.md", "# hm")
		a = w.api(t, "POST", "/posts/"+p.ID+"/comments", `{"body":"See there.","file_ids":["`+note.ID+`"]}`, http.StatusCreated)
		var c struct{ ID string }
		a.json(t, &c)
		if len(filesOf(t, a)) != 1 || !strings.Contains(w.api(t, "GET", "/posts/"+p.ID+"/comments", "", http.StatusOK).body, note.ID) {
			t.Errorf("the comment: %s", a.body)
		}
		if got := filesOf(t, w.api(t, "PATCH", "/comments/"+c.ID, `{"body":"Here."}`, http.StatusOK)); len(got) != 1 {
			t.Errorf("changing the words took the file: %v", got)
		}
		// Another order, one goes and one comes.
		more := w.attach(t, board, "a.png", drawing(t))
		if got := filesOf(t, w.api(t, "PATCH", "/posts/"+p.ID, `{"file_ids":["`+more.ID+`","`+text.ID+`"]}`, http.StatusOK)); len(got) != 2 || got[0].ID != more.ID || got[1].ID != text.ID {
			t.Errorf("after the change there are %+v", got)
		}
		w.api(t, "GET", "/files/"+f.ID, "", http.StatusNotFound)
		w.filesLeft(t, 3)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"file_ids":[]}`, http.StatusOK)
		w.filesLeft(t, 1)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"file_ids":["`+w.attach(t, board, "b.txt", "b").ID+`"]}`, http.StatusOK)
		w.api(t, "DELETE", "/posts/"+p.ID, "", http.StatusNoContent)
		w.filesLeft(t, 0)
		w.api(t, "GET", "/files/"+note.ID, "", http.StatusNotFound)
	})
}

// filesLeft has the removals done, and expects so many files in the store.
func (w *world) filesLeft(t *testing.T, left int) {
	t.Helper()
	if err := w.Files.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := w.stored(t); len(got) != left {
		t.Errorf("%d files are stored, want %d", len(got), left)
	}
	if n := rowCounts(t, w.DB)["file_removals"]; n != 0 {
		t.Errorf("%d removals are left", n)
	}
}

// A file is attached once, by whoever uploaded it, where it was uploaded for.
func TestFilesAreTheirUploaders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board, elsewhere := w.board(t, `{"name":"Ideas"}`), w.board(t, `{"name":"Other"}`)
		p := w.wish(t, board, `{"title":"A lamp"}`)
		var colleague struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"x","scopes":["boards:read","boards:write"]}`, http.StatusCreated).json(t, &colleague)
		other := w.setup(t, "Other", "owner@other.example")
		var theirs struct{ ID string }
		w.do(t, call{method: "POST", path: "/api/v1/boards", body: `{"name":"x"}`, header: bearer(other.APIKey)}).json(t, &theirs)

		mine, taken := w.attach(t, board, "a.txt", "a"), w.attach(t, board, "b.txt", "b")
		w.api(t, "POST", "/posts/"+p.ID+"/comments", `{"body":"x","file_ids":["`+taken.ID+`"]}`, http.StatusCreated)
		attaching := func(what, key, path, id string) {
			t.Helper()
			a := w.do(t, call{method: "POST", path: "/api/v1" + path, body: `{"title":"x","file_ids":["` + id + `"]}`, header: bearer(key)})
			if a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "file_ids") {
				t.Errorf("%s: %d %s", what, a.status, a.body)
			}
		}
		attaching("a colleague's", colleague.Secret, "/boards/"+board+"/posts", mine.ID)
		attaching("on another board", w.made.APIKey, "/boards/"+elsewhere+"/posts", mine.ID)
		attaching("one that is attached", w.made.APIKey, "/boards/"+board+"/posts", taken.ID)
		attaching("another workspace's", other.APIKey, "/boards/"+theirs.ID+"/posts", mine.ID)
		attaching("one that is not there", w.made.APIKey, "/boards/"+board+"/posts", "fil_01jdb2k8q5e6r7s8t9v0w1x2y3")
		attaching("no id", w.made.APIKey, "/boards/"+board+"/posts", "../"+mine.ID)
		w.api(t, "POST", "/boards/"+board+"/posts", `{"title":"x","file_ids":["`+mine.ID+`","`+mine.ID+`"]}`, http.StatusUnprocessableEntity)
		six := make([]string, 6)
		for i := range six {
			six[i] = `"` + w.attach(t, board, "c.txt", fmt.Sprint(i)).ID + `"`
		}
		w.api(t, "POST", "/boards/"+board+"/posts", `{"title":"x","file_ids":[`+strings.Join(six, ",")+`]}`, http.StatusUnprocessableEntity)

		if a := w.do(t, call{method: "GET", path: "/api/v1/files/" + mine.ID, header: bearer(colleague.Secret)}); a.status != http.StatusNotFound {
			t.Errorf("a colleague reads what waits: %d", a.status)
		}
		if a := w.do(t, call{method: "GET", path: "/api/v1/files/" + taken.ID, header: bearer(colleague.Secret)}); a.status != http.StatusOK || a.body != "b" {
			t.Errorf("a colleague reads what is attached: %d", a.status)
		}
		for _, id := range []string{mine.ID, taken.ID} {
			if a := w.do(t, call{method: "GET", path: "/api/v1/files/" + id, header: bearer(other.APIKey)}); a.status != http.StatusNotFound {
				t.Errorf("another workspace reads it: %d", a.status)
			}
		}
	})
}

func TestBadFiles(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, `{"name":"Ideas"}`)
		picture := drawing(t)
		for what, c := range map[string]struct {
			name, content string
			status        int
		}{
			"nothing":              {"a.txt", "", http.StatusUnprocessableEntity},
			"HTML as a picture":    {"a.png", "<html><script>alert(1)</script>", http.StatusUnprocessableEntity},
			"HTML":                 {"a.html", "<!doctype html><p>hi", http.StatusUnprocessableEntity},
			"HTML as a text":       {"a.txt", "<!doctype html><p>hi", http.StatusUnprocessableEntity},
			"an SVG":               {"a.svg", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, http.StatusUnprocessableEntity},
			"an SVG as a picture":  {"a.png", `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`, http.StatusUnprocessableEntity},
			"a program":            {"a.exe", "MZ\x90\x00\x03", http.StatusUnprocessableEntity},
			"a program as a text":  {"a.txt", "MZ\x90\x00\x03", http.StatusUnprocessableEntity},
			"a broken picture":     {"a.png", picture[:40], http.StatusUnprocessableEntity},
			"a PDF as a picture":   {"a.png", "%PDF-1.7", http.StatusUnprocessableEntity},
			"a picture as a text":  {"a.txt", picture, http.StatusUnprocessableEntity},
			"more than ten MB":     {"a.txt", strings.Repeat("x", 10<<20+1), http.StatusRequestEntityTooLarge},
			"far more than ten MB": {"a.txt", strings.Repeat("x", 11<<20), http.StatusRequestEntityTooLarge},
		} {
			if a := w.sendAttachment(t, w.made.APIKey, board, c.name, c.content); a.status != c.status {
				t.Errorf("%s: %d %s", what, a.status, a.body)
			}
		}
		for what, header := range map[string]http.Header{"broken multipart": {"Content-Type": {"multipart/form-data; boundary=x"}}, "no boundary": {"Content-Type": {"multipart/form-data"}}} {
			header["Authorization"] = bearer(w.made.APIKey)["Authorization"]
			if a := w.do(t, call{method: "POST", path: "/api/v1/boards/" + board + "/files", body: "--x\r\nhm", header: header}); a.status != http.StatusBadRequest {
				t.Errorf("%s: %d %s", what, a.status, a.body)
			}
		}
		if got := w.stored(t); len(got) > 0 {
			t.Errorf("%d files were stored", len(got))
		}
		if n := rowCounts(t, w.DB)["files"]; n != 0 {
			t.Errorf("there are %d files", n)
		}
		polyglot := w.attach(t, board, "a.png", picture+"<script>alert(1)</script>%PDF-1.7")
		if got := w.api(t, "GET", "/files/"+polyglot.ID, "", http.StatusOK); strings.Contains(got.body, "script") {
			t.Error("what stood behind a picture is still there")
		}
		for name, want := range map[string]string{"rechnung\u202egnp.txt": "rechnunggnp.txt", strings.Repeat("ж", 1000) + ".txt": strings.Repeat("ж", 116) + ".txt",
			`..\..\boot.txt`: "boot.txt", "日本.txt": "日本.txt"} {
			if f := w.attach(t, board, name, "x"); f.Name != want {
				t.Errorf("%q became %q", name, f.Name)
			}
		}
		raw := bearer(w.made.APIKey)
		raw.Set("Content-Type", "application/pdf")
		raw.Set("Content-Disposition", `attachment; filename="a.pdf"`)
		if a := w.do(t, call{method: "POST", path: "/api/v1/boards/" + board + "/files", body: "%PDF-1.7", header: raw}); a.status != http.StatusCreated || !strings.Contains(a.body, `"a.pdf"`) {
			t.Errorf("a file as the body: %d %s", a.status, a.body)
		}
	})
}

// bottomless is an upload that counts what is taken of it.
type bottomless struct{ taken int64 }

func (e *bottomless) Read(p []byte) (int, error) {
	e.taken += int64(len(p))
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

// A gigabyte is not taken in to be refused: neither one that says so, nor one that
// does not.
func TestHugeUploadsAreCutEarly(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	board := w.board(t, `{"name":"Ideas"}`)
	for _, says := range []int64{1 << 30, -1} {
		upload := &bottomless{}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		r, err := http.NewRequestWithContext(ctx, "POST", w.server.URL+"/api/v1/boards/"+board+"/files", io.LimitReader(upload, 1<<30))
		if err != nil {
			t.Fatal(err)
		}
		r.ContentLength, r.Header = says, bearer(w.made.APIKey)
		res, err := w.server.Client().Do(r)
		if err == nil {
			res.Body.Close()
			if res.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("it says %d: %d", says, res.StatusCode)
			}
		} // else the connection was closed while it was sent
		cancel()
		if upload.taken > 32<<20 {
			t.Errorf("it says %d: %d MB were taken", says, upload.taken>>20)
		}
	}
}

// What belongs to a person's words goes with the person, is veiled with them, and is
// handed out to them.
func TestFilesAreTheirPersons(t *testing.T) {
	for _, rule := range []string{"remove", "anonymise"} {
		t.Run(rule, func(t *testing.T) { filesAreTheirPersons(t, rule) })
	}
}

func filesAreTheirPersons(t *testing.T, rule string) {
	each(t, func(t *testing.T, w *world) {
		board := w.board(t, `{"name":"Ideas","visibility":"public","on_erasure":"`+rule+`"}`)
		ada, bea := w.person(t, "ada@example.org"), w.person(t, "bea@example.org")
		f, g, h := w.attach(t, board, "a.txt", "from Marigold"), w.attach(t, board, "b.txt", "from Bea"), w.attach(t, board, "c.txt", "ours")
		p := w.wish(t, board, `{"title":"A lamp","contact_id":"`+ada+`","file_ids":["`+f.ID+`"]}`)
		w.api(t, "POST", "/posts/"+p.ID+"/comments", `{"body":"Yes","contact_id":"`+bea+`","file_ids":["`+g.ID+`"]}`, http.StatusCreated)
		own := w.wish(t, board, `{"title":"A bench","file_ids":["`+h.ID+`"]}`)

		archive := unzip(t, w.api(t, "GET", "/contacts/"+ada+"/export", "", http.StatusOK).body)
		if archive["files/"+f.ID+"-a.txt"] != "from Marigold" || !strings.Contains(archive["data.json"], `"name":"a.txt"`) || strings.Contains(archive["data.json"], g.ID) {
			t.Errorf("the archive has %v", archive["csv/files.csv"])
		}
		for name := range archive {
			if strings.Contains(name, g.ID) {
				t.Error("somebody else's file is in the archive")
			}
		}
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"they asked"}`, http.StatusOK)
		if a := w.api(t, "GET", "/files/"+f.ID, "", http.StatusConflict); a.code() != "processing_restricted" {
			t.Errorf("a restricted person's file: %s", a.body)
		}
		if got := filesOf(t, w.api(t, "GET", "/posts/"+p.ID, "", http.StatusOK)); len(got) > 0 {
			t.Errorf("a restricted person's files are told of: %v", got)
		}
		w.api(t, "GET", "/files/"+g.ID, "", http.StatusOK)
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":false,"reason":"done"}`, http.StatusOK)

		if a := w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK); !strings.Contains(a.body, `"files":1`) {
			t.Errorf("the receipt: %.300s", a.body)
		}
		w.api(t, "GET", "/files/"+f.ID, "", http.StatusNotFound)
		w.api(t, "GET", "/files/"+h.ID, "", http.StatusOK)
		left := 1 // with the post goes what is under it
		if rule == "anonymise" {
			left = 2
			w.api(t, "GET", "/files/"+g.ID, "", http.StatusOK)
		}
		w.filesLeft(t, left)
		w.api(t, "GET", "/posts/"+own.ID, "", http.StatusOK)
		if a := w.do(t, call{method: "POST", path: "/api/v1/boards/" + board + "/posts", body: `{"title":"x","contact_id":"` + ada + `"}`, header: bearer(w.made.APIKey)}); a.status != http.StatusNotFound {
			t.Errorf("a post for somebody who was erased: %d", a.status)
		}
	})
}

// Who is let read a post is let read its files, and nobody else, whichever id they guess.
func TestFilesAreForReadersOfTheirPost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		board, elsewhere := w.board(t, publicBoard), w.board(t, `{"name":"Other","visibility":"public"}`)
		as := boards.Unnamed(t.Context(), w.made.Workspace.ID)
		may := func(want bool, what, board, id string) {
			t.Helper()
			f, err := w.Boards.OpenPublicFile(as, board, id)
			if err == nil {
				err = f.Content.Close()
			}
			if (err == nil) != want {
				t.Errorf("%s: %v", what, err)
			}
		}
		loose, f, c, in := w.attach(t, board, "a.txt", "a"), w.attach(t, board, "b.txt", "b"), w.attach(t, board, "c.txt", "c"), w.attach(t, board, "d.txt", "d")
		p := w.wish(t, board, `{"title":"A lamp","file_ids":["`+f.ID+`"]}`)
		var said struct{ ID string }
		w.api(t, "POST", "/posts/"+p.ID+"/comments", `{"body":"x","file_ids":["`+c.ID+`"]}`, http.StatusCreated).json(t, &said)
		w.api(t, "POST", "/posts/"+p.ID+"/comments", `{"body":"x","internal":true,"file_ids":["`+in.ID+`"]}`, http.StatusCreated)
		may(true, "a post's", board, f.ID)
		may(true, "a comment's", board, c.ID)
		may(false, "one that waits", board, loose.ID)
		may(false, "of a note between colleagues", board, in.ID)
		may(false, "by another board's address", elsewhere, f.ID)
		may(false, "what is not there", board, "fil_x")
		w.api(t, "PATCH", "/comments/"+said.ID, `{"state":"pending"}`, http.StatusOK)
		may(false, "of a comment that waits", board, c.ID)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"state":"pending"}`, http.StatusOK)
		may(false, "of a post that waits", board, f.ID)
		w.api(t, "PATCH", "/posts/"+p.ID, `{"state":"published"}`, http.StatusOK)
		w.api(t, "POST", "/posts/"+p.ID+"/merge", `{"post_id":"`+w.wish(t, board, `{"title":"Another"}`).ID+`"}`, http.StatusOK)
		may(false, "of a post that was merged", board, f.ID)
	})
}

// Uploads that nobody attached go after a day, and so do bytes that no row knows; a
// store that is away keeps nothing that is to go once it is back.
func TestWhatNobodyAttachedGoes(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		board := w.board(t, `{"name":"Ideas"}`)
		loose, kept := w.attach(t, board, "a.txt", "a"), w.attach(t, board, "b.txt", "b")
		w.wish(t, board, `{"title":"A lamp","file_ids":["`+kept.ID+`"]}`)
		dir := filepath.Join(w.cfg.Data, "files")
		lost := filepath.Join(dir, w.made.Workspace.ID, "fil_lost")
		foreign := filepath.Join(dir, "wsp_foreign", "fil_1")
		for _, path := range []string{lost, foreign} {
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		now := clk.Now()
		for _, path := range []string{lost, foreign, filepath.Join(dir, w.made.Workspace.ID, loose.ID), filepath.Join(dir, w.made.Workspace.ID, kept.ID)} {
			if err := os.Chtimes(path, now, now); err != nil {
				t.Fatal(err)
			}
		}
		keepHouse := func() {
			t.Helper()
			for _, do := range []func(context.Context) error{w.Files.Expire, w.Files.Sweep} {
				if err := do(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
		clk.Advance(23 * time.Hour)
		keepHouse()
		w.filesLeft(t, 4)
		clk.Advance(2 * time.Hour)
		keepHouse()
		w.api(t, "GET", "/files/"+loose.ID, "", http.StatusNotFound)
		w.filesLeft(t, 2)
		if _, err := os.Stat(foreign); err != nil {
			t.Error("bytes of a workspace that is not here were removed")
		}
		w.api(t, "GET", "/files/"+kept.ID, "", http.StatusOK)

		away := dir + ".away"
		if err := os.Rename(dir, away); err != nil { // what is open stays open: the store sees it still
			t.Fatal(err)
		}
		blocked := filepath.Join(away, w.made.Workspace.ID, kept.ID)
		if err := os.Remove(blocked); err != nil {
			t.Fatal(err)
		}
		w.api(t, "GET", "/files/"+kept.ID, "", http.StatusNotFound)
		if err := os.MkdirAll(filepath.Join(blocked, "x"), 0o700); err != nil { // it cannot be removed
			t.Fatal(err)
		}
		var list struct{ Data []struct{ ID string } }
		w.api(t, "GET", "/boards/"+board+"/posts", "", http.StatusOK).json(t, &list)
		w.api(t, "DELETE", "/posts/"+list.Data[0].ID, "", http.StatusNoContent)
		if err := w.Files.Work(t.Context()); err == nil {
			t.Error("what could not be removed is said to be gone")
		}
		if n := rowCounts(t, w.DB)["file_removals"]; n != 1 {
			t.Errorf("%d removals are left", n)
		}
		if err := os.RemoveAll(filepath.Join(blocked, "x")); err != nil {
			t.Fatal(err)
		}
		if err := w.Files.Work(t.Context()); err != nil || rowCounts(t, w.DB)["file_removals"] != 1 {
			t.Errorf("it was tried again at once: %v", err)
		}
		clk.Advance(6 * time.Minute)
		if err := w.Files.Work(t.Context()); err != nil || rowCounts(t, w.DB)["file_removals"] != 0 {
			t.Errorf("it was not tried again: %v", err)
		}
	})
}

// One person uploads no more than so much in a day.
func TestFilesOfADay(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		g := v.signInTo(t, "ada@example.org")
		text := strings.Repeat("x", 10<<20)
		add := func() error {
			return v.Boards.Act(t.Context(), g, func(ctx context.Context) error {
				st, err := v.Files.Stage(ctx, "a.txt", []byte(text))
				if err != nil {
					return err
				}
				_, err = v.Boards.CreatePost(ctx, v.board, boards.NewPost{Title: "A lamp", Attaching: boards.Attaching{Staged: []*staged{st}}})
				if err != nil {
					v.Files.Discard(ctx, st)
				}
				return err
			})
		}
		for i := range 5 {
			if err := add(); err != nil {
				t.Fatal(i, err)
			}
			v.clk.Advance(time.Hour)
		}
		if err := add(); !isCode(err, "rate_limited") {
			t.Errorf("more than 50 MB a day: %v", err)
		}
		if n := len(v.stored(t)); n != 5 {
			t.Errorf("%d files are stored", n)
		}
		v.clk.Advance(21 * time.Hour)
		if err := add(); err != nil {
			t.Errorf("the next day: %v", err)
		}
		if narrow := unzip(t, v.api(t, "GET", "/contacts/"+g.ContactID+"/export?kind=portability", "", http.StatusOK).body); len(narrow["files/"+firstFile(narrow)]) != 10<<20 {
			t.Error("what they uploaded themselves cannot be taken along")
		}
	})
}

func firstFile(archive map[string]string) string {
	for name := range archive {
		if rest, is := strings.CutPrefix(name, "files/"); is {
			return rest
		}
	}
	return ""
}
