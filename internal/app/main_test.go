package app_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/botimum/botimum/internal/app"
)

// TestMain lets the test's own binary be the program: in scripts as the command
// botimum, and as a server that can be killed.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"botimum": be})
}

func be() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	os.Exit(app.Run(ctx, app.Process{Args: os.Args[1:], Env: os.Environ(), Stdout: os.Stdout, Stderr: os.Stderr})) //nolint:gocritic // the process ends here
}

func TestCommands(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serving": serving,
			"request": request,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			return nil
		},
	})
}

// serving starts `botimum serve` in the background with the arguments, waits until
// it can serve, and sets URL. It is stopped with the script, and must then exit 0.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("serving cannot be negated")
	}
	p, err := startServer(ts.MkAbs("."), args...)
	if err != nil {
		ts.Fatalf("%v", err)
	}
	ts.Setenv("URL", p.url)
	ts.Setenv("LISTEN", strings.TrimPrefix(p.url, "http://"))
	if p.token != "" {
		ts.Setenv("SETUP_TOKEN", p.token)
	}
	ts.Defer(func() {
		if err := p.stop(); err != nil {
			ts.Logf("the server: %v\n%s", err, p.log.String())
			panic("the server did not exit with 0")
		}
	})
}

// request makes an HTTP request of the server that is served: `request METHOD PATH
// [BODY]`. It prints the status and the body.
func request(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: request METHOD PATH [BODY]")
	}
	body := ""
	if len(args) > 2 {
		body = args[2]
	}
	req, err := http.NewRequestWithContext(context.Background(), args[0], ts.Getenv("URL")+args[1], strings.NewReader(body))
	ts.Check(err)
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	ts.Check(err)
	fmt.Fprintf(ts.Stdout(), "%d %s\n", res.StatusCode, raw)
}

// process is a server in a process of its own.
type process struct {
	cmd   *exec.Cmd
	url   string
	token string // for set-up
	log   *lockedBuffer
	ended chan error
}

var (
	servingLine = regexp.MustCompile(`msg=serving url=(\S+)`)
	tokenLine   = regexp.MustCompile(`^ {4}([A-Za-z0-9_-]{20,})$`)
)

// startServer starts a server on a free port of this machine.
func startServer(dir string, args ...string) (*process, error) {
	name, err := exec.LookPath("botimum")
	if err != nil {
		return nil, err
	}
	p := &process{log: &lockedBuffer{}, ended: make(chan error, 1)}
	p.cmd = exec.Command(name, append([]string{"serve", "--listen", "127.0.0.1:0"}, args...)...)
	p.cmd.Dir = dir
	r, w := io.Pipe()
	p.cmd.Stdout, p.cmd.Stderr = w, w
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	lines := make(chan string)
	go func() {
		scan := bufio.NewScanner(r)
		for scan.Scan() {
			_, _ = p.log.Write(append(scan.Bytes(), '\n'))
			select {
			case lines <- scan.Text():
			default:
				// nobody waits any more
			}
		}
	}()
	go func() {
		err := p.cmd.Wait()
		_ = w.Close()
		p.ended <- err
	}()
	deadline := time.After(30 * time.Second)
	for {
		select {
		case <-time.After(10 * time.Millisecond):
			if m := servingLine.FindStringSubmatch(p.log.String()); m != nil {
				p.url = m[1]
				for line := range strings.Lines(p.log.String()) {
					if m := tokenLine.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
						p.token = m[1]
					}
				}
				return p, nil
			}
		case <-lines:
		case err := <-p.ended:
			p.ended <- err
			return p, &exitError{err, p.log.String()}
		case <-deadline:
			_ = p.cmd.Process.Kill()
			return nil, &exitError{context.DeadlineExceeded, p.log.String()}
		}
	}
}

type exitError struct {
	err error
	log string
}

func (e *exitError) Error() string { return "the server ended: " + e.err.Error() + "\n" + e.log }

// stop asks the server to end and waits for it.
func (p *process) stop() error {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case err := <-p.ended:
		return err
	case <-time.After(20 * time.Second):
		_ = p.cmd.Process.Kill()
		return context.DeadlineExceeded
	}
}

// kill ends the server as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.ended
}

// shipped runs the program to its end and gives what it printed.
func shipped(t *testing.T, args ...string) string {
	t.Helper()
	name, err := exec.LookPath("botimum")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(name, args...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, &stderr)
	}
	return string(out)
}

func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
