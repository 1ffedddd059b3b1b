package contacts

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

const attributeGroup = "attributes"

// AttributeSource knows what conditions can be about of attributes: those that are
// personal, and those that nobody declared, by their tokens; the others by range.
func AttributeSource(db *storage.DB, v *vault.Vault) segment.Source {
	return segment.Source{
		Names: []string{attributeGroup},
		List: func(ctx context.Context, workspaceID string) (out []segment.Field, err error) {
			err = db.Read(ctx, func(tx *storage.Tx) error {
				defs, err := loadDefinitions(tx, workspaceID)
				out = nil
				for _, key := range slices.Sorted(maps.Keys(defs.byKey)) {
					if a := defs.byKey[key]; !a.removed {
						out = append(out, a.segmentField())
					}
				}
				return err
			})
			return out, err
		},
		Compile: func(ctx context.Context, q *segment.Query, c segment.Condition) (segment.Clause, error) {
			if !c.Field.Sealed {
				return plainClause(q, c), nil
			}
			ix, err := v.Index(ctx, q.WorkspaceID)
			if err != nil {
				return segment.Clause{}, err
			}
			return sealedClause(ix, q, c)
		},
	}
}

func (a Attribute) segmentField() segment.Field {
	f := segment.Field{Key: attributeGroup + "." + a.Key, Label: a.Label, Group: attributeGroup, Kind: segment.Kind(a.Kind), Sealed: a.Personal}
	if a.Kind == "" { // nobody declared it
		f.Kind, f.Sealed, f.Label = segment.Text, true, a.Key
	}
	f.Ops = segment.OpsOf(f.Kind, f.Sealed)
	return f
}

// sealedClause finds people by the tokens of a personal attribute.
func sealedClause(ix *vault.Index, q *segment.Query, c segment.Condition) (segment.Clause, error) {
	key := strings.TrimPrefix(c.Field.Key, attributeGroup+".")
	kind := tokenAttribute
	var token []byte
	switch c.Op {
	case segment.IsSet:
		token = AttributeSetToken(ix, key)
	case segment.StartsBy:
		kind = tokenAttributePrefix
		if token = AttributePrefixToken(ix, key, c.Text); token == nil {
			return segment.Clause{}, fault.Invalid("value", "needs at least two letters")
		}
	default:
		token = AttributeToken(ix, Attribute{Key: key, Kind: string(c.Field.Kind)}, valueOf(c))
	}
	return segment.Clause{From: "contact_tokens", Where: "x.kind = " + q.Arg(kind) + " AND x.token = " + q.Arg(token)}, nil
}

// valueOf gives a condition's value as a profile would hold it.
func valueOf(c segment.Condition) any {
	switch c.Field.Kind {
	case segment.Number:
		return c.Number
	case segment.Boolean:
		return c.Bool
	case segment.Date:
		return c.Time.UTC().Format(time.RFC3339Nano)
	}
	return c.Text
}

// plainClause finds people by the values of an attribute that is not personal.
func plainClause(q *segment.Query, c segment.Condition) segment.Clause {
	p := &segment.Plain{Key: strings.TrimPrefix(c.Field.Key, attributeGroup+".")}
	switch c.Field.Kind {
	case segment.Number:
		p.Number = c.Number
	case segment.Date:
		p.Number = float64(c.Micros())
	case segment.Boolean:
		if c.Bool {
			p.Number = 1
		}
	default:
		p.Text = FoldAttribute(c.Text)
	}
	isText := c.Field.Kind == segment.Text || c.Field.Kind == segment.List
	switch c.Op {
	case segment.Is:
		p.Test = segment.NumberEqual
		if isText {
			p.Test = segment.TextEqual
		}
	case segment.StartsBy:
		p.Test = segment.TextPrefix
	case segment.Contains:
		p.Test = segment.TextPart
		if c.Field.Kind == segment.List {
			p.Test = segment.TextEqual
		}
	case segment.Above:
		p.Test = segment.NumberAbove
	case segment.Below, segment.Before:
		p.Test = segment.NumberBelow
	case segment.AtLeast, segment.After:
		p.Test = segment.NumberAtLeast
	case segment.AtMost:
		p.Test = segment.NumberAtMost
	}
	return p.Clause(q)
}
