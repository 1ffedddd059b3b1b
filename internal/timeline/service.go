package timeline

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the service needs.
type Deps struct {
	DB    *storage.DB
	Vault *vault.Vault
	Audit *audit.Log
	// Group gives all contacts that are one person, the survivor first, or not found.
	Group func(tx *storage.Tx, workspaceID, contactID string) ([]privacy.Member, error)
	// IsRestricted tells whether nothing but storage may happen to a person's data.
	IsRestricted func(tx *storage.Tx, sub privacy.Subject) (bool, error)
}

// Service shows timelines. Add sources before it is used.
type Service struct {
	Deps
	sources []Source
}

// New gives the service.
func New(d Deps) *Service { return &Service{Deps: d} }

// Add makes kinds known.
func (s *Service) Add(sources ...Source) { s.sources = append(s.sources, sources...) }

// Kinds lists the kinds there are, each once.
func (s *Service) Kinds() []string {
	var out []string
	for i := range s.sources {
		if !slices.Contains(out, s.sources[i].Kind) {
			out = append(out, s.sources[i].Kind)
		}
	}
	return out
}

// Place is where a page ends: what follows it is older, or as old with a smaller id.
type Place struct {
	At int64
	ID string
}

// first is the place of the first page: nothing is newer.
var first = Place{At: 1 << 62, ID: "~"}

// wanted gives the sources of some kinds (all, if none are named) that may be seen.
func (s *Service) wanted(by actor.Actor, kinds []string) ([]*Source, error) {
	known := s.Kinds()
	for _, k := range kinds {
		if !slices.Contains(known, k) {
			return nil, fault.Invalid("kinds", "are some of "+strings.Join(known, ", "))
		}
	}
	var out []*Source
	for i := range s.sources {
		src := &s.sources[i]
		if (len(kinds) == 0 || slices.Contains(kinds, src.Kind)) && (src.Permission == "" || by.Can(src.Permission)) {
			out = append(out, src)
		}
	}
	return out, nil
}

// page gives the query of a page and its arguments.
func page(sources []*Source, workspaceID string, contactIDs []string, after Place, limit int) (string, []any) {
	args := []any{workspaceID, contactIDs[0], after.At, after.ID, limit}
	branches := make([]string, 0, len(sources)*len(contactIDs))
	for i, contactID := range contactIDs {
		at := "$2"
		if i > 0 {
			args = append(args, contactID)
			at = "$" + strconv.Itoa(len(args))
		}
		for _, src := range sources {
			branches = append(branches, src.branch(len(branches), at, "$3", "$4", "$5"))
		}
	}
	return fmt.Sprintf(`SELECT at, id, kind, contact_id, what, ref, actor_type, actor_id, sealed FROM (%s) happened ORDER BY at DESC, id DESC LIMIT %s`,
		strings.Join(branches, " UNION ALL "), "$5"), args
}

// found is an entry that is not opened yet.
type found struct {
	Entry
	at     int64
	sealed []byte
}

// Of gives what happened with a person after a place (nil for the newest), of some
// kinds or of all that the caller may see, at most limit entries.
func (s *Service) Of(ctx context.Context, contactID string, kinds []string, after *Place, limit int) ([]Entry, error) {
	a := actor.From(ctx)
	sources, err := s.wanted(a, kinds)
	if err != nil {
		return nil, err
	}
	if after == nil {
		after = &first
	}
	var all []found
	var members []privacy.Member
	var restricted bool
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		if members, err = s.Group(tx, a.WorkspaceID, contactID); err != nil {
			return err
		}
		if restricted, err = s.IsRestricted(tx, members[0].Subject); err != nil || len(sources) == 0 {
			return err
		}
		all, err = read(tx, sources, a.WorkspaceID, members, *after, limit)
		return err
	})
	if err != nil {
		return nil, fault.Wrap("timeline.Of", err)
	}
	out, err := s.open(ctx, sources, a.WorkspaceID, all, restricted)
	if err != nil {
		return nil, fault.Wrap("timeline.Of", err)
	}
	s.Audit.Access(ctx, []string{members[0].ContactID}, "contact.timeline")
	return out, nil
}

// maxMembers bounds a page of somebody who was very many contacts: SQLite joins at
// most 500 queries.
const maxMembers = 25

func read(tx *storage.Tx, sources []*Source, workspaceID string, members []privacy.Member, after Place, limit int) ([]found, error) {
	ids := make([]string, 0, len(members))
	for _, m := range members {
		ids = append(ids, m.ContactID)
	}
	var all []found
	for some := range slices.Chunk(ids, maxMembers) {
		query, args := page(sources, workspaceID, some, after, limit)
		part, err := scan(tx, query, args)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
	}
	if len(ids) > maxMembers {
		slices.SortFunc(all, func(a, b found) int {
			if a.at != b.at {
				return int(max(-1, min(1, b.at-a.at)))
			}
			return strings.Compare(b.ID, a.ID)
		})
	}
	return all[:min(limit, len(all))], nil
}

func scan(tx *storage.Tx, query string, args []any) ([]found, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []found
	for rows.Next() {
		var f found
		var ref string
		var by actor.Ref
		if err := rows.Scan(&f.at, &f.ID, &f.Kind, &f.ContactID, &f.What, &ref, &by.Type, &by.ID, &f.sealed); err != nil {
			return nil, err
		}
		f.At = clock.FromMicros(f.at)
		if ref != "" {
			f.RefID = &ref
		}
		if by.Type != "" {
			f.Actor = &by
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// open opens what is sealed. Entries whose key is gone are left out.
func (s *Service) open(ctx context.Context, sources []*Source, workspaceID string, all []found, restricted bool) ([]Entry, error) {
	var subjects []vault.Subject
	for _, f := range all {
		if sub := (vault.Subject{Workspace: workspaceID, ID: f.ContactID}); !slices.Contains(subjects, sub) {
			subjects = append(subjects, sub)
		}
	}
	keys, err := s.Vault.Keys(ctx, subjects)
	if err != nil {
		return nil, err
	}
	out := make([]Entry, 0, len(all))
	for _, f := range all {
		key, ok := keys[vault.Subject{Workspace: workspaceID, ID: f.ContactID}]
		if !ok {
			continue
		}
		if i := slices.IndexFunc(sources, func(src *Source) bool { return src.Kind == f.Kind && src.Open != nil }); i >= 0 && f.sealed != nil && !restricted {
			if f.Data, err = sources[i].Open(key, f.Entry, f.sealed); err != nil {
				return nil, fmt.Errorf("open %s: %w", f.ID, err)
			}
		}
		out = append(out, f.Entry)
	}
	return out, nil
}

// placeOf gives where an entry stands.
func placeOf(e Entry) Place { return Place{At: clock.Micros(e.At), ID: e.ID} }
