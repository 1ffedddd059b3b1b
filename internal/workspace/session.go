package workspace

import (
	"time"
)

// How long a session lasts: until it has not been used for SessionIdle, and never
// longer than SessionLife.
const (
	SessionIdle = 14 * 24 * time.Hour
	SessionLife = 60 * 24 * time.Hour
)

// Session is an operator's sign-in on one device, as its owner sees it.
type Session struct {
	ID          string    `json:"id" example:"ses_01jdxk8n0e7q2v4m6s8t0w2y4z"`
	WorkspaceID string    `json:"workspace_id"`
	Current     bool      `json:"current" doc:"Whether this request was made with it."`
	CreatedAt   time.Time `json:"created_at"`
	LastSeenAt  time.Time `json:"last_seen_at"`
	ExpiresAt   time.Time `json:"expires_at" doc:"When it ends if it is not used."`
}

// expiry gives when a session ends that began and was last seen at these moments.
func expiry(created, seen time.Time) time.Time {
	idle, end := seen.Add(SessionIdle), created.Add(SessionLife)
	if end.Before(idle) {
		return end
	}
	return idle
}

// View is what a signed-in operator's interface starts from.
type View struct {
	Operator    Me       `json:"operator"`
	Workspace   Current  `json:"workspace"`
	Workspaces  []Brief  `json:"workspaces" doc:"All that the operator belongs to."`
	Permissions []string `json:"permissions"`
	CSRFToken   string   `json:"csrf_token" doc:"Send it as X-CSRF-Token with everything but GET."`
}

// Me is the signed-in operator.
type Me struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  Role   `json:"role" enum:"owner,admin,privacy_officer,agent,viewer"`
}

// Current is the workspace that a session acts in.
type Current struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Slug string `json:"slug"`
	Key  string `json:"key" doc:"The public key for the script tag."`
}
