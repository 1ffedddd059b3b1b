package boardsite

import "strings"

// tokenKind is a sort of token of CSS Syntax Module Level 3, as far as a board's own
// stylesheet may use it.
type tokenKind int

const (
	endToken    tokenKind = iota
	badToken              // an escape, a broken string, what is no character of CSS
	spaceToken            // white space, or a comment
	identToken            // red
	funcToken             // rgb(
	atToken               // @media
	hashToken             // #0f766e
	stringToken           // "text", without its quotes
	urlToken              // url(text), without quotes
	numberToken           // 1, 1.5em, 50%: as it was written
	delimToken            // one character
)

type token struct {
	kind tokenKind
	text string
	at   int // where it begins, in bytes
}

func (t token) is(delim string) bool { return t.kind == delimToken && t.text == delim }

// tokens cuts a stylesheet up. Escapes are not read but refused: whoever needs one has
// something to hide.
func tokens(css string) (out []token) {
	whole := len(css)
	for css != "" {
		at := whole - len(css)
		var t token
		t, css = next(css)
		t.at = at
		out = append(out, t)
	}
	return append(out, token{kind: endToken, at: whole})
}

func next(css string) (t token, rest string) {
	switch c := css[0]; {
	case isSpace(c):
		return token{kind: spaceToken, text: " "}, strings.TrimLeft(css, " \t\r\n\f")
	case strings.HasPrefix(css, "/*"):
		_, rest, closed := strings.Cut(css[2:], "*/")
		if !closed {
			return token{kind: badToken}, ""
		}
		return token{kind: spaceToken, text: " "}, rest
	case c == '"' || c == '\'':
		return quoted(css)
	case c == '#':
		if name := nameIn(css[1:]); name != "" {
			return token{kind: hashToken, text: name}, css[1+len(name):]
		}
	case c == '@':
		if name := nameIn(css[1:]); name != "" {
			return token{kind: atToken, text: strings.ToLower(name)}, css[1+len(name):]
		}
	case startsNumber(css):
		return numbered(css)
	case isNameStart(c) || c == '-' && len(css) > 1 && (isNameStart(css[1]) || css[1] == '-'):
		return named(css)
	case c == '\\' || c < 0x20 || c >= 0x7f || strings.IndexByte("<`$&|^?%", c) >= 0:
		return token{kind: badToken}, css[1:]
	}
	return token{kind: delimToken, text: css[:1]}, css[1:]
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' }

func isNameStart(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func nameIn(css string) string {
	n := 0
	for n < len(css) && (isNameStart(css[n]) || isDigit(css[n]) || css[n] == '-') {
		n++
	}
	return css[:n]
}

func quoted(css string) (token, string) {
	for i := 1; i < len(css); i++ {
		switch css[i] {
		case css[0]:
			return token{kind: stringToken, text: css[1:i]}, css[i+1:]
		case '\n', '\r', '\f', '\\', 0:
			return token{kind: badToken}, css[i+1:]
		}
	}
	return token{kind: badToken}, ""
}

func startsNumber(css string) bool {
	if css[0] == '+' || css[0] == '-' {
		css = css[1:]
	}
	css = strings.TrimPrefix(css, ".")
	return css != "" && isDigit(css[0])
}

func numbered(css string) (token, string) {
	n := 1 // a sign, a point or a digit
	for n < len(css) && isDigit(css[n]) {
		n++
	}
	if n+1 < len(css) && css[n] == '.' && isDigit(css[n+1]) && !strings.Contains(css[:n], ".") {
		n++
		for n < len(css) && isDigit(css[n]) {
			n++
		}
	}
	if n < len(css) && css[n] == '%' {
		n++
	} else {
		n += len(nameIn(css[n:]))
	}
	return token{kind: numberToken, text: strings.ToLower(css[:n])}, css[n:]
}

func named(css string) (token, string) {
	name := nameIn(css)
	rest := css[len(name):]
	if !strings.HasPrefix(rest, "(") {
		return token{kind: identToken, text: name}, rest
	}
	rest = rest[1:]
	if !strings.EqualFold(name, "url") {
		return token{kind: funcToken, text: strings.ToLower(name)}, rest
	}
	inside, after, closed := strings.Cut(rest, ")")
	if !closed {
		return token{kind: badToken}, ""
	}
	inside = strings.Trim(inside, " \t\r\n\f")
	if n := len(inside); n > 1 && (inside[0] == '"' || inside[0] == '\'') && inside[n-1] == inside[0] {
		inside = inside[1 : n-1]
	}
	if strings.ContainsAny(inside, "\"'\\() \t\r\n\f") {
		return token{kind: badToken}, after
	}
	return token{kind: urlToken, text: inside}, after
}
