package main

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// privacy measures the access export of a person with many messages, and then the
// erasure of the same person.
func (b *bench) privacy(ctx context.Context) error {
	c, err := dial(b.server.host, b.apiKey)
	if err != nil {
		return err
	}
	defer c.close()
	contactID, conversationID, err := b.newConversation(c, 1_000_000)
	if err != nil {
		return err
	}
	path := "/api/v1/conversations/" + conversationID + "/messages"
	bodies := make([][]byte, seedClients)
	err = b.each(ctx, seedClients, b.opts.erased-1, func(c *conn, worker, i int) error {
		bodies[worker] = b.vocabulary.message(bodies[worker][:0], source(7000+i))
		_, err := c.do("POST", path, bodies[worker], 201)
		return err
	})
	if err != nil {
		return err
	}
	b.server.settle(ctx)
	if err := b.accessExport(c, contactID); err != nil {
		return err
	}
	b.server.settle(ctx)
	began, used := time.Now(), b.server.cpu()
	if _, err := c.do("DELETE", "/api/v1/contacts/"+contactID+"?erase=true", nil, 200); err != nil {
		return err
	}
	took, spent := time.Since(began), b.server.cpu()-used
	if _, err := c.do("GET", path, nil, 404); err != nil {
		return err
	}
	b.table.add(row{What: "erasure of a person", Figure: milliseconds(took), Unit: "ms", Target: 1000, Bound: atMost,
		Note: b.ofPerson() + fmt.Sprintf("; server CPU %.0f ms", milliseconds(spent))})
	return nil
}

func (b *bench) ofPerson() string {
	return fmt.Sprintf("with %s messages, among %s", thousands(int64(b.opts.erased)), thousands(b.messages.Load()))
}

// accessExport fetches the person's archive and looks whether every message is in
// it. The memory is the server's peak of resident pages (VmHWM, which is set back
// before) above what it held at rest.
func (b *bench) accessExport(c *conn, contactID string) error {
	before, err := b.server.forgetPeak()
	if err != nil {
		return err
	}
	began, used := time.Now(), b.server.cpu()
	archive, err := c.do("GET", "/api/v1/contacts/"+contactID+"/export", nil, 200)
	if err != nil {
		return err
	}
	took, spent := time.Since(began), b.server.cpu()-used
	grown := b.server.memory("VmHWM") - before
	rows, err := rowsIn(archive, "csv/messages.csv")
	if err != nil {
		return err
	}
	if rows != b.opts.erased+1 {
		return fmt.Errorf("the export has %d lines of messages instead of %d", rows, b.opts.erased+1)
	}
	b.table.add(row{What: "access export", Figure: milliseconds(took), Unit: "ms", Target: 2000, Bound: atMost,
		Note: b.ofPerson() + fmt.Sprintf("; a ZIP of %.1f MiB; server CPU %.0f ms", mebibytes(int64(len(archive))), milliseconds(spent))})
	b.table.add(row{What: "access export, growth of memory", Figure: mebibytes(grown), Unit: "MiB", Target: 100, Bound: atMost,
		Note: "peak of VmRSS above that at rest"})
	return nil
}

// rowsIn counts the lines of a file in an archive.
func rowsIn(archive []byte, name string) (int, error) {
	z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return 0, err
	}
	f, err := z.Open(name)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // only read
	var content bytes.Buffer
	if _, err := content.ReadFrom(f); err != nil {
		return 0, err
	}
	return bytes.Count(content.Bytes(), []byte("\r\n")), nil
}

// forgetPeak sets the server's peak of resident memory back to what it holds now,
// and gives that (proc(5), clear_refs).
func (s *server) forgetPeak() (now int64, err error) {
	err = os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", s.cmd.Process.Pid), []byte("5"), 0o600)
	if now = s.rss(); now == 0 {
		err = errors.Join(err, errors.New("the server's memory cannot be read"))
	}
	return now, err
}
