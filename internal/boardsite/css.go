package boardsite

import (
	"slices"
	"strings"
)

const (
	maxRules   = 500
	maxPicture = 12 << 10 // of a picture within a stylesheet, in base64
	maxDepth   = 8        // of parentheses within each other
)

// rootSelector is below which a board's own rules hold: the pages without their end,
// where the way to the privacy notice is. Nothing of it is painted outside of it.
const rootSelector = "#board"

// safeCSS gives those parts of a board's own stylesheet that are on the list of what is
// allowed, written anew. What is not understood is left out, so that nothing of it
// depends on how a browser reads what is broken. Nothing is loaded from anywhere;
// nothing lies over the page; all rules hold below the board's root.
func safeCSS(css string) string {
	safe, _ := sifted(css)
	return safe
}

// sifted gives the allowed parts of a stylesheet, and what was left out, in its order.
func sifted(css string) (string, []CSSPart) {
	p := cssParser{src: css, all: tokens(css), left: maxRules}
	return p.rules(false), p.out
}

type cssParser struct {
	src  string
	all  []token
	at   int
	left int // rules that may still come
	out  []CSSPart
}

func (p *cssParser) peek() token { return p.all[p.at] }

func (p *cssParser) take() token {
	t := p.all[p.at]
	if t.kind != endToken {
		p.at++
	}
	return t
}

// rules reads rules up to the end, or to the brace that ends a block.
func (p *cssParser) rules(inMedia bool) string {
	var out strings.Builder
	for p.left > 0 {
		switch t := p.peek(); {
		case t.kind == endToken:
			return out.String()
		case t.kind == spaceToken || t.is(";"):
			p.take()
		case t.is("}"):
			from := p.at
			p.take()
			if inMedia {
				return out.String()
			}
			p.leave(from, p.at, leftBroken)
		case t.kind == atToken:
			out.WriteString(p.atRule(inMedia))
		default:
			out.WriteString(p.rule())
		}
	}
	if from := p.at; p.peek().kind != endToken {
		p.at = len(p.all) - 1
		p.leave(from, p.at, leftTooMany)
	}
	return out.String()
}

// until takes tokens up to one of some delimiters, outside of parentheses, and says
// whether it was there. The delimiter is left.
func (p *cssParser) until(delims string) (out []token, found bool) {
	depth := 0
	for {
		t := p.peek()
		switch {
		case t.kind == endToken:
			return out, false
		case depth == 0 && t.kind == delimToken && strings.Contains(delims, t.text):
			return out, true
		case t.kind == funcToken || t.is("(") || t.is("["):
			depth++
		case (t.is(")") || t.is("]")) && depth > 0:
			depth--
		}
		out = append(out, p.take())
	}
}

// skipBlock passes over a block and all that is in it.
func (p *cssParser) skipBlock() {
	depth := 0
	for t := p.take(); t.kind != endToken; t = p.take() {
		if t.is("{") {
			depth++
		} else if t.is("}") {
			if depth--; depth <= 0 {
				return
			}
		}
	}
}

func (p *cssParser) atRule(inMedia bool) string {
	from := p.at
	name := p.take().text
	prelude, found := p.until("{;}")
	if !found || !p.peek().is("{") {
		p.leave(from, p.at, leftAtRule)
		if p.peek().is(";") {
			p.take()
		}
		return ""
	}
	query, ok := mediaQuery(prelude)
	if name != "media" || inMedia || !ok {
		p.leave(from, p.at, leftAtRule)
		p.skipBlock()
		return ""
	}
	p.take()
	if rules := p.rules(true); rules != "" {
		return "@media " + query + "{" + rules + "}"
	}
	return ""
}

// mediaQuery gives a media query of plain words, numbers and comparisons.
func mediaQuery(prelude []token) (string, bool) {
	var out strings.Builder
	depth := 0
	for _, t := range trimmed(prelude) {
		switch {
		case t.is("("):
			depth++
		case t.is(")"):
			depth--
		case t.is(":"), t.is(","), t.is(">"), t.is("="), t.kind == identToken, t.kind == numberToken, t.kind == spaceToken:
		default:
			return "", false
		}
		if depth < 0 {
			return "", false
		}
		out.WriteString(strings.ToLower(t.text))
	}
	return out.String(), depth == 0 && out.Len() > 0
}

func trimmed(t []token) []token {
	for len(t) > 0 && t[0].kind == spaceToken {
		t = t[1:]
	}
	for len(t) > 0 && t[len(t)-1].kind == spaceToken {
		t = t[:len(t)-1]
	}
	return t
}

// rule reads selectors and their block.
func (p *cssParser) rule() string {
	p.left--
	from, before := p.at, len(p.out)
	prelude, found := p.until("{}")
	if !found || p.peek().is("}") {
		p.leave(from, p.at, leftBroken)
		return ""
	}
	selectors, end := selectorsOf(prelude), p.at
	p.take()
	declarations := p.declarations()
	if selectors == "" {
		p.out = p.out[:before] // the rule goes as a whole
		p.leave(from, end, leftSelector)
		return ""
	}
	if declarations == "" {
		return ""
	}
	return selectors + "{" + declarations + "}"
}

func (p *cssParser) declarations() string {
	var out []string
	first := p.at
	for {
		from := p.at
		some, found := p.until(";{}")
		if !found { // the end came before the brace: a browser would close it, and we leave it out
			p.leave(first, p.at, leftBroken)
			return ""
		}
		if p.peek().is("{") { // a rule within a rule
			p.leave(from, p.at, leftNested)
			p.skipBlock()
			continue
		}
		if d, ok := declaration(trimmed(some)); ok {
			out = append(out, d)
		} else {
			p.leave(from, p.at, whyNot(trimmed(some)))
		}
		if p.take().is("}") {
			return strings.Join(out, ";")
		}
	}
}

// selectorsOf gives selectors, each below the board's root; "" where one of them is not
// allowed, since the rule was meant for all of them.
func selectorsOf(prelude []token) string {
	var out []string
	start, depth := 0, 0
	for i, t := range append(slices.Clone(prelude), token{kind: delimToken, text: ","}) {
		if t.kind == funcToken {
			depth++
		} else if t.is(")") {
			depth--
		}
		if !t.is(",") || depth > 0 {
			continue
		}
		one := selector(trimmed(prelude[start:i]))
		if one == "" {
			return ""
		}
		out, start = append(out, one), i+1
	}
	return strings.Join(out, ",")
}

var (
	pseudoClasses = listed("hover focus focus-visible focus-within active visited link first-child last-child only-child first-of-type last-of-type empty checked disabled " +
		"placeholder-shown target")
	pseudoFunctions = listed("not is where nth-child nth-last-child nth-of-type")
	pseudoElements  = listed("before after placeholder marker first-line first-letter selection")
	pageNames       = listed("html body")
)

func listed(list string) map[string]bool {
	out := map[string]bool{}
	for _, one := range strings.Fields(list) {
		out[one] = true
	}
	return out
}

func selector(t []token) string {
	if len(t) == 0 || t[0].is(">") || t[0].is("+") || t[0].is("~") {
		return ""
	}
	var out strings.Builder
	out.WriteString(rootSelector)
	below := false // whether what comes is within the root: beside it nothing is the board's
	switch {
	case t[0].kind == identToken && pageNames[strings.ToLower(t[0].text)]:
		t = t[1:]
	case len(t) > 1 && t[0].is(":") && t[1].kind == identToken && strings.EqualFold(t[1].text, "root"):
		t = t[2:]
	default:
		out.WriteByte(' ')
		below = true
	}
	depth := 0
	for i := 0; i < len(t); i++ {
		now := t[i]
		switch {
		case now.is(":"):
			text, used := pseudo(t[i+1:])
			if used == 0 {
				return ""
			}
			if strings.HasSuffix(text, "(") {
				depth++
			}
			out.WriteString(":" + text)
			i += used
		case now.is(")"):
			if depth--; depth < 0 {
				return ""
			}
			out.WriteByte(')')
		case now.kind == hashToken:
			out.WriteString("#" + now.text)
		case now.is("+") || now.is("~"):
			if !below || depth > 0 {
				return ""
			}
			out.WriteString(now.text)
		case now.is(".") && i+1 < len(t) && t[i+1].kind == identToken, now.is("*"), now.is(">"), depth > 0 && now.is(","),
			now.kind == identToken, now.kind == spaceToken, depth > 0 && now.kind == numberToken:
			out.WriteString(now.text)
			below = below || depth == 0 && (now.is(">") || now.kind == spaceToken && i+1 < len(t) && !t[i+1].is("+") && !t[i+1].is("~"))
		default:
			return ""
		}
	}
	if depth != 0 {
		return ""
	}
	return out.String()
}

// pseudo reads what follows a colon: the text without the colon, and how many tokens it
// is; 0 if it is not allowed.
func pseudo(t []token) (text string, used int) {
	if len(t) == 0 {
		return "", 0
	}
	name := strings.ToLower(t[0].text)
	switch {
	case t[0].kind == identToken && (pseudoClasses[name] || name == "before" || name == "after"):
		return name, 1
	case t[0].kind == funcToken && pseudoFunctions[name]:
		return name + "(", 1
	case t[0].is(":") && len(t) > 1 && t[1].kind == identToken && pseudoElements[strings.ToLower(t[1].text)]:
		return ":" + strings.ToLower(t[1].text), 2
	}
	return "", 0
}
