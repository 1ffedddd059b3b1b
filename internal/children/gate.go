package children

import (
	"time"

	"golang.org/x/text/language"

	"github.com/botimum/botimum/internal/fault"
)

// What the age gate found.
const (
	OfAge = "of_age"
	Child = "child"
)

// oldest is an age that nobody has reached.
const oldest = 130

// Check tells whether somebody born in a month ("2012-05"), or on a day
// ("2012-05-17"), consents alone. Of a month, its last day counts: whoever may be
// a child is taken for one.
func Check(born string, a Age, now time.Time) (string, error) {
	bad := fault.Invalid("born", "must be the month of birth, such as 2012-05")
	day, err := time.Parse("2006-01", born)
	if err == nil {
		day = day.AddDate(0, 1, -1)
	} else if day, err = time.Parse(time.DateOnly, born); err != nil {
		return "", bad
	}
	if day.AddDate(0, -1, 0).After(now) || day.Year() < now.Year()-oldest {
		return "", bad
	}
	if now.Before(day.AddDate(a.Years, 0, 0)) {
		return Child, nil
	}
	return OfAge, nil
}

// CountryOf gives the country that a language tag names, or the fallback.
func CountryOf(locale, fallback string) string {
	tag, err := language.Parse(locale)
	if err != nil {
		return fallback
	}
	region, confidence := tag.Region()
	if confidence != language.Exact || !region.IsCountry() {
		return fallback
	}
	return region.String()
}

// Limit is the stricter of a country's age and that of the country which a person's
// language names: a browser's language says where somebody may be, and must not make
// a child of age.
func Limit(country, locale string) Age {
	limit := AgeIn(country)
	if named := CountryOf(locale, ""); named != "" && AgeIn(named).Years > limit.Years {
		limit = AgeIn(named)
	}
	return limit
}
