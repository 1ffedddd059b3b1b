package privacy_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/storage"
)

// holder declares fields and holds nothing.
type holder struct {
	name   string
	fields []privacy.Field
}

func (h holder) Name() string            { return h.name }
func (h holder) Fields() []privacy.Field { return h.fields }

func (h holder) Export(context.Context, *storage.Tx, privacy.Subject, privacy.Export) error {
	return nil
}

func (h holder) Erase(context.Context, *storage.Tx, privacy.Subject) (privacy.Counts, error) {
	return nil, nil //nolint:nilnil // it holds nothing
}

func (h holder) Retain(context.Context, *storage.Tx, privacy.Rule) (int64, error) { return 0, nil }

func personal(column string) privacy.Field {
	return privacy.Field{Table: "t", Column: column, Whose: privacy.OfContact, Category: "identity", Purpose: "support", LawfulBasis: "contract",
		Retention: "a year", Recipients: []string{"operators"}, Sealed: strings.HasSuffix(column, "_sealed")}
}

func TestCatalogueRefuses(t *testing.T) {
	without := func(change func(*privacy.Field)) privacy.Field {
		f := personal("name_sealed")
		change(&f)
		return f
	}
	tests := map[string][]privacy.Holder{
		"declared twice":          {holder{"a", []privacy.Field{personal("x")}}, holder{"b", []privacy.Field{personal("x")}}},
		"no purpose":              {holder{"a", []privacy.Field{without(func(f *privacy.Field) { f.Purpose = "" })}}},
		"no lawful basis":         {holder{"a", []privacy.Field{without(func(f *privacy.Field) { f.LawfulBasis = "" })}}},
		"no retention":            {holder{"a", []privacy.Field{without(func(f *privacy.Field) { f.Retention = "" })}}},
		"no recipients":           {holder{"a", []privacy.Field{without(func(f *privacy.Field) { f.Recipients = nil })}}},
		"whose is not said":       {holder{"a", []privacy.Field{without(func(f *privacy.Field) { f.Whose = "" })}}},
		"called sealed and isn't": {holder{"a", []privacy.Field{without(func(f *privacy.Field) { f.Sealed = false })}}},
	}
	for name, holders := range tests {
		if _, err := privacy.NewCatalogue(holders); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if _, err := privacy.NewCatalogue([]privacy.Holder{holder{"a", []privacy.Field{personal("name_sealed"), personal("seen")}}}); err != nil {
		t.Errorf("a good one: %v", err)
	}
}

func TestUndeclared(t *testing.T) {
	only := personal("tokens")
	only.Engine = "sqlite"
	c, err := privacy.NewCatalogue([]privacy.Holder{holder{"a", append(privacy.Nothing("t", "id", "gone"), only)}})
	if err != nil {
		t.Fatal(err)
	}
	got := c.Undeclared("postgres", map[string][]string{"t": {"id", "surprise"}, "u": {"id"}})
	want := []string{"t.gone is declared but not stored", "t.surprise is stored but not declared", "u.id is stored but not declared"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestResolveBasis(t *testing.T) {
	purposes := privacy.DefaultPurposes()
	stated := &privacy.Basis{Purpose: "support", LawfulBasis: "contract", Evidence: "order 7"}
	tests := []struct {
		name    string
		stated  *privacy.Basis
		standby string
		want    privacy.Basis
		code    string
	}{
		{"stated", stated, "", *stated, ""},
		{"stated before default", stated, "marketing", *stated, ""},
		{"default", nil, "support", privacy.Basis{Purpose: "support", LawfulBasis: "legitimate_interests", Evidence: "default purpose of the workspace"}, ""},
		{"nothing", nil, "", privacy.Basis{}, "basis_required"},
		{"a default that is gone", nil, "spying", privacy.Basis{}, "basis_required"},
		{"an unknown purpose", &privacy.Basis{Purpose: "spying", LawfulBasis: "consent"}, "", privacy.Basis{}, "invalid"},
		{"an unknown basis", &privacy.Basis{Purpose: "support", LawfulBasis: "because"}, "support", privacy.Basis{}, "invalid"},
	}
	for _, tt := range tests {
		got, err := privacy.ResolveBasis(tt.stated, tt.standby, purposes)
		code := ""
		if e := fault.As(err); e != nil {
			code = e.Code
		}
		if got != tt.want || code != tt.code {
			t.Errorf("%s: %+v %q, want %+v %q", tt.name, got, code, tt.want, tt.code)
		}
	}
}

func TestStatesOfTakesTheLastAct(t *testing.T) {
	at := func(n int) time.Time { return time.Unix(int64(n), 0) }
	got := privacy.StatesOf([]privacy.Consent{
		{Purpose: "marketing", Action: privacy.Withdraw, Version: 2, CreatedAt: at(3)},
		{Purpose: "email_replies", Action: privacy.Grant, Version: 1, CreatedAt: at(2)},
		{Purpose: "marketing", Action: privacy.Grant, Version: 1, CreatedAt: at(1)},
	})
	want := []privacy.ConsentState{
		{Purpose: "marketing", State: "withdrawn", Version: 2, At: at(3)},
		{Purpose: "email_replies", State: "granted", Version: 1, At: at(2)},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
