package enrich

import "slices"

// Preset is a ready definition of a well-known API.
type Preset struct {
	Key        string     `json:"key" example:"hunter"`
	Name       string     `json:"name"`
	About      string     `json:"about"`
	KeyFrom    string     `json:"key_from" doc:"Where a key is had."`
	PerMinute  int64      `json:"per_minute"`
	Definition Definition `json:"definition"`
}

// presets are in the wire formats that their makers document; docs/self-hosting.md
// names the pages.
var presets = []Preset{
	{Key: "hunter", Name: "Hunter", About: "A person and their employer by a business address.", KeyFrom: "hunter.io/api-keys", PerMinute: 300,
		Definition: Definition{URL: "https://api.hunter.io/v2/people/find?email={email}", Method: "GET",
			Headers: []Header{{"X-API-KEY", "{secret}"}}, Confidence: 0.8,
			Mapping: map[string]string{"first_name": "data.name.givenName", "last_name": "data.name.familyName", "name": "data.name.fullName",
				"avatar_url": "data.avatar", "company": "data.employment.name", "company_domain": "data.employment.domain", "title": "data.employment.title"}}},
	{Key: "hunter-combined", Name: "Hunter, person and company", About: "The same, with what is known of the company itself.", KeyFrom: "hunter.io/api-keys", PerMinute: 300,
		Definition: Definition{URL: "https://api.hunter.io/v2/combined/find?email={email}", Method: "GET",
			Headers: []Header{{"X-API-KEY", "{secret}"}}, Confidence: 0.8,
			Mapping: map[string]string{"first_name": "data.person.name.givenName", "last_name": "data.person.name.familyName", "name": "data.person.name.fullName",
				"avatar_url": "data.person.avatar", "company": "data.company.name", "company_domain": "data.company.domain", "title": "data.person.employment.title"}}},
	{Key: "peopledatalabs", Name: "People Data Labs", About: "A person by their address, with how likely it is them.", KeyFrom: "dashboard.peopledatalabs.com", PerMinute: 100,
		Definition: Definition{URL: "https://api.peopledatalabs.com/v5/person/enrich?email={email}&titlecase=true", Method: "GET",
			Headers: []Header{{"X-Api-Key", "{secret}"}}, ConfidencePath: "likelihood", ConfidenceScale: 10, Confidence: 0.5,
			Mapping: map[string]string{"first_name": "data.first_name", "last_name": "data.last_name", "name": "data.full_name",
				"company": "data.job_company_name", "company_domain": "data.job_company_website", "title": "data.job_title"}}},
	{Key: "apollo", Name: "Apollo", About: "A person and their organization by a business address.", KeyFrom: "Apollo, Settings, Integrations, API", PerMinute: 50,
		Definition: apollo("email={email}")},
	{Key: "apollo-hashed", Name: "Apollo, by hash", About: "The same by the SHA-256 of the address: the address itself does not leave. It may know fewer people so.",
		KeyFrom: "Apollo, Settings, Integrations, API", PerMinute: 50, Definition: apollo("hashed_email={email_sha256}")},
	{Key: "fullcontact", Name: "FullContact", About: "What a person does and where, by the SHA-256 of their address: the address itself does not leave. Asked so, it gives no names.",
		KeyFrom: "platform.fullcontact.com", PerMinute: 60, Definition: fullContact("{email_sha256}")},
	{Key: "fullcontact-address", Name: "FullContact, by address", About: "A person with their name, by their address.",
		KeyFrom: "platform.fullcontact.com", PerMinute: 60, Definition: fullContact("{email}")},
}

// apollo is POST /people/match. What it is asked by stands in the query; of somebody
// unknown it says "person": null, with status 200.
func apollo(by string) Definition {
	return Definition{URL: "https://api.apollo.io/api/v1/people/match?" + by, Method: "POST",
		Headers: []Header{{"X-Api-Key", "{secret}"}, {"Cache-Control", "no-cache"}}, Confidence: 0.7,
		Mapping: map[string]string{"first_name": "person.first_name", "last_name": "person.last_name", "name": "person.name",
			"avatar_url": "person.photo_url", "company": "person.organization.name", "company_domain": "person.organization.primary_domain", "title": "person.title"}}
}

// fullContact is POST person.enrich, which takes an address or its hash in the same
// field. Its answers name a domain only where the account's bundles hold it.
func fullContact(by string) Definition {
	return Definition{URL: "https://api.fullcontact.com/v3/person.enrich", Method: "POST", Body: `{"email":"` + by + `"}`,
		Headers: []Header{{"Authorization", "Bearer {secret}"}}, Confidence: 0.7,
		Mapping: map[string]string{"first_name": "details.name.given", "last_name": "details.name.family", "name": "fullName",
			"avatar_url": "avatar", "company": "organization", "company_domain": "details.employment.0.domain", "title": "title"}}
}

// Presets lists the ready definitions.
func Presets() []Preset { return slices.Clone(presets) }

func presetOf(key string) (Preset, bool) {
	i := slices.IndexFunc(presets, func(p Preset) bool { return p.Key == key })
	if i < 0 {
		return Preset{}, false
	}
	return presets[i], true
}
