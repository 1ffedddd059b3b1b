package request

import (
	"strconv"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
)

// told is a reminder that was told, and when: after an outage later than it was due,
// and one may stand for several.
type told struct {
	level int
	at    time.Time
}

// levelsOf and toldOf write and read the column of reminders: level@microseconds,
// apart by spaces.
func levelsOf(all []told) string {
	parts := make([]string, len(all))
	for i, t := range all {
		parts[i] = strconv.Itoa(t.level) + "@" + strconv.FormatInt(clock.Micros(t.at), 10)
	}
	return strings.Join(parts, " ")
}

func toldOf(text string) []told {
	var all []told
	for part := range strings.FieldsSeq(text) {
		level, at, _ := strings.Cut(part, "@")
		n, err1 := strconv.Atoi(level)
		micros, err2 := strconv.ParseInt(at, 10, 64)
		if err1 == nil && err2 == nil {
			all = append(all, told{n, clock.FromMicros(micros)})
		}
	}
	return all
}
