package contacts

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// The kinds of tokens.
const (
	tokenEmail           = "email"
	tokenPhone           = "phone"
	unproven             = "_claimed" // beside the token of an address that nobody vouched for
	tokenName            = "name"
	tokenAttribute       = "attribute"
	tokenAttributePrefix = "attribute_prefix"
)

// AttributeToken gives the token of kind "attribute" by which a personal
// attribute's value is found: a text, a number, a boolean, or one item of a list.
func AttributeToken(ix *vault.Index, a Attribute, value any) []byte {
	texts := a.canonical(value)
	if len(texts) != 1 {
		return nil
	}
	return ix.Equal("attribute:"+a.Key, texts[0])
}

// AttributePrefixToken gives the token of kind "attribute_prefix" that values of a
// personal attribute have which begin with a text; nil if it has less than 2
// letters. Of more than 12 the first 12 count.
func AttributePrefixToken(ix *vault.Index, key, beginning string) []byte {
	letters := []rune(FoldAttribute(beginning))
	if len(letters) < 2 {
		return nil
	}
	return ix.Equal("attribute_prefix:"+key, string(letters[:min(len(letters), maxPrefix)]))
}

// AttributeSetToken gives the token of kind "attribute" that everybody has who has a
// value of a personal attribute.
func AttributeSetToken(ix *vault.Index, key string) []byte { return ix.Equal("attribute_set", key) }

// DeclaredIn gives a workspace's declarations by key; what was written without one
// has an empty kind.
func DeclaredIn(tx *storage.Tx, workspaceID string) (map[string]Attribute, error) {
	defs, err := loadDefinitions(tx, workspaceID)
	return defs.byKey, err
}

const (
	maxPrefix       = 12
	maxIndexedBytes = 1000 // of a text in an index that is not sealed
	maxPrefixTokens = 1000 // of one person's attributes
)

// index is everything by which a contact is found, made from the profile by the
// definitions of one version.
type index struct {
	contactID  string
	profile    Profile
	made       *vault.Index
	version    int64
	tokens     []token
	names      [][]byte // by which similar names are found
	company    string   // of a fresh contact, within which they are
	attributes []attributeRow
	ages       []attributeAge
	undeclared []string // keys to be noted
}

// attributeRow is one value of an attribute that is not personal.
type attributeRow struct {
	Key    string
	Item   int
	Text   *string
	Number *float64
}

// attributeAge says since when a value is there that has a term.
type attributeAge struct {
	Key string
	At  int64
}

// indexOf gives everything by which a contact is found. created stands for values
// whose own time is not known.
func indexOf(ix *vault.Index, defs definitions, contactID string, p Profile, created time.Time) index {
	out := index{contactID: contactID, profile: p, made: ix, version: defs.version}
	out.tokens, out.names = profileTokens(ix, p), nameTokens(ix, p)
	prefixes := 0
	for _, key := range slices.Sorted(maps.Keys(p.Attributes)) {
		value := p.Attributes[key]
		a, declared := defs.of(key)
		if a.removed {
			continue
		}
		if _, noted := defs.byKey[key]; !noted {
			out.undeclared = append(out.undeclared, key)
		}
		if a.RetentionDays != nil {
			at := created
			if from, known := p.Provenance["attributes."+key]; known {
				at = from.At
			}
			out.ages = append(out.ages, attributeAge{Key: key, At: clock.Micros(at)})
		}
		if declared && a.problem(value) != "" {
			continue // from before it was declared so
		}
		if !a.Personal {
			out.attributes = append(out.attributes, a.rows(value)...)
			continue
		}
		out.tokens = append(out.tokens, token{tokenAttribute, AttributeSetToken(ix, key)})
		for _, text := range a.canonical(value) {
			out.tokens = append(out.tokens, token{tokenAttribute, ix.Equal("attribute:"+key, text)})
		}
		for _, t := range a.prefixTokens(ix, value) {
			if prefixes++; prefixes <= maxPrefixTokens {
				out.tokens = append(out.tokens, token{tokenAttributePrefix, t})
			}
		}
	}
	return out
}

// prefixTokens gives the tokens of the beginnings of a text, or of a list's items.
func (a Attribute) prefixTokens(ix *vault.Index, value any) [][]byte {
	switch value.(type) {
	case string, []any:
	default:
		return nil
	}
	if a.Kind == KindDate {
		return nil
	}
	beginnings := map[string]bool{}
	for _, text := range a.canonical(value) {
		letters := []rune(text)
		for n := 2; n <= min(len(letters), maxPrefix); n++ {
			beginnings[string(letters[:n])] = true
		}
	}
	out := make([][]byte, 0, len(beginnings))
	for _, b := range slices.Sorted(maps.Keys(beginnings)) {
		out = append(out, ix.Equal("attribute_prefix:"+a.Key, b))
	}
	return out
}

// rows gives a value as it stands in the index that is not sealed.
func (a Attribute) rows(value any) []attributeRow {
	number := func(n float64) []attributeRow { return []attributeRow{{Key: a.Key, Number: &n}} }
	switch v := value.(type) {
	case float64:
		return number(v)
	case bool:
		if v {
			return number(1)
		}
		return number(0)
	}
	if a.Kind == KindDate {
		at, _ := dateOf(value)
		return number(float64(at.UnixMicro()))
	}
	var out []attributeRow
	for _, text := range a.canonical(value) {
		if len(text) <= maxIndexedBytes {
			out = append(out, attributeRow{Key: a.Key, Item: len(out), Text: &text})
		}
	}
	return out
}

func attributesLock(workspaceID string) string { return "attributes " + workspaceID }

// writeIndex stores everything by which contacts are found: the one place that
// does. Fresh contacts have nothing stored yet. Where the workspace's definitions
// changed since the index was made, it is made anew.
func writeIndex(tx *storage.Tx, workspaceID string, now time.Time, fresh bool, all ...index) error {
	if err := tx.LockShared(attributesLock(workspaceID)); err != nil { // until the end nobody changes a definition
		return err
	}
	version, err := definitionsVersion(tx, workspaceID)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(i index) bool { return i.version != version }) {
		defs, err := loadDefinitions(tx, workspaceID)
		if err != nil {
			return err
		}
		all = slices.Clone(all)
		for i, x := range all {
			all[i] = indexOf(x.made, defs, x.contactID, x.profile, now)
			all[i].company = x.company
		}
	}
	if !fresh {
		if all, err = deleteIndex(tx, workspaceID, all); err != nil {
			return err
		}
	}
	if err := insertIndex(tx, workspaceID, now, all); err != nil {
		return err
	}
	for _, x := range all {
		if fresh {
			segment.Changed(tx, workspaceID, x.contactID, x.attributeKeys()...)
		} else if err := scopeNames(tx, workspaceID, x.contactID); err != nil {
			return err
		}
	}
	return nil
}

func insertIndex(tx *storage.Tx, workspaceID string, now time.Time, all []index) error {
	var tokens, names, attributes, ages []any
	undeclared := map[string]bool{}
	for _, x := range all {
		for _, t := range x.tokens {
			tokens = append(tokens, workspaceID, t.kind, t.value, x.contactID)
		}
		for _, t := range x.names {
			names = append(names, workspaceID, x.company, t, x.contactID)
		}
		for _, a := range x.attributes {
			attributes = append(attributes, workspaceID, a.Key, x.contactID, a.Item, orNull(a.Text), orNull(a.Number))
		}
		for _, a := range x.ages {
			ages = append(ages, workspaceID, a.Key, x.contactID, a.At)
		}
		for _, key := range x.undeclared {
			undeclared[key] = true
		}
	}
	// the tokens of two values may be the same: half an email_prefix is half of another
	if _, err := storage.InsertRows(tx, `INSERT INTO contact_tokens (workspace_id, kind, token, contact_id) VALUES `, 4, tokens, ` ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	if _, err := storage.InsertRows(tx, insertNamesakes, 4, names, ` ON CONFLICT DO NOTHING`); err != nil {
		return err
	}
	if _, err := storage.InsertRows(tx, `INSERT INTO contact_attributes (workspace_id, key, contact_id, item, text_value, number_value) VALUES `, 6, attributes, ``); err != nil {
		return err
	}
	if _, err := storage.InsertRows(tx, `INSERT INTO contact_attribute_ages (workspace_id, key, contact_id, set_at) VALUES `, 4, ages, ``); err != nil {
		return err
	}
	return noteUndeclared(tx, workspaceID, slices.Sorted(maps.Keys(undeclared)), now)
}

func orNull[T any](p *T) any {
	if p == nil {
		return nil
	}
	return *p
}

// deleteIndex deletes everything by which contacts are found, and gives what is to be
// written instead. Attributes that are not personal stay as they are where nothing of
// them changes, which is nearly always so.
func deleteIndex(tx *storage.Tx, workspaceID string, all []index) ([]index, error) {
	before, err := attributesOf(tx, workspaceID, all)
	if err != nil {
		return nil, err
	}
	all = slices.Clone(all)
	for i, x := range all {
		tables := []string{"contact_tokens", "contact_namesakes", "contact_attribute_ages"}
		if keys := differing(before[x.contactID], x.attributes); len(keys) > 0 {
			tables = append(tables, "contact_attributes")
			segment.Changed(tx, workspaceID, x.contactID, keys...)
		} else {
			all[i].attributes = nil
		}
		for _, table := range tables {
			if _, err := tx.Exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND contact_id = $2`, workspaceID, x.contactID); err != nil {
				return nil, err
			}
		}
	}
	return all, nil
}

// attributesOf gives what contacts have of attributes that are not personal.
func attributesOf(tx *storage.Tx, workspaceID string, all []index) (map[string][]attributeRow, error) {
	out, table := map[string][]attributeRow{}, "contact_attributes"
	if tx.Engine() == storage.SQLite { // it would read everybody's
		table += " INDEXED BY contact_attributes_by_contact"
	}
	for from, to := range storage.Chunks(len(all), 1) {
		args, places := []any{workspaceID}, make([]string, to-from)
		for i, x := range all[from:to] {
			args, places[i] = append(args, x.contactID), "$"+strconv.Itoa(i+2)
		}
		if err := scanAttributes(tx, out, `SELECT contact_id, key, item, text_value, number_value FROM `+table+`
			WHERE workspace_id = $1 AND contact_id IN (`+strings.Join(places, ",")+`)`, args...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func scanAttributes(tx *storage.Tx, out map[string][]attributeRow, query string, args ...any) error {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var contactID string
		var a attributeRow
		if err := rows.Scan(&contactID, &a.Key, &a.Item, &a.Text, &a.Number); err != nil {
			return err
		}
		out[contactID] = append(out[contactID], a)
	}
	return rows.Err()
}

// differing gives the keys of which two sets of rows do not say the same.
func differing(before, after []attributeRow) []string {
	type whole struct {
		key           string
		item          int
		text          string
		number        float64
		isText, isNum bool
	}
	count := map[whole]int{}
	add := func(rows []attributeRow, n int) {
		for _, a := range rows {
			w := whole{key: a.Key, item: a.Item, isText: a.Text != nil, isNum: a.Number != nil}
			if w.isText {
				w.text = *a.Text
			}
			if w.isNum {
				w.number = *a.Number
			}
			count[w] += n
		}
	}
	add(before, 1)
	add(after, -1)
	keys := map[string]bool{}
	for w, n := range count {
		if n != 0 {
			keys[w.key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// attributeKeys gives the attributes that are not personal, each once.
func (x index) attributeKeys() []string {
	var out []string
	for _, a := range x.attributes {
		if !slices.Contains(out, a.Key) {
			out = append(out, a.Key)
		}
	}
	return out
}

// definitionsNow gives the workspace's declarations and whether it takes what is
// not declared.
func (s *Service) definitionsNow(ctx context.Context, workspaceID string) (defs definitions, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		defs, err = loadDefinitions(tx, workspaceID)
		return err
	})
	if err == nil && s.use.RefusesUndeclared != nil {
		defs.refuse, err = s.use.RefusesUndeclared(ctx, workspaceID)
	}
	return defs, fault.Wrap("contacts.definitions", err)
}

// checkDeclared refuses attributes that go against the workspace's declarations.
func (s *Service) checkDeclared(ctx context.Context, workspaceID string, c Change) (definitions, error) {
	defs, err := s.definitionsNow(ctx, workspaceID)
	if err != nil {
		return defs, err
	}
	if bad := defs.check(c.Attributes); len(bad) > 0 {
		return defs, fault.InvalidFields(bad...)
	}
	return defs, nil
}

// profileTokens gives the tokens for addresses, phone numbers and the beginnings of
// names.
func profileTokens(ix *vault.Index, p Profile) []token {
	var out []token
	for _, ch := range channels() {
		for _, a := range p.addresses(ch, true) {
			out = append(out, token{ch.name, ix.Equal(ch.name, a.Address)})
			if !a.Verified {
				out = append(out, token{ch.name + unproven, ix.Equal(ch.name, a.Address)})
			}
		}
	}
	for _, t := range ix.Prefixes(strings.Join([]string{p.Name, p.FirstName, p.LastName}, " ")) {
		out = append(out, token{tokenName, t})
	}
	return out
}
