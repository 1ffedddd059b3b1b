package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/imports"
	"github.com/botimum/botimum/internal/storage"
)

const importBasis = `"basis":{"purpose":"support","lawful_basis":"contract","evidence":"the old CRM"}`

// sendFile uploads a file and gives the answer.
func (w *world) sendFile(t *testing.T, file string, header ...string) answer {
	t.Helper()
	h := bearer(w.made.APIKey)
	h.Set("Content-Type", "text/csv")
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return w.do(t, call{method: "POST", path: "/api/v1/contacts/import", body: file, header: h})
}

// upload uploads a file that is taken.
func (w *world) upload(t *testing.T, file string, header ...string) (out imports.ImportPreview) {
	t.Helper()
	a := w.sendFile(t, file, header...)
	if a.status != http.StatusCreated {
		t.Fatalf("upload: %d %s", a.status, a.body)
	}
	a.json(t, &out)
	return out
}

// imported gives an import as it stands.
func (w *world) imported(t *testing.T, id string) (out imports.ImportPreview) {
	t.Helper()
	w.api(t, "GET", "/imports/"+id, "", http.StatusOK).json(t, &out)
	return out
}

// ran sets, starts and runs an import, and gives it as it ended.
func (w *world) ran(t *testing.T, id, settings string) imports.ImportPreview {
	t.Helper()
	w.api(t, "PATCH", "/imports/"+id, `{`+settings+`}`, http.StatusOK)
	w.api(t, "POST", "/imports/"+id+"/start", "", http.StatusAccepted)
	if err := w.Imports.Work(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w.imported(t, id)
}

type gotContact struct {
	ID         string         `json:"id"`
	Email      string         `json:"email"`
	Name       string         `json:"name"`
	FirstName  string         `json:"first_name"`
	Phone      string         `json:"phone"`
	ExternalID string         `json:"external_id"`
	Source     string         `json:"source"`
	Verified   bool           `json:"verified"`
	Attributes map[string]any `json:"attributes"`
}

// byEmail finds somebody; nobody has no id.
func (w *world) byEmail(t *testing.T, email string) (out gotContact) {
	t.Helper()
	var page struct{ Data []gotContact }
	w.api(t, "POST", "/contacts/search", `{"email":"`+email+`"}`, http.StatusOK).json(t, &page)
	if len(page.Data) > 1 {
		t.Errorf("%s is there %d times", email, len(page.Data))
	}
	if len(page.Data) > 0 {
		out = page.Data[0]
	}
	return out
}

func TestImportsTakePeopleIn(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		ada := w.someone(t, `"name":"Ada","email":"ada@x.example","phone":"+49 30 1111111"`)
		gone := w.someone(t, `"name":"Gone","email":"gone@x.example"`)
		w.api(t, "DELETE", "/contacts/"+gone, "", http.StatusNoContent)
		held := w.someone(t, `"name":"Held","email":"held@x.example"`)
		w.api(t, "PUT", "/contacts/"+held+"/restriction", `{"restricted":true,"reason":"disputed"}`, http.StatusOK)
		w.api(t, "POST", "/attributes", `{"key":"seats","label":"Seats","kind":"number","purpose":"support","personal":false}`, http.StatusCreated)
		file := "\xef\xbb\xbfE-Mail;Vorname;Nachname;Telefon;Seats;Newsletter;Notiz\r\n" +
			"ada@x.example;Ada;Lovelace;;12;ja;=cmd|' /C calc'!A0\r\n" +
			"bob@x.example;Bob;Müller;+49 30 2222222;3,5;nein;\"a;b\"\r\n" +
			"bob@x.example;Bob;Zweimal;;;;\r\n" +
			"not an address;X;Y;;;;\r\n" +
			";Nobody;Y;;;;\r\n" +
			"gone@x.example;G;G;;;;\r\n" +
			"held@x.example;H;H;;;;\r\n" +
			"eve@x.example;Eve;E;;many;;\r\n" +
			"kim@x.example;Kim;K;;1;perhaps;\r\n"
		up := w.upload(t, file, "Content-Disposition", `attachment; filename="Kunden.csv"`)
		if up.FileName != "Kunden.csv" || up.Settings.Separator != ";" || !up.Settings.Header || len(up.Columns) != 7 || up.Columns[4].Target != "attributes.seats" ||
			len(up.Preview) != 9 || up.Columns[1].Samples[0] != "Ada" || up.State != "ready" {
			t.Fatalf("upload: %+v", up)
		}
		if len(up.Preview[3].Problems) == 0 || up.Preview[3].Problems[0].Column != "E-Mail" || up.Preview[3].Row != 5 {
			t.Errorf("the fourth row's problems: %+v", up.Preview[3])
		}
		w.api(t, "POST", "/imports/"+up.ID+"/start", "", http.StatusUnprocessableEntity) // no basis
		settings := importBasis + `,"asked_in_full":true,"targets":["email","first_name","last_name","phone","attributes.seats","consent.marketing","attributes.note"]`
		w.api(t, "PATCH", "/imports/"+up.ID, `{`+settings+`}`, http.StatusOK)
		before := rowCounts(t, w.DB)["contacts"]
		w.api(t, "POST", "/imports/"+up.ID+"/preview", "", http.StatusAccepted)
		if err := w.Imports.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		checked := w.imported(t, up.ID)
		want := imports.ImportTally{Rows: 9, Created: 2, Updated: 1, Withheld: 2, Failed: 4, Warned: 1}
		if checked.Checked == nil || *checked.Checked != want || checked.State != "ready" || rowCounts(t, w.DB)["contacts"] != before {
			t.Fatalf("dry run: %s %+v, want %+v", checked.State, checked.Checked, want)
		}
		clk.Advance(time.Minute)
		done := w.ran(t, up.ID, `"on_match":"update"`)
		want.Consents = 2
		if done.Imported != want || done.State != "done" || done.UndoUntil == nil || done.Progress != 1 {
			t.Fatalf("imported: %s %+v, want %+v", done.State, done.Imported, want)
		}
		bob, a := w.byEmail(t, "bob@x.example"), w.byEmail(t, "ada@x.example")
		if bob.Name != "Bob Müller" || bob.Attributes["seats"] != 3.5 || bob.Attributes["note"] != "a;b" || bob.Source != "import" || !bob.Verified {
			t.Errorf("Bob: %+v", bob)
		}
		if a.ID != ada || a.Phone != "+49 30 1111111" || a.FirstName != "Ada" || a.Attributes["note"] != "=cmd|' /C calc'!A0" {
			t.Errorf("Ada: %+v", a)
		}
		for id, state := range map[string]string{ada: "grant", bob.ID: "withdraw"} {
			if got := w.api(t, "GET", "/contacts/"+id+"/consents", "", http.StatusOK).body; !strings.Contains(got, `"`+state+`"`) || !strings.Contains(got, `"source":"import"`) {
				t.Errorf("consents of %s: %s", id, got)
			}
		}
		if h := w.byEmail(t, "held@x.example"); h.ID != "" {
			t.Errorf("restricted people are found: %+v", h)
		}
		problems := w.api(t, "GET", "/imports/"+up.ID+"/errors.csv", "", http.StatusOK).body
		for _, want := range []string{"is in an earlier row already", "is not a number", "is empty, and people are recognised by it", "imported all the same", "Nobody"} {
			if !strings.Contains(problems, want) {
				t.Errorf("the rows to put right lack %q:\n%s", want, problems)
			}
		}
		if strings.Contains(problems, "\n=") || strings.Contains(problems, ",=cmd") {
			t.Errorf("a formula went out:\n%s", problems)
		}
		var list struct{ Data []imports.RowErrors }
		w.api(t, "GET", "/imports/"+up.ID+"/errors?limit=2", "", http.StatusOK).json(t, &list)
		if len(list.Data) != 2 || list.Data[0].Row != 4 {
			t.Errorf("errors: %+v", list.Data)
		}
	})
}

// breaks are where an import is killed.
func TestImportsGoOnAfterAnyKill(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var file strings.Builder
		file.WriteString("email,name,plan\n")
		const rows = 300
		for i := range rows {
			fmt.Fprintf(&file, "p%d@x.example,Person %d,pro\n", i, i)
		}
		w.someone(t, `"name":"Old","email":"p200@x.example"`)
		killed := errors.New("killed")
		for _, when := range []string{"before", "inside", "after"} {
			up := w.upload(t, file.String())
			w.api(t, "PATCH", "/imports/"+up.ID, `{`+importBasis+`,"on_match":"update"}`, http.StatusOK)
			w.api(t, "POST", "/imports/"+up.ID+"/start", "", http.StatusAccepted)
			n := 0
			w.Imports.Batch = func(at string) error {
				if at == when {
					if n++; n%2 == 0 {
						return killed
					}
				}
				return nil
			}
			kills := 0
			for ; ; kills++ {
				err := w.Imports.Work(t.Context())
				if err == nil {
					break
				}
				if !errors.Is(err, killed) || kills > 50 {
					t.Fatal(err)
				}
			}
			w.Imports.Batch = nil
			got := w.imported(t, up.ID)
			if kills < 1 || got.State != "done" || got.Imported.Rows != rows || got.Imported.Failed != 0 {
				t.Fatalf("killed %d times %s: %s %+v", kills, when, got.State, got.Imported)
			}
			if all := rowCounts(t, w.DB)["contacts"]; all != rows {
				t.Fatalf("killed %s: %d contacts", when, all)
			}
		}
	})
}

func TestImportsAreUndone(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		old := w.someone(t, `"name":"Old","email":"old@x.example","phone":"+49 30 1111111"`)
		other := w.someone(t, `"name":"Other","email":"other@x.example"`)
		clk.Advance(time.Minute)
		up := w.upload(t, "email,name,phone,plan\nold@x.example,New,+49 30 2222222,pro\nother@x.example,Changed,,pro\na@x.example,A,,pro\nb@x.example,B,,pro\nc@x.example,C,,pro\n")
		done := w.ran(t, up.ID, importBasis)
		if done.Imported.Created != 3 || done.Imported.Updated != 2 {
			t.Fatalf("imported: %+v", done.Imported)
		}
		if file := done.FileUntil; file == nil || file.After(clk.Now()) {
			t.Errorf("nothing is left to put right, and the file stays until %v", file)
		}
		clk.Advance(time.Hour)
		touched := w.byEmail(t, "b@x.example")
		w.api(t, "PATCH", "/contacts/"+touched.ID, `{"name":"B again",`+importBasis+`}`, http.StatusOK)
		w.api(t, "PATCH", "/contacts/"+old, `{"phone":"+49 30 3333333",`+importBasis+`}`, http.StatusOK)
		spoke := w.byEmail(t, "c@x.example")
		w.api(t, "POST", "/conversations", `{"contact_id":"`+spoke.ID+`","body":"hello"}`, http.StatusCreated)
		clk.Advance(time.Hour)
		w.api(t, "POST", "/imports/"+up.ID+"/undo", "", http.StatusAccepted)
		killed, n := errors.New("killed"), 0
		w.Imports.Batch = func(string) error {
			if n++; n%2 == 0 {
				return killed
			}
			return nil
		}
		for kills := 0; ; kills++ {
			err := w.Imports.Work(t.Context())
			if err == nil {
				if kills == 0 {
					t.Error("the undo was not broken off")
				}
				break
			}
			if !errors.Is(err, killed) {
				t.Fatal(err)
			}
		}
		w.Imports.Batch = nil
		got := w.imported(t, up.ID)
		if got.State != "undone" || *got.Undone != (imports.UndoTally{Total: 5, Erased: 1, Kept: 2, Reverted: 2}) {
			t.Fatalf("undone: %s %+v", got.State, got.Undone)
		}
		if a := w.byEmail(t, "a@x.example"); a.ID != "" {
			t.Error("who came with the import is there")
		}
		o, x := w.byEmail(t, "old@x.example"), w.byEmail(t, "other@x.example")
		if o.Name != "Old" || o.Phone != "+49 30 3333333" || o.Attributes["plan"] != nil || x.ID != other || x.Name != "Other" {
			t.Errorf("reverted: %+v, %+v", o, x)
		}
		w.api(t, "POST", "/imports/"+up.ID+"/undo", "", http.StatusConflict)
		if err := w.Imports.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		counts := rowCounts(t, w.DB)
		var kept int
		if err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return tx.QueryRow(`SELECT COUNT(*) FROM import_updates WHERE length(former_sealed) > 0`).Scan(&kept)
		}); err != nil || counts["import_parts"] != 0 || kept != 0 {
			t.Errorf("left behind: %d parts, what %d people were (%v)", counts["import_parts"], kept, err)
		}
		if again := w.imported(t, up.ID); len(again.Preview) != 0 || again.FileUntil != nil {
			t.Errorf("the file can be read: %+v", again.Preview)
		}
	})
}

func TestBadFilesAreRefusedInWords(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		wide := strings.Repeat("x,", 9999) + "x\n"
		for name, c := range map[string]struct {
			file   string
			status int
			says   string
		}{
			"empty":           {"", 422, "is empty"},
			"header only":     {"email,name\n", 422, "no row below"},
			"picture":         {"\x89PNG\r\n\x1a\n\x00\x00", 422, "a picture"},
			"workbook":        {"PK\x03\x04\x14\x00", 422, "Excel"},
			"null bytes":      {"a\x00b,\x00\x00\x00\x00\n" + strings.Repeat("\x01\x00\x02", 100), 422, "null characters"},
			"10,000 columns":  {wide + wide, 422, "500 columns"},
			"long first row":  {strings.Repeat("x", 10<<20) + "\na,b\n", 422, "longer than 1 MB"},
			"only blank rows": {"\n\n\n", 422, "holds no row"},
		} {
			a := w.sendFile(t, c.file)
			if a.status != c.status || !strings.Contains(a.body, c.says) {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if a := w.sendFile(t, "{}", "Content-Type", "application/json"); a.status != 422 {
			t.Errorf("JSON: %d %s", a.status, a.body)
		}
		counts := rowCounts(t, w.DB)
		if counts["imports"] != 0 || counts["import_parts"] != 0 {
			t.Errorf("refused files are kept: %d imports, %d parts", counts["imports"], counts["import_parts"])
		}
	})
}

// endless gives as many bytes of a table as it is asked for, and counts them.
type endless struct{ left, given int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	for i := range p[:n] {
		p[i] = "a@x.example,Ada Lovelace\n"[(e.given+int64(i))%25]
	}
	e.left, e.given = e.left-n, e.given+n
	return int(n), nil
}

func (w *world) stream(t *testing.T, body io.Reader, length int64) (int, string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", w.server.URL+"/api/v1/contacts/import", body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header, req.ContentLength = bearer(w.made.APIKey), length
	req.Header.Set("Content-Type", "text/csv")
	req.Header.Set("Idempotency-Key", "one gigabyte")
	res, err := w.server.Client().Do(req)
	if err != nil {
		return 0, err.Error() // it was cut off while it was sent
	}
	defer res.Body.Close()
	raw, _ := io.ReadAll(res.Body)
	return res.StatusCode, string(raw)
}

func TestAGigabyteIsRefusedEarlyAndNotHeld(t *testing.T) {
	w := start(t, configs(t)["sqlite"](t))
	told := &endless{left: 1 << 30}
	status, body := w.stream(t, told, 1<<30)
	if status != http.StatusRequestEntityTooLarge && status != 0 || told.given > 4<<20 {
		t.Errorf("after %d bytes: %d %s", told.given, status, body)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	w.Imports.MaxFile = 32 << 20
	untold := &endless{left: 1 << 30}
	status, body = w.stream(t, untold, -1)
	runtime.ReadMemStats(&after)
	if status != http.StatusRequestEntityTooLarge && status != 0 || untold.given > w.Imports.MaxFile+(8<<20) {
		t.Errorf("without a length after %d bytes: %d %s", untold.given, status, body)
	}
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
		t.Errorf("memory grew by %d MB", grown>>20)
	}
	if counts := rowCounts(t, w.DB); counts["imports"] != 0 || counts["import_parts"] != 0 {
		t.Errorf("kept: %v", counts["import_parts"])
	}
}

func TestImportsWaitForEachOther(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first, second := w.upload(t, "email\na@x.example\nb@x.example\n"), w.upload(t, "email\nb@x.example\nc@x.example\n")
		for _, id := range []string{first.ID, second.ID} {
			w.api(t, "PATCH", "/imports/"+id, `{`+importBasis+`}`, http.StatusOK)
			w.api(t, "POST", "/imports/"+id+"/start", "", http.StatusAccepted)
		}
		if got := w.imported(t, second.ID); got.Ahead != 1 || got.State != "queued" {
			t.Errorf("the second: %s, %d ahead", got.State, got.Ahead)
		}
		w.api(t, "POST", "/imports/"+first.ID+"/start", "", http.StatusConflict)
		w.api(t, "PATCH", "/imports/"+first.ID, `{"on_match":"skip"}`, http.StatusConflict)
		if err := w.Imports.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := w.imported(t, second.ID).Imported; got.Created != 1 || got.Unchanged != 1 {
			t.Errorf("the second: %+v", got)
		}
		third := w.upload(t, "email\nd@x.example\n")
		w.api(t, "PATCH", "/imports/"+third.ID, `{`+importBasis+`}`, http.StatusOK)
		w.api(t, "POST", "/imports/"+third.ID+"/start", "", http.StatusAccepted)
		w.api(t, "POST", "/imports/"+third.ID+"/cancel", "", http.StatusOK)
		if err := w.Imports.Work(t.Context()); err != nil {
			t.Fatal(err)
		}
		if d := w.byEmail(t, "d@x.example"); d.ID != "" {
			t.Error("a cancelled import went on")
		}
	})
}

func TestTheSameUploadIsTakenOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		first := w.upload(t, "email\na@x.example\n", "Idempotency-Key", "k1")
		again := w.upload(t, "email\na@x.example\n", "Idempotency-Key", "k1")
		if first.ID != again.ID || rowCounts(t, w.DB)["imports"] != 1 {
			t.Errorf("%s and %s", first.ID, again.ID)
		}
		if a := w.sendFile(t, "email\nb@x.example\n", "Idempotency-Key", "k1"); a.status != 409 || a.code() != "idempotency_mismatch" {
			t.Errorf("another file: %d %s", a.status, a.body)
		}
		var b strings.Builder
		b.WriteString("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\list.csv\"\r\nContent-Type: text/csv\r\n\r\nemail\na@x.example\n\r\n--x--\r\n")
		if got := w.upload(t, b.String(), "Content-Type", "multipart/form-data; boundary=x"); got.FileName != "list.csv" || len(got.Preview) != 1 {
			t.Errorf("multipart: %+v", got)
		}
	})
}

// Files are sealed, and gone for good when their time is over.
func TestFilesOfImportsDoNotStay(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		up := w.upload(t, "email,name\ncanary@x.example,Canary Person\n")
		var raw []byte
		err := w.DB.Read(t.Context(), func(tx *storage.Tx) error {
			return tx.QueryRow(`SELECT data_sealed FROM import_parts WHERE import_id = $1`, up.ID).Scan(&raw)
		})
		if err != nil || strings.Contains(string(raw), "canary") {
			t.Errorf("a part: %v %q", err, raw)
		}
		later := func(d time.Duration) imports.ImportPreview {
			t.Helper()
			clk.Advance(d)
			if err := w.Imports.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			return w.imported(t, up.ID)
		}
		for range 7 { // it is worked with, each day
			if got := later(23 * time.Hour); got.State != "ready" || len(got.Preview) != 1 {
				t.Fatalf("worked with, and then %s with %d rows", got.State, len(got.Preview))
			}
			w.api(t, "PATCH", "/imports/"+up.ID, `{"on_match":"fill"}`, http.StatusOK)
		}
		if got := later(8 * time.Hour); got.State != "canceled" || len(got.Preview) != 0 || rowCounts(t, w.DB)["import_parts"] != 0 {
			t.Errorf("after a week: %s, %d rows", got.State, len(got.Preview))
		}
		up = w.upload(t, "email,name\ncanary@x.example,Canary Person\n")
		if got := later(24*time.Hour + time.Minute); got.State != "canceled" || len(got.Preview) != 0 {
			t.Errorf("left alone for a day: %s, %d rows", got.State, len(got.Preview))
		}
		up = w.upload(t, "email,name\nno address,Canary Person\n")
		if got := w.ran(t, up.ID, importBasis); got.Imported.Failed != 1 || got.FileUntil == nil {
			t.Errorf("nobody was imported, and there is nothing to put right: %+v", got.Import)
		}
		if got := later(24*time.Hour + time.Minute); got.FileUntil != nil || rowCounts(t, w.DB)["import_parts"] != 0 {
			t.Errorf("a day after it changed nobody, its file is there until %v", got.FileUntil)
		}
	})
}

// What people decided themselves counts more than what a table says of them.
func TestImportsNeverOverruleANo(t *testing.T) {
	eachAt(t, func(t *testing.T, w *world, clk *clock.Fake) {
		no := w.someone(t, `"name":"No","email":"no@x.example"`)
		w.api(t, "DELETE", "/contacts/"+no+"/consents/marketing", "", http.StatusOK)
		objects := w.someone(t, `"name":"Objects","email":"objects@x.example"`)
		w.api(t, "POST", "/contacts/"+objects+"/objections", `{"purpose":"support"}`, http.StatusCreated)
		clk.Advance(time.Hour)
		up := w.upload(t, "email,name,newsletter,consent_at\nno@x.example,No,yes,2020-01-01\nobjects@x.example,Other name,,\nnew@x.example,New,yes,2024-05-06\n")
		got := w.ran(t, up.ID, importBasis+`,"asked_in_full":true,"targets":["email","name","consent.marketing","consent_at"]`)
		if got.Imported != (imports.ImportTally{Rows: 3, Created: 1, Unchanged: 1, Withheld: 1, Consents: 1}) {
			t.Errorf("%+v", got.Imported)
		}
		if body := w.api(t, "GET", "/contacts/"+no+"/consents", "", http.StatusOK).body; strings.Contains(body, `"grant"`) {
			t.Errorf("a no was overruled: %s", body)
		}
		if body := w.api(t, "GET", "/contacts/"+w.byEmail(t, "new@x.example").ID+"/consents", "", http.StatusOK).body; !strings.Contains(body, "2024-05-06") {
			t.Errorf("a consent lost its day: %s", body)
		}
	})
}

// An export says who took it out and why, and holds the columns that were asked for.
// Who may not see addresses takes nothing out.
func TestExportsAreMarkedWithWhoTookThemOut(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.someone(t, `"name":"=Ada","email":"ada@x.example","external_id":"ada@y.example","attributes":{"plan":"pro","seats":3}`)
		ask := func(key, body string, want int) answer {
			t.Helper()
			a := w.do(t, call{method: "POST", path: "/api/v1/contacts/export", body: body, header: bearer(key)})
			if a.status != want {
				t.Errorf("%s: %d %s", body, a.status, a.body)
			}
			return a
		}
		file := ask(w.made.APIKey, `{"format":"csv","reason":"yearly_mail","columns":["name","attributes.plan","attributes.seats","email"]}`, http.StatusOK)
		lines := strings.Split(file.body, "\r\n")
		if len(lines) < 3 || !strings.Contains(lines[0], "yearly_mail") || !strings.Contains(lines[0], "by ") || !strings.Contains(lines[0], "key_") ||
			lines[1] != "name,attributes.plan,attributes.seats,email" || lines[2] != "'=Ada,pro,3,ada@x.example" {
			t.Errorf("file: %q", lines)
		}
		if name := file.header.Get("Content-Disposition"); !strings.Contains(name, "yearly_mail.csv") {
			t.Errorf("called %s", name)
		}
		if got := ask(w.made.APIKey, `{"format":"json","reason":"x","columns":["name","attributes.plan"]}`, http.StatusOK).body; !strings.Contains(got, `"data":[{"attributes.plan":"pro","name":"=Ada"}]`) ||
			!strings.Contains(got, `"exported_by"`) {
			t.Errorf("JSON: %s", got)
		}
		ask(w.made.APIKey, `{"format":"csv","reason":"x","columns":["password"]}`, http.StatusUnprocessableEntity)
		var key struct{ Secret string }
		w.api(t, "POST", "/api-keys", `{"name":"masked","scopes":["contacts:read","privacy:read","contacts:masked"]}`, http.StatusCreated).json(t, &key)
		ask(key.Secret, `{"format":"csv","reason":"x"}`, http.StatusForbidden)
		ask(key.Secret, `{"format":"csv","reason":"x","columns":["name","email"]}`, http.StatusForbidden)
		ask(key.Secret, `{"format":"json","reason":"x","columns":["name"]}`, http.StatusForbidden)
		ask(key.Secret, `{"format":"csv","reason":"x","columns":["name","external_id"]}`, http.StatusForbidden)
	})
}

// An export is of the people who are chosen, or of whom conditions are true, with the
// tags and companies that an import reads.
func TestExportsAreOfWhomTheyAreAskedFor(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		up := w.upload(t, "email,company,tags\nada@x.example,Acme GmbH,vip; \nbob@x.example,,\neve@x.example,,\n")
		w.ran(t, up.ID, importBasis)
		gone := w.byEmail(t, "eve@x.example").ID
		w.api(t, "DELETE", "/contacts/"+gone, "", http.StatusNoContent)
		ask := func(whom string, want int) []string {
			t.Helper()
			a := w.do(t, call{method: "POST", path: "/api/v1/contacts/export", body: `{"format":"csv","reason":"x","columns":["email","company","tags"],` + whom + `}`, header: bearer(w.made.APIKey)})
			if a.status != want {
				t.Errorf("%s: %d %s", whom, a.status, a.body)
			}
			return strings.Split(strings.TrimSpace(a.body), "\r\n")
		}
		ada := w.byEmail(t, "ada@x.example").ID
		for _, whom := range []string{`"contact_ids":["` + ada + `","` + gone + `","con_unknown","` + ada + `"]`, `"filter":{"field":"tags.contact","op":"contains","value":"vip"}`} {
			if got := ask(whom, http.StatusOK); len(got) != 3 || got[1] != "email,company,tags" || got[2] != "ada@x.example,Acme GmbH,vip" {
				t.Errorf("%s: %q", whom, got)
			}
		}
		ask(`"contact_ids":["`+ada+`"],"filter":{"field":"tags.contact","op":"contains","value":"vip"}`, http.StatusUnprocessableEntity)
		ask(`"filter":{"field":"nonsense","op":"is","value":"vip"}`, http.StatusUnprocessableEntity)
		a := w.do(t, call{method: "POST", path: "/api/v1/contacts/export", body: `{"format":"json","reason":"x","columns":["tags","company","email"],"contact_ids":["` + ada + `"]}`, header: bearer(w.made.APIKey)})
		if !strings.Contains(a.body, `{"company":"Acme GmbH","email":"ada@x.example","tags":["vip"]}`) {
			t.Errorf("JSON: %s", a.body)
		}
	})
}
