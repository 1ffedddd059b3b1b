package children

import (
	"slices"
	"strings"
)

// DefaultAge is GDPR article 8(1): sixteen, unless a member state's law says less.
const DefaultAge = 16

// Age is from which age somebody consents alone in a country, and which law says so.
type Age struct {
	Country string `json:"country" doc:"ISO 3166-1, two letters."`
	Years   int    `json:"years"`
	Source  string `json:"source" doc:"The law."`
}

// ages follow the laws that implement GDPR article 8(1), as in force in 2025, and
// those of the neighbours whose law says likewise. Where a country made no use of
// the opening, article 8 itself says 16.
var ages = []Age{
	{"AT", 14, "Datenschutzgesetz § 4(4)"},
	{"BE", 13, "Law of 30 July 2018, article 7"},
	{"BG", 14, "Personal Data Protection Act, article 25c"},
	{"CY", 14, "Law 125(I)/2018, section 8"},
	{"CZ", 15, "Act 110/2019, § 7"},
	{"DE", 16, "GDPR article 8(1)"},
	{"DK", 15, "Databeskyttelsesloven § 6(2), since 2024"},
	{"EE", 13, "Personal Data Protection Act, § 8"},
	{"ES", 14, "Ley Orgánica 3/2018, article 7"},
	{"FI", 13, "Data Protection Act 1050/2018, § 5"},
	{"FR", 15, "Loi Informatique et Libertés, article 45"},
	{"GB", 13, "Data Protection Act 2018, section 9"},
	{"GR", 15, "Law 4624/2019, article 21"},
	{"HR", 16, "GDPR Implementation Act, article 19"},
	{"HU", 16, "GDPR article 8(1)"},
	{"IE", 16, "Data Protection Act 2018, section 31"},
	{"IS", 13, "Act 90/2018, article 10"},
	{"IT", 14, "Codice privacy, article 2-quinquies"},
	{"LT", 14, "Law on Legal Protection of Personal Data, article 6"},
	{"LU", 16, "GDPR article 8(1)"},
	{"LV", 13, "Personal Data Processing Law, section 33"},
	{"MT", 13, "S.L. 586.11, regulation 4"},
	{"NL", 16, "UAVG, article 5"},
	{"NO", 13, "Personopplysningsloven § 5"},
	{"PL", 16, "GDPR article 8(1)"},
	{"PT", 13, "Lei 58/2019, article 16"},
	{"RO", 16, "GDPR article 8(1)"},
	{"SE", 13, "Lag 2018:218, chapter 2 § 4"},
	{"SI", 15, "ZVOP-2, article 8"},
	{"SK", 16, "Act 18/2018, § 15"},
	{"US", 13, "COPPA, 15 U.S.C. § 6501(1)"},
}

// Ages gives the table, by country.
func Ages() []Age { return slices.Clone(ages) }

// AgeIn gives from which age somebody consents alone in a country; where the
// country is not known, the strictest.
func AgeIn(country string) Age {
	country = strings.ToUpper(country)
	i := slices.IndexFunc(ages, func(a Age) bool { return a.Country == country })
	if i < 0 {
		return Age{Country: country, Years: DefaultAge, Source: "GDPR article 8(1)"}
	}
	return ages[i]
}
