package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	importColumns  = `{"targets":["email","first_name","last_name","company","tags","attributes.plan"],"basis":{"purpose":"support","lawful_basis":"contract","evidence":"bench"}}`
	importCompany  = 20 // people of each company
	importPoll     = 50 * time.Millisecond
	importSeconds  = 60 // for 100,000 rows, by issue 4
	importForBound = 100_000
)

// importStands is what is read of an import.
type importStands struct {
	ID       string
	State    string
	Why      string
	Imported struct{ Rows, Created, Companies, Failed int64 }
}

// imports takes a table of people in through the front door: the upload, the dry run
// over all of it, and from the start until it is done.
func (b *bench) imports(ctx context.Context) error {
	c, err := dial(b.host, b.apiKey)
	if err != nil {
		return err
	}
	defer c.close()
	if err := declarePlan(c); err != nil {
		return err
	}
	before, err := b.server.forgetPeak()
	if err != nil {
		return err
	}
	file := peopleFile(b.opts.rows)
	began := time.Now()
	importID, err := b.sendTable(ctx, file)
	if err != nil {
		return err
	}
	sent, one := time.Since(began), "/api/v1/imports/"+importID
	if _, err := c.do("PATCH", one, []byte(importColumns), 200); err != nil {
		return err
	}
	checked, _, err := b.worked(ctx, c, one, "/preview", "ready")
	if err != nil {
		return err
	}
	spent := b.server.cpu()
	took, done, err := b.worked(ctx, c, one, "/start", "done")
	if err != nil {
		return err
	}
	rows := int64(b.opts.rows)
	if done.Imported.Created != rows || done.Imported.Failed != 0 {
		return fmt.Errorf("of %d rows %d were imported: %+v", rows, done.Imported.Created, done)
	}
	r := row{What: "import of " + thousands(rows) + " people", Figure: took.Seconds(), Unit: "s",
		Note: fmt.Sprintf("%.0f rows/s, server %.0f µs each, into %s companies, each with a tag and an attribute; upload %.2f s, dry run %.2f s", float64(rows)/took.Seconds(),
			float64((b.server.cpu()-spent).Microseconds())/float64(rows), thousands(done.Imported.Companies), sent.Seconds(), checked.Seconds())}
	if rows == importForBound {
		r.Target, r.Bound = importSeconds, atMost
	}
	b.table.add(r)
	b.table.add(row{What: "memory of that import", Figure: mebibytes(b.server.memory("VmHWM") - before), Unit: "MiB", Note: "the peak above rest"})
	return nil
}

// declarePlan has the table's attribute be one that is not personal, and so one by
// which segments are counted, where no scenario before has declared it.
func declarePlan(c *conn) error {
	declared, err := c.do("GET", "/api/v1/attributes", nil, 200)
	if err != nil || bytes.Contains(declared, []byte(`"key":"plan"`)) {
		return err
	}
	_, err = c.do("POST", "/api/v1/attributes", []byte(`{"key":"plan","label":"Plan","kind":"string","personal":false,"purpose":"support"}`), 201)
	return err
}

// sendTable uploads a table and gives the import's id.
func (b *bench) sendTable(ctx context.Context, file []byte) (string, error) {
	ask, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+b.host+"/api/v1/contacts/import", bytes.NewReader(file))
	if err != nil {
		return "", err
	}
	ask.Header.Set("Authorization", "Bearer "+b.apiKey)
	ask.Header.Set("Content-Type", "text/csv")
	answer, err := http.DefaultClient.Do(ask) //nolint:forbidigo // to the server under test, on loopback
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var made importStands
	if answer.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("the upload was answered with %s", answer.Status)
	}
	err = json.NewDecoder(answer.Body).Decode(&made)
	return made.ID, err
}

// worked begins work on an import and waits until it stands as it should.
func (b *bench) worked(ctx context.Context, c *conn, one, act, until string) (time.Duration, importStands, error) {
	var stands importStands
	began := time.Now()
	if _, err := c.do("POST", one+act, nil, 202); err != nil {
		return 0, stands, err
	}
	for ctx.Err() == nil {
		answer, err := c.do("GET", one, nil, 200)
		if err != nil {
			return 0, stands, err
		}
		stands = importStands{}
		if err := json.Unmarshal(answer, &stands); err != nil {
			return 0, stands, err
		}
		switch stands.State {
		case until:
			return time.Since(began), stands, nil
		case "failed", "canceled":
			return 0, stands, fmt.Errorf("the import ended as %s: %s", stands.State, stands.Why)
		}
		time.Sleep(importPoll)
	}
	return 0, stands, ctx.Err()
}

// peopleFile is a table of people, twenty of each company.
func peopleFile(rows int) []byte {
	var out bytes.Buffer
	out.WriteString("email,first name,last name,company,tags,plan\n")
	for i := range rows {
		fmt.Fprintf(&out, "person%d@org%d.example,First%d,Last%d,Company %d,customer,%s\n", i, i/importCompany, i, i%1000, i/importCompany, []string{"free", "pro", "team"}[i%3])
	}
	return out.Bytes()
}
