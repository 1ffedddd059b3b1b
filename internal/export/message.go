package export

import (
	"reflect"
	"time"
)

// message is a record that reads better as something said than as a table's row.
type message struct {
	author, body, kind string
	at                 time.Time
	redacted           bool
}

// asMessage recognises what somebody wrote by its fields, since this package does
// not know the domains.
func (p *page) asMessage(record any) (m message, ok bool) {
	if p.section != "messages" {
		return m, false
	}
	v := reflect.ValueOf(record)
	for _, c := range p.columns {
		field := v.FieldByIndex(c.at)
		switch value := field.Interface().(type) {
		case string:
			switch c.name {
			case "author":
				m.author = value
			case "body":
				m.body, ok = value, true
			case "type":
				m.kind = value
			}
		case time.Time:
			if c.name == "created_at" {
				m.at = value
			}
		case *time.Time:
			m.redacted = m.redacted || (c.name == "redacted_at" && value != nil)
		}
	}
	return m, ok
}

func (p *page) message(m message) {
	class := m.author
	if m.kind == "note" {
		class = "note"
	}
	p.put(`<article class="`)
	p.text(class)
	p.put(`"><header><b>`)
	p.text(p.words.value(m.author))
	p.put(`</b><time datetime="` + m.at.UTC().Format(time.RFC3339Nano) + `">` + m.at.UTC().Format("2006-01-02 15:04:05") + "</time>")
	if m.kind == "note" {
		p.put("<span>")
		p.text(p.words.text("note"))
		p.put("</span>")
	}
	p.put(`</header><p dir="auto">`)
	if m.redacted {
		m.body = p.words.text("redacted")
	}
	p.text(p.short(m.body))
	p.put("</p></article>\n")
}
