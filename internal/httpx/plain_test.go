package httpx

import "testing"

func TestSizesAreSaidPlainly(t *testing.T) {
	for message, want := range map[string]string{
		"expected length <= 200":       "may have at most 200 characters",
		"expected length >= 1":         "must not be empty",
		"expected length >= 12":        "needs at least 12 characters",
		"expected array length >= 1":   "must not be empty",
		"expected array length <= 20":  "may have at most 20 of them",
		"expected number >= -1.5":      "must be at least -1.5",
		"expected number <= 100":       "must be at most 100",
		"expected length <= ten":       "expected length <= ten",
		"expected string to be base64": "expected string to be base64",
	} {
		if got := plain(message); got != want {
			t.Errorf("%q: %q, want %q", message, got, want)
		}
	}
}
