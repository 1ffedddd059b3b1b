package httpx

import "strings"

// bounds are what the validator says of a value's size, and what a person reads of it:
// the number goes in place of the #.
var bounds = []struct{ from, to string }{
	{"expected length >= 1", "must not be empty"},
	{"expected length >= ", "needs at least # characters"},
	{"expected length <= ", "may have at most # characters"},
	{"expected array length >= 1", "must not be empty"},
	{"expected array length >= ", "needs at least # of them"},
	{"expected array length <= ", "may have at most # of them"},
	{"expected number >= ", "must be at least #"},
	{"expected number <= ", "must be at most #"},
}

// plain says in plain words what the validator found; what it does not know stays.
func plain(message string) string {
	for _, b := range bounds {
		if message == b.from {
			return b.to
		}
		if size, is := strings.CutPrefix(message, b.from); is && strings.HasSuffix(b.from, " ") && strings.Trim(size, "0123456789.-") == "" {
			return strings.Replace(b.to, "#", size, 1)
		}
	}
	return message
}
