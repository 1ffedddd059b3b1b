package workspace

import (
	"time"
)

// APIKey lets a customer's code act in the workspace, within its scopes.
type APIKey struct {
	ID         string     `json:"id" example:"key_01jdxk8n0e7q2v4m6s8t0w2y4z"`
	Name       string     `json:"name"`
	Prefix     string     `json:"prefix" doc:"The secret's beginning, by which people recognise it." example:"btm_3kTq9ZxW"`
	Scopes     []string   `json:"scopes"`
	CreatedAt  time.Time  `json:"created_at"`
	LastUsedAt *time.Time `json:"last_used_at"`
	RevokedAt  *time.Time `json:"revoked_at"`
}
