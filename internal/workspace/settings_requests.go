package workspace

import (
	"slices"
	"strings"

	"github.com/botimum/botimum/internal/fault"
)

const maxRequestDays = 7

// requestKinds are the kinds of privacy requests, as internal/request has them.
var requestKinds = []string{"access", "rectification", "erasure", "restriction", "portability", "objection"}

// applyRequests makes the change of how privacy requests are answered.
func (p SettingsPatch) applyRequests(s Settings, bad []fault.FieldError) (Settings, []fault.FieldError) {
	if p.RequestDays != nil {
		if *p.RequestDays < 1 || *p.RequestDays > maxRequestDays {
			bad = note(bad, "settings.request_days", "must be 1 to 7")
		}
		s.RequestDays = *p.RequestDays
	}
	if p.ReviewedKinds != nil {
		s.ReviewedKinds = slices.Compact(slices.Sorted(slices.Values(p.ReviewedKinds)))
		if slices.ContainsFunc(s.ReviewedKinds, func(k string) bool { return !slices.Contains(requestKinds, k) }) {
			bad = note(bad, "settings.reviewed_kinds", "may name "+strings.Join(requestKinds, ", "))
		}
	}
	return s, bad
}

// AnswerWithin gives the days within which privacy requests are answered: those of
// the settings, or a week where a workspace is older than the setting.
func (s Settings) AnswerWithin() int {
	if s.RequestDays < 1 || s.RequestDays > maxRequestDays {
		return maxRequestDays
	}
	return s.RequestDays
}

// Reviews tells whether a person looks at requests of a kind.
func (s Settings) Reviews(kind string) bool { return slices.Contains(s.ReviewedKinds, kind) }
