package boardsite

import (
	"regexp"
	"strings"
)

// properties are those that a board's own stylesheet may set, apart from those that
// begin with one of [families].
var properties = listed("color opacity display position width height min-width min-height max-width max-height inline-size block-size min-inline-size max-inline-size " +
	"gap row-gap column-gap order line-height letter-spacing word-spacing white-space overflow overflow-x overflow-y overflow-wrap word-break hyphens vertical-align " +
	"object-fit object-position aspect-ratio box-shadow box-sizing cursor content quotes transition transition-property transition-duration transition-timing-function " +
	"transition-delay transform transform-origin color-scheme accent-color caret-color direction visibility columns column-count filter")

var families = []string{"background", "border", "margin", "padding", "font", "text", "list-style", "outline", "flex", "grid", "align-", "justify-", "place-"}

// functions are those that a value may hold.
var functions = listed("rgb rgba hsl hsla hwb lab lch oklab oklch color color-mix light-dark var calc min max clamp linear-gradient radial-gradient conic-gradient " +
	"repeating-linear-gradient repeating-radial-gradient translate translatex translatey scale scalex scaley rotate skew cubic-bezier steps repeat minmax fit-content " +
	"brightness contrast grayscale saturate sepia blur")

// values are those that a property may have at all, where not all are harmless.
var values = map[string]map[string]bool{
	"position": listed("static relative"), // nothing lies over the page, or over its end
	"display":  listed("none block inline inline-block flex inline-flex grid inline-grid contents list-item table table-row table-cell"),
}

var (
	propertyForm = regexp.MustCompile(`^[a-z-]{1,60}$`)
	variableForm = regexp.MustCompile(`^--[a-z0-9-]{1,60}$`)
	pictureForm  = regexp.MustCompile(`^data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+={0,2}$`)
)

func isProperty(name string) bool {
	if variableForm.MatchString(name) {
		return true
	}
	if !propertyForm.MatchString(name) {
		return false
	}
	if properties[name] {
		return true
	}
	for _, family := range families {
		if strings.HasPrefix(name, family) {
			return true
		}
	}
	return false
}

// declaration gives one declaration, written anew; false if any of it is not allowed.
func declaration(t []token) (string, bool) {
	if len(t) < 3 || t[0].kind != identToken {
		return "", false
	}
	name := strings.ToLower(t[0].text)
	t = trimmed(t[1:])
	if !isProperty(name) || len(t) < 2 || !t[0].is(":") {
		return "", false
	}
	value, ok := value(trimmed(t[1:]), name)
	if allowed := values[name]; ok && allowed != nil {
		ok = allowed[value]
	}
	return name + ":" + value, ok && value != ""
}

// value gives a value, written anew. That a declaration insists is left out: what the
// pages insist on stays.
func value(t []token, name string) (string, bool) {
	var out strings.Builder
	depth := 0
	for i := 0; i < len(t); i++ {
		now := t[i]
		switch {
		case now.is("!") && depth == 0 && len(t) == i+2 && t[i+1].kind == identToken && strings.EqualFold(t[i+1].text, "important"):
			i++
		case now.kind == funcToken && functions[now.text] && depth < maxDepth:
			depth++
			out.WriteString(now.text + "(")
		case now.is("(") && depth > 0 && depth < maxDepth:
			depth++
			out.WriteByte('(')
		case now.is(")") && depth > 0:
			depth--
			out.WriteByte(')')
		case now.kind == urlToken && len(now.text) <= maxPicture && strings.HasPrefix(name, "background") && pictureForm.MatchString(now.text):
			out.WriteString(`url("` + now.text + `")`)
		case now.kind == stringToken && !strings.ContainsAny(now.text, `"<`):
			out.WriteString(`"` + now.text + `"`)
		case now.kind == hashToken:
			out.WriteString("#" + now.text)
		case now.kind == identToken:
			if strings.HasPrefix(now.text, "--") && depth == 0 {
				return "", false
			}
			out.WriteString(strings.ToLower(now.text))
		case now.kind == numberToken, now.kind == spaceToken, now.is(","), now.is("/"), depth > 0 && (now.is("*") || now.is("+") || now.is("-")):
			out.WriteString(now.text)
		default:
			return "", false
		}
	}
	return strings.TrimSpace(out.String()), depth == 0
}
