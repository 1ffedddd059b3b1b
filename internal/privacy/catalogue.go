package privacy

import (
	"fmt"
	"slices"
	"strings"
)

// Whose tells which sort of data subject a field is about.
type Whose string

// The data subjects, and none.
const (
	OfContact  Whose = "contact"
	OfOperator Whose = "operator"
	OfNobody   Whose = "nobody" // holds no personal data
)

// Field is one entry of the catalogue: what a column holds, and the answers that
// GDPR articles 13, 15 and 30 ask for.
type Field struct {
	Table       string   `json:"table"`
	Column      string   `json:"column"`
	Holds       []string `json:"holds,omitempty" doc:"What is inside, where the column is a sealed document."`
	Whose       Whose    `json:"whose" enum:"contact,operator,nobody"`
	Category    string   `json:"category" doc:"The category of data, such as identity or communication."`
	Purpose     string   `json:"purpose,omitempty" doc:"The key of the purpose it serves."`
	LawfulBasis string   `json:"lawful_basis,omitempty"`
	Retention   string   `json:"retention,omitempty" doc:"How long it is kept."`
	Recipients  []string `json:"recipients,omitempty" doc:"Who sees it."`
	Sealed      bool     `json:"sealed" doc:"Whether it is encrypted with the person's own key."`
	Engine      string   `json:"engine,omitempty" doc:"The engine that has this column, where only one does."`
	Terms       []Term   `json:"retention_rules,omitempty" doc:"The workspace's own rules that end it sooner; retention says the same in words."`
	// Otherwise is how long it is kept where no rule of the workspace ends it sooner.
	Otherwise string `json:"-"`
	// Ages is the category of the retention rules that the field goes by.
	Ages string `json:"-"`
}

// Nothing declares columns of a table that hold no personal data: ids, times,
// states and counts.
func Nothing(table string, columns ...string) []Field {
	fields := make([]Field, len(columns))
	for i, c := range columns {
		fields[i] = Field{Table: table, Column: c, Whose: OfNobody, Category: "none"}
	}
	return fields
}

// Catalogue is every stored field, by table and column.
type Catalogue []Field

// NewCatalogue gathers the holders' fields. Two holders that declare the same
// column, or a personal field without purpose, basis and retention, are an error:
// processing that lacks a basis is refused (GDPR article 6).
func NewCatalogue(holders []Holder) (Catalogue, error) {
	var c Catalogue
	by := map[string]string{}
	for _, h := range holders {
		for _, f := range h.Fields() {
			key := f.Table + "." + f.Column
			if other, taken := by[key]; taken {
				return nil, fmt.Errorf("privacy: %s is declared by both %s and %s", key, other, h.Name())
			}
			by[key] = h.Name()
			if err := f.check(); err != nil {
				return nil, err
			}
			c = append(c, f)
		}
	}
	slices.SortFunc(c, func(a, b Field) int {
		return strings.Compare(a.Table+"."+a.Column, b.Table+"."+b.Column)
	})
	return c, nil
}

func (f Field) check() error {
	if f.Whose == OfNobody {
		return nil
	}
	if f.Whose == "" || f.Category == "" || f.Purpose == "" || f.LawfulBasis == "" || f.Retention == "" || len(f.Recipients) == 0 {
		return fmt.Errorf("privacy: %s.%s is personal and lacks whose, category, purpose, lawful basis, retention or recipients", f.Table, f.Column)
	}
	if strings.HasSuffix(f.Column, "_sealed") != f.Sealed {
		return fmt.Errorf("privacy: %s.%s: a sealed column ends in _sealed, and only those", f.Table, f.Column)
	}
	return nil
}

// Undeclared compares the catalogue with an engine's schema, given as the columns
// of each table, and names every column that only one of the two has.
func (c Catalogue) Undeclared(engine string, schema map[string][]string) []string {
	declared := map[string]bool{}
	for _, f := range c {
		if f.Engine == "" || f.Engine == engine {
			declared[f.Table+"."+f.Column] = true
		}
	}
	var wrong []string
	for table, columns := range schema {
		for _, col := range columns {
			key := table + "." + col
			if !declared[key] {
				wrong = append(wrong, key+" is stored but not declared")
			}
			delete(declared, key)
		}
	}
	for key := range declared {
		wrong = append(wrong, key+" is declared but not stored")
	}
	slices.Sort(wrong)
	return wrong
}
