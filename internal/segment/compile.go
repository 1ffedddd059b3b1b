package segment

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
)

// Predicate is a compiled filter: SQL over the alias c of the contacts' table that
// is true of the people in it, restricted and binned ones never among them. Its
// first argument, $1, is the workspace; append your own after them.
//
//	SELECT c.id FROM contacts c WHERE c.workspace_id = $1 AND <SQL> AND c.id < $n
type Predicate struct {
	SQL  string
	Args []any

	tree tree
}

// tree is a compiled filter before it became one text.
type tree struct {
	all    bool // of a group: whether each must hold
	group  []tree
	clause Clause
	not    bool
	query  Query // of a leaf alone: $1 is the workspace
}

// Compile checks a filter against the fields that the workspace has, and gives its
// predicate. Call it outside of a transaction: sealed values become tokens with the
// workspace's key.
func (s *Service) Compile(ctx context.Context, workspaceID string, f Filter) (*Predicate, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	c := &compiler{service: s, ctx: ctx, workspaceID: workspaceID, now: s.Clock.Now(), fields: map[string]Field{}}
	t, err := c.tree("filter", &f)
	if err != nil {
		return nil, err
	}
	p := &Predicate{tree: t, Args: []any{workspaceID}}
	var b strings.Builder
	b.WriteString(Visible + " AND ")
	p.write(&b, t)
	p.SQL = b.String()
	return p, nil
}

type compiler struct {
	service     *Service
	ctx         context.Context
	workspaceID string
	now         time.Time
	fields      map[string]Field
	listed      map[*Source]bool
}

func (c *compiler) tree(at string, f *Filter) (tree, error) {
	if f.Field != "" {
		return c.leaf(at, f)
	}
	group, name := f.group()
	out := tree{all: name == "all", group: make([]tree, len(group))}
	for i := range group {
		var err error
		if out.group[i], err = c.tree(fmt.Sprintf("%s.%s[%d]", at, name, i), &group[i]); err != nil {
			return tree{}, err
		}
	}
	return out, nil
}

func (c *compiler) leaf(at string, f *Filter) (tree, error) {
	source := c.service.source(f.Field)
	if source == nil {
		return tree{}, invalid(at+".field", "is not known; GET /segments/fields lists what there is")
	}
	field, ok, err := c.find(source, f.Field)
	if err != nil {
		return tree{}, err
	}
	if !ok {
		return tree{}, invalid(at+".field", "is not known; GET /segments/fields lists what there is")
	}
	cond, not, err := condition(at, f, field, c.now)
	if err != nil {
		return tree{}, err
	}
	t := tree{not: not, query: Query{WorkspaceID: c.workspaceID, args: []any{c.workspaceID}}}
	if cond.Op == anyone {
		t.clause = Clause{On: "c.id <> ''"}
		return t, nil
	}
	if err := mayAsk(c.ctx, cond); err != nil {
		return tree{}, err
	}
	if t.clause, err = source.Compile(c.ctx, &t.query, cond); err != nil {
		if fe := fault.As(err); fe != nil && fe.Kind == fault.KindInvalid && len(fe.Fields) > 0 {
			return tree{}, invalid(at+".value", "%s", fe.Fields[0].Detail)
		}
		return tree{}, fault.Wrap("segment.Compile", err)
	}
	return t, nil
}

// find looks a field up, each family's list once.
func (c *compiler) find(source *Source, key string) (Field, bool, error) {
	if f, ok := c.fields[key]; ok {
		return f, true, nil
	}
	if source.Find != nil {
		return source.Find(c.ctx, c.workspaceID, key)
	}
	if !c.listed[source] {
		all, err := source.List(c.ctx, c.workspaceID)
		if err != nil {
			return Field{}, false, err
		}
		for _, f := range all {
			c.fields[f.Key] = f
		}
		if c.listed == nil {
			c.listed = map[*Source]bool{}
		}
		c.listed[source] = true
	}
	f, ok := c.fields[key]
	return f, ok, nil
}

// source gives the source of a field's family.
func (s *Service) source(key string) *Source {
	name, rest, _ := strings.Cut(key, ".")
	if rest == "" {
		return nil
	}
	for _, src := range s.sources {
		if slices.Contains(src.Names, name) {
			return src
		}
	}
	return nil
}

// write appends a tree's text, and its arguments.
func (p *Predicate) write(b *strings.Builder, t tree) {
	if t.group == nil {
		if t.not {
			b.WriteString("NOT ")
		}
		b.WriteString("(" + renumber(t.clause.exists(), len(p.Args)-1) + ")")
		p.Args = append(p.Args, t.query.args[1:]...)
		return
	}
	join := " OR "
	if t.all {
		join = " AND "
	}
	b.WriteString("(")
	for i, sub := range t.group {
		if i > 0 {
			b.WriteString(join)
		}
		p.write(b, sub)
	}
	b.WriteString(")")
}

// renumber moves the places of arguments, but for $1, by a number.
func renumber(text string, by int) string {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(text, "$")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n, digits := 0, 0
		for digits < len(after) && after[digits] >= '0' && after[digits] <= '9' {
			n, digits = n*10+int(after[digits]-'0'), digits+1
		}
		if n > 1 {
			n += by
		}
		fmt.Fprintf(&b, "$%d", n)
		text = after[digits:]
	}
}

var place = regexp.MustCompile(`\$(\d+)`)

// lastPlace gives the highest place of an argument in a text.
func lastPlace(text string) (last int) {
	for _, found := range place.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(found[1]) // digits
		last = max(last, n)
	}
	return last
}

// kept marks a context in which a filter is read that is stored already: whoever wrote
// it was asked then.
type kept struct{}

func asKept(ctx context.Context) context.Context { return context.WithValue(ctx, kept{}, true) }

const seesAddresses = "contacts:addresses"

// mayAsk refuses people who do not see addresses to compare what may hold one: they
// would find it out letter by letter, or have a whole guess confirmed, twenty at once.
func mayAsk(ctx context.Context, c Condition) error {
	a := actor.From(ctx)
	isPerson := a.Type == actor.Operator || a.Type == actor.APIKey
	if !isPerson || a.Can(seesAddresses) || ctx.Value(kept{}) != nil || !c.tellsAddresses() {
		return nil
	}
	return fault.Forbidden(seesAddresses)
}

// tellsAddresses tells whether the condition compares a value that may be an address.
func (c Condition) tellsAddresses() bool {
	key := c.Field.Key
	holds := key == "profile.email" || key == "profile.phone" || strings.HasPrefix(key, "attributes.") && c.Field.Sealed
	return holds && c.Op != IsSet && (c.Field.Kind == Text || c.Field.Kind == List)
}
