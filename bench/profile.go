package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"runtime/pprof"
	"syscall"
	"time"

	"github.com/botimum/botimum/internal/app"
)

// childEnv makes this program the server: the same app.Run as the binary's, which
// writes a CPU profile between two signals. The product itself has no profiler.
const childEnv = "BENCH_SERVES_WITH_PROFILE"

// profiler has the profiled server begin and end its profile around a scenario.
type profiler struct{ file string } // empty: no profile

// around runs fn, with a profile if one is wanted.
func (p profiler) around(s *server, wanted bool, fn func() error) error {
	if p.file == "" || !wanted {
		return fn()
	}
	if err := s.cmd.Process.Signal(syscall.SIGUSR1); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	if err := s.cmd.Process.Signal(syscall.SIGUSR2); err != nil {
		return err
	}
	time.Sleep(time.Second) // it is being written
	return nil
}

// serveWithProfile is what the child does.
func serveWithProfile(file string) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGUSR1, syscall.SIGUSR2)
	go func() {
		var out *os.File
		for sig := range signals {
			var err error
			if sig == syscall.SIGUSR1 {
				if out, err = os.Create(file); err == nil { //nolint:gosec // the file that whoever runs the bench has named
					err = pprof.StartCPUProfile(out)
				}
			} else {
				pprof.StopCPUProfile()
				err = out.Close()
			}
			if err != nil {
				fmt.Fprintln(os.Stderr, "bench:", err)
			}
		}
	}()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return app.Run(ctx, app.Process{Args: os.Args[1:], Env: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr})
}
