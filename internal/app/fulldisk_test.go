package app_test

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/config"
)

// A full disk refuses writes with a clear answer, keeps what was acknowledged, and
// is over when there is room again.
func TestAFullDisk(t *testing.T) {
	dir := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", dir).CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" && os.Geteuid() == 0 {
			t.Fatalf("no small disk to fill: %v %s", err, out)
		}
		t.Skipf("a small disk to fill needs root: %s", out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	w := start(t, &config.Config{Data: dir, Listen: "127.0.0.1:0", PublicURL: "http://127.0.0.1:8080", RootKeyFile: filepath.Join(dir, "root.json"),
		DatabaseURL: "sqlite://" + filepath.Join(dir, "botimum.db"), VaultURL: "sqlite://" + filepath.Join(dir, "vault.db"), MaxBody: 1 << 20})
	conversationID, _ := w.visit(t, w.made.Workspace.Key).write(t, "hello")
	ballast := filepath.Join(dir, "ballast")
	fill(t, ballast)
	path := "/api/v1/conversations/" + conversationID + "/messages"
	body := `{"body":"` + strings.Repeat("a message that takes room ", 400) + `"}`
	acknowledged := 1
	refused := answer{}
	for range 500 {
		a := w.do(t, call{method: "POST", path: path, body: body, header: bearer(w.made.APIKey)})
		if a.status != http.StatusCreated {
			refused = a
			break
		}
		acknowledged++
	}
	if refused.status != http.StatusServiceUnavailable || refused.code() != "storage_full" {
		t.Fatalf("a full disk answers %d %s after %d messages, want 503 storage_full", refused.status, refused.body, acknowledged)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	w.api(t, "POST", "/conversations/"+conversationID+"/messages", `{"body":"there is room again"}`, http.StatusCreated)
	acknowledged++
	var c struct {
		MessageCount int `json:"message_count"`
	}
	w.api(t, "GET", "/conversations/"+conversationID, "", http.StatusOK).json(t, &c)
	if c.MessageCount != acknowledged {
		t.Errorf("%d messages are there, %d were acknowledged", c.MessageCount, acknowledged)
	}
}

// fill writes until nothing more fits, and leaves a little.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for chunk := 64 << 10; chunk >= 4<<10; chunk /= 2 {
		for {
			if _, err := f.Write(make([]byte, chunk)); err != nil {
				break
			}
		}
	}
}
