package httpx

import (
	"regexp"
	"strings"
)

var (
	cssComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	cssSpace   = regexp.MustCompile(`\s+`)
	cssAround  = regexp.MustCompile(` ?([{};,>]) ?`)
)

// SqueezeCSS gives a style sheet of ours without comments and spaces. It knows nothing
// of strings: a sheet whose strings hold spaces next to signs is not for it.
func SqueezeCSS(sheet string) string {
	s := cssComment.ReplaceAllString(sheet, "")
	s = cssAround.ReplaceAllString(cssSpace.ReplaceAllString(s, " "), "$1")
	return strings.ReplaceAll(strings.TrimSpace(s), ";}", "}")
}
