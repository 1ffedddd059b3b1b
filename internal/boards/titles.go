package boards

import (
	"bytes"
	"slices"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/vault"
)

// shelf holds opened words of posts and names of their authors. An entry is good for
// the very bytes that it was opened from, and is asked for with a key in hand: of
// somebody whose key is gone, whose words were sealed anew or who is restricted, nothing
// comes from here, on whichever node. See ADR 0023.
type shelf struct {
	words recent[openedWords]
	names recent[openedName]
}

const (
	shelfBytes = 12 << 20 // of a generation of words
	nameBytes  = 4 << 20
)

type openedWords struct {
	contactID   string
	title, body []byte // as they are sealed
	opened      words
	slug        string
}

type openedName struct {
	profile []byte // as it is sealed
	name    string
}

func (w *openedWords) size() int {
	return len(w.title) + len(w.body) + len(w.opened.title) + len(w.opened.body) + len(w.slug)
}

// openWords fills a post's words in, with its author's key.
func (s *Service) openWords(r *postRow, key *vault.Key) error {
	now := s.Clock.Now()
	if w, ok := s.shelf.words.get(now, r.p.ID); ok && w.contactID == r.contactID && bytes.Equal(w.title, r.title) && bytes.Equal(w.body, r.body) {
		r.p.Title, r.p.Body, r.p.Slug = w.opened.title, w.opened.body, w.slug
		return nil
	}
	if err := r.open(key); err != nil {
		return err
	}
	w := openedWords{r.contactID, r.title, r.body, words{r.p.Title, r.p.Body}, r.p.Slug}
	s.shelf.words.put(now, r.p.ID, w, w.size())
	return nil
}

// openName gives an author's name, with their key.
func (s *Service) openName(c contacts.Sealed, key *vault.Key, contactID string) (string, error) {
	now := s.Clock.Now()
	if n, ok := s.shelf.names.get(now, contactID); ok && bytes.Equal(n.profile, c.Profile) {
		return n.name, nil
	}
	who, err := c.Open(key, contactID)
	if err != nil {
		return "", err
	}
	s.shelf.names.put(now, contactID, openedName{c.Profile, who.Name}, len(c.Profile)+len(who.Name))
	return who.Name, nil
}

// Forget drops what is in memory of some people's words and names: they were erased, or
// restricted. Nothing of it would be shown again; it is not to lie about either.
func (s *Service) Forget(contactIDs ...string) {
	if len(contactIDs) == 0 {
		return
	}
	s.shelf.words.dropIf(func(_ string, w openedWords) bool { return slices.Contains(contactIDs, w.contactID) })
	s.lexicons.forget(contactIDs)
	s.shelf.names.dropIf(func(key string, _ openedName) bool { return slices.Contains(contactIDs, key) })
}

// forgetFrom does that for whom events of this node say so.
func (s *Service) forgetFrom(events []live.Event) {
	var who []string
	for i := range events {
		e := &events[i]
		if e.ContactID != "" && (e.Type == live.ContactErased || e.Type == live.ContactUpdated && e.Details["fields"] == live.FieldRestricted) {
			who = append(who, e.ContactID)
		}
	}
	s.Forget(who...)
}
