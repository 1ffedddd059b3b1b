package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// scenarios in the order in which they run.
var scenarios = []string{"ingest", "reads", "delivery", "fill", "search", "streams", "fanout", "privacy", "erasures", "retention", "timeline", "segments", "import", "boards", "cold"}

// options say what is measured and for how long.
type options struct {
	dir, binary, profile string
	only                 []string
	asJSON, keep         bool
	messages             int // filled up to, before the second reads
	conversations        int // for lists and threads
	streams              int // idle ones
	erased               int // messages of the person who is exported and erased
	gone                 int // people whom one bulk job erases
	old                  int // messages that a retention rule ends
	people               int // contacts among whom segments are counted
	rows                 int // of the table that is imported
	posts, voters        int // on a board, and people who vote there
	coldRuns             int
	limit                time.Duration // of the whole run
	warm, measured       time.Duration // of a scenario
	ingest, base, rest   time.Duration
}

func parse(args []string) (options, error) {
	o := options{conversations: 10_000, erased: 10_000, coldRuns: 7, warm: 2 * time.Second, measured: 10 * time.Second, ingest: 20 * time.Second,
		base: 5 * time.Second, rest: 5 * time.Second}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.StringVar(&o.dir, "dir", "bin", "where to make the data directory; its disk is what is measured")
	fs.StringVar(&o.binary, "binary", "", "the program to measure; built anew if empty")
	fs.StringVar(&o.profile, "cpuprofile", "", "write a CPU profile of the server during the last scenario of -run to this file")
	fs.BoolVar(&o.asJSON, "json", false, "print the table as JSON")
	fs.BoolVar(&o.keep, "keep", false, "keep the data directory")
	fs.IntVar(&o.messages, "messages", 200_000, "messages to fill up to before lists, threads and search are measured again")
	fs.IntVar(&o.old, "old", 100_000, "old messages for the scenario retention")
	fs.IntVar(&o.gone, "gone", 10_000, "people for the scenario erasures, up to 10,000")
	fs.IntVar(&o.people, "people", 1_000_000, "contacts for the scenario segments")
	fs.IntVar(&o.rows, "rows", 100_000, "rows of the table for the scenario import")
	fs.IntVar(&o.posts, "posts", 10_000, "posts for the scenario boards, with five votes each")
	fs.IntVar(&o.voters, "voters", 20_000, "contacts for the scenario boards")
	fs.IntVar(&o.streams, "streams", 2000, "idle streams to hold open, up to 20,000")
	fs.DurationVar(&o.limit, "timeout", 20*time.Minute, "most that the whole run may take")
	quick := fs.Bool("quick", false, "measure everything shortly, in under a minute")
	only := fs.String("run", strings.Join(scenarios, ","), "scenarios to run")
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	o.only = strings.Split(*only, ",")
	for _, name := range o.only {
		if !slices.Contains(scenarios, name) {
			return o, fmt.Errorf("there is no scenario %q; there are %s", name, strings.Join(scenarios, ", "))
		}
	}
	if *quick {
		o.conversations, o.erased, o.coldRuns = 2000, 2000, 3
		o.gone, o.old, o.people, o.rows = min(o.gone, 200), min(o.old, 20_000), min(o.people, 50_000), min(o.rows, 5000)
		o.posts, o.voters = min(o.posts, 1000), min(o.voters, 2000)
		o.messages, o.streams = min(o.messages, 40_000), min(o.streams, 1000)
		o.warm, o.measured, o.ingest, o.base, o.rest = 500*time.Millisecond, 2*time.Second, 4*time.Second, 1500*time.Millisecond, 1500*time.Millisecond
	}
	return o, nil
}

// bench is a run.
type bench struct {
	opts       options
	table      *table
	dir, data  string
	host       string
	program    program
	server     *server
	apiKey     string
	profile    profiler
	vocabulary *vocabulary
	threads    []*thread
	messages   atomic.Int64
	scratch    []byte
}

func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

func main() {
	if file := os.Getenv(childEnv); file != "" {
		os.Exit(serveWithProfile(file))
	}
	o, err := parse(os.Args[1:])
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err == nil:
		err = run(o)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures and prints. What it started and made is gone when it returns.
func run(o options) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeoutCause(ctx, o.limit, fmt.Errorf("the run took longer than %v; raise -timeout", o.limit))
	defer cancel()
	b := &bench{opts: o, table: &table{news: os.Stderr}, vocabulary: newVocabulary(), scratch: make([]byte, 64<<10)}
	if b.dir, err = makeDir(o.dir); err != nil {
		return err
	}
	if !o.keep {
		defer os.RemoveAll(b.dir)
	}
	if err := b.prepare(ctx); err != nil {
		return err
	}
	err = b.measure(ctx)
	err = errors.Join(err, b.server.stop())
	if err != nil {
		return err // a table of a failed run would be believed
	}
	if o.asJSON {
		return b.table.printJSON(os.Stdout)
	}
	fmt.Printf("\n%s\n%d cores, %s, %s %s/%s\n\n", time.Now().UTC().Format(time.RFC3339), runtime.NumCPU(), b.dir, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return b.table.print(os.Stdout)
}

// makeDir makes a directory for the run on a disk.
func makeDir(parent string) (string, error) {
	if err := os.MkdirAll(parent, 0o755); err != nil { //nolint:gosec // the repository's bin
		return "", err
	}
	dir, err := os.MkdirTemp(parent, "bench-")
	if err != nil {
		return "", err
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err == nil && fs.Type == unix.TMPFS_MAGIC {
		os.RemoveAll(dir)
		return "", fmt.Errorf("%s is in memory, where a commit costs nothing; name a directory on a disk with -dir", parent)
	}
	return filepath.Abs(dir)
}

// prepare builds the program, sets a workspace up and starts the server.
func (b *bench) prepare(ctx context.Context) (err error) {
	b.data = filepath.Join(b.dir, "data")
	binary := b.opts.binary
	if binary == "" {
		b.say("building the program")
		if binary, err = build(ctx, b.dir); err != nil {
			return err
		}
	}
	if binary, err = filepath.Abs(binary); err != nil {
		return err
	}
	if err := b.binarySize(binary); err != nil {
		return err
	}
	b.program = program{path: binary}
	if b.opts.profile != "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		b.profile = profiler{b.opts.profile}
		b.program = program{path: self, env: []string{childEnv + "=" + b.opts.profile}}
	}
	if b.apiKey, err = b.program.setUp(ctx, b.data); err != nil {
		return err
	}
	if b.host, err = freePort(); err != nil {
		return err
	}
	return b.start()
}

func (b *bench) start() (err error) {
	b.server, err = b.program.start(b.data, b.host)
	return err
}

// measure runs the scenarios that were asked for.
func (b *bench) measure(ctx context.Context) error {
	var list, thread time.Duration
	scenario := map[string]func(context.Context) error{
		"ingest": b.ingest, "delivery": b.delivery, "search": b.search, "streams": b.idleStreams, "fanout": b.fanout,
		"privacy": b.privacy, "erasures": b.erasures, "retention": b.retention, "timeline": b.timeline, "segments": b.segments, "import": b.imports, "boards": b.boards, "cold": b.cold,
		"reads": func(ctx context.Context) (err error) { list, thread, err = b.reads(ctx); return err },
		"fill":  func(ctx context.Context) error { return b.again(ctx, list, thread) },
	}
	for _, name := range scenarios {
		if !slices.Contains(b.opts.only, name) {
			continue
		}
		b.say("%s", name)
		if err := b.ready(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		err := b.profile.around(b.server, name == b.opts.only[len(b.opts.only)-1], func() error { return scenario[name](ctx) })
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

// ready makes what a scenario finds there.
func (b *bench) ready(ctx context.Context, name string) error {
	switch name {
	case "cold", "erasures", "segments", "import", "timeline", "boards":
		return nil
	case "ingest", "retention":
		return b.grow(ctx, ingestConversations)
	case "reads":
		if err := b.grow(ctx, ingestConversations); err != nil {
			return err
		}
		if err := b.fill(ctx, (pageSize+5)*ingestConversations); err != nil {
			return err
		}
	}
	return b.grow(ctx, b.opts.conversations)
}

// again measures lists and threads once more, among many messages.
func (b *bench) again(ctx context.Context, list, thread time.Duration) error {
	if err := b.fill(ctx, b.opts.messages); err != nil || list == 0 {
		return err
	}
	moreList, moreThread, err := b.reads(ctx)
	b.growth("list of conversations", list, moreList)
	b.growth("thread", thread, moreThread)
	return err
}

func (b *bench) cold(ctx context.Context) error {
	b.memoryAfter()
	if err := b.coldStarts(ctx, b.opts.coldRuns); err != nil {
		return err
	}
	b.memory("after a start")
	return nil
}
