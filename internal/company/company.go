package company

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/fault"
)

// Company is an organisation that people work for.
type Company struct {
	ID         string         `json:"id" example:"cmp_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Name       string         `json:"name"`
	Domains    []string       `json:"domains" doc:"In lower case, as they are read; each is one company's."`
	Website    string         `json:"website"`
	Attributes map[string]any `json:"attributes"`
	Source     string         `json:"source" doc:"Through what it came: api, dashboard, import, or domain where it followed from somebody's address."`
	CreatedAt  time.Time      `json:"created_at"`
	UpdatedAt  time.Time      `json:"updated_at"`
	People     int64          `json:"people" doc:"How many people belong to it."`
	LastActive *time.Time     `json:"last_active_at" doc:"When one of them was last seen; null where none ever was."`
}

// CompanyChange is what a caller wants changed: null leaves a field. In Attributes a
// null clears the attribute.
type CompanyChange struct {
	Name       *string        `json:"name,omitempty" maxLength:"200"`
	Domains    []string       `json:"domains,omitempty" maxItems:"20" doc:"Replaces all; [] takes them away."`
	Website    *string        `json:"website,omitempty" maxLength:"1000"`
	Attributes map[string]any `json:"attributes,omitempty" doc:"At most 50 of string, number or boolean; null clears one."`
}

const (
	maxDomains    = 20
	maxAttributes = 50
	maxKey        = 64
	maxValue      = 1000
)

// data is the sealed part of a company.
type data struct {
	Name       string         `json:"name"`
	Domains    []string       `json:"domains,omitempty"`
	Website    string         `json:"website,omitempty"`
	Attributes map[string]any `json:"attributes,omitempty"`
}

// changed gives the data with a change made, or says what is wrong with it by field.
func (d data) changed(c CompanyChange) (data, error) {
	var bad []fault.FieldError
	add := func(field, detail string) {
		if detail != "" {
			bad = append(bad, fault.FieldError{Field: field, Detail: detail})
		}
	}
	if c.Name != nil {
		d.Name = strings.TrimSpace(*c.Name)
	}
	if d.Name == "" || utf8.RuneCountInString(d.Name) > 200 || !isText(d.Name) {
		add("name", "must be 1 to 200 letters without control characters")
	}
	if c.Website != nil {
		d.Website = strings.TrimSpace(*c.Website)
		add("website", websiteProblem(d.Website))
	}
	if c.Domains != nil {
		domains, detail := checkDomains(c.Domains)
		d.Domains = domains
		add("domains", detail)
	}
	if c.Attributes != nil {
		d.Attributes = maps.Clone(d.Attributes)
		if d.Attributes == nil {
			d.Attributes = map[string]any{}
		}
		for key, value := range c.Attributes {
			if value == nil {
				delete(d.Attributes, key)
			} else {
				d.Attributes[key] = value
			}
		}
		add("attributes", attributesProblem(d.Attributes))
	}
	if len(bad) > 0 {
		return data{}, fault.InvalidFields(bad...)
	}
	return d, nil
}

func isText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}

func websiteProblem(s string) string {
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || len(s) > 1000 || !isText(s) {
		return "must be an address such as https://example.com"
	}
	return ""
}

func checkDomains(given []string) ([]string, string) {
	if len(given) > maxDomains {
		return nil, "are at most 20"
	}
	var out []string
	for _, one := range given {
		d, ok := Domain(one)
		if !ok {
			return nil, "must be names under which an organisation can receive mail, such as example.com"
		}
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out, ""
}

func attributesProblem(all map[string]any) string {
	if len(all) > maxAttributes {
		return "are at most 50"
	}
	for key, value := range all {
		if key == "" || utf8.RuneCountInString(key) > maxKey || !isText(key) {
			return "have a name that is empty, longer than 64 letters or has control characters"
		}
		switch v := value.(type) {
		case bool, float64:
		case string:
			if utf8.RuneCountInString(v) > maxValue || strings.ContainsRune(v, 0) {
				return "have a text that is longer than 1000 letters or has NUL"
			}
		default:
			return "may be strings, numbers and booleans only"
		}
	}
	return ""
}
