package privacy

import (
	"fmt"
	"slices"
	"strings"
)

// assessmentTemplate gives a draft to start from: what the system itself knows of
// the feature, from the catalogue. What only the controller knows is asked for.
func (s *Service) assessmentTemplate(feature string) Assessment {
	a := Assessment{Feature: feature, ResidualRisk: "medium"}
	if feature != FeatureEnrichment {
		return a
	}
	a.Description = "People whose e-mail address was verified are looked up in public sources, so that operators see a name, a picture and a company. " +
		"To each provider leaves only what its definition names: a hash of the address, the address, its domain, or a name. " +
		"What comes back is kept in the person's profile with its source, date and confidence, and never replaces what a person, operator or system of ours entered.\n\n" +
		"Kept for this, by the catalogue:\n" + s.keptIn("enrich_")
	a.Necessity = "[Say what the data is needed for, and why asking the person, or doing without, would not do. Name the purpose and its lawful basis.]"
	a.Risks = "A provider learns that we know an address.\nWhat is found may be about somebody else, out of date or unwelcome.\n" +
		"People do not expect it.\n[Add what is particular to your customers.]"
	a.Measures = "Off by default; each provider is switched on by hand.\nNobody is looked up who objected, whose data is restricted, who is in the bin, or who is a child.\n" +
		"Hash-only providers are preferred.\nEvery question is logged, and in the person's own copy of their data.\n" +
		"Everything found can be taken out: one field, one person, or all; and goes at once when the person objects.\n[Add your own, such as how people are told.]"
	return a
}

// asksStill tells whether a text still holds one of the template's requests, which
// stand in brackets.
func asksStill(text string) bool {
	return strings.Contains(text, "[Say what ") || strings.Contains(text, "[Add ")
}

// keptIn lists what the catalogue says of tables whose names begin so.
func (s *Service) keptIn(prefix string) string {
	var lines []string
	for _, f := range s.catalogue {
		if strings.HasPrefix(f.Table, prefix) && f.Whose == OfContact {
			lines = append(lines, fmt.Sprintf("- %s (%s)", strings.Join(f.Holds, ", "), f.Retention))
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "\n")
}
