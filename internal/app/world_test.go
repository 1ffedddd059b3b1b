package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/client"
	"github.com/botimum/botimum/internal/app"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/config"
	"github.com/botimum/botimum/internal/logx"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/migrations"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/workspace"
)

// world is a whole server with one workspace, reached as everybody reaches it.
type world struct {
	*app.System
	server *httptest.Server
	cfg    *config.Config
	logs   *lockedBuffer
	made   workspace.SetupResult
	client *client.Client
	clock  clock.Clock // nil: the machine's
}

// lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

const ownerEmail, ownerPassword = "owner@acme.example", "quiet paper and ink"

// configs gives a configuration on each engine, in a data directory of its own.
func configs(t *testing.T) map[string]func(t *testing.T) *config.Config {
	t.Helper()
	base := func(t *testing.T) *config.Config {
		t.Helper()
		dir := t.TempDir()
		return &config.Config{Data: dir, Listen: "127.0.0.1:0", PublicURL: "http://127.0.0.1:8080", RootKeyFile: filepath.Join(dir, "keys", "root.json"),
			DatabaseURL: "sqlite://" + filepath.Join(dir, "botimum.db"), VaultURL: "sqlite://" + filepath.Join(dir, "vault.db"), MaxBody: 1 << 20}
	}
	return map[string]func(t *testing.T) *config.Config{
		"sqlite": base,
		"postgres": func(t *testing.T) *config.Config {
			t.Helper()
			cfg := base(t)
			cfg.DatabaseURL = storagetest.PostgresURL(t, migrations.Migrations)
			cfg.VaultURL = besides(t, cfg.DatabaseURL)
			return cfg
		},
	}
}

// besides names the vault's database after the data's, as the default does.
func besides(t *testing.T, databaseURL string) string {
	t.Helper()
	u, err := url.Parse(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	u.Path += "_vault"
	return u.String()
}

// each runs a test against a server on each engine.
func each(t *testing.T, fn func(t *testing.T, w *world)) {
	t.Helper()
	for engine, cfg := range configs(t) {
		t.Run(engine, func(t *testing.T) { fn(t, start(t, cfg(t))) })
	}
}

// eachAt runs a test against a server on each engine whose clock stands still.
func eachAt(t *testing.T, fn func(t *testing.T, w *world, clk *clock.Fake)) {
	t.Helper()
	for engine, cfg := range configs(t) {
		t.Run(engine, func(t *testing.T) {
			clk := clock.NewFake(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
			fn(t, startWith(t, &world{cfg: cfg(t), clock: clk}), clk)
		})
	}
}

// start builds a server and sets up the workspace Acme.
func start(t *testing.T, cfg *config.Config) *world {
	t.Helper()
	return startWith(t, &world{cfg: cfg})
}

func startWith(t *testing.T, w *world) *world {
	t.Helper()
	w.logs = &lockedBuffer{}
	w.open(t)
	w.made = w.setup(t, "Acme", ownerEmail)
	w.client = client.New(w.server.URL, w.made.APIKey)
	return w
}

// open builds the server on whatever is there.
func (w *world) open(t *testing.T) {
	t.Helper()
	log := logx.New(w.logs, logx.Options{Level: slog.LevelDebug})
	var err error
	w.System, err = app.Build(t.Context(), w.cfg, log, app.Options{Clock: w.clock, PasswordCost: workspace.PasswordCost{Memory: 8, Time: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(w.Handler(""))
	t.Cleanup(func() {
		if err := w.Hub.Close(context.Background()); err != nil {
			t.Errorf("closing the hub: %v", err)
		}
		w.verifyRuns(t)
		w.server.Close()
		if err := w.Close(); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
}

// verifyRuns looks whether what segments are counted by followed everything that the
// test did, unless the test has closed the server.
func (w *world) verifyRuns(t *testing.T) {
	t.Helper()
	workspaces, err := w.Workspaces.AllIDs(context.Background())
	for _, workspaceID := range workspaces {
		if err == nil {
			err = w.DB.Read(context.Background(), func(tx *storage.Tx) error { return segment.Verify(tx, workspaceID) })
		}
	}
	if err != nil && strings.Contains(err.Error(), "segment:") {
		t.Error(err)
	}
}

func (w *world) setup(t *testing.T, name, email string) workspace.SetupResult {
	t.Helper()
	made, err := w.Workspaces.Setup(t.Context(), workspace.SetupInput{Workspace: name, Name: "Owner of " + name, Email: email, Password: ownerPassword, KeyName: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return made
}

// call is one request, as it goes over the wire.
type call struct {
	method, path, body string
	header             http.Header
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// json reads the answer's body.
func (a answer) json(t *testing.T, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
}

// code gives the code of a problem document.
func (a answer) code() string {
	var p struct{ Code string }
	_ = json.Unmarshal([]byte(a.body), &p)
	return p.Code
}

func (w *world) do(t *testing.T, c call) answer {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, c.method, w.server.URL+c.path, strings.NewReader(c.body))
	if err != nil {
		t.Fatal(err)
	}
	if c.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for k, vs := range c.header {
		req.Header[k] = vs
	}
	res, err := w.server.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return answer{status: res.StatusCode, header: res.Header}
	}
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(raw)}
}

func bearer(token string) http.Header {
	return http.Header{"Authorization": {"Bearer " + token}}
}

// api makes a request with the workspace's key and expects a status.
func (w *world) api(t *testing.T, method, path, body string, want int) answer {
	t.Helper()
	a := w.do(t, call{method: method, path: "/api/v1" + path, body: body, header: bearer(w.made.APIKey)})
	if a.status != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, want, a.body)
	}
	return a
}

// visitor is a browser with a session.
type visitor struct {
	w     *world
	token string
}

func (w *world) visit(t *testing.T, workspaceKey string) *visitor {
	t.Helper()
	a := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: `{"workspace_key":"` + workspaceKey + `","locale":"en"}`})
	if a.status != http.StatusOK {
		t.Fatalf("session: %d %s", a.status, a.body)
	}
	var s struct {
		SessionToken string `json:"session_token"`
	}
	a.json(t, &s)
	return &visitor{w, s.SessionToken}
}

func (v *visitor) call(t *testing.T, method, path, body string, want int) answer {
	t.Helper()
	a := v.w.do(t, call{method: method, path: "/widget/v1" + path, body: body, header: bearer(v.token)})
	if a.status != want {
		t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, want, a.body)
	}
	return a
}

// write starts a conversation and gives its id and the contact's.
func (v *visitor) write(t *testing.T, body string) (conversationID, contactID string) {
	t.Helper()
	raw, err := json.Marshal(map[string]string{"body": body})
	if err != nil {
		t.Fatal(err)
	}
	var started struct {
		ID      string
		Message struct{ Author struct{ ID string } }
	}
	v.call(t, "POST", "/conversations", string(raw), http.StatusCreated).json(t, &started)
	return started.ID, started.Message.Author.ID
}

// files gives the contents of every file below the directories.
func files(t *testing.T, dirs ...string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	for _, dir := range dirs {
		err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				out[path], err = os.ReadFile(path)
			}
			if os.IsNotExist(err) {
				return nil // a server that runs removes files of its own
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}
