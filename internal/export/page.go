package export

import (
	"bufio"
	_ "embed"
	"html"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/privacy"
)

//go:embed style.css
var style string

// page writes index.html as it goes: the whole of it is never in memory.
type page struct {
	out     *bufio.Writer
	words   words
	head    Head
	section string
	columns []column
	open    bool // whether the table of the section is
	empty   bool
	longest int // bytes of a text that are shown; 0 is all
}

// writePage writes index.html: first what article 15 asks to be said, then the data.
func writePage(create func(string) (io.Writer, error), h Head, locale string, sections []privacy.Section, walk func(privacy.Export) error) error {
	texts, err := wordsOf(locale)
	if err != nil {
		return err
	}
	w, err := create("index.html")
	if err != nil {
		return err
	}
	p := &page{out: bufio.NewWriterSize(w, 16<<10), words: texts, head: h}
	p.begins(sections)
	said := map[string][]string{Access: {"from", "seen", "automated", "transfers"}, Own: {"written", "automated", "transfers"}}[h.Kind]
	if len(h.Purposes) > 0 && h.Kind == Access {
		p.purposes()
	}
	if h.Kind != Portability {
		p.catalogue()
	}
	for _, key := range said {
		p.heading(key)
		p.paragraph(texts.text(key+".text", "name", h.Workspace.Name))
	}
	p.rights()
	p.put(`<section aria-labelledby="data"><h2 id="data">`)
	p.text(texts.text("data"))
	p.put("</h2>\n")
	if err := through(h.Kind, p, sections, walk); err != nil {
		return err
	}
	p.put("</section>\n</main>\n</body>\n</html>\n")
	return p.out.Flush()
}

// put writes markup. The buffer keeps an error until it is emptied.
func (p *page) put(markup string) { _, _ = p.out.WriteString(markup) }

// text writes what is no markup.
func (p *page) text(s string) { p.put(html.EscapeString(s)) }

func (p *page) paragraph(s string) {
	p.put("<p>")
	p.text(s)
	p.put("</p>\n")
}

func (p *page) heading(key string) {
	p.put("<h2>")
	p.text(p.words.text(key))
	p.put("</h2>\n")
}

func (p *page) begins(sections []privacy.Section) {
	name := p.head.Workspace.Name
	title := p.words.text("title."+p.head.Kind, "name", name)
	p.put(`<!doctype html>` + "\n" + `<html lang="` + p.words.Language + `" dir="` + p.words.direction() + `">` + "\n<head>\n" +
		`<meta charset="utf-8">` + "\n" + `<meta name="viewport" content="width=device-width, initial-scale=1">` + "\n" +
		`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">` + "\n" +
		`<meta name="referrer" content="no-referrer">` + "\n" + `<meta name="robots" content="noindex">` + "\n<title>")
	p.text(title)
	p.put("</title>\n<style>\n" + style + "</style>\n</head>\n<body>\n<main>\n" + `<p class="eyebrow">`)
	p.text(p.words.text("eyebrow"))
	p.put("</p>\n<h1>")
	p.text(title)
	p.put("</h1>\n")
	p.paragraph(p.words.text("lead."+p.head.Kind, "date", p.head.CreatedAt.Format("2006-01-02 15:04 MST")))
	p.put(`<p class="soft">`)
	p.text(p.words.text("files"))
	p.put("</p>\n" + `<nav aria-label="`)
	p.text(p.words.text("contents"))
	p.put("\"><ul>\n")
	for _, s := range sections {
		if included(p.head.Kind, s.Record) {
			p.put(`<li><a href="#` + s.Name + `">`)
			p.text(p.words.section(s.Name))
			p.put("</a></li>\n")
		}
	}
	p.put("</ul></nav>\n")
}

// purposeName is how the workspace calls a purpose, or how we call one of ours.
func (p *page) purposeName(key string) string {
	for _, one := range p.head.Purposes {
		if one.Key == key {
			text, _ := one.In(p.words.Language)
			return text.Name
		}
	}
	return p.words.value(key)
}

func (p *page) purposes() {
	p.heading("why")
	p.tableBegins("why", []string{p.words.text("purpose"), p.words.text("basis"), p.words.text("wording")})
	for _, one := range p.head.Purposes {
		text, _ := one.In(p.words.Language)
		p.row(text.Name, p.words.value(one.LawfulBasis), text.Wording)
	}
	p.tableEnds()
}

func (p *page) catalogue() {
	p.heading("what")
	w := p.words
	p.tableBegins("what", []string{w.text("holds"), w.text("category"), w.text("purpose"), w.text("basis"), w.text("retention"), w.text("recipients")})
	for _, f := range grouped(p.head.Catalogue) {
		p.put("<tr>")
		p.terms(f.Holds)
		p.terms([]string{f.Category})
		p.cell(p.purposeName(f.Purpose))
		if known := w.Values[f.LawfulBasis]; known != "" {
			p.cell(known)
		} else {
			p.terms([]string{f.LawfulBasis})
		}
		p.retention(f)
		p.terms(f.Recipients)
		p.put("</tr>\n")
	}
	p.tableEnds()
}

// retention writes how long a field is kept, by the workspace's rules where it has
// some.
func (p *page) retention(f privacy.Field) {
	if len(f.Terms) > 0 && p.head.terms != nil {
		names := map[string]string{}
		for _, t := range f.Terms {
			names[t.Purpose] = p.purposeName(t.Purpose)
		}
		if said, translated := p.head.terms(p.words.Language, f, names); translated {
			p.cell(said)
			return
		}
	}
	p.terms([]string{f.Retention})
}

// grouped gives one field for all that have the same answers, so that the table
// says each once.
func grouped(catalogue []privacy.Field) []privacy.Field {
	var out []privacy.Field
	at := map[string]int{}
	for _, f := range catalogue {
		if len(f.Holds) == 0 {
			f.Holds = []string{f.Column}
		}
		key := strings.Join(append([]string{f.Category, f.Purpose, f.LawfulBasis, f.Retention}, f.Recipients...), "\x1f")
		i, known := at[key]
		if !known {
			at[key] = len(out)
			f.Holds = slices.Clone(f.Holds)
			out = append(out, f)
			continue
		}
		for _, one := range f.Holds {
			if !slices.Contains(out[i].Holds, one) {
				out[i].Holds = append(out[i].Holds, one)
			}
		}
	}
	return out
}

// terms writes a cell of the catalogue's texts; those without a translation are
// marked as English.
func (p *page) terms(english []string) {
	p.put("<td>")
	for i, one := range english {
		if i > 0 {
			p.put("; ")
		}
		text, translated := p.words.term(one)
		if translated {
			p.text(text)
			continue
		}
		p.put(`<span lang="en" dir="ltr">`)
		p.text(text)
		p.put("</span>")
	}
	p.put("</td>")
}

func (p *page) rights() {
	p.heading("rights")
	if p.head.Kind == Own {
		p.paragraph(p.words.text("rights.own"))
		p.paragraph(p.words.text("complaint"))
		return
	}
	p.paragraph(p.words.text("rights.text"))
	if at := p.head.Workspace.Privacy; strings.HasPrefix(at, "https://") || strings.HasPrefix(at, "http://") {
		p.put(`<p><a href="`)
		p.text(at)
		p.put(`">`)
		p.text(p.words.text("rights.link"))
		p.put("</a></p>\n")
	}
	p.paragraph(p.words.text("complaint"))
}

// tableBegins opens a table that scrolls on a narrow screen and can be reached by
// keyboard.
func (p *page) tableBegins(label string, columns []string) {
	name := p.words.section(label)
	if p.words.Texts[label] != "" {
		name = p.words.text(label)
	}
	p.put(`<div class="scroll" role="region" tabindex="0" aria-label="`)
	p.text(name)
	p.put(`"><table><thead><tr>`)
	for _, c := range columns {
		p.put(`<th scope="col">`)
		p.text(c)
		p.put("</th>")
	}
	p.put("</tr></thead><tbody>\n")
}

func (p *page) tableEnds() { p.put("</tbody></table></div>\n") }

func (p *page) row(cells ...string) {
	p.put("<tr>")
	for _, c := range cells {
		p.cell(c)
	}
	p.put("</tr>\n")
}

func (p *page) cell(s string) {
	p.put(`<td dir="auto">`)
	p.text(p.short(s))
	p.put("</td>")
}

// begin, record and end make the page a sink of the person's records.
func (p *page) begin(section string, zero any) error {
	p.section, p.columns, p.empty, p.open = section, columnsOf(reflect.TypeOf(zero)), true, false
	p.put(`<h3 id="` + section + `">`)
	p.text(p.words.section(section))
	p.put("</h3>\n")
	return nil
}

func (p *page) record(record any) error {
	p.empty = false
	if m, ok := p.asMessage(record); ok {
		p.message(m)
		return nil
	}
	if !p.open {
		p.open = true
		names := make([]string, len(p.columns))
		for i, c := range p.columns {
			names[i] = p.words.column(c.name)
		}
		p.tableBegins(p.section, names)
	}
	v := reflect.ValueOf(record)
	p.put("<tr>")
	for _, c := range p.columns {
		cell, err := c.of(v)
		if err != nil {
			return err
		}
		p.cell(p.readable(c.name, cell))
	}
	p.put("</tr>\n")
	return nil
}

// spoken are the columns whose values are words of ours.
var spoken = map[string]bool{"by": true, "actor.type": true, "role": true, "author": true, "source": true, "action": true, "lawful_basis": true}

func (p *page) readable(column string, c cell) string {
	if spoken[column] && p.words.Values[c.text] != "" {
		return p.words.Values[c.text]
	}
	if at, err := time.Parse(time.RFC3339Nano, c.text); err == nil && !c.fromText {
		return at.UTC().Format("2006-01-02 15:04:05")
	}
	return c.text
}

func (p *page) end() error {
	switch {
	case p.open:
		p.tableEnds()
	case p.empty:
		p.put(`<p class="soft">`)
		p.text(p.words.text("nothing"))
		p.put("</p>\n")
	}
	return nil
}
