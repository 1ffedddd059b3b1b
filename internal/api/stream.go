package api

import (
	"net/http"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/mask"
	"github.com/botimum/botimum/internal/workspace"
)

const streamPath = "/api/v1/stream"

// StreamRoutes mounts the live stream of a workspace's events.
func StreamRoutes(r *httpx.Router, hub *live.Hub) {
	r.Raw(httpx.Route{Method: http.MethodGet, Path: streamPath, ID: "streamEvents", Tag: "Events", Permission: "inbox:read", Stream: true,
		Summary: "Follow what happens, as it happens (server-sent events)",
		Description: "Resumes after the event whose sequence is sent as Last-Event-ID; without one it begins now. Each event is shown to those who may " +
			"read what it is about.",
	}, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		hub.ServeSSE(w, req, subscription(actor.From(req.Context())))
	}))
}

// subscription is that of an actor: who may not see addresses is shown them hidden.
func subscription(a actor.Actor) live.Subscription {
	sub := live.Subscription{Actor: a}
	if !a.Can(workspace.SeesAddresses) {
		sub.Filter = mask.JSON
	}
	return sub
}
