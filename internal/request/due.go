package request

import "time"

// Days is how long a workspace has to answer unless it set itself less.
const Days = 7

const day = 24 * time.Hour

// dueAfter gives when a request that was received then is due.
func dueAfter(received time.Time, days int) time.Time { return received.Add(time.Duration(days) * day) }

// legalDue gives the end of the month that the law allows (GDPR article 12(3)):
// the same day of the next month, or that month's last day where it has none such
// (Regulation 1182/71, article 3(2)(c)).
func legalDue(received time.Time) time.Time { return monthsAfter(received, 1) }

// longestDue gives the end of the two further months by which the term may be
// extended.
func longestDue(received time.Time) time.Time { return monthsAfter(received, 3) }

func monthsAfter(received time.Time, months int) time.Time {
	due := received.AddDate(0, months, 0)
	if due.Day() != received.Day() {
		due = due.AddDate(0, 0, -due.Day()) // the last of the month before
	}
	return due
}

// overdue is the level at which a request's time is up: it comes after the
// reminders.
const overdue = 4

// reminderDays are the days of a week after which operators are reminded. Where a
// workspace allows itself less time, or extends the term, they move in proportion.
var reminderDays = [...]int{3, 5, 6}

// levelAt gives how many reminders should have gone out by now, overdue included.
func levelAt(received, due, now time.Time) int {
	level := 0
	for level < overdue && !now.Before(momentOf(received, due, level+1)) {
		level++
	}
	return level
}

// momentOf gives when a level is reached: 1 to 3 are reminders, 4 is overdue.
func momentOf(received, due time.Time, level int) time.Time {
	if level >= overdue {
		return due
	}
	return received.Add(due.Sub(received) / Days * time.Duration(reminderDays[level-1]))
}

// nextMoment gives when the level after this one is reached; the zero time after
// the last.
func nextMoment(received, due time.Time, level int) time.Time {
	if level >= overdue {
		return time.Time{}
	}
	return momentOf(received, due, level+1)
}
