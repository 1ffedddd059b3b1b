package app

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"github.com/botimum/botimum/internal/boardsite"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/dashboard"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/logx"
	"github.com/botimum/botimum/internal/pages"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/widget"
	"github.com/botimum/botimum/internal/workspace"
)

// drainFor is how long a server that was told to stop waits for requests.
const drainFor = 10 * time.Second

// serve runs the server until the context ends.
func serve(ctx context.Context, p Process, cfg *config.Config) error {
	if cfg.RequireApproval {
		return errors.New("this release carries no signed approvals, and --require-approval insists on them; sign it first or start without the flag")
	}
	log := logx.New(p.Stderr, options(cfg))
	if err := makeData(cfg); err != nil {
		return err
	}
	unlock, err := storage.LockDir(cfg.Data)
	if err != nil {
		return err
	}
	defer unlock()
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w; stop what is there or choose another address with --listen", cfg.Listen, err)
	}
	cfg.Listening(listener.Addr().String())
	s, err := Build(ctx, cfg, log, Options{})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	demoKey := ""
	if cfg.Demo {
		if demoKey, err = s.demo(ctx, p.Stdout); err != nil {
			return errors.Join(err, listener.Close(), s.Close())
		}
	}
	if err := s.announceSetup(ctx, p); err != nil {
		return errors.Join(err, listener.Close(), s.Close())
	}
	handler := s.Handler(demoKey)
	err = s.run(ctx, listener, handler)
	return errors.Join(err, s.Close())
}

// announceSetup prints the one-time token while there is no workspace yet.
func (s *System) announceSetup(ctx context.Context, p Process) error {
	needed, err := s.Workspaces.NeedsSetup(ctx)
	if err != nil || !needed {
		return err
	}
	token := s.Workspaces.NewSetupToken()
	_, err = fmt.Fprintf(p.Stdout, "\nNothing is set up yet. Open %s/setup and enter this one-time token:\n\n    %s\n\n", s.cfg.PublicURL, token)
	return err
}

// run serves on the listener and keeps house until the context ends, then drains.
func (s *System) run(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog:    slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
	}
	s.start(ctx)
	failed := make(chan error, 1)
	go func() { failed <- s.listen(server, listener) }()
	s.log.Info("serving", "url", s.cfg.PublicURL, "version", Version)
	select {
	case err := <-failed:
		return fmt.Errorf("the server ended: %w", err)
	case <-ctx.Done():
	}
	s.log.Info("draining")
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainFor)
	defer cancel()
	if err := s.Hub.Close(drain); err != nil { // streams end first, so that draining need not wait for them
		s.log.Warn("streams did not end in time", "error", err)
	}
	if err := server.Shutdown(drain); err != nil {
		_ = server.Close()
	}
	if err := <-failed; err != nil && !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the server ended: %w", err)
	}
	return nil
}

func (s *System) listen(server *http.Server, listener net.Listener) error {
	if s.cfg.TLSCert == "" {
		return server.Serve(listener)
	}
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	return server.ServeTLS(listener, s.cfg.TLSCert, s.cfg.TLSKey)
}

// Handler is the whole of what is served.
func (s *System) Handler(demoKey string) http.Handler {
	mux := http.NewServeMux()
	m := newMetrics(s)
	s.operational(mux, m)
	mux.Handle("/api/", s.Router)
	mux.Handle("/widget/v1/", s.Widget.CORS(s.Router))
	scripts := gzhttp.GzipHandler(widget.Scripts())
	mux.Handle("GET /widget.js", scripts)
	mux.Handle("GET /widget/assets/", scripts)
	pages.New(pages.Deps{Workspaces: s.Workspaces, Privacy: s.Privacy, Mail: s.Mail, Children: s.Children, Requests: s.Requests, Exports: s.Export, PublicURL: s.cfg.PublicURL, Logger: s.log, Clock: s.Clock, DemoKey: demoKey, Routes: s.Router.Routes}).Mount(mux)
	mux.Handle("/b/", gzhttp.GzipHandler(s.Site.Handler()))
	mux.HandleFunc("GET /robots.txt", boardsite.Robots)
	mux.Handle("/", gzhttp.GzipHandler(dashboard.Handler()))
	return s.withNetwork(httpx.Harden(s.Site.Hosts(mux), s.log, m.record))
}

// withNetwork tells services from which network a request comes, for their rate
// limits. Only a trusted proxy's word is taken for another address.
func (s *System) withNetwork(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := clientAddress(r, s.cfg.TrustProxy)
		next.ServeHTTP(w, r.WithContext(workspace.WithNetwork(r.Context(), workspace.NetworkOf(address))))
	})
}

func clientAddress(r *http.Request, trusted []netip.Prefix) string {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !isTrusted(peer.Addr(), trusted) {
		return r.RemoteAddr
	}
	hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	for i := len(hops) - 1; i >= 0; i-- { // the last that no trusted proxy wrote
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if !isTrusted(addr, trusted) {
			return addr.String()
		}
	}
	return r.RemoteAddr
}

func isTrusted(a netip.Addr, trusted []netip.Prefix) bool {
	for _, p := range trusted {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

// isLoopback tells whether a server that listens there is reached from this
// machine alone.
func isLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}
