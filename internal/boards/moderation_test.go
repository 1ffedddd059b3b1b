package boards

import (
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/fault"
)

func TestWordsThatABoardLooksFor(t *testing.T) {
	m := Moderation{Words: []string{"Casino", "free money", "viagr*", "发票", "crème"}, OnWords: Hold, MaxLinks: 3}
	for text, want := range map[string]bool{
		"The best CASINO.":         true,
		"a casino-like thing":      true,
		"casinos":                  false, // no star
		"FREE,   money!":           true,
		"free\u200b money":         true,
		"ca\u00adsi\u200bno":       true, // what has no width hides nothing
		"ＣＡＳＩＮＯ":                   true, // full width
		"càsìnó":                   true,
		"Viagra and viagranda":     true,
		"money for free":           false,
		"代开发票请联系":                  true,
		"Creme brulee":             true,
		"occasional casinò-brunch": true,
		"":                         false,
		"***":                      false,
	} {
		if m.holds(text) != want {
			t.Errorf("holds(%q) = %v", text, !want)
		}
	}
}

func TestLinksAreCounted(t *testing.T) {
	for text, want := range map[string]int{
		"see https://a.example and HTTP://b.example": 2,
		"[x](//c.example) www.d.example":             2,
		"awwww. https is a word":                     0,
		"mailto:a@b.example":                         1,
		strings.Repeat("http://x ", 50):              50,
	} {
		if got := links(text); got != want {
			t.Errorf("links(%q) = %d, want %d", text, got, want)
		}
	}
}

func TestJudging(t *testing.T) {
	m := usualModeration()
	m.Words = []string{"casino"}
	if held, err := m.judge("a casino"); held != HeldForWords || err != nil {
		t.Errorf("%q %v", held, err)
	}
	if held, err := m.judge("http://a http://b http://c http://d"); held != HeldForLinks || err != nil {
		t.Errorf("%q %v", held, err)
	}
	if held, err := m.judge("http://a http://b http://c"); held != "" || err != nil {
		t.Errorf("%q %v", held, err)
	}
	m.OnWords = Refuse
	if _, err := m.judge("a casino"); !fault.Is(err, fault.KindConflict) || strings.Contains(err.Error(), "casino") {
		t.Errorf("%v, want a refusal that does not name the word", err)
	}
}

func TestRulesThatMakeNoSense(t *testing.T) {
	many := make([]string, 501)
	for i := range many {
		many[i] = strings.Repeat("x", 1+i%60) + string(rune('a'+i%26))
	}
	minus, hold := -1, "shrug"
	for name, c := range map[string]ModerationChange{
		"a word of nothing":  {Words: []string{" * "}},
		"a word of signs":    {Words: []string{"!!"}},
		"a long word":        {Words: []string{strings.Repeat("x", 61)}},
		"fewer than no link": {MaxLinks: &minus},
		"unknown deed":       {OnWords: &hold},
		"unknown challenge":  {Challenge: &hold},
	} {
		if _, err := usualModeration().with(c); !fault.Is(err, fault.KindInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
