package contacts

import (
	"database/sql"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/storage"
)

// ownersOf gives who has the tokens of one field, by token.
func ownersOf(tx *storage.Tx, workspaceID, field string, tokens [][]byte) (map[string]string, error) {
	some := slices.DeleteFunc(slices.Clone(tokens), func(t []byte) bool { return t == nil })
	out := map[string]string{}
	for from, to := range storage.Chunks(len(some), 1) {
		n := to - from
		args := make([]any, 0, n+2)
		for _, t := range some[from:to] {
			args = append(args, t)
		}
		args = append(args, workspaceID)
		if field != "external_id" {
			args = append(args, field)
		}
		rows, err := tx.Query(ownersSQL(field, n), args...)
		if err == nil {
			err = scanOwners(rows, out)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ownersSQL asks for n tokens. It gives no order: with one, SQLite walks everybody of
// the workspace in that order instead of looking each token up.
func ownersSQL(field string, n int) string {
	if field == "external_id" {
		return fmt.Sprintf(`SELECT external_id_token, id, id FROM contacts WHERE external_id_token IN %s AND workspace_id = $%d`, storage.Values(1, n), n+1)
	}
	return fmt.Sprintf(`SELECT t.token, COALESCE(c.merged_into, c.id), c.id FROM contact_tokens t JOIN contacts c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id
		WHERE t.token IN %s AND t.workspace_id = $%d AND t.kind = $%d AND c.verified_at IS NOT NULL`, storage.Values(1, n), n+1, n+2)
}

// scanOwners keeps of several the oldest.
func scanOwners(rows *sql.Rows, into map[string]string) error {
	defer rows.Close()
	oldest := map[string]string{}
	for rows.Next() {
		var token []byte
		var owner, id string
		if err := rows.Scan(&token, &owner, &id); err != nil {
			return err
		}
		if was, known := oldest[string(token)]; !known || id < was {
			into[string(token)], oldest[string(token)] = owner, id
		}
	}
	return rows.Err()
}

// recordsOf gives the rows of some contacts, by id.
func recordsOf(tx *storage.Tx, workspaceID string, ids iter.Seq[string]) (map[string]record, error) {
	wanted := slices.Collect(ids)
	slices.Sort(wanted)
	wanted = slices.Compact(wanted)
	out := map[string]record{}
	for from, to := range storage.Chunks(len(wanted), 1) {
		n := to - from
		args := make([]any, 0, n+1)
		for _, one := range wanted[from:to] {
			args = append(args, one)
		}
		records, err := scanRecords(tx.Query(fmt.Sprintf(`SELECT `+columns+` FROM contacts WHERE id IN (VALUES %s) AND workspace_id = $%d`,
			storage.Values(n, 1), n+1), append(args, workspaceID)...))
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			out[r.id] = r
		}
	}
	return out, nil
}

const selectByImport = `SELECT ` + columns + ` FROM contacts WHERE workspace_id = $1 AND import_id = $2 AND id > $3 ORDER BY id LIMIT $4`

// Imported says of somebody who came with an import whether they are as it left
// them: nobody changed, binned, restricted, held or merged them, and they were not
// there themselves since.
type Imported struct {
	ID        string
	Untouched bool
}

// ImportedAfter gives who came with an import, those after an id, at most limit.
func ImportedAfter(tx *storage.Tx, workspaceID, importID, after string, limit int) ([]Imported, error) {
	records, err := scanRecords(tx.Query(selectByImport, workspaceID, importID, after, limit))
	if err != nil {
		return nil, err
	}
	out := make([]Imported, len(records))
	for i, r := range records {
		out[i] = Imported{ID: r.id, Untouched: r.untouched()}
	}
	return out, nil
}

// IsUntouched tells of one person what [Imported] says, in the transaction that
// relies on it. Who was merged into them counts as a touch.
func IsUntouched(tx *storage.Tx, workspaceID, contactID string) (bool, error) {
	r, err := loadByID(tx, workspaceID, contactID)
	if err != nil || !r.untouched() {
		return false, err
	}
	members, err := membersOf(tx, workspaceID, contactID)
	return len(members) == 0, err
}

func (r record) untouched() bool {
	return r.updated.Equal(r.created) && r.lastSeen.IsZero() && r.deleted.IsZero() && r.restricted.IsZero() && r.held.IsZero() && r.merged == ""
}

// onlyEmpty gives a change without what the profile has already.
func (p Profile) onlyEmpty(c Change) Change {
	out := Change{Basis: c.Basis, Attributes: map[string]any{}}
	for _, f := range c.fields() {
		if f.value != nil && *f.at(&p) == "" {
			out.set(f.name, *f.value)
		}
	}
	for key, value := range c.Attributes {
		if _, has := p.Attributes[key]; !has {
			out.Attributes[key] = value
		}
	}
	return out
}

// Set sets a field by its name, an attribute as attributes.name.
func (c *Change) Set(field string, value any) { c.set(field, value) }

func (c *Change) set(field string, value any) {
	if key, is := strings.CutPrefix(field, "attributes."); is {
		if c.Attributes == nil {
			c.Attributes = map[string]any{}
		}
		c.Attributes[key] = value
		return
	}
	text, _ := value.(string)
	at := map[string]**string{"external_id": &c.ExternalID, "email": &c.Email, "name": &c.Name, "first_name": &c.FirstName, "last_name": &c.LastName,
		"phone": &c.Phone, "avatar_url": &c.AvatarURL, "locale": &c.Locale, "timezone": &c.Timezone}[field]
	if at != nil {
		*at = &text
	}
}

// values gives everything that a profile says, by field; attributes as attributes.name.
func (p Profile) values() map[string]any {
	out := map[string]any{}
	for _, f := range (Change{}).fields() {
		if value := *f.at(&p); value != "" {
			out[f.name] = value
		}
	}
	for key, value := range p.Attributes {
		out["attributes."+key] = value
	}
	return out
}

// IsAttributeKey tells whether a text can be an attribute's key.
func IsAttributeKey(key string) bool { return attributeKey.MatchString(key) }

// Merged tells whether the person stands for themselves no more: another contact does.
func (k *Known) Merged() bool { return k.record.merged != "" }

// vouched tells whether somebody vouched that an address or number is the person's:
// among those that they have may be some that they only said. Anything else is vouched for.
func (k *Known) vouched(field, value string) bool {
	for _, ch := range channels() {
		if ch.name == field {
			return slices.ContainsFunc(k.profile.addresses(ch, !k.record.verified.IsZero()), func(a Address) bool { return a.Verified && ch.fold(a.Address) == ch.fold(value) })
		}
	}
	return true
}
