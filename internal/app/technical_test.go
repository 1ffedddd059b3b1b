package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/workspace"
)

const (
	firefox  = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
	allFacts = `"address":true,"place":true,"browser":true,"language":true,"page":true,"referrer":true`
)

// curious are headers that tell everything.
func curious() http.Header {
	return http.Header{"User-Agent": {firefox}, "Accept-Language": {"de-AT,de;q=0.8"}, "X-Forwarded-For": {"198.51.100.77"},
		"Widget-Page": {"https://shop.example/cart?token=secret#x https://search.example/?q=illness Europe/Berlin"}}
}

// does makes a visitor's request with more headers.
func (v *visitor) does(t *testing.T, path, body string, header http.Header, want int) answer {
	t.Helper()
	h := header.Clone()
	h.Set("Authorization", "Bearer "+v.token)
	a := v.w.do(t, call{method: "POST", path: "/widget/v1" + path, body: body, header: h})
	if a.status != want {
		t.Fatalf("POST %s: %d, want %d: %s", path, a.status, want, a.body)
	}
	return a
}

// starts has a visitor write, and gives their id.
func (v *visitor) starts(t *testing.T, header http.Header) string {
	t.Helper()
	var started struct {
		Message struct{ Author struct{ ID string } }
	}
	v.does(t, "/conversations", `{"body":"hello"}`, header, http.StatusCreated).json(t, &started)
	return started.Message.Author.ID
}

func (w *world) technical(t *testing.T, settings string) {
	t.Helper()
	w.api(t, "PATCH", "/workspace", `{"settings":{"technical":{`+settings+`}}}`, http.StatusOK)
}

type device struct {
	Network, Place, Browser, System, Language, Page, Referrer string

	PlaceFrom string `json:"place_from"`
}

func (w *world) devices(t *testing.T, contactID string) []device {
	t.Helper()
	var page struct{ Data []device }
	w.api(t, "GET", "/contacts/"+contactID+"/devices", "", http.StatusOK).json(t, &page)
	return page.Data
}

func (w *world) deviceRows(t *testing.T) int {
	t.Helper()
	return w.count(t, `SELECT COUNT(*) FROM contact_devices WHERE workspace_id = $1`, w.made.Workspace.ID)
}

func TestTechnicalDataIsOffAtFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		v := w.visit(t, w.made.Workspace.Key)
		v.starts(t, curious())
		v.does(t, "/identify", `{"name":"Ada",`+stated+`}`, curious(), http.StatusOK)
		v.does(t, "/events", `{"name":"order placed",`+stated+`}`, curious(), http.StatusNoContent)
		if n := w.deviceRows(t); n != 0 {
			t.Errorf("%d rows are kept", n)
		}
	})
}

func TestTechnicalDataKeepsWhatIsSwitchedOn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		full := device{Network: "127.0.0.0/24", Place: "DE", PlaceFrom: "time_zone", Browser: "Firefox", System: "Linux", Language: "de-AT",
			Page: "https://shop.example/cart", Referrer: "https://search.example/"}
		for setting, want := range map[string]device{
			`"address":true`:  {Network: full.Network},
			`"place":true`:    {Place: "DE", PlaceFrom: "time_zone"},
			`"browser":true`:  {Browser: "Firefox", System: "Linux"},
			`"language":true`: {Language: "de-AT"},
			`"page":true`:     {Page: full.Page},
			`"referrer":true`: {Referrer: full.Referrer},
			allFacts:          full,
		} {
			w.technical(t, strings.ReplaceAll(allFacts, "true", "false"))
			w.technical(t, setting+`,"purpose":"support"`)
			ada := w.visit(t, w.made.Workspace.Key).starts(t, curious()) // the proxy is not trusted: 198.51.100.77 is not believed
			if diff := cmp.Diff([]device{want}, w.devices(t, ada)); diff != "" {
				t.Errorf("with %s (-want +got):\n%s", setting, diff)
			}
		}
	})
}

// Only what is done on purpose is noted: not a session, not reading.
func TestTechnicalDataIsNotKeptOfLooking(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		w.technical(t, allFacts+`,"purpose":"support"`)
		h := curious()
		a := w.do(t, call{method: "POST", path: "/widget/v1/sessions", body: `{"workspace_key":"` + w.made.Workspace.Key + `"}`, header: h})
		if a.status != http.StatusOK || !strings.Contains(a.body, `"asks":"prz"`) {
			t.Fatalf("the session: %d %s", a.status, a.body)
		}
		v := w.visit(t, w.made.Workspace.Key)
		h.Set("Authorization", "Bearer "+v.token)
		w.do(t, call{method: "GET", path: "/widget/v1/conversations", header: h})
		v.does(t, "/events", `{"name":"looked",`+stated+`}`, curious(), http.StatusConflict) // of nobody who is known
		if n := w.deviceRows(t); n != 0 {
			t.Fatalf("%d rows of looking", n)
		}
		ada := v.starts(t, curious())
		for range 25 { // bounded
			clk.Advance(time.Minute)
			v.does(t, "/events", `{"name":"order placed",`+stated+`}`, curious(), http.StatusNoContent)
		}
		if n := w.deviceRows(t); n != 20 {
			t.Errorf("%d rows are kept, want the last 20", n)
		}
		w.technical(t, `"retention_days":7`)
		keep := func(days int) int {
			clk.Advance(time.Duration(days) * 24 * time.Hour)
			if _, err := w.Contacts.ExpireDevices(t.Context(), 1000, func(ctx context.Context, workspaceID string) (workspace.Technical, error) {
				ws, err := w.Workspaces.Get(ctx, workspaceID)
				return ws.Settings.Technical, err
			}); err != nil {
				t.Fatal(err)
			}
			return w.deviceRows(t)
		}
		if n := keep(6); n != 20 {
			t.Errorf("after 6 days %d are left", n)
		}
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":true,"reason":"contested"}`, http.StatusOK)
		if n := keep(2); n != 20 {
			t.Errorf("of somebody restricted %d are left", n)
		}
		v.does(t, "/identify", `{"name":"Ada",`+stated+`}`, curious(), http.StatusOK)
		if n := w.deviceRows(t); n != 20 {
			t.Errorf("of somebody restricted a row was added: %d", n)
		}
		w.api(t, "PUT", "/contacts/"+ada+"/restriction", `{"restricted":false,"reason":"settled"}`, http.StatusOK)
		if n := keep(0); n != 0 {
			t.Errorf("after 8 days %d are left", n)
		}
	})
}

func TestTechnicalDataOfWhomItMayNotBe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.technical(t, allFacts+`,"purpose":"marketing"`) // rests on consent
		v := w.visit(t, w.made.Workspace.Key)
		ada := v.starts(t, curious())
		if n := w.deviceRows(t); n != 0 {
			t.Fatalf("%d rows without consent", n)
		}
		w.api(t, "POST", "/contacts/"+ada+"/consents", `{"purpose":"marketing"}`, http.StatusCreated)
		v.does(t, "/events", `{"name":"order placed",`+stated+`}`, curious(), http.StatusNoContent)
		if n := w.deviceRows(t); n != 1 {
			t.Errorf("%d rows with consent", n)
		}
		w.technical(t, `"purpose":"support"`)
		w.api(t, "POST", "/contacts/"+ada+"/objections", `{"purpose":"support"}`, http.StatusCreated)
		v.does(t, "/identify", `{"name":"Ada",`+stated+`}`, curious(), http.StatusOK)
		if n := w.deviceRows(t); n != 1 {
			t.Errorf("%d rows after the objection", n)
		}
		w.api(t, "PATCH", "/workspace", `{"settings":{"age_gate":true,"country":"DE"}}`, http.StatusOK)
		before := w.count(t, `SELECT COUNT(*) FROM contacts WHERE workspace_id = $1`, w.made.Workspace.ID)
		w.visit(t, w.made.Workspace.Key).does(t, "/conversations", `{"body":"hello"}`, curious(), http.StatusForbidden)
		if n := w.deviceRows(t); n != 1 || w.count(t, `SELECT COUNT(*) FROM contacts WHERE workspace_id = $1`, w.made.Workspace.ID) != before {
			t.Errorf("%d rows with an unknown age", n)
		}
	})
}

// Whatever headers hold: what is kept is plain, or nothing.
func TestTechnicalDataOfHostileHeaders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.technical(t, allFacts+`,"purpose":"support"`)
		long := strings.Repeat("a", 10_000)
		for name, tt := range map[string]struct {
			agent, language, page string
			want                  device
		}{
			"scripts":   {"<script>alert(1)</script>", "<b>", "javascript:alert(1) data:text/html,x <script>", device{}},
			"long":      {long, long, "https://shop.example/" + long + " https://search.example/" + long + " " + long, device{}},
			"long path": {"Chrome/1 Windows", "fr", "https://shop.example/" + long[:900] + " - -", device{Browser: "Chrome", System: "Windows", Language: "fr", Page: "https://shop.example"}},
			"right to left": {"\u202eFirefox/1", "ar-\u202eEG", "https://shop.example/\u202egpj.exe https://\u202eexample.org/ Asia/Calcutta",
				device{Browser: "Firefox", Place: "IN", PlaceFrom: "time_zone", Page: "https://shop.example/%E2%80%AEgpj.exe"}},
			"passwords": {"Safari/1 iPhone", "en-GB", "https://user:pass@shop.example/a https://u@search.example", device{Browser: "Safari", System: "iOS", Language: "en-GB",
				Place: "GB", PlaceFrom: "language", Page: "https://shop.example/a", Referrer: "https://search.example"}},
			"tabs": {"Edg/1\tWindows", "\t", "https://shop.example/a\tb - -", device{Browser: "Edge", System: "Windows"}},
		} {
			h := http.Header{"User-Agent": {tt.agent}, "Accept-Language": {tt.language}, "Widget-Page": {tt.page}}
			ada := w.visit(t, w.made.Workspace.Key).starts(t, h)
			tt.want.Network = "127.0.0.0/24"
			if diff := cmp.Diff([]device{tt.want}, w.devices(t, ada)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

// A trusted proxy's word counts, also for IPv6; the network is what is left of it.
func TestTechnicalDataBehindAProxy(t *testing.T) {
	for engine, cfg := range configs(t) {
		t.Run(engine, func(t *testing.T) {
			c := cfg(t)
			c.TrustProxy = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
			w := start(t, c)
			w.technical(t, `"address":true,"purpose":"support"`)
			for address, want := range map[string]string{"203.0.113.77": "203.0.113.0/24", "2001:db8:1:2:3::9": "2001:db8:1::/48", "::ffff:203.0.113.77": "203.0.113.0/24"} {
				ada := w.visit(t, w.made.Workspace.Key).starts(t, http.Header{"X-Forwarded-For": {address}})
				if got := w.devices(t, ada); len(got) != 1 || got[0].Network != want {
					t.Errorf("from %s: %+v, want %s", address, got, want)
				}
			}
		})
	}
}

func TestTechnicalDataSettings(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for bad, field := range map[string]string{
			`"page":true`:                         "purpose",
			`"page":true,"purpose":"nothing"`:     "purpose",
			`"purpose":"No Key"`:                  "purpose",
			`"retention_days":0`:                  "retention_days",
			`"retention_days":91`:                 "retention_days",
			`"page":"yes","purpose":"support"`:    "page",
			`"fingerprint":true`:                  "fingerprint",
			`"address":true,"retention_days":1e9`: "retention_days",
		} {
			if a := w.api(t, "PATCH", "/workspace", `{"settings":{"technical":{`+bad+`}}}`, http.StatusUnprocessableEntity); !strings.Contains(a.body, field) {
				t.Errorf("%s: %s", bad, a.body)
			}
		}
		w.technical(t, `"page":true,"place":true,"purpose":"support","retention_days":7`)
		if a := w.api(t, "GET", "/audit-events?action=workspace.updated", "", http.StatusOK); !strings.Contains(a.body, `"technical":"place,page"`) || !strings.Contains(a.body, `"technical_purpose":"support"`) {
			t.Errorf("the audit log: %s", a.body)
		}
	})
}

// Who does not see addresses does not see the network; the person is handed all of
// it, but not to take along; and it goes with them.
func TestTechnicalDataBelongsToThePerson(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.technical(t, allFacts+`,"purpose":"support"`)
		ada := w.visit(t, w.made.Workspace.Key).starts(t, curious())
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"masked","scopes":["contacts:read","contacts:masked"]}`, http.StatusCreated).json(t, &key)
		a := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + ada + "/devices", header: bearer(key.Secret)})
		if a.status != http.StatusOK || strings.Contains(a.body, "127.0") || !strings.Contains(a.body, "Firefox") {
			t.Errorf("the masked see %d %s", a.status, a.body)
		}
		for kind, want := range map[string]bool{"access": true, "portability": false} {
			a := w.do(t, call{method: "GET", path: "/api/v1/contacts/" + ada + "/export?kind=" + kind, header: bearer(w.made.APIKey)})
			has := strings.Contains(unzip(t, a.body)["data.json"], "shop.example")
			if a.status != http.StatusOK || has != want {
				t.Errorf("%s holds devices: %t (%d)", kind, has, a.status)
			}
		}
		raw, _ := json.Marshal(files(t, w.cfg.Data))
		if strings.Contains(string(raw), "shop.example") {
			t.Error("the page stands in clear on disk")
		}
		w.api(t, "DELETE", "/contacts/"+ada+"?erase=true", "", http.StatusOK)
		if n := w.deviceRows(t); n != 0 {
			t.Errorf("%d rows after the erasure", n)
		}
		w.api(t, "GET", fmt.Sprintf("/contacts/%s/devices", ada), "", http.StatusNotFound)
	})
}
