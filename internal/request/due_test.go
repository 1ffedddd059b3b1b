package request

import (
	"testing"
	"time"
)

func TestLegalDueIsTheSameDayOfTheNextMonth(t *testing.T) {
	for received, want := range map[string]string{"2026-11-02": "2026-12-02", "2026-01-31": "2026-02-28", "2028-01-30": "2028-02-29", "2026-12-31": "2027-01-31", "2026-03-31": "2026-04-30"} {
		at, err := time.Parse(time.DateOnly, received)
		if err != nil {
			t.Fatal(err)
		}
		if got := legalDue(at).Format(time.DateOnly); got != want {
			t.Errorf("received %s: %s, want %s", received, got, want)
		}
	}
}

func TestLevelsFollowTheWorkspacesDays(t *testing.T) {
	received := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		days  int
		after time.Duration
		want  int
	}{
		{7, 0, 0}, {7, 3*day - 1, 0}, {7, 3 * day, 1}, {7, 5 * day, 2}, {7, 6 * day, 3}, {7, 7*day - 1, 3}, {7, 7 * day, overdue}, {7, 70 * day, overdue},
		{1, 10 * time.Hour, 0}, {1, 11 * time.Hour, 1}, {1, 24 * time.Hour, overdue},
	} {
		if got := levelAt(received, dueAfter(received, tt.days), received.Add(tt.after)); got != tt.want {
			t.Errorf("%d days, after %s: level %d, want %d", tt.days, tt.after, got, tt.want)
		}
	}
	if !nextMoment(received, dueAfter(received, 7), overdue).IsZero() {
		t.Error("something follows the escalation")
	}
}
