package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/botimum/botimum/client"
)

// Invariant 5: acknowledged means durable. A server is killed again and again
// under load; every message that it acknowledged is there, once.
func TestKillLosesNothingThatWasAcknowledged(t *testing.T) {
	data := t.TempDir()
	password := writeFile(t, "password", ownerPassword)
	var made struct {
		APIKey string `json:"api_key"`
	}
	out := shipped(t, "setup", "--data", data, "--workspace", "Acme", "--email", ownerEmail, "--password-file", password)
	if err := json.Unmarshal([]byte(out), &made); err != nil {
		t.Fatalf("setup printed %q: %v", out, err)
	}
	var conversations []string
	acknowledged := map[string]string{} // client id → message id
	for round := range 3 {
		p, err := startServer(data, "--data", data, "--rate-limit", "0")
		if err != nil {
			t.Fatal(err)
		}
		if round == 0 {
			conversations = startConversations(t, p.url, made.APIKey)
		}
		underLoad(t, p, made.APIKey, conversations, round, acknowledged)
		p.kill()
	}
	if len(acknowledged) < 100 {
		t.Fatalf("only %d messages were acknowledged: that is no load", len(acknowledged))
	}
	p, err := startServer(data, "--data", data, "--rate-limit", "0")
	if err != nil {
		t.Fatal(err)
	}
	stored := storedMessages(t, p.url, made.APIKey, conversations)
	for clientID, messageID := range acknowledged {
		if stored[clientID] != messageID {
			t.Errorf("message %s was acknowledged as %s, and is there as %q", clientID, messageID, stored[clientID])
		}
	}
	if err := p.stop(); err != nil {
		t.Errorf("the server ended with %v", err)
	}
	if verdict := shipped(t, "audit", "verify", "--data", data); verdict == "" {
		t.Error("audit verify said nothing")
	}
	t.Logf("%d acknowledged, %d stored", len(acknowledged), len(stored))
}

func startConversations(t *testing.T, url, key string) []string {
	t.Helper()
	c := client.New(url, key)
	var out []string
	for i := range 8 {
		person, err := c.CreateContact(t.Context(), client.ContactChange{Name: client.String(fmt.Sprintf("Person %d", i)),
			Basis: &client.Basis{Purpose: "support", LawfulBasis: "contract"}})
		if err != nil {
			t.Fatal(err)
		}
		conversation, err := c.StartConversation(t.Context(), client.NewConversation{ContactID: person.ID, Body: "hello"})
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, conversation.ID)
	}
	return out
}

// underLoad has many write at once, and kills the server in the middle of it.
func underLoad(t *testing.T, p *process, key string, conversations []string, round int, acknowledged map[string]string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	enough := make(chan struct{})
	var once sync.Once
	c := client.New(p.url, key, client.WithTries(1), client.WithHTTPClient(&http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}))
	count := 0
	for worker := range 16 {
		wg.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				clientID := fmt.Sprintf("r%d-w%d-%d", round, worker, i)
				m, err := c.PostMessage(ctx, conversations[(worker+i)%len(conversations)], client.NewMessage{Body: "message " + clientID, ClientID: clientID})
				if err != nil {
					return // killed
				}
				mu.Lock()
				acknowledged[clientID] = m.ID
				count++
				if count >= 150 {
					once.Do(func() { close(enough) })
				}
				mu.Unlock()
			}
		})
	}
	select {
	case <-enough:
	case <-time.After(30 * time.Second):
		t.Error("the load did not get going")
	}
	_ = p.cmd.Process.Kill() // while all are writing
	wg.Wait()
}

func storedMessages(t *testing.T, url, key string, conversations []string) map[string]string {
	t.Helper()
	c := client.New(url, key)
	out := map[string]string{}
	for _, conversation := range conversations {
		cursor := ""
		for {
			page, err := c.Messages(t.Context(), conversation, client.Page{Limit: 100, Cursor: cursor})
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.Data {
				if _, twice := out[m.ClientID]; twice && m.ClientID != "" {
					t.Errorf("message %s is there twice", m.ClientID)
				}
				out[m.ClientID] = m.ID
			}
			if page.NextCursor == nil {
				break
			}
			cursor = *page.NextCursor
		}
	}
	return out
}
