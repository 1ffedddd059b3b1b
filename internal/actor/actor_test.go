package actor_test

import (
	"context"
	"testing"

	"github.com/botimum/botimum/internal/actor"
)

func TestPermissions(t *testing.T) {
	tests := []struct {
		held actor.Permissions
		want string
		ok   bool
	}{
		{actor.Permissions{"inbox:read"}, "inbox:read", true},
		{actor.Permissions{"inbox:read"}, "inbox:write", false},
		{actor.Permissions{"privacy:*"}, "privacy:write", true},
		{actor.Permissions{"privacy:*"}, "privacyx:write", false},
		{actor.Permissions{"*"}, "contacts:write", true},
		{actor.Permissions{"*"}, "", false},
		{nil, "inbox:read", false},
	}
	for _, tt := range tests {
		if got := tt.held.Allow(tt.want); got != tt.ok {
			t.Errorf("%v.Allow(%q) = %v, want %v", tt.held, tt.want, got, tt.ok)
		}
	}
}

func TestCovers(t *testing.T) {
	tests := []struct {
		held, want actor.Permissions
		ok         bool
	}{
		{actor.Permissions{"*"}, actor.Permissions{"*", "inbox:*"}, true},
		{actor.Permissions{"inbox:*"}, actor.Permissions{"inbox:read", "inbox:*"}, true},
		{actor.Permissions{"inbox:read", "inbox:write"}, actor.Permissions{"inbox:*"}, false},
		{actor.Permissions{"inbox:*"}, actor.Permissions{"*"}, false},
	}
	for _, tt := range tests {
		if got := tt.held.Covers(tt.want); got != tt.ok {
			t.Errorf("%v.Covers(%v) = %v, want %v", tt.held, tt.want, got, tt.ok)
		}
	}
}

func TestContext(t *testing.T) {
	if !actor.From(context.Background()).IsZero() {
		t.Error("an empty context knows somebody")
	}
	a := actor.Actor{Type: actor.Operator, ID: "opr_1", WorkspaceID: "wsp_1"}
	if got := actor.From(actor.With(context.Background(), a)); got.ID != a.ID || got.WorkspaceID != a.WorkspaceID {
		t.Errorf("From = %+v", got)
	}
}
