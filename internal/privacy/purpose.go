package privacy

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// Purpose is one thing that personal data is used for, with its lawful basis and
// the wording that people are shown. A changed wording is a new version.
type Purpose struct {
	Key         string `json:"key" pattern:"^[a-z][a-z0-9_]{0,63}$" patternDescription:"lower-case words joined by _" example:"email_replies"`
	Name        string `json:"name" minLength:"1" maxLength:"120"`
	LawfulBasis string `json:"lawful_basis" enum:"consent,contract,legal_obligation,vital_interests,public_task,legitimate_interests"`
	Wording     string `json:"wording" minLength:"1" maxLength:"2000" doc:"Exactly what people are shown."`
	// Locale is the language of name and wording.
	Locale       string                 `json:"locale,omitempty" maxLength:"35" doc:"The language of name and wording (BCP 47); the workspace's if absent." example:"en"`
	Translations map[string]PurposeText `json:"translations,omitempty" doc:"Name and wording in other languages, by language tag."`
	// Marketing marks what people are sent that they did not ask for.
	Marketing *bool `json:"marketing,omitempty" doc:"Whether it is for marketing: boards offer such purposes apart, where they rest on consent. As before if absent."`
	Version   int64 `json:"version" readOnly:"true"`
}

func marked() *bool {
	yes := true
	return &yes
}

// IsMarketing tells whether a purpose is for marketing.
func (p Purpose) IsMarketing() bool { return p.Marketing != nil && *p.Marketing }

// PurposeText is what people are shown of a purpose in one language.
type PurposeText struct {
	Name    string `json:"name" minLength:"1" maxLength:"120"`
	Wording string `json:"wording" minLength:"1" maxLength:"2000"`
}

// In gives a purpose's text in the language that is nearest to a tag, and which
// that is: the same, else the same without its region, else the purpose's own.
func (p Purpose) In(locale string) (text PurposeText, shown string) {
	for tag := strings.ToLower(locale); tag != ""; {
		if tag == strings.ToLower(p.Locale) {
			break
		}
		for key, t := range p.Translations {
			if strings.ToLower(key) == tag {
				return t, key
			}
		}
		cut := strings.LastIndexByte(tag, '-')
		tag = tag[:max(cut, 0)]
	}
	return PurposeText{Name: p.Name, Wording: p.Wording}, p.Locale
}

// wordingHash is how a consent proves which text was shown.
func wordingHash(wording string) string {
	sum := sha256.Sum256([]byte(wording))
	return hex.EncodeToString(sum[:])
}

var purposeKey = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

func (p Purpose) validate() error {
	var bad []fault.FieldError
	if !purposeKey.MatchString(p.Key) {
		bad = append(bad, fault.FieldError{Field: "key", Detail: "must be lower-case words joined by _"})
	}
	if strings.TrimSpace(p.Name) == "" {
		bad = append(bad, fault.FieldError{Field: "name", Detail: "must not be empty"})
	}
	if strings.TrimSpace(p.Wording) == "" {
		bad = append(bad, fault.FieldError{Field: "wording", Detail: "must not be empty"})
	}
	for _, tag := range slices.Sorted(maps.Keys(p.Translations)) {
		bad = append(bad, p.Translations[tag].problems(p.Locale, tag)...)
	}
	if !isTag(p.Locale) {
		bad = append(bad, fault.FieldError{Field: "locale", Detail: "is not a language tag such as de or pt-BR"})
	}
	if !slices.Contains(LawfulBases, p.LawfulBasis) {
		bad = append(bad, fault.FieldError{Field: "lawful_basis", Detail: "must be one of " + strings.Join(LawfulBases, ", ")})
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// problems says what is wrong with a translation. The tag stands in the answer
// only where it is one.
func (t PurposeText) problems(base, tag string) []fault.FieldError {
	switch {
	case !isTag(tag):
		return []fault.FieldError{{Field: "translations", Detail: "have a name that is not a language tag such as de or pt-BR"}}
	case strings.EqualFold(tag, base):
		return []fault.FieldError{{Field: "translations." + tag, Detail: "is the language of name and wording themselves"}}
	case strings.TrimSpace(t.Name) == "" || strings.TrimSpace(t.Wording) == "":
		return []fault.FieldError{{Field: "translations." + tag, Detail: "needs both a name and a wording"}}
	}
	return nil
}

var tagForm = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$`)

func isTag(s string) bool { return len(s) <= 35 && tagForm.MatchString(s) }

// Purposes gives the workspace's present purposes, by key.
func (s *Service) Purposes(ctx context.Context, workspaceID string) ([]Purpose, error) {
	var out []Purpose
	err := s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		out, err = presentPurposes(tx, workspaceID)
		return err
	})
	return out, fault.Wrap("privacy.Purposes", err)
}

// SetPurpose adds a purpose, or a new version of one that is there.
func (s *Service) SetPurpose(ctx context.Context, p Purpose) (Purpose, error) {
	if p.Locale == "" {
		p.Locale = "en"
	}
	if err := p.validate(); err != nil {
		return Purpose{}, err
	}
	a, now := actor.From(ctx), s.clock.Now()
	translations, err := json.Marshal(p.Translations)
	if err != nil {
		return Purpose{}, err
	}
	err = s.db.Write(ctx, func(tx *storage.Tx) error {
		if err := tx.Lock("purpose " + a.WorkspaceID + " " + p.Key); err != nil {
			return err
		}
		present, err := presentPurposes(tx, a.WorkspaceID)
		if err != nil {
			return err
		}
		p.Version = 1
		if i := slices.IndexFunc(present, func(q Purpose) bool { return q.Key == p.Key }); i >= 0 {
			p.Version = present[i].Version + 1
			if p.Marketing == nil {
				p.Marketing = present[i].Marketing
			}
		}
		marketing := 0
		if p.IsMarketing() {
			marketing = 1
		}
		if _, err := tx.Exec(insertPurpose, a.WorkspaceID, p.Key, p.Version, p.Name, p.LawfulBasis, p.Wording, p.Locale, string(translations), marketing, clock.Micros(now)); err != nil {
			return err
		}
		return s.audit.Append(tx, audit.Entry{WorkspaceID: a.WorkspaceID, ActorType: a.Type, ActorID: a.ID,
			Action: "purpose.set", TargetType: "purpose", TargetID: p.Key})
	})
	return p, fault.Wrap("privacy.SetPurpose", err)
}

const insertPurpose = `
	INSERT INTO purposes (workspace_id, key, version, name, lawful_basis, wording, locale, translations, marketing, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

const selectPurposes = `
	SELECT p.key, p.version, p.name, p.lawful_basis, p.wording, p.locale, p.translations, p.marketing
	FROM purposes p
	WHERE p.workspace_id = $1
	  AND p.version = (SELECT MAX(q.version) FROM purposes q WHERE q.workspace_id = $1 AND q.key = p.key)`

// presentPurposes merges the stored versions over the defaults.
func presentPurposes(tx *storage.Tx, workspaceID string) ([]Purpose, error) {
	rows, err := tx.Query(selectPurposes, workspaceID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := DefaultPurposes()
	for rows.Next() {
		var p Purpose
		var translations string
		var marketing int64
		if err := rows.Scan(&p.Key, &p.Version, &p.Name, &p.LawfulBasis, &p.Wording, &p.Locale, &translations, &marketing); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(translations), &p.Translations); err != nil {
			return nil, err
		}
		if marketing != 0 {
			p.Marketing = marked()
		}
		if i := slices.IndexFunc(out, func(q Purpose) bool { return q.Key == p.Key }); i >= 0 {
			out[i] = p
		} else {
			out = append(out, p)
		}
	}
	slices.SortFunc(out, func(a, b Purpose) int { return cmp.Compare(a.Key, b.Key) })
	return out, rows.Err()
}
