package export

import (
	"encoding/json"
	"io"
	"time"

	"github.com/botimum/botimum/internal/privacy"
)

// Format is the name of the document, and Version the number of its schema.
const (
	Format  = "botimum-export"
	Version = 1
)

// Head is what stands in data.json before the sections.
type Head struct {
	Format     string            `json:"format" enum:"botimum-export"`
	Version    int               `json:"version"`
	Kind       string            `json:"kind" enum:"access,portability,account"`
	CreatedAt  time.Time         `json:"created_at" doc:"The moment of the snapshot that everything here is of."`
	ContactID  string            `json:"contact_id,omitempty" doc:"Whose it is; absent for an operator."`
	OperatorID string            `json:"operator_id,omitempty" doc:"Whose it is; absent for a contact."`
	Workspace  Controller        `json:"workspace" doc:"Who decides why and how the data is processed: the controller."`
	Purposes   []privacy.Purpose `json:"purposes" doc:"What the workspace uses personal data for."`
	Catalogue  []privacy.Field   `json:"catalogue" doc:"What is stored of contacts: category, purpose, lawful basis, retention, recipients."`
	// AutomatedDecisions are none, and there is no switch that would change it.
	AutomatedDecisions bool `json:"automated_decisions" doc:"Whether decisions are made by a machine alone (article 22)."`
	terms              func(lang string, f privacy.Field, names map[string]string) (string, bool)
}

// document writes data.json: the head, then the sections, record by record.
type document struct {
	out     io.Writer
	records int
	opened  bool
	err     error
}

func newDocument(w io.Writer, h Head) (*document, error) {
	d := &document{out: w}
	raw, err := marshal(h)
	if err != nil {
		return nil, err
	}
	d.put(string(raw[:len(raw)-1]) + ",\n\"sections\":{")
	return d, d.err
}

func (d *document) put(s string) {
	if d.err == nil {
		_, d.err = io.WriteString(d.out, s)
	}
}

func (d *document) begin(section string, _ any) error {
	if d.opened {
		d.put(",")
	}
	d.opened, d.records = true, 0
	d.put("\n\"" + section + "\":[")
	return d.err
}

func (d *document) record(record any) error {
	raw, err := marshal(record)
	if err != nil {
		return err
	}
	if d.records > 0 {
		d.put(",")
	}
	d.records++
	d.put("\n" + string(raw))
	return d.err
}

func (d *document) end() error {
	d.put("]")
	return d.err
}

func (d *document) close() error {
	d.put("\n}}\n")
	return d.err
}

// marshal gives JSON without escapes that only HTML needs.
func marshal(v any) ([]byte, error) {
	var b writer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return b[:len(b)-1], nil // without the line end
}

type writer []byte

func (w *writer) Write(p []byte) (int, error) {
	*w = append(*w, p...)
	return len(p), nil
}
