package boards

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/vault"
)

// Moderation says what a board does against spam.
type Moderation struct {
	Words      []string  `json:"words" maxItems:"500" doc:"Words and phrases that are looked for, whatever their case and accents; a * at the end stands for any ending."`
	OnWords    string    `json:"on_words" enum:"hold,refuse" doc:"Whether what holds one of the words waits for approval, or is refused."`
	MaxLinks   int       `json:"max_links" minimum:"0" maximum:"100" doc:"What has more links waits for approval."`
	FirstWaits bool      `json:"first_waits" doc:"Whether what a person writes waits until something of theirs was published."`
	Challenge  string    `json:"challenge" enum:"nobody,newcomers,everybody" doc:"Whose browser does a few seconds of work before something is published; newcomers are those of whom nothing was published before. What comes without it, such as from a browser without scripts, waits for approval; nobody else is asked, and nobody is tracked."`
	UpdatedAt  time.Time `json:"updated_at"`
}

// ModerationChange is what is to change; nil leaves it.
type ModerationChange struct {
	Words      []string `json:"words,omitempty" maxItems:"500" doc:"All of them."`
	OnWords    *string  `json:"on_words,omitempty" enum:"hold,refuse"`
	MaxLinks   *int     `json:"max_links,omitempty" minimum:"0" maximum:"100"`
	FirstWaits *bool    `json:"first_waits,omitempty"`
	Challenge  *string  `json:"challenge,omitempty" enum:"nobody,newcomers,everybody"`
}

// Whose browser does some work first.
const (
	ChallengeNobody    = "nobody"
	ChallengeNewcomers = "newcomers"
	ChallengeEverybody = "everybody"
)

// What a board does with what holds one of its words.
const (
	Hold   = "hold"
	Refuse = "refuse"
)

// Why a contribution waits for an operator.
const (
	HeldForApproval  = "approval" // the board has everything approved
	HeldForWords     = "words"
	HeldForLinks     = "links"
	HeldForFirst     = "first"
	HeldForChallenge = "challenge" // it came without the work that the board asks for
)

const (
	maxModeratedWords = 500
	maxModeratedWord  = 60
	usualLinks        = 3
)

func usualModeration() Moderation {
	return Moderation{Words: []string{}, OnWords: Hold, MaxLinks: usualLinks, Challenge: ChallengeNobody}
}

// with gives the rules with a change made.
func (m Moderation) with(c ModerationChange) (Moderation, error) {
	if c.Words != nil {
		m.Words = c.Words
	}
	if c.OnWords != nil {
		m.OnWords = *c.OnWords
	}
	if c.MaxLinks != nil {
		m.MaxLinks = *c.MaxLinks
	}
	if c.FirstWaits != nil {
		m.FirstWaits = *c.FirstWaits
	}
	if c.Challenge != nil {
		m.Challenge = *c.Challenge
	}
	return m, m.clean()
}

func (m *Moderation) clean() error {
	var bad []fault.FieldError
	m.Words = slices.Clone(m.Words)
	for i, w := range m.Words {
		m.Words[i] = strings.TrimSpace(w)
		needle := needleOf(w)
		switch {
		case strings.TrimSpace(needle) == "":
			bad = append(bad, fault.FieldError{Field: fmt.Sprintf("words[%d]", i), Detail: "must have a letter or a digit"})
		case utf8.RuneCountInString(w) > maxModeratedWord:
			bad = append(bad, fault.FieldError{Field: fmt.Sprintf("words[%d]", i), Detail: "must have at most 60 characters"})
		}
	}
	m.Words = distinct(m.Words)
	if len(m.Words) > maxModeratedWords {
		bad = append(bad, fault.FieldError{Field: "words", Detail: "must be at most 500"})
	}
	if m.OnWords != Hold && m.OnWords != Refuse {
		bad = append(bad, fault.FieldError{Field: "on_words", Detail: "must be hold or refuse"})
	}
	if m.MaxLinks < 0 || m.MaxLinks > 100 {
		bad = append(bad, fault.FieldError{Field: "max_links", Detail: "must be between 0 and 100"})
	}
	if !slices.Contains([]string{ChallengeNobody, ChallengeNewcomers, ChallengeEverybody}, m.Challenge) {
		bad = append(bad, fault.FieldError{Field: "challenge", Detail: "must be nobody, newcomers or everybody"})
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// judge says why a text has to wait; "" if it need not. It is refused where the board
// refuses its words: the error does not say which word it was, since whoever sends
// spam would only write it otherwise.
func (m *Moderation) judge(text string) (heldFor string, err error) {
	if m.holds(text) {
		if m.OnWords == Refuse {
			return "", fault.Conflict("words_refused", "This board does not take this text as it is. Put it in other words.")
		}
		return HeldForWords, nil
	}
	if links(text) > m.MaxLinks {
		return HeldForLinks, nil
	}
	return "", nil
}

// holds tells whether a text holds one of the board's words.
func (m *Moderation) holds(text string) bool {
	if len(m.Words) == 0 {
		return false
	}
	hay := plain(text)
	return slices.ContainsFunc(m.Words, func(w string) bool {
		needle := needleOf(w)
		return strings.Contains(hay, needle)
	})
}

// needleOf gives a word of the list as it is looked for in [plain] text. Writing
// without spaces between its words is looked for anywhere.
func needleOf(word string) string {
	word, open := strings.CutSuffix(strings.TrimSpace(word), "*")
	needle := plain(word)
	if strings.ContainsFunc(needle, func(r rune) bool { return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai) }) {
		return strings.TrimSpace(needle)
	}
	if open {
		needle = strings.TrimSuffix(needle, " ")
	}
	return needle
}

// plain gives the words of a text folded, each between single spaces, so that what
// stands between them hides nothing: neither signs nor characters without width.
func plain(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
	words := strings.FieldsFunc(vault.Fold(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) && !unicode.IsMark(r) })
	if len(words) == 0 {
		return ""
	}
	return " " + strings.Join(words, " ") + " "
}

// A link is an address with a scheme, or a name with www in front. Anything that
// Markdown makes one of is one of these.
var link = regexp.MustCompile(`(?i)\bhttps?://|\bwww\.|\bmailto:|\]\(\s*//`)

func links(text string) int { return len(link.FindAllStringIndex(text, -1)) }
