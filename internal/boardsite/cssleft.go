package boardsite

import (
	"strings"
	"unicode/utf8"
)

// CSSPart is a part of a board's own stylesheet that the pages do not take.
type CSSPart struct {
	Line int    `json:"line" doc:"Where it begins, from 1."`
	Text string `json:"text" doc:"How it begins, as it was written."`
	Why  string `json:"why" enum:"at_rule,selector,nested,property,value,broken,too_many" doc:"A rule with @ other than @media; a selector, a rule within a rule, a property or a value that is not allowed; what is not CSS, or is not closed; more rules than 500."`
}

// Why a part of a stylesheet was left out.
const (
	leftAtRule   = "at_rule"
	leftSelector = "selector"
	leftNested   = "nested"
	leftProperty = "property"
	leftValue    = "value"
	leftBroken   = "broken"
	leftTooMany  = "too_many"
)

const (
	maxLeftOut  = 50 // that are told
	maxLeftText = 80 // of each, in bytes
)

// leave notes that the tokens from one place to another are left out.
func (p *cssParser) leave(from, to int, why string) {
	for from < to && p.all[from].kind == spaceToken {
		from++
	}
	text := strings.Join(strings.Fields(p.src[p.all[from].at:p.all[to].at]), " ")
	if text == "" || len(p.out) >= maxLeftOut {
		return
	}
	if len(text) > maxLeftText {
		end := maxLeftText
		for !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end] + "…"
	}
	p.out = append(p.out, CSSPart{Line: 1 + strings.Count(p.src[:p.all[from].at], "\n"), Text: text, Why: why})
}

// whyNot tells why a declaration is not taken.
func whyNot(t []token) string {
	if len(t) < 2 || t[0].kind != identToken || !trimmed(t[1:])[0].is(":") {
		return leftBroken
	}
	if !isProperty(strings.ToLower(t[0].text)) {
		return leftProperty
	}
	return leftValue
}
