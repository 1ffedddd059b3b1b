package audit

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Deps is what the log needs.
type Deps struct {
	DB     *storage.DB
	Clock  clock.Clock
	IDs    id.Source
	Logger *slog.Logger
	// Seed makes the signing key: [SeedSize] bytes, a secret of the installation.
	Seed []byte
	// Vault has the keys with which it is sealed from where somebody looked. Nil:
	// that is not kept.
	Vault *vault.Vault
	// Names gives the names of operators and API keys by id, for what is shown.
	// Those it does not know are absent. Nil: no names are shown.
	Names func(ctx context.Context, workspaceID string, ids []string) (map[string]string, error)
	// Same gives the contacts that are one person with this one, itself included:
	// what is asked of one is answered for all. Nil: each is alone.
	Same func(tx *storage.Tx, workspaceID, contactID string) ([]string, error)
	// GatherFor is how long reads are gathered at most. Zero: a second.
	GatherFor time.Duration
	// CheckpointEvery is how often a log that grew gets a checkpoint. Zero: a
	// minute.
	CheckpointEvery time.Duration
	// Witness is told each new periodic checkpoint, to keep it where the
	// database's administrator cannot change it. It may be nil.
	Witness func(ctx context.Context, workspaceID, checkpoint string)
}

// Log is the audit log of an installation: those of its workspaces and its own.
// It is safe for concurrent use.
type Log struct {
	db      *storage.DB
	clock   clock.Clock
	ids     id.Source
	log     *slog.Logger
	same    func(tx *storage.Tx, workspaceID, contactID string) ([]string, error)
	vault   *vault.Vault
	names   func(ctx context.Context, workspaceID string, ids []string) (map[string]string, error)
	witness func(ctx context.Context, workspaceID, checkpoint string)

	signer *signer
	first  *firstStage
	reads  *gatherer
	heads  headCache

	grown   atomic.Bool // since the last round of checkpoints
	entries atomic.Int64
	every   time.Duration
	stop    context.CancelFunc
	stopped sync.WaitGroup
	close   sync.Once
	closed  error
}

// New gives the log and starts what writes gathered reads and periodic
// checkpoints. Close it before the database.
func New(d Deps) (*Log, error) {
	signer, err := newSigner(d.Seed)
	if err != nil {
		return nil, err
	}
	l := &Log{db: d.DB, clock: d.Clock, ids: d.IDs, log: d.Logger, vault: d.Vault, names: d.Names, same: d.Same, witness: d.Witness, signer: signer,
		every: d.CheckpointEvery}
	if l.log == nil {
		l.log = slog.Default()
	}
	if l.every <= 0 {
		l.every = time.Minute
	}
	if d.GatherFor <= 0 {
		d.GatherFor = time.Second
	}
	l.first = &firstStage{then: &collector{l}}
	l.grown.Store(true) // what an earlier process left without a checkpoint
	l.reads = newGatherer(d.GatherFor, l.clock, l.log, l.writeReads)
	ctx, stop := context.WithCancel(context.Background())
	l.stop = stop
	l.stopped.Go(func() { l.reads.run(ctx) })
	l.stopped.Go(func() { l.checkpoints(ctx) })
	return l, nil
}

// lastFlush is how long Close tries to write what is gathered.
const lastFlush = 10 * time.Second

// Close writes what is gathered and makes last checkpoints. Its error says that
// reads could not be written.
func (l *Log) Close() error {
	l.close.Do(func() {
		l.stop()
		l.stopped.Wait()
		l.reads.close()
		ctx, cancel := context.WithTimeout(context.Background(), lastFlush)
		defer cancel()
		if l.closed = l.reads.flush(ctx); l.closed != nil {
			l.log.Error("audit: reads of personal data could not be written at shutdown and are lost", "people", l.reads.held(), "error", l.closed)
			return
		}
		l.checkpointGrown(ctx)
	})
	return l.closed
}

// VerifierKey gives the public key with which heads and checkpoints can be
// verified, in the form of signed notes.
func (l *Log) VerifierKey() string { return l.signer.verifier }

// Append adds an entry in the transaction tx: it is in the log if that
// transaction is committed, and only then. An entry that holds anything but ids,
// lower-case words, counts, times and hashes is refused, and tx cannot commit:
// what may be personal must not enter a log from which nothing can be removed.
func (l *Log) Append(tx *storage.Tx, e Entry) error {
	p, err := l.pend(e)
	tx.Defer(l.first, p)
	return err
}

// pend makes an entry ready to be given its place. The pending that comes with an
// error fails the transaction that it is deferred in.
func (l *Log) pend(e Entry) (*pending, error) {
	err := e.check()
	if err == nil && areaOf(e.Action) == accessArea {
		err = errors.New("audit: reads are recorded by Access, not by Append")
	}
	if err != nil {
		return &pending{refused: err}, err
	}
	text, err := detailsText(e.Details)
	if err != nil {
		return &pending{refused: err}, err
	}
	return &pending{workspaceID: e.WorkspaceID, row: row{id: l.ids.New(id.Audit), actorType: string(e.ActorType), actorID: e.ActorID,
		action: e.Action, targetType: e.TargetType, targetID: e.TargetID, details: text, occurredAt: clock.Micros(l.clock.Now())}}, nil
}

// accessArea is the action of reads.
const accessArea = "access"

// Access notes that the context's actor was shown data of people of their
// workspace: the contacts' ids, and through what, in lower-case words apart by dots
// ("conversation.messages"). It is cheap, and written within a second.
func (l *Log) Access(ctx context.Context, subjects []string, through string) {
	if len(subjects) == 0 {
		return
	}
	a := actor.From(ctx)
	w := way{workspaceID: a.WorkspaceID, actorType: string(a.Type), actorID: a.ID, through: through}
	if a.IsZero() {
		w.actorType, w.actorID = string(actor.System), "unidentified"
	}
	if a.Type == actor.Operator || a.Type == actor.APIKey {
		w.session, w.from = a.SessionID, a.From
	}
	l.reads.add(w, subjects)
}

// Flush writes what is gathered so far, and returns when it is durable.
func (l *Log) Flush(ctx context.Context) error {
	return fault.Wrap("audit.Flush", l.reads.flush(ctx))
}

// Ready tells whether reads can still be noted. Where it gives an error, the log
// has not been writable for so long that little room is left, and a surface
// should refuse to show personal data.
func (l *Log) Ready() error {
	if l.reads.crowded() {
		return fault.Unavailable("audit_unavailable",
			"The access log cannot be written just now, so personal data is not shown. Try again in a moment; the server's administrator should look at its disk.")
	}
	return nil
}

// Stats are counters since the start, for metrics.
type Stats struct {
	Entries  int64 // appended
	Failures int64 // attempts to write gathered reads that failed
	Lost     int64 // people whose reads could not be kept
	Held     int64 // people in reads that wait to be written
}

// Stats gives the counters.
func (l *Log) Stats() Stats {
	return Stats{Entries: l.entries.Load(), Failures: l.reads.failures.Load(), Lost: l.reads.lostEver.Load(), Held: int64(l.reads.held())}
}

// writeReads writes gathered reads, and how many could not be kept.
func (l *Log) writeReads(ctx context.Context, reads []*gathered, lost map[string]int) error {
	all := make([]*pending, 0, len(reads)+len(lost))
	for _, g := range reads {
		p, err := l.pendRead(ctx, g)
		if err != nil {
			return err
		}
		all = append(all, p)
	}
	for workspaceID, n := range lost {
		all = append(all, l.own(workspaceID, "audit.access_lost", "", "", map[string]string{"count": count(int64(n))}))
	}
	return l.db.Write(bare{ctx}, func(tx *storage.Tx) error {
		for _, p := range all {
			tx.Defer(l.first, p)
		}
		return nil
	})
}

// bare is a context without values: what rides on a request's first write, such as
// its idempotency key, must not ride on ours.
type bare struct{ context.Context }

// Value gives nil.
func (bare) Value(any) any { return nil }

func (l *Log) pendRead(ctx context.Context, g *gathered) (*pending, error) {
	entryID := l.ids.New(id.Audit)
	place, hash, err := l.sealPlace(ctx, g.way, entryID)
	if err != nil {
		return nil, err
	}
	subjects := slices.Sorted(slices.Values(g.subjects))
	text, err := json.Marshal(access{Through: g.way.through, Session: g.way.session, Place: hash, Subjects: subjects})
	if err != nil {
		return nil, err
	}
	r := row{id: entryID, actorType: g.way.actorType, actorID: g.way.actorID, action: accessArea,
		targetType: "contact", details: string(text), occurredAt: clock.Micros(g.since)}
	if len(subjects) == 1 {
		r.targetID = subjects[0]
	}
	return &pending{workspaceID: g.way.workspaceID, row: r, subjects: subjects, place: place}, nil
}

// own makes an entry that the log itself adds.
func (l *Log) own(workspaceID, action, targetType, targetID string, details map[string]string) *pending {
	text, _ := detailsText(details) // strings only: cannot fail
	return &pending{workspaceID: workspaceID, row: row{id: l.ids.New(id.Audit), actorType: string(actor.System), actorID: "audit",
		action: action, targetType: targetType, targetID: targetID, details: text, occurredAt: clock.Micros(l.clock.Now())}}
}
