package boards

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/boards/takeout"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Category is one of those that a board sorts its posts by. Posts hold its name.
type Category struct {
	Key   string `json:"key,omitempty" maxLength:"40" doc:"Stays when the name changes: a category that comes with its key and another name is renamed, and its posts with it. Made from the name if absent." example:"shop"`
	Name  string `json:"name" minLength:"1" maxLength:"60"`
	Color string `json:"color,omitempty" maxLength:"7" doc:"The board's if absent." example:"#0f766e"`
}

const mostCategories = 50

// cleanCategories puts a board's categories in order, gives those without one a key,
// and says what is wrong with them.
func (b *Board) cleanCategories() (bad []fault.FieldError) {
	all := append([]Category{}, b.Categories...)
	keys, names := map[string]bool{}, map[string]bool{}
	for _, c := range all {
		keys[c.Key] = true
	}
	seen := map[string]bool{}
	for i := range all {
		c := &all[i]
		c.Name, c.Color = strings.TrimSpace(c.Name), strings.ToLower(or(c.Color, b.Color))
		at := fmt.Sprintf("categories[%d].", i)
		if c.Key == "" {
			c.Key = newKey(c.Name, keys)
		}
		if !keyForm.MatchString(c.Key) || seen[c.Key] {
			bad = append(bad, fault.FieldError{Field: at + "key", Detail: "must be of lower-case letters, digits and underscores, and no other category's"})
		}
		if problem := lineProblem(c.Name, maxCategory); problem != "" {
			bad = append(bad, fault.FieldError{Field: at + "name", Detail: problem})
		} else if names[strings.ToLower(c.Name)] {
			bad = append(bad, fault.FieldError{Field: at + "name", Detail: "must be no other category's"})
		}
		if !colorForm.MatchString(c.Color) {
			bad = append(bad, fault.FieldError{Field: at + "color", Detail: "must be a colour such as #0f766e"})
		}
		seen[c.Key], names[strings.ToLower(c.Name)] = true, true
	}
	if len(all) > mostCategories {
		bad = append(bad, fault.FieldError{Field: "categories", Detail: "must be at most 50"})
	}
	b.Categories = all
	return bad
}

// newKey makes a key of a name that no other one of a list has, and notes it there.
func newKey(name string, taken map[string]bool) string {
	base := strings.ReplaceAll(slugOf(name), "-", "_")
	if base = base[:min(len(base), 36)]; base == "" {
		base = "c"
	}
	key := base
	for n := 2; taken[key]; n++ {
		key = base + strconv.Itoa(n)
	}
	taken[key] = true
	return key
}

// categoryNamed gives the name of one of the board's categories as the board writes it,
// whatever the case; any name where the board declares none.
func (b *Board) categoryNamed(name string) (string, bool) {
	if name == "" || len(b.Categories) == 0 {
		return name, true
	}
	for _, c := range b.Categories {
		if strings.EqualFold(c.Name, name) {
			return c.Name, true
		}
	}
	return "", false
}

// categoryOf gives a post's category as it is stored, or what is wrong with it.
func (b *Board) categoryOf(raw string) (string, []fault.FieldError) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", nil
	}
	if problem := lineProblem(raw, maxCategory); problem != "" {
		return raw, []fault.FieldError{{Field: "category", Detail: problem}}
	}
	name, ok := b.categoryNamed(raw)
	if ok {
		return name, nil
	}
	names := make([]string, len(b.Categories))
	for i, c := range b.Categories {
		names[i] = c.Name
	}
	return raw, []fault.FieldError{{Field: "category", Detail: "must be one of the board's, or empty: " + strings.Join(names, ", ")}}
}

func storeCategories(tx *storage.Tx, workspaceID string, b Board) error {
	if _, err := tx.Exec(`DELETE FROM board_categories WHERE workspace_id = $1 AND board_id = $2`, workspaceID, b.ID); err != nil {
		return err
	}
	var rows []any
	for i, c := range b.Categories {
		rows = append(rows, workspaceID, b.ID, c.Key, c.Name, c.Color, i)
	}
	_, err := storage.InsertRows(tx, `INSERT INTO board_categories (workspace_id, board_id, key, name, color, position) VALUES `, 6, rows, "")
	return err
}

// holdCategory keeps a category from going while a post moves to it.
func holdCategory(tx *storage.Tx, workspaceID string, was, next *Post) error {
	if next.Category == was.Category || next.Category == "" {
		return nil
	}
	if err := tx.Lock("board " + was.BoardID); err != nil {
		return err
	}
	b, err := loadBoard(tx, workspaceID, was.BoardID)
	if err != nil {
		return err
	}
	if _, bad := b.categoryOf(next.Category); len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

const selectCategoryInUse = `
	SELECT COUNT(*) FROM (SELECT 1 FROM posts WHERE workspace_id = $1 AND board_id = $2 AND category = $3 AND category <> '' LIMIT 1) p`

// saveCategories stores a board's categories and has the posts of those that were
// renamed move along. One that posts have cannot be left out while others stay.
func saveCategories(tx *storage.Tx, workspaceID string, was, now *Board) error {
	if slices.Equal(was.Categories, now.Categories) {
		return nil
	}
	names := map[string]string{}
	for _, c := range now.Categories {
		names[c.Key] = c.Name
	}
	var renamed []any // former name, new name, and so on
	for _, c := range was.Categories {
		name, stays := names[c.Key]
		if stays && name != c.Name {
			renamed = append(renamed, c.Name, name)
		}
		if stays || len(now.Categories) == 0 {
			continue
		}
		var n int
		if err := tx.QueryRow(selectCategoryInUse, workspaceID, now.ID, c.Name).Scan(&n); err != nil {
			return err
		}
		if n > 0 {
			return fault.Conflict("category_in_use", "Posts are in the category "+c.Name+". Move them to another one first, or rename it.")
		}
	}
	if err := storeCategories(tx, workspaceID, *now); err != nil || len(renamed) == 0 {
		return err
	}
	_, err := tx.Exec(renameSQL(len(renamed)/2), append(renamed, workspaceID, now.ID)...)
	return err
}

// renameSQL moves the posts of so many categories at once, since two may have swapped
// their names. A post that moves is another version of it, so that nobody who read it
// before writes the former name over the new one.
func renameSQL(n int) string {
	cases, former := "", make([]string, n)
	for i := range n {
		cases += fmt.Sprintf(" WHEN $%d THEN $%d", 2*i+1, 2*i+2)
		former[i] = fmt.Sprintf("$%d", 2*i+1)
	}
	return fmt.Sprintf(`UPDATE posts SET updated_at = updated_at + 1, category = CASE category%s END
		WHERE workspace_id = $%d AND board_id = $%d AND category <> '' AND category IN (%s)`, cases, 2*n+1, 2*n+2, strings.Join(former, ", "))
}

// category gives the category that a post of an import gets: its own, or none where the
// board declares its categories and has no such.
func (w *importing) category(p *takeout.Post) string {
	raw := cut(strings.TrimSpace(printable(p.Category)), maxCategory)
	name, ok := w.board.categoryNamed(raw)
	if !ok {
		w.m.Report.problem(p.Where, "is in a category that this board does not have: it came without one")
	}
	return name
}
