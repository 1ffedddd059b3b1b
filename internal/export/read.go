package export

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"reflect"
	"slices"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// Chapter is a section of an access export, and how many records it has.
type Chapter struct {
	Name, Title string
	Records     int
}

// SectionName gives what a section is called in a language.
func SectionName(language, name string) string {
	w, err := wordsOf(language)
	if err != nil {
		return name
	}
	return w.section(name)
}

// Contents counts what is held about a person, section by section. It is put on
// record as an export is; the pieces that [Service.Read] gives belong to it.
func (s *Service) Contents(ctx context.Context, sub privacy.Subject, locale string) ([]Chapter, error) {
	const op = "export.Contents"
	if err := s.Privacy.Check(ctx, sub); err != nil {
		return nil, fault.Wrap(op, err)
	}
	if err := s.record(ctx, sub, Access); err != nil {
		return nil, fault.Wrap(op, err)
	}
	counts := map[string]int{}
	err := s.Privacy.Snapshot(ctx, sub, func(_ *storage.Tx, walk func(privacy.Export) error) error {
		clear(counts)
		return walk(func(section string, _ any) error {
			counts[section]++
			return nil
		})
	})
	if err != nil {
		return nil, fault.Wrap(op, err)
	}
	var out []Chapter
	for _, one := range s.Privacy.Sections() {
		out = append(out, Chapter{one.Name, SectionName(locale, one.Name), counts[one.Name]})
	}
	return out, fault.Wrap(op, s.Privacy.Check(ctx, sub))
}

// Piece is a part of a section, as markup for a page that has styles for it.
type Piece struct {
	HTML string
	Next int // the record that the next piece begins with; 0 after the last
}

// pieceBytes is how much markup a piece may be.
const pieceBytes = 12 << 10

// Read gives a piece of a section, from a record on, counted from 0. What is too
// long for a piece by itself is cut, and says that the copy has the rest.
func (s *Service) Read(ctx context.Context, sub privacy.Subject, locale, section string, from int) (Piece, error) {
	const op = "export.Read"
	texts, err := wordsOf(locale)
	if err != nil {
		return Piece{}, fault.Wrap(op, err)
	}
	all := s.Privacy.Sections()
	i := slices.IndexFunc(all, func(one privacy.Section) bool { return one.Name == section })
	if i < 0 || from < 0 {
		return Piece{}, fault.NotFound("section")
	}
	if err := s.Privacy.Check(ctx, sub); err != nil {
		return Piece{}, fault.Wrap(op, err)
	}
	var c *cutter
	err = s.Privacy.SnapshotOf(ctx, sub, section, func(walk func(privacy.Export) error) error {
		c = newCutter(texts, all[i], from)
		if err := walk(c.take); err != nil && !errors.Is(err, errFull) {
			return err
		}
		return c.finish()
	})
	if err == nil {
		err = s.Privacy.Check(ctx, sub) // erased meanwhile: nothing is shown
	}
	if err != nil {
		return Piece{}, fault.Wrap(op, err)
	}
	return Piece{HTML: c.out.String(), Next: c.next}, nil
}

// errFull ends a walk when the piece is full.
var errFull = errors.New("the piece is full")

// cutter is the page's sink, for some records of one section.
type cutter struct {
	page       *page
	out, one   bytes.Buffer
	from, seen int
	next       int
}

func newCutter(texts words, s privacy.Section, from int) *cutter {
	c := &cutter{from: from}
	c.page = &page{words: texts, section: s.Name, columns: columnsOf(reflect.TypeOf(s.Record))}
	c.page.out = bufio.NewWriter(&c.one)
	return c
}

func (c *cutter) take(_ string, record any) error {
	if c.seen++; c.seen <= c.from {
		return nil
	}
	opened := c.page.open
	for _, longest := range []int{6 << 10, 1 << 10, 300, 60} {
		c.one.Reset()
		c.page.open, c.page.longest = opened, longest
		if err := c.page.record(record); err != nil {
			return err
		}
		if err := c.page.out.Flush(); err != nil {
			return err
		}
		if c.one.Len() <= pieceBytes {
			break
		}
	}
	if c.out.Len() > 0 && c.out.Len()+c.one.Len() > pieceBytes {
		c.page.open, c.next = opened, c.seen-1
		return errFull
	}
	_, err := c.one.WriteTo(&c.out)
	return err
}

// finish closes what is open.
func (c *cutter) finish() error {
	c.one.Reset()
	if c.page.open {
		c.page.tableEnds()
	}
	if err := c.page.out.Flush(); err != nil {
		return err
	}
	_, err := c.one.WriteTo(&c.out)
	return err
}

// short cuts a text where the page is shown in pieces.
func (p *page) short(s string) string {
	if p.longest == 0 || len(s) <= p.longest {
		return s
	}
	at := p.longest
	for at > 0 && !utf8.RuneStart(s[at]) {
		at--
	}
	return s[:at] + " " + p.words.text("cut")
}
