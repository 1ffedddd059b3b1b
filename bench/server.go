package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// program is how the server is started: the built binary, or with a profile this
// very program (see profile.go).
type program struct {
	path string
	env  []string
}

// build makes the binary as it is released: without cgo, stripped.
func build(ctx context.Context, dir string) (string, error) {
	path := filepath.Join(dir, "botimum")
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "github.com/botimum/botimum/cmd/botimum") //nolint:gosec // the path is our own directory
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	return path, cmd.Run()
}

// setUp makes a workspace in a data directory and gives its API key.
func (p program) setUp(ctx context.Context, data string) (apiKey string, err error) {
	password := filepath.Join(filepath.Dir(data), "password")
	if err := os.WriteFile(password, []byte("only for the bench, 2026"), 0o600); err != nil {
		return "", err
	}
	cmd := p.command("setup", "--data", data, "--workspace", "Bench", "--email", "bench@example.com", "--password-file", password)
	var out, complaint bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if err := cmd.Start(); err != nil {
		return "", err
	}
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	if err := cmd.Wait(); err != nil {
		return "", fmt.Errorf("setup: %w: %s", err, complaint.String())
	}
	var made struct {
		APIKey string `json:"api_key"`
	}
	if err := json.Unmarshal(out.Bytes(), &made); err != nil || made.APIKey == "" {
		return "", fmt.Errorf("setup printed %q instead of a line of JSON with an api_key", out.String())
	}
	return made.APIKey, nil
}

func (p program) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.path, args...) //nolint:gosec // the binary under test
	cmd.Env = append(os.Environ(), p.env...)
	return cmd
}

// server is the running child.
type server struct {
	cmd   *exec.Cmd
	host  string // host:port
	log   string // the file of its log
	ready time.Duration
	ended chan error
}

// startIn is how long the server may take to be ready.
const startIn = 60 * time.Second

// start runs the server on the data directory and waits until it is ready.
// Its log goes to a file beside the data.
func (p program) start(data, host string) (*server, error) {
	s := &server{host: host, log: filepath.Join(filepath.Dir(data), "serve.log"), ended: make(chan error, 1)}
	logFile, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer logFile.Close()
	s.cmd = p.command("serve", "--data", data, "--listen", host, "--rate-limit", "0")
	s.cmd.Stdout, s.cmd.Stderr = logFile, logFile
	began := time.Now()
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() { s.ended <- s.cmd.Wait() }()
	for !s.answers() {
		select {
		case err := <-s.ended:
			return nil, fmt.Errorf("the server ended at once: %w\n%s", err, s.tail())
		case <-time.After(time.Millisecond):
		}
		if time.Since(began) > startIn {
			return nil, errors.Join(fmt.Errorf("the server was not ready after %v\n%s", startIn, s.tail()), s.stop())
		}
	}
	s.ready = time.Since(began)
	return s, nil
}

// answers asks once whether the server is ready.
func (s *server) answers() bool {
	c, err := dial(s.host, "")
	if err != nil {
		return false
	}
	defer c.close()
	_, err = c.do("GET", "/readyz", nil, 200)
	return err == nil
}

// stop has the server drain, and ends it for good if that takes too long.
func (s *server) stop() error {
	if s == nil || s.cmd == nil {
		return nil
	}
	defer func() { s.cmd = nil }()
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return nil //nolint:nilerr // it has ended already
	}
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("the server did not end well: %w\n%s", err, s.tail())
		}
		return nil
	case <-time.After(20 * time.Second):
		_ = s.cmd.Process.Kill()
		return fmt.Errorf("the server did not end within 20 s of SIGTERM and was killed: %w", <-s.ended)
	}
}

// tail gives the end of the server's log.
func (s *server) tail() string {
	content, _ := os.ReadFile(s.log)
	return string(content[max(0, len(content)-2000):])
}

// freePort gives a loopback address that nobody listens on.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

// clockTick is what /proc counts CPU time in; Linux shows every program 1/100 s.
const clockTick = 10 * time.Millisecond

// cpu gives the CPU time that the server has used.
func (s *server) cpu() time.Duration {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(content), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return time.Duration(user+system) * clockTick
}

// rss gives the server's resident memory in bytes: all of it, mapped files
// included.
func (s *server) rss() int64 { return s.memory("VmRSS") }

// memory gives a line of the server's memory as Linux counts it, in bytes.
func (s *server) memory(line string) int64 {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(content), "\n"+line+":")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kib, _ := strconv.ParseInt(fields[0], 10, 64)
	return kib << 10
}

// settle waits until the server has nothing more to do: the index is fed, pages
// are moved. It gives how long that took.
func (s *server) settle(ctx context.Context) time.Duration {
	const look, patience = 500 * time.Millisecond, 2 * time.Minute
	began := time.Now()
	for busy := true; busy && time.Since(began) < patience && ctx.Err() == nil; {
		before := s.cpu()
		time.Sleep(look)
		busy = s.cpu()-before > look/20
	}
	return max(time.Since(began)-look, 0)
}

// selfCPU gives the CPU time that the generator has used.
func selfCPU() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
