package request_test

import (
	"testing"

	"github.com/botimum/botimum/internal/request"
)

// Each reason has words of its own in each language.
func TestReasonsAreSaidInEveryLanguage(t *testing.T) {
	for _, language := range []string{"en", "de", "fr", "es", "pl", "ar"} {
		seen := map[string]string{}
		for _, reason := range request.Reasons() {
			text := request.ReasonText(reason, language)
			if other := seen[text]; text == "" || other != "" {
				t.Errorf("%s: %s reads as %q, as does %q", language, reason, text, other)
			}
			seen[text] = reason
			if language != "en" && text == request.ReasonText(reason, "en") {
				t.Errorf("%s: %s is said in English", language, reason)
			}
		}
	}
	for tag, like := range map[string]string{"de-AT": "de", "PL": "pl", "": "en", "xx": "en"} {
		if request.ReasonText(request.Excessive, tag) != request.ReasonText(request.Excessive, like) {
			t.Errorf("%q is not read as %s", tag, like)
		}
	}
}
