package export

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// The kinds of export.
const (
	Access      = "access"      // everything that is held (GDPR article 15)
	Portability = "portability" // what the person provided (article 20)
	Own         = "account"     // everything that is held about an operator
)

// Controller is who decides about the data, as the export says it.
type Controller struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Privacy string `json:"privacy_url" doc:"Where the person exercises their rights."`
	Locale  string `json:"-"`
}

// Options are what is wanted.
type Options struct {
	Kind      string // Access, which it is if empty, or Portability
	Locale    string // a language tag (BCP 47); the workspace's own if empty
	Workspace string // the controller's name, where it is not the workspace's
}

// Deps is what the service needs.
type Deps struct {
	DB      *storage.DB
	Privacy *privacy.Service
	Audit   *audit.Log
	Clock   clock.Clock
	Logger  *slog.Logger
	// Dir is where an archive waits, encrypted, for its client: the data directory.
	Dir string
	// Controller tells who the workspace is.
	Controller func(ctx context.Context, workspaceID string) (Controller, error)
	// Terms says the workspace's own terms of a field in a language; nil leaves them
	// in English. Names are those of the purposes, by key.
	Terms func(lang string, f privacy.Field, names map[string]string) (said string, translated bool)
}

// atOnce is how many archives are put together at a time. The others wait: each
// holds a reader of the database.
const atOnce = 2

// Service puts exports together.
type Service struct {
	Deps
	slots chan struct{}
}

// New gives the service.
func New(d Deps) *Service { return &Service{d, make(chan struct{}, atOnce)} }

// Write writes the person's export as a ZIP. It fails before the first byte with
// not found where there is no such person, with gone where they were erased, also
// while the export was being made, and with the context's error where nobody waits
// any more.
func (s *Service) Write(ctx context.Context, sub privacy.Subject, o Options, w io.Writer) error {
	a, err := s.Open(ctx, sub, o)
	if err != nil {
		return err
	}
	defer func() { _ = a.Close() }() // a file without a name
	_, err = a.WriteTo(w)
	return err
}

// Archive is an export that is complete and waits to be sent.
type Archive struct {
	spool   *spool
	content io.Reader
}

// Size is how many bytes it has.
func (a *Archive) Size() int64 { return a.spool.size }

// WriteTo sends it, once.
func (a *Archive) WriteTo(w io.Writer) (int64, error) {
	n, err := io.Copy(w, a.content)
	return n, fault.Wrap("export.WriteTo", err)
}

// Close drops it.
func (a *Archive) Close() error { return a.spool.Close() }

// Open puts the person's export together and gives it when it is complete. The
// caller closes it.
func (s *Service) Open(ctx context.Context, sub privacy.Subject, o Options) (*Archive, error) {
	if o.Kind == "" {
		o.Kind = Access
	}
	if o.Kind != Access && o.Kind != Portability {
		return nil, fault.Invalid("kind", "must be access or portability")
	}
	a, err := s.open(ctx, sub, o)
	return a, fault.Wrap("export.Open", err)
}

func (s *Service) open(ctx context.Context, sub privacy.Subject, o Options) (*Archive, error) {
	w := whose{
		check:    func(ctx context.Context) error { return s.Privacy.Check(ctx, sub) },
		record:   func(ctx context.Context) error { return s.record(ctx, sub, o.Kind) },
		sections: s.Privacy.Sections(),
		snapshot: func(ctx context.Context, fn func(walk func(privacy.Export) error) error) error {
			return s.Privacy.Snapshot(ctx, sub, func(_ *storage.Tx, walk func(privacy.Export) error) error { return fn(walk) })
		},
	}
	if err := w.check(ctx); err != nil {
		return nil, err
	}
	head, locale, err := s.head(ctx, sub.WorkspaceID, o, privacy.OfContact)
	if err != nil {
		return nil, err
	}
	head.ContactID = sub.ContactID
	return s.archive(ctx, w, head, locale)
}

// whose is the person that an archive is about.
type whose struct {
	check    func(ctx context.Context) error // nil while they can be read
	record   func(ctx context.Context) error
	sections []privacy.Section
	snapshot func(ctx context.Context, fn func(walk func(privacy.Export) error) error) error
}

// archive puts an archive together.
func (s *Service) archive(ctx context.Context, of whose, h Head, locale string) (_ *Archive, err error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if err := of.record(ctx); err != nil {
		return nil, err
	}
	a := &Archive{}
	if a.spool, err = newSpool(s.Dir); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = a.Close()
		}
	}()
	if err := fill(ctx, of, h, locale, a.spool); err != nil {
		return nil, err
	}
	if err := of.check(ctx); err != nil { // erased since the snapshot: nothing is handed out
		return nil, err
	}
	a.content, err = a.spool.rewind()
	return a, err
}

// fill writes the archive's files, all of one moment.
func fill(ctx context.Context, of whose, h Head, locale string, to io.Writer) error {
	archive := zip.NewWriter(to)
	archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed) // a third of the time, for a fifth more bytes
	})
	create := func(name string) (io.Writer, error) {
		return archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: h.CreatedAt})
	}
	all := &tables{create: create}
	err := of.snapshot(ctx, func(walk func(privacy.Export) error) error {
		if err := writePage(create, h, locale, of.sections, walk); err != nil {
			return err
		}
		if err := writeDocument(create, h, of.sections, walk); err != nil {
			return err
		}
		*all = tables{create: create}
		return through(h.Kind, all, of.sections, walk)
	})
	if err == nil {
		err = enclose(ctx, create, all.enclosed)
	}
	if err != nil {
		return err
	}
	return archive.Close()
}

func writeDocument(create func(string) (io.Writer, error), h Head, sections []privacy.Section, walk func(privacy.Export) error) error {
	w, err := create("data.json")
	if err != nil {
		return err
	}
	d, err := newDocument(w, h)
	if err != nil {
		return err
	}
	if err := through(h.Kind, d, sections, walk); err != nil {
		return err
	}
	return d.close()
}

// tables is the sink of the CSV files. It remembers what files go into the archive.
type tables struct {
	create   func(string) (io.Writer, error)
	current  *table
	enclosed []privacy.Enclosed
}

func (t *tables) begin(section string, zero any) error {
	w, err := t.create("csv/" + section + ".csv")
	if err != nil {
		return err
	}
	t.current, err = newTable(w, reflect.TypeOf(zero))
	return err
}

func (t *tables) record(record any) error {
	if e, with := record.(privacy.Enclosed); with {
		t.enclosed = append(t.enclosed, e)
	}
	return t.current.row(record)
}

func (t *tables) end() error { return t.current.close() }

// enclose copies the files that records came with. One that went since the snapshot is
// left out.
func enclose(ctx context.Context, create func(string) (io.Writer, error), all []privacy.Enclosed) error {
	for _, e := range all {
		name, open := e.Enclosed()
		content := open(ctx)
		first := make([]byte, 512)
		n, err := io.ReadFull(content, first)
		if fault.Is(err, fault.KindNotFound) {
			err = content.Close()
		} else if err == nil || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
			err = copied(create, name, io.MultiReader(bytes.NewReader(first[:n]), content), content)
		}
		if err != nil {
			return errors.Join(err, content.Close())
		}
	}
	return nil
}

func copied(create func(string) (io.Writer, error), name string, from io.Reader, end io.Closer) error {
	w, err := create(name)
	if err != nil {
		return err
	}
	if _, err := io.Copy(w, from); err != nil {
		return err
	}
	return end.Close()
}

// head gives what is said before the data, and the language to say it in.
func (s *Service) head(ctx context.Context, workspaceID string, o Options, about privacy.Whose) (Head, string, error) {
	who, err := s.Controller(ctx, workspaceID)
	if err != nil {
		return Head{}, "", err
	}
	if o.Workspace != "" {
		who.Name = o.Workspace
	}
	purposes, err := s.Privacy.Purposes(ctx, workspaceID)
	if err != nil {
		return Head{}, "", err
	}
	all, err := s.Privacy.CatalogueOf(ctx, workspaceID)
	if err != nil {
		return Head{}, "", err
	}
	fields := slices.DeleteFunc(slices.Clone(all), func(f privacy.Field) bool { return f.Whose != about })
	locale := o.Locale
	if locale == "" {
		locale = who.Locale
	}
	return Head{Format: Format, Version: Version, Kind: o.Kind, CreatedAt: s.Clock.Now().UTC().Truncate(time.Second),
		Workspace: who, Purposes: purposes, Catalogue: fields, terms: s.Terms}, locale, nil
}

// record puts the export on record before anything is shown: a change that stands
// in the audit log, and a read of the person. Both are then in the export itself.
func (s *Service) record(ctx context.Context, sub privacy.Subject, kind string) error {
	a := actor.From(ctx)
	if a.IsZero() { // somebody who proved who they are, without a session of ours
		a = actor.Actor{Type: actor.Contact, ID: sub.ContactID, WorkspaceID: sub.WorkspaceID}
	}
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		return s.Audit.Append(tx, audit.Entry{WorkspaceID: sub.WorkspaceID, ActorType: a.Type, ActorID: a.ID, Action: "contact.exported",
			TargetType: "contact", TargetID: sub.ContactID, Details: map[string]string{"kind": kind}})
	})
	if err != nil {
		return err
	}
	if a.Type != actor.Contact {
		s.Audit.Access(actor.With(ctx, a), []string{sub.ContactID}, "contact.export")
	}
	return s.Audit.Flush(ctx)
}
