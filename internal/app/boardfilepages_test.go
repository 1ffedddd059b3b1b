package app_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// send sends a form with files, as a browser without JavaScript does. Of the fields,
// those that begin with @ are files: @name, content.
func (b *reader) send(t *testing.T, path string, want int, fields ...string) answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if len(b.cookies) > 0 && fields[0] != "form" {
		token := formField.FindStringSubmatch(b.get(t, boardAt+"/new", http.StatusOK).body)
		fields = append([]string{"form", token[1]}, fields...)
	}
	for i := 0; i < len(fields); i += 2 {
		var w io.Writer
		name, isFile := strings.CutPrefix(fields[i], "@")
		var err error
		if isFile {
			w, err = form.CreateFormFile("files", name)
		} else {
			w, err = form.CreateFormField(name)
		}
		if err == nil {
			_, err = io.WriteString(w, fields[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "POST", b.v.server.URL+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	followNone := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := followNone.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != want {
		t.Fatalf("POST %s: %d, want %d: %.3000s", path, res.StatusCode, want, raw)
	}
	return answer{status: res.StatusCode, header: res.Header, body: string(raw)}
}

var fileLink = regexp.MustCompile(boardAt + `/files/(fil_[a-z0-9]+)`)

// People attach files by forms alone, everybody reads them who reads the post, and who
// has not signed in changes nothing.
func TestFilesOnPages(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		ada, other := v.reader(), v.reader()
		ada.open(t, url.Values{"email": {"ada@example.org"}})
		if page := ada.get(t, boardAt+"/new", http.StatusOK).body; !strings.Contains(page, `type="file"`) || !strings.Contains(page, `enctype="multipart/form-data"`) {
			t.Error("the form takes no files")
		}
		// What is wrong is told, the words stay, and nobody came to be.
		wrong := ada.send(t, boardAt+"/new", http.StatusUnprocessableEntity, "title", "A lamp", "@a.txt", "fine", "@b.png", "<html><script>alert(1)</script>")
		if !strings.Contains(wrong.body, `value="A lamp"`) || !strings.Contains(wrong.body, "A file was not taken") || len(v.stored(t)) > 0 {
			t.Errorf("%d files are stored after a form that was refused", len(v.stored(t)))
		}
		ada.send(t, boardAt+"/new", http.StatusUnprocessableEntity, "title", "A lamp", "@big.txt", strings.Repeat("x", 10<<20+1))
		ada.send(t, boardAt+"/new", http.StatusUnprocessableEntity, "title", "A lamp", "@1.txt", "1", "@2.txt", "2", "@3.txt", "3", "@4.txt", "4", "@5.txt", "5", "@6.txt", "6")
		ada.send(t, boardAt+"/new", http.StatusUnprocessableEntity, "title", "", "@1.txt", "1")
		if n := rowCounts(t, v.DB)["files"]; n != 0 || len(v.stored(t)) > 0 {
			t.Errorf("%d files are left of forms that were refused", n)
		}
		other.send(t, boardAt+"/new", http.StatusSeeOther, "title", "A lamp", "@a.txt", "x")

		v.wish(t, v.board, `{"title":"A lamp by the door"}`) // one that is alike does not take the files away
		made := ada.send(t, boardAt+"/new", http.StatusSeeOther, "title", "A lamp", "@photo.jpg", photo(t), "@log <b>.txt", "all is well")
		page := other.get(t, made.header.Get("Location"), http.StatusOK).body
		links := fileLink.FindAllStringSubmatch(page, -1)
		if len(links) != 3 || !strings.Contains(page, `width="2560" height="1280" loading="lazy"`) || !strings.Contains(page, "log _b_.txt") || strings.Contains(page, "<b>.txt") {
			t.Fatalf("the page shows %v: %s", links, page)
		}
		picture, text := links[0][0], links[2][0]
		if a := other.get(t, picture, http.StatusOK); a.header.Get("Content-Type") != "image/jpeg" || a.header.Get("Content-Encoding") != "" ||
			a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" {
			t.Errorf("a picture comes as %v", a.header)
		}
		other.header.Set("Range", "bytes=0-2")
		if a := other.get(t, text, http.StatusPartialContent); a.body != "all" || !strings.HasPrefix(a.header.Get("Content-Disposition"), "attachment") {
			t.Errorf("a part of a text: %q %v", a.body, a.header)
		}
		other.header.Del("Range")
		other.get(t, boardAt+"/files/fil_01jdb2k8q5e6r7s8t9v0w1x2y3", http.StatusNotFound)

		// One stays, another comes; a comment has files, too.
		at := strings.SplitN(made.header.Get("Location"), "-", 2)[0]
		if edit := ada.get(t, at+"/edit", http.StatusOK).body; strings.Count(edit, `name="keep"`) != 2 {
			t.Error("the form of a change does not tell what is attached")
		}
		ada.send(t, at+"/edit", http.StatusSeeOther, "title", "A lamp", "body", "", "kept", "yes", "keep", links[0][1], "@new.txt", "new")
		page = other.get(t, made.header.Get("Location"), http.StatusOK).body
		if !strings.Contains(page, picture) || strings.Contains(page, text) || !strings.Contains(page, "new.txt") {
			t.Errorf("after the change the page shows %v", fileLink.FindAllString(page, -1))
		}
		other.get(t, text, http.StatusNotFound)
		ada.send(t, boardAt+"/p/1/comments", http.StatusSeeOther, "body", "Like this", "@plan.pdf", "%PDF-1.7")
		page = other.get(t, boardAt+"/p/1-a-bench-by-the-pond", http.StatusOK).body
		pdf := fileLink.FindString(page)
		if !strings.Contains(page, "plan.pdf") {
			t.Errorf("the comment shows no file: %s", page)
		}
		bea := v.reader()
		bea.open(t, url.Values{"email": {"bea@example.org"}})
		bea.send(t, at+"/edit", http.StatusNotFound, "title", "Mine", "kept", "yes")

		// What is not shown, or not to everybody, is not there.
		v.api(t, "PATCH", "/boards/"+v.board, `{"visibility":"contacts"}`, http.StatusOK)
		other.get(t, pdf, http.StatusUnauthorized)
		ada.get(t, pdf, http.StatusOK)
		v.api(t, "PATCH", "/boards/"+v.board, `{"visibility":"private"}`, http.StatusOK)
		ada.get(t, pdf, http.StatusNotFound)
		other.get(t, picture, http.StatusNotFound)
	})
}

// A form of somebody who has not signed in, or that is no form, is not read to its end.
func TestFormsWithFilesHoldOut(t *testing.T) {
	voices(t, publicBoard, func(t *testing.T, v *voicesWorld) {
		stranger, ada := v.reader(), v.reader()
		ada.open(t, url.Values{"email": {"ada@example.org"}})
		stranger.send(t, boardAt+"/new", http.StatusRequestEntityTooLarge, "title", "x", "@a.txt", strings.Repeat("x", 1<<20))
		many := make([]string, 0, 200)
		for range 100 {
			many = append(many, "x", "y")
		}
		ada.send(t, boardAt+"/new", http.StatusBadRequest, many...)
		ada.send(t, boardAt+"/new", http.StatusRequestEntityTooLarge, "body", strings.Repeat("x", 300<<10))
		ada.send(t, boardAt+"/new", http.StatusForbidden, "form", "stale", "title", "x", "@a.txt", "x")
		if len(v.stored(t)) > 0 {
			t.Error("something was stored")
		}
	})
}
