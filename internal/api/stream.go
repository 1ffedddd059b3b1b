package api

import (
	"net/http"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/live"
)

// StreamRoutes mounts the live stream of a workspace's events.
func StreamRoutes(r *httpx.Router, hub *live.Hub) {
	r.Raw(httpx.Route{Method: http.MethodGet, Path: "/api/v1/stream", ID: "streamEvents", Tag: "Events", Permission: "inbox:read", Stream: true,
		Summary: "Follow what happens, as it happens (server-sent events)",
		Description: "Resumes after the event whose sequence is sent as Last-Event-ID; without one it begins now. Each event is shown to those who may " +
			"read what it is about.",
	}, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		hub.ServeSSE(w, req, live.Subscription{Actor: actor.From(req.Context())})
	}))
}
