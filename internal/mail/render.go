package mail

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	htmltemplate "html/template"
	netmail "net/mail"
	"strings"
)

// Rendered is a mail as its reader sees it.
type Rendered struct {
	Lang    string
	RTL     bool
	Subject string
	Text    string
	HTML    string
}

// fact is a value that stands beside its label.
type fact struct{ Label, Value string }

// sheet is what the two forms of a mail are made from. All of it is plain text.
type sheet struct {
	Lang, Dir, Subject, Title, Hello string
	Before, After                    []string
	Facts                            []fact
	Button, URL, IfNot               string
	Automatic, Notice, NoticeURL     string
	Stop, StopURL                    string
	Style                            htmltemplate.CSS
}

// letter writes a mail in its recipient's language.
func (s *Service) letter(ctx context.Context, r row, c content) (letter, error) {
	ws, err := s.Workspace(ctx, r.workspaceID)
	if err != nil {
		return letter{}, err
	}
	out, err := render(r.template, c, ws)
	if err != nil {
		return letter{}, err
	}
	from := s.From
	if from.Name == "" {
		from.Name = oneLine(ws.Name)
	}
	return letter{from: from, to: netmail.Address{Name: plainName(c.Name), Address: c.Address}, messageID: r.messageID, date: s.Clock.Now(),
		lang: out.Lang, subject: out.Subject, text: out.Text, html: out.HTML, unsubscribe: c.Unsubscribe}, nil
}

// render writes a mail. It fails rather than leave anything out.
func render(name string, c content, ws Workspace) (Rendered, error) {
	t, ok := templateCalled(name)
	if !ok {
		return Rendered{}, errors.New("mail: there is no template " + name)
	}
	if err := t.check(c.Values); err != nil {
		return Rendered{}, err
	}
	w := language(c.Locale, ws.Locale)
	sh := w.sheet(t, c, ws)
	var html strings.Builder
	if err := page.Execute(&html, sh); err != nil {
		return Rendered{}, err
	}
	return Rendered{Lang: w.lang, RTL: w.rtl, Subject: sh.Subject, Text: sh.text(), HTML: html.String()}, nil
}

// sheet puts the values into the words.
func (w *words) sheet(t template, c content, ws Workspace) sheet {
	inline := map[string]string{"workspace": oneLine(ws.Name), "name": plainName(c.Name), "child_service": oneLine(c.Values["child_service"])}
	bare := w.filler(inline, false)
	fill := w.filler(inline, w.rtl)
	say := w.mails[t.name]
	sh := sheet{Lang: w.lang, Dir: "ltr", Subject: bare(say.subject), Title: fill(say.title), Hello: w.helloAll, Button: say.button, IfNot: w.ifNot,
		Automatic: fill(w.automatic), Notice: fill(w.notice), NoticeURL: ws.Notice, Style: style}
	if w.rtl {
		sh.Dir = "rtl"
	}
	if inline["name"] != "" {
		sh.Hello = fill(w.hello)
	}
	for _, p := range say.before {
		sh.Before = append(sh.Before, fill(p))
	}
	for _, p := range say.after {
		sh.After = append(sh.After, fill(p))
	}
	for _, v := range t.values {
		switch {
		case v.sort == link:
			sh.URL = c.Values[v.name]
		case v.sort == stop:
			sh.Stop, sh.StopURL = w.labels["stop"], c.Values[v.name]
		case inline[v.name] == "": // it does not stand in a sentence
			sh.Facts = append(sh.Facts, fact{w.labels[v.name], v.sort.show(w, t.inside, c.Values[v.name])})
		}
	}
	return sh
}

// filler gives a function that puts values into a text. What is isolated keeps its
// own direction of writing in a text of the other (Unicode Standard Annex 9).
func (w *words) filler(values map[string]string, isolate bool) func(string) string {
	var pairs []string
	for name, v := range values {
		if isolate {
			v = "\u2068" + v + "\u2069"
		}
		pairs = append(pairs, "{"+name+"}", v)
	}
	return strings.NewReplacer(pairs...).Replace
}

// text gives the plain form.
func (sh sheet) text() string {
	blocks := append([]string{sh.Title, sh.Hello}, sh.Before...)
	if len(sh.Facts) > 0 {
		lines := make([]string, len(sh.Facts))
		for i, f := range sh.Facts {
			lines[i] = f.Label + ": " + f.Value
		}
		blocks = append(blocks, strings.Join(lines, "\n"))
	}
	if sh.URL != "" {
		blocks = append(blocks, sh.Button+":\n"+sh.URL)
	}
	blocks = append(blocks, sh.After...)
	foot := "-- \n" + sh.Automatic // a signature, which mail programs fold away (RFC 3676 section 4.3)
	if sh.NoticeURL != "" {
		foot += "\n" + sh.Notice + ":\n" + sh.NoticeURL
	}
	if sh.StopURL != "" {
		foot += "\n" + sh.Stop + ":\n" + sh.StopURL
	}
	return strings.Join(append(blocks, foot), "\n\n") + "\n"
}

// style is all of a mail's style: the mail program's own colours, so that it is
// readable in the light and in the dark, and one of ours on the button.
const style htmltemplate.CSS = `body{margin:0;padding:24px 16px;font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}` +
	`main,footer{max-width:34em;margin:0 auto}h1{font-size:22px;line-height:1.3;margin:0 0 16px}p,dl{margin:0 0 16px}` +
	`dt{font-size:14px;opacity:.75}dd{margin:0 0 8px;font-weight:600;white-space:pre-line}` +
	`.go{display:inline-block;padding:12px 20px;border-radius:8px;background:#0f766e;color:#fff;font-weight:600;text-decoration:none}` +
	`.small{font-size:14px;opacity:.8;overflow-wrap:anywhere}footer{margin-top:32px;padding-top:16px;border-top:1px solid rgba(128,128,128,.4)}`

// StyleHash is the source by which a Content-Security-Policy allows the style of a
// mail, and no other.
func StyleHash() string {
	sum := sha256.Sum256([]byte(style))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// page is the form for those who like it set: no images, nothing from elsewhere.
var page = htmltemplate.Must(htmltemplate.New("mail").Parse(`<!doctype html>
<html lang="{{.Lang}}" dir="{{.Dir}}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{{.Subject}}</title>
<style>{{.Style}}</style>
</head>
<body>
<main>
<h1>{{.Title}}</h1>
<p>{{.Hello}}</p>
{{- range .Before}}
<p>{{.}}</p>
{{- end}}
{{- if .Facts}}
<dl>
{{- range .Facts}}
<dt>{{.Label}}</dt>
<dd dir="auto">{{.Value}}</dd>
{{- end}}
</dl>
{{- end}}
{{- if .URL}}
<p><a class="go" href="{{.URL}}">{{.Button}}</a></p>
<p class="small">{{.IfNot}}<br><a dir="ltr" href="{{.URL}}">{{.URL}}</a></p>
{{- end}}
{{- range .After}}
<p>{{.}}</p>
{{- end}}
</main>
<footer>
<p class="small">{{.Automatic}}</p>
{{- if .NoticeURL}}
<p class="small"><a href="{{.NoticeURL}}">{{.Notice}}</a></p>
{{- end}}
{{- if .StopURL}}
<p class="small"><a href="{{.StopURL}}">{{.Stop}}</a></p>
{{- end}}
</footer>
</body>
</html>
`))
