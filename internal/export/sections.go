package export

import (
	"fmt"
	"reflect"

	"github.com/botimum/botimum/internal/privacy"
)

// sink is a form that records are written in.
type sink interface {
	begin(section string, zero any) error
	record(record any) error
	end() error
}

// walker feeds what the holders hand out into a sink, section by section, narrowed
// to the kind of export. What was announced and did not come is written empty.
type walker struct {
	kind    string
	sink    sink
	current string
	done    map[string]bool
}

// through walks over the person's records once.
func through(kind string, to sink, sections []privacy.Section, walk func(privacy.Export) error) error {
	w := &walker{kind: kind, sink: to, done: map[string]bool{}}
	if err := walk(w.take); err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return err
	}
	for _, s := range sections {
		if w.done[s.Name] || !included(kind, s.Record) {
			continue
		}
		if err := w.begin(s.Name, s.Record); err != nil {
			return err
		}
		if err := w.finish(); err != nil {
			return err
		}
	}
	return nil
}

// included tells whether records of this type can be in an export of the kind.
func included(kind string, record any) bool {
	_, ok := record.(privacy.Provided)
	return ok || kind != Portability
}

func (w *walker) take(section string, record any) error {
	if reflect.TypeOf(record).Kind() != reflect.Struct {
		return fmt.Errorf("export: a record of %s is no struct", section)
	}
	if w.kind == Portability {
		provided, ok := record.(privacy.Provided)
		if !ok {
			return nil
		}
		if record, ok = provided.Provided(); !ok {
			return nil
		}
	}
	if section != w.current {
		if err := w.finish(); err != nil {
			return err
		}
		if err := w.begin(section, record); err != nil {
			return err
		}
	}
	return w.sink.record(record)
}

func (w *walker) begin(section string, record any) error {
	if w.done[section] {
		return fmt.Errorf("export: the records of %s do not come one after the other", section)
	}
	w.done[section], w.current = true, section
	return w.sink.begin(section, record)
}

func (w *walker) finish() error {
	if w.current == "" {
		return nil
	}
	w.current = ""
	return w.sink.end()
}
