package mail

import (
	"context"
	"log/slog"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Workspace is what a mail tells about who writes.
type Workspace struct {
	Name   string
	Locale string // where the recipient's own is not known
	Notice string // the URL of the privacy notice
}

// Recipient is an operator as a mail reaches them.
type Recipient struct {
	Address, Name, Locale string
}

// Deps is what the service needs.
type Deps struct {
	DB     *storage.DB
	Vault  *vault.Vault
	Clock  clock.Clock
	IDs    id.Source
	Logger *slog.Logger

	// Server takes the mails; nil: none is configured, and mails wait.
	Server *Server
	// From is who writes. Without a name, it is the workspace's.
	From netmail.Address
	// PublicURL is the origin under which this server is reached.
	PublicURL string
	// Workspace gives a workspace, or not found.
	Workspace func(ctx context.Context, workspaceID string) (Workspace, error)
	// Operator gives an operator of a workspace, or not found.
	Operator func(ctx context.Context, workspaceID, operatorID string) (Recipient, error)
	// Exists tells whether a contact is in a workspace: nil, or not found.
	Exists func(tx *storage.Tx, workspaceID, contactID string) error
	// May is the gate: it answers with a conflict where a contact may not be written
	// to now. Such a mail is held, under the conflict's code, and asked about again
	// every hour. Nil: everything is allowed.
	May func(ctx context.Context, workspaceID, contactID, template string) error
	// Title gives the title of a post as everybody may read it now, or not found. Nil:
	// there are none.
	Title func(ctx context.Context, workspaceID, postID string) (string, error)
	// Accessed notes that contacts' mails were opened for somebody to read. Nil:
	// nothing is noted.
	Accessed func(ctx context.Context, contactIDs []string, through string)
	// Ended notes in its transaction what became of a mail with a key of its own: it
	// was sent, or the code says why not. Nil: nothing is noted.
	Ended func(tx *storage.Tx, workspaceID, mailID, code string) error
	// Retried notes in its transaction that somebody had a mail sent again. Nil:
	// nothing is noted.
	Retried func(tx *storage.Tx, by actor.Actor, mailID string) error
	// KeepValues keeps the values of mails that were sent, so that they can be read
	// again: for demonstrations.
	KeepValues bool
}

// Service queues mails and sends them. It is safe for concurrent use.
type Service struct {
	Deps
	worker worker
}

// New gives the service. Nothing is sent before [Service.Start].
func New(d Deps) *Service {
	if d.May == nil {
		d.May = func(context.Context, string, string, string) error { return nil }
	}
	if d.Accessed == nil {
		d.Accessed = func(context.Context, []string, string) {}
	}
	if d.Ended == nil {
		d.Ended = func(*storage.Tx, string, string, string) error { return nil }
	}
	if d.Retried == nil {
		d.Retried = func(*storage.Tx, actor.Actor, string) error { return nil }
	}
	return &Service{Deps: d, worker: worker{wake: make(chan struct{}, 1)}}
}

// worker is the goroutine that sends.
type worker struct {
	wake  chan struct{}
	stop  context.CancelFunc // no further mail
	abort context.CancelFunc // not even the one under way
	done  sync.WaitGroup
}

// The worker's times.
const (
	tick  = 15 * time.Second // how often it looks by itself
	grace = 5 * time.Second  // how long a mail under way may take when the server stops
)

// Start has a worker send until Close, if there is a server to send to.
func (s *Service) Start() {
	if s.Server == nil || s.worker.stop != nil {
		return
	}
	sending, abort := context.WithCancel(context.Background())
	ctx, stop := context.WithCancel(sending)
	s.worker.stop, s.worker.abort = stop, abort
	s.worker.done.Go(func() { s.run(ctx, sending) })
}

// Close lets a mail that is under way end, for a short time, and waits for the
// worker.
func (s *Service) Close() error {
	if s.worker.stop == nil {
		return nil
	}
	s.worker.stop()
	late := time.AfterFunc(grace, s.worker.abort)
	defer late.Stop()
	s.worker.done.Wait()
	s.worker.abort()
	return nil
}

// nudge has the worker look now.
func (s *Service) nudge() {
	select {
	case s.worker.wake <- struct{}{}:
	default:
	}
}

// run sends what is due, until told to stop.
func (s *Service) run(ctx, sending context.Context) {
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for {
		if _, err := s.deliver(ctx, sending); err != nil && ctx.Err() == nil {
			if f := fault.As(err); f != nil && f.Code == storage.CodeShuttingDown {
				return
			}
			s.Logger.ErrorContext(ctx, "mails could not be looked through", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.worker.wake:
		case <-ticker.C:
		}
	}
}

// domain gives what stands after the @ of a Message-ID.
func (s *Service) domain() string {
	if at := strings.LastIndexByte(s.From.Address, '@'); at >= 0 {
		return s.From.Address[at+1:]
	}
	return s.host()
}

// host gives the name by which this machine greets a server: that of the public
// URL, and not what the machine calls itself.
func (s *Service) host() string {
	u, err := url.Parse(s.PublicURL)
	if err != nil || u.Hostname() == "" {
		return "localhost"
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return "localhost"
	}
	return u.Hostname()
}
