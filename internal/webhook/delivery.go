package webhook

import "time"

// What has become of a delivery.
const (
	Waiting   = "waiting"   // for its first attempt, or the next
	Delivered = "delivered" // answered with 2xx
	Failed    = "failed"    // given up after the last attempt
	Dropped   = "dropped"   // the event is no longer kept, so there is nothing to tell
)

// schedule is how long a delivery waits before each attempt: ten of them, in 75
// and a half hours. It is the one that Standard Webhooks proposes.
var schedule = []time.Duration{
	0, 5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour,
	10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// failingFor is how long an endpoint may fail, without a single success, until it
// is switched off.
const failingFor = 72 * time.Hour

// KeepFinished is how long finished deliveries are listed, unless the workspace
// has a shorter rule.
const KeepFinished = 30 * 24 * time.Hour

// Delivery is one event for one endpoint, and what has become of it.
type Delivery struct {
	ID            string     `json:"id" example:"whd_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	EndpointID    string     `json:"endpoint_id"`
	EventID       string     `json:"event_id" doc:"Sent as webhook-id, the same with each attempt."`
	EventType     string     `json:"event_type"`
	Sequence      int64      `json:"sequence" doc:"The event's number in the workspace."`
	ContactID     *string    `json:"contact_id" doc:"The person it is about, or null."`
	State         string     `json:"state" enum:"waiting,delivered,failed,dropped"`
	Attempts      int64      `json:"attempts"`
	StatusCode    *int64     `json:"status_code" doc:"The last answer's status; null if there was no answer."`
	Error         *string    `json:"error" doc:"Why there was no answer, as a code such as egress_failed."`
	DurationMS    *int64     `json:"duration_ms" doc:"How long the last attempt took."`
	NextAttemptAt *time.Time `json:"next_attempt_at" doc:"Null once it is finished."`
	AttemptedAt   *time.Time `json:"attempted_at"`
	CreatedAt     time.Time  `json:"created_at"`
}

// Outcome is what an attempt came to.
type Outcome struct {
	Delivered  bool    `json:"delivered"`
	StatusCode *int64  `json:"status_code" doc:"The answer's status; null if there was no answer."`
	Error      *string `json:"error" doc:"Why there was no answer, as a code such as egress_failed, or null."`
	DurationMS int64   `json:"duration_ms"`
}

// gone tells whether the endpoint said that it wants nothing any more.
func (o Outcome) gone() bool { return o.StatusCode != nil && *o.StatusCode == 410 }

// afterAttempt gives the state after an attempt that failed, and the wait before
// the next where there is one.
func afterAttempt(attempts int64) (state string, wait time.Duration) {
	if attempts >= int64(len(schedule)) {
		return Failed, 0
	}
	return Waiting, schedule[attempts]
}
