package app

import (
	"context"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/botimum/botimum/internal/audit"
)

// metrics are the server's numbers. Labels are routes, methods and statuses:
// never an id, an address or a word of anybody.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.HistogramVec
}

func newMetrics(s *System) *metrics {
	m := &metrics{registry: prometheus.NewRegistry()}
	m.requests = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "botimum_http_request_seconds", Help: "Requests by route and status.",
		Buckets: []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5}}, []string{"route", "status"})
	m.registry.MustRegister(m.requests, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "botimum_streams", Help: "Open live streams on this node."},
		func() float64 { return float64(s.Hub.Streams()) }))
	counter := func(name, help string, read func(audit.Stats) int64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help},
			func() float64 { return float64(read(s.Audit.Stats())) }))
	}
	counter("botimum_audit_entries_total", "Entries that this node appended to audit logs.", func(st audit.Stats) int64 { return st.Entries })
	counter("botimum_audit_failures_total", "Attempts to write gathered reads that failed.", func(st audit.Stats) int64 { return st.Failures })
	counter("botimum_audit_lost_total", "People whose reads could not be kept.", func(st audit.Stats) int64 { return st.Lost })
	return m
}

// record counts a request by its route's pattern. What matched no route has none.
func (m *metrics) record(_ context.Context, _, pattern string, status int, took time.Duration) {
	if pattern == "" {
		pattern = "none"
	}
	m.requests.WithLabelValues(pattern, strconv.Itoa(status)).Observe(took.Seconds())
}

// operational adds what those who run the server look at.
func (s *System) operational(mux *http.ServeMux, m *metrics) {
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", s.ready)
	mux.Handle("GET /metrics", s.onlyAdministrators(promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})))
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, r *http.Request) {
		doc, err := s.Router.OpenAPI()
		if err != nil {
			s.log.ErrorContext(r.Context(), "the OpenAPI document could not be made", "error", err)
			text(w, http.StatusInternalServerError, "the document could not be made\n")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(doc)
	})
}

func text(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(body))
}

// ready tells whether requests can be served: both databases answer.
func (s *System) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := s.DB.Ping(ctx); err != nil {
		s.log.WarnContext(ctx, "not ready: the database does not answer", "error", err)
		text(w, http.StatusServiceUnavailable, "the database does not answer\n")
		return
	}
	if _, err := s.Vault.Stats(ctx); err != nil {
		s.log.WarnContext(ctx, "not ready: the vault does not answer", "error", err)
		text(w, http.StatusServiceUnavailable, "the vault does not answer\n")
		return
	}
	text(w, http.StatusOK, "ready\n")
}

// onlyAdministrators lets through this machine, or whoever holds the token. What
// came through a proxy did not come from this machine.
func (s *System) onlyAdministrators(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token := "Bearer " + s.cfg.MetricsToken
		byToken := s.cfg.MetricsToken != "" && subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(token)) == 1
		if !byToken && !isLocal(r) {
			text(w, http.StatusForbidden, "metrics are for this machine, or for whoever holds the metrics token\n")
			return
		}
		next.ServeHTTP(w, r)
	})
}

func isLocal(r *http.Request) bool {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil || r.Header.Get("X-Forwarded-For") != "" || r.Header.Get("Forwarded") != "" {
		return false
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
