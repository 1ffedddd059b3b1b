package segment_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/contacts/contactstest"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
)

// someone is a person as the model knows them.
type someone struct {
	attributes map[string]any
	hidden     bool // restricted or in the bin
	binned     bool
	email      string
}

// model is a workspace whose people change, beside a plain map that says who they
// are, and the same segments asked two ways: of the runs and of the rows.
type model struct {
	*contactstest.World
	people map[string]*someone
}

var kinds = map[string]string{"plan": "string", "seats": "number", "trial": "boolean", "renews": "date", "teams": "list", "nick": "string", "level": "number", "tags": "list"}

func isPersonal(key string) bool { return key == "nick" || key == "level" || key == "tags" }

func newModel(t *testing.T, db *storage.DB) *model {
	t.Helper()
	m := &model{World: contactstest.New(t, db), people: map[string]*someone{}}
	for key, kind := range kinds {
		personal := isPersonal(key)
		_, err := m.Contacts.DeclareAttribute(m.Ctx(t), contacts.NewAttribute{Key: key, Label: key, Kind: kind, Personal: &personal, Purpose: "support"})
		if err != nil {
			t.Fatal(err)
		}
	}
	return m
}

var (
	plans = []string{"Pro", "free", "PROFESSIONAL", "50%_off", `a\b`, "Ünïcode", "' OR 1=1 --", "$2"}
	teams = []string{"Red", "blue", "green"}
	mails = []string{"", "ada@x.example", "bob@x.example"}
	days  = []string{"2025-01-01", "2026-03-04", "2026-10-31", "2026-11-01T09:30:00Z"}
)

// value draws a value of an attribute, or nil.
func value(t *rapid.T, key string) any {
	if rapid.IntRange(0, 3).Draw(t, "has "+key) == 0 {
		return nil
	}
	return present(t, key)
}

func present(t *rapid.T, key string) any {
	switch kinds[key] {
	case "string":
		return rapid.SampledFrom(plans).Draw(t, key)
	case "number":
		return rapid.SampledFrom([]float64{-3, 0, 0.5, 1, 7, 1e12}).Draw(t, key)
	case "boolean":
		return rapid.Bool().Draw(t, key)
	case "date":
		return rapid.SampledFrom(days).Draw(t, key)
	}
	var out []any
	for _, team := range rapid.SliceOfN(rapid.SampledFrom(teams), 1, 3).Draw(t, key) {
		out = append(out, team)
	}
	return out
}

// change does one thing to the workspace.
func (m *model) change(t *rapid.T, tt *testing.T) {
	ids := slices.Sorted(maps.Keys(m.people))
	act := rapid.IntRange(0, 9).Draw(t, "act")
	if len(ids) < 3 || act < 3 && len(ids) < 60 {
		m.add(t, tt)
		return
	}
	id := rapid.SampledFrom(ids).Draw(t, "who")
	p, ctx := m.people[id], m.Ctx(tt)
	var err error
	switch {
	case act < 6:
		if p.hidden || p.binned {
			return
		}
		change := map[string]any{}
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom(slices.Sorted(maps.Keys(kinds))), 1, 3, rapid.ID).Draw(t, "keys") {
			if change[key] = value(t, key); change[key] == nil {
				delete(p.attributes, key)
			} else {
				p.attributes[key] = change[key]
			}
		}
		_, err = m.Contacts.Update(ctx, id, contacts.Change{Attributes: change, Basis: contactstest.Basis()}, nil)
	case act == 6 && p.hidden:
		return
	case act == 6 && !p.binned:
		p.binned, err = true, m.Contacts.Bin(ctx, id)
	case act == 6:
		p.binned, err = false, m.Contacts.Restore(ctx, id)
	case act == 7 && !p.binned:
		p.hidden = !p.hidden
		err = m.Privacy.Restrict(ctx, id, p.hidden, "asked")
	case act == 9:
		m.merge(t, tt, id)
	case act == 8:
		delete(m.people, id)
		_, err = m.Privacy.Erase(ctx, id)
	}
	if err != nil {
		tt.Fatalf("act %d: %v", act, err)
	}
}

// merge joins somebody into another, who has their values from then on.
func (m *model) merge(t *rapid.T, tt *testing.T, id string) {
	other := rapid.SampledFrom(slices.Sorted(maps.Keys(m.people))).Draw(t, "into")
	p, q := m.people[id], m.people[other]
	if id == other || p.hidden || p.binned || q.hidden || q.binned || q.email != "" && q.email != p.email {
		return
	}
	c, _, err := m.Contacts.Merge(m.Ctx(tt), id, contacts.Merging{ContactID: other})
	if err != nil {
		tt.Fatal(err)
	}
	delete(m.people, other)
	p.attributes, p.email = c.Attributes, c.Email
}

func (m *model) add(t *rapid.T, tt *testing.T) {
	p := &someone{attributes: map[string]any{}, email: rapid.SampledFrom(mails).Draw(t, "email")}
	for _, key := range slices.Sorted(maps.Keys(kinds)) {
		if v := value(t, key); v != nil {
			p.attributes[key] = v
		}
	}
	change := contacts.Change{Attributes: maps.Clone(p.attributes), Basis: contactstest.Basis()}
	if p.email != "" {
		change.Email = &p.email
	}
	c, err := m.Contacts.Create(m.Ctx(tt), change)
	if err != nil {
		tt.Fatal(err)
	}
	m.people[c.ID] = p
}

// filter draws a filter, over plain attributes alone or anything.
func filter(t *rapid.T, plain bool, depth int) segment.Filter {
	if depth > 0 && rapid.Bool().Draw(t, "group") {
		n := rapid.IntRange(1, 3).Draw(t, "members")
		group := make([]segment.Filter, n)
		for i := range group {
			group[i] = filter(t, plain, depth-1)
		}
		if rapid.Bool().Draw(t, "all") {
			return segment.Filter{All: group}
		}
		return segment.Filter{Any: group}
	}
	keys := []string{"plan", "seats", "trial", "renews", "teams"}
	if !plain {
		keys = append(keys, "nick", "level", "tags", "@email")
	}
	key := rapid.SampledFrom(keys).Draw(t, "field")
	if key == "@email" {
		if rapid.Bool().Draw(t, "set") {
			return segment.Filter{Field: "profile.email", Op: rapid.SampledFrom([]string{"is_set", "is_not_set"}).Draw(t, "op")}
		}
		return segment.Filter{Field: "profile.email", Op: rapid.SampledFrom([]string{"is", "is_not"}).Draw(t, "op"), Value: rapid.SampledFrom(mails[1:]).Draw(t, "mail")}
	}
	f := segment.Filter{Field: "attributes." + key, Op: rapid.SampledFrom(segment.OpsOf(segment.Kind(kinds[key]), isPersonal(key))).Draw(t, "op")}
	switch {
	case f.Op == "is_set" || f.Op == "is_not_set":
	case strings.HasSuffix(f.Op, "last_days"):
		f.Value = float64(rapid.SampledFrom([]int{1, 30, 300, 3000}).Draw(t, "days"))
	case f.Op == "starts_with" || f.Op == "not_starts_with" || strings.HasSuffix(f.Op, "contains") && key == "plan":
		f.Value = rapid.SampledFrom([]string{"pr", "Pro", "50%", "a\\", "ün", "zz"}).Draw(t, "part")
	case kinds[key] == "list":
		f.Value = rapid.SampledFrom(teams).Draw(t, "team")
	default:
		f.Value = present(t, key)
	}
	return f
}

// meets is what a filter means, written as plainly as can be.
func meets(f segment.Filter, p *someone, now time.Time) bool {
	for _, sub := range f.All {
		if !meets(sub, p, now) {
			return false
		}
	}
	if f.All != nil {
		return true
	}
	for _, sub := range f.Any {
		if meets(sub, p, now) {
			return true
		}
	}
	if f.Any != nil {
		return false
	}
	for not, op := range map[string]string{"is_not": "is", "not_starts_with": "starts_with", "not_contains": "contains", "is_not_set": "is_set", "not_in_last_days": "in_last_days"} {
		if f.Op == not {
			f.Op = op
			return !meets(f, p, now)
		}
	}
	_, key, _ := strings.Cut(f.Field, ".")
	v := p.attributes[key]
	if f.Field == "profile.email" {
		if v = nil; p.email != "" {
			v = p.email
		}
	}
	if v == nil {
		return false
	}
	if f.Op == "is_set" {
		return true
	}
	switch v := v.(type) {
	case float64:
		want := f.Value.(float64)
		return map[string]bool{"is": v == want, "above": v > want, "below": v < want, "at_least": v >= want, "at_most": v <= want}[f.Op]
	case bool:
		return v == f.Value.(bool)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return strings.EqualFold(item.(string), f.Value.(string)) })
	}
	if kinds[key] == "date" {
		at := moment(v.(string))
		if f.Op == "in_last_days" {
			return !at.Before(now.AddDate(0, 0, -int(f.Value.(float64))))
		}
		return at.Before(moment(f.Value.(string))) == (f.Op == "before")
	}
	has, want := strings.ToLower(v.(string)), strings.ToLower(f.Value.(string))
	return map[string]bool{"is": has == want, "starts_with": strings.HasPrefix(has, want), "contains": strings.Contains(has, want)}[f.Op]
}

func moment(s string) time.Time {
	if at, err := time.Parse(time.DateOnly, s); err == nil {
		return at
	}
	at, _ := time.Parse(time.RFC3339, s)
	return at
}

// check asks for a filter in both ways.
func (m *model) check(tt *testing.T, f segment.Filter, want []string) {
	s := m.Segments
	p, err := s.Compile(m.Ctx(tt), m.Workspace.ID, f)
	if err != nil {
		tt.Fatalf("%+v: %v", f, err)
	}
	if rows := byRows(tt, m.DB, p); !slices.Equal(rows, want) {
		tt.Fatalf("%+v: the rows have %v, want %v\n%s", f, rows, want, p.SQL)
	}
	n, err := s.Count(m.Ctx(tt), p)
	if err != nil || int(n) != len(want) {
		tt.Fatalf("%+v: counted %d, want %d (%v)\n%s", f, n, len(want), err, p.SQL)
	}
	var got []string
	for before := "con_~"; ; {
		var some []string
		err := m.DB.Read(tt.Context(), func(tx *storage.Tx) (err error) {
			some, err = s.Members(tx, p, before, 4)
			return err
		})
		if err != nil {
			tt.Fatal(err)
		}
		if got = append(got, some...); len(some) < 4 {
			break
		}
		before = some[3]
	}
	if diff := cmp.Diff(want, got); diff != "" && len(want)+len(got) > 0 {
		tt.Fatalf("%+v: members (-want +got):\n%s", f, diff)
	}
}

// byRows gives who is in a predicate by looking at everybody's rows.
func byRows(t testing.TB, db *storage.DB, p *segment.Predicate) (ids []string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *storage.Tx) error {
		ids = nil
		rows, err := tx.Query(`SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND `+p.SQL+` ORDER BY c.id DESC`, p.Args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id string
			if err := rows.Scan(&id); err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// Whatever happens to people, a filter picks those whom it describes: by the runs,
// also while they are being made anew, and by the rows.
func TestFiltersMeanWhatTheySay(t *testing.T) {
	storagetest.Each(t, func(tt *testing.T, db *storage.DB) {
		m := newModel(tt, db)
		rapid.Check(tt, func(t *rapid.T) {
			if rapid.IntRange(0, 9).Draw(t, "anew") == 0 {
				if err := db.Write(tt.Context(), func(tx *storage.Tx) error { return segment.MakeAnew(tx, m.Workspace.ID) }); err != nil {
					tt.Fatal(err)
				}
			}
			for range rapid.IntRange(1, 6).Draw(t, "changes") {
				m.change(t, tt)
				if rapid.IntRange(0, 9).Draw(t, "make") == 0 {
					if _, err := m.Segments.MakeRuns(tt.Context()); err != nil {
						tt.Fatal(err)
					}
				}
			}
			for i := range 4 {
				f := filter(t, i > 1, 3)
				var want []string
				for id, p := range m.people {
					if !p.hidden && !p.binned && meets(f, p, m.Clock.Now()) {
						want = append(want, id)
					}
				}
				slices.Sort(want)
				slices.Reverse(want)
				m.check(tt, f, want)
			}
			if err := db.Read(tt.Context(), func(tx *storage.Tx) error { return segment.Verify(tx, m.Workspace.ID) }); err != nil {
				tt.Fatal(err)
			}
		})
	})
}
