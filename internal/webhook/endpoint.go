package webhook

import (
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/live"
)

// The prefixes of ids.
const (
	endpointID = "whk"
	deliveryID = "whd"
)

// An endpoint is on or off.
const (
	On  = "on"
	Off = "off"
)

// Why an endpoint is off.
const (
	OffByOperator = "operator" // somebody switched it off
	OffGone       = "gone"     // it answered 410
	OffFailing    = "failing"  // it failed for three days without a success
)

const (
	maxEndpoints = 20
	maxURL       = 500
)

// Endpoint is an address that is told of events.
type Endpoint struct {
	ID             string     `json:"id" example:"whk_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	URL            string     `json:"url" example:"https://example.org/hooks/botimum"`
	EventTypes     []string   `json:"event_types" doc:"The types of events that it is told of."`
	State          string     `json:"state" enum:"on,off"`
	OffReason      *string    `json:"off_reason" enum:"operator,gone,failing" doc:"Why it is off: somebody switched it off, it answered 410, or it failed for three days."`
	FailingSince   *time.Time `json:"failing_since" doc:"The first failure since the last success, or null."`
	OldSecretUntil *time.Time `json:"old_secret_until" doc:"Until when the secret before this one signs, too, or null."`
	Waiting        int64      `json:"waiting" doc:"Deliveries that wait for an attempt."`
	CreatedAt      time.Time  `json:"created_at"`
	UpdatedAt      time.Time  `json:"updated_at"`
}

// NewEndpoint is what an endpoint is made of.
type NewEndpoint struct {
	URL        string   `json:"url" minLength:"1" maxLength:"500" doc:"https, on port 443."`
	EventTypes []string `json:"event_types" minItems:"1" maxItems:"100" doc:"At least one; GET /webhook-event-types lists them."`
}

// Change is a change of an endpoint; what is absent stays.
type Change struct {
	URL        *string  `json:"url,omitempty" minLength:"1" maxLength:"500"`
	EventTypes []string `json:"event_types,omitempty" minItems:"1" maxItems:"100" doc:"Replaces the list."`
	State      *string  `json:"state,omitempty" enum:"on,off" doc:"Switched on again, it goes on where it stopped."`
}

// EventType is a type that endpoints can be told of.
type EventType struct {
	Type       string `json:"type" example:"contact.erased"`
	Permission string `json:"permission" doc:"What it takes to choose it."`
	Allowed    bool   `json:"allowed" doc:"Whether the caller holds that."`
}

// EventTypes lists the types, and which of them the actor may choose.
func EventTypes(a actor.Actor) []EventType {
	var all []EventType
	for _, t := range live.Types() {
		p := live.Permission(t)
		all = append(all, EventType{Type: t, Permission: p, Allowed: a.Can(p)})
	}
	return all
}

// checkTypes gives the types sorted and without doubles. Each must exist, and the
// actor must hold what it takes to see such events.
func checkTypes(types []string, a actor.Actor) ([]string, error) {
	if len(types) == 0 {
		return nil, fault.Invalid("event_types", "must name at least one type")
	}
	out := slices.Clone(types)
	slices.Sort(out)
	out = slices.Compact(out)
	for _, t := range out {
		if !slices.Contains(live.Types(), t) {
			return nil, fault.Invalid("event_types", "hold one that does not exist; GET /webhook-event-types lists them")
		}
	}
	for _, t := range out {
		if p := live.Permission(t); !a.Can(p) {
			return nil, fault.Forbidden(p)
		}
	}
	return out, nil
}

// checkURL refuses an address that deliveries could not, or should not, go to.
func (s *Service) checkURL(raw string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil || len(raw) > maxURL:
		return nil, fault.Invalid("url", "must be an address such as https://example.org/hooks/botimum")
	case u.Scheme == "http" && s.AllowLoopback && isLoopback(u.Hostname()):
	case u.Scheme != "https":
		return nil, fault.Invalid("url", "must begin with https://")
	case u.User != nil:
		return nil, fault.Invalid("url", "must not contain a user name or password; deliveries are signed instead")
	case u.Fragment != "":
		return nil, fault.Invalid("url", "must not have a part behind #, which is never sent")
	}
	if err := s.Egress.Check(u); err != nil {
		return nil, fault.Invalid("url", "must lead to a public host, on port 443")
	}
	return u, nil
}

func isLoopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback() || strings.EqualFold(host, "localhost")
}

// hostOf gives the host of an address that was checked before.
func hostOf(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return ""
	}
	return u.Hostname()
}
