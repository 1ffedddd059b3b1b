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

// profiler has the profiled server begin and end its profile around a load.
type profiler struct{ file string } // empty: no profile

func (p profiler) begin(s *server) error { return p.signal(s, syscall.SIGUSR1) }

func (p profiler) end(s *server) error {
	if err := p.signal(s, syscall.SIGUSR2); err != nil {
		return err
	}
	time.Sleep(p.patience())
	return nil
}

func (p profiler) patience() time.Duration {
	if p.file == "" {
		return 0
	}
	return time.Second
}

func (p profiler) signal(s *server, sig os.Signal) error {
	if p.file == "" {
		return nil
	}
	return s.cmd.Process.Signal(sig)
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
				if out, err = os.Create(file); err == nil {
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
