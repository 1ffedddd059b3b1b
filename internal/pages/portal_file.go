package pages

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"html"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/request"
)

// held shows the page of one contact's access export, which is made to be read.
func (p *Pages) held(w http.ResponseWriter, r *http.Request, v *visit) error {
	h, err := v.contact(r.URL.Query().Get("contact"))
	if err != nil {
		return err
	}
	one := *v.person
	one.Contacts = []request.Held{h}
	ready, err := p.isReady(r.Context(), v, one, request.Access)
	if err != nil {
		return err
	}
	if !ready {
		return fault.Conflict("not_ready", "Somebody looks at this first.")
	}
	var zipped bytes.Buffer
	if err := p.Requests.Download(r.Context(), one, request.Access, v.Lang, &zipped); err != nil {
		return err
	}
	page, err := readable(zipped.Bytes())
	if err != nil {
		return err
	}
	back := `<p><a href="` + html.EscapeString(string(v.url("/me"))) + `">` + html.EscapeString(v.T("back.data")) + "</a></p>\n"
	page = bytes.Replace(page, []byte("<main>\n"), []byte("<main>\n"+back), 1)
	head := w.Header()
	head.Set("Content-Type", "text/html; charset=utf-8")
	head.Set("Content-Security-Policy", strings.Replace(policy, "style-src 'self'", "style-src "+styleHashes(page), 1))
	_, _ = w.Write(page)
	return nil
}

// isReady tells whether the person may have an export of a kind now: where the
// workspace looks at such requests first, once it answered one about each contact.
func (p *Pages) isReady(ctx context.Context, v *visit, person request.Person, kind string) (bool, error) {
	if !v.ws.Settings.Reviews(kind) {
		return true, nil
	}
	own, err := p.Requests.Own(ctx, person)
	if err != nil {
		return false, err
	}
	for _, c := range person.Contacts {
		if !slices.ContainsFunc(own, func(r request.Request) bool {
			return r.Kind == kind && r.State == request.Completed && r.ContactID != nil && *r.ContactID == c.ID
		}) {
			return false, nil
		}
	}
	return true, nil
}

// readable gives the page in an archive.
func readable(archive []byte) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	f, err := z.Open("index.html")
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // it was read from memory
	return io.ReadAll(f)
}

// styleHashes allows the style blocks that stand in a page, and no other.
func styleHashes(page []byte) string {
	var allowed []string
	for rest := string(page); ; {
		_, after, found := strings.Cut(rest, "<style>")
		if !found {
			break
		}
		style, next, _ := strings.Cut(after, "</style>")
		sum := sha256.Sum256([]byte(style))
		if one := "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !slices.Contains(allowed, one) {
			allowed = append(allowed, one)
		}
		rest = next
	}
	if len(allowed) == 0 {
		return "'none'"
	}
	return strings.Join(allowed, " ")
}

// file answers an access or portability request with its archive, or says by when
// it is answered where the workspace looks first.
func (p *Pages) file(w http.ResponseWriter, r *http.Request, v *visit) error {
	kind := r.PostFormValue("kind")
	if kind != request.Portability {
		kind = request.Access
	}
	looks := v.ws.Settings.Reviews(kind)
	ready, err := p.isReady(r.Context(), v, *v.person, kind)
	if err == nil && (!looks || !ready) {
		_, err = p.Requests.Ask(r.Context(), *v.person, request.New{Kind: kind, Locale: v.Lang})
	}
	if err != nil {
		return err
	}
	if !ready {
		v.to(w, "/me/requests", "done", "request")
		return nil
	}
	var zipped bytes.Buffer
	if err := p.Requests.Download(r.Context(), *v.person, kind, v.Lang, &zipped); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/zip")
	h.Set("Content-Disposition", `attachment; filename="`+v.ws.Slug+`-`+kind+`.zip"`)
	_, _ = w.Write(zipped.Bytes())
	return nil
}
