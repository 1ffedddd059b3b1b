package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"time"
)

// coldStarts stops the server and starts it again and again on the data that is
// there: from exec to the first good answer of /readyz.
func (b *bench) coldStarts(ctx context.Context, runs int) error {
	var took []time.Duration
	for range runs {
		if err := b.server.stop(); err != nil {
			return err
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := b.start(); err != nil {
			return err
		}
		took = append(took, b.server.ready)
	}
	slices.Sort(took)
	b.table.add(row{What: "cold start to first answer", Figure: milliseconds(took[len(took)/2]), Unit: "ms", Target: 150, Bound: atMost,
		Note: fmt.Sprintf("median of %d on %s messages (%.0f MiB of files), %.0f to %.0f ms", runs, thousands(b.messages.Load()), mebibytes(b.dataSize()), milliseconds(took[0]), milliseconds(took[len(took)-1]))})
	return nil
}

// memory notes what the server holds while nobody asks anything of it.
func (b *bench) memory(when string) {
	time.Sleep(b.opts.rest)
	b.table.add(row{What: "idle memory, " + when, Figure: mebibytes(b.server.rss()), Unit: "MiB", Target: 60, Bound: atMost, Note: b.mapped()})
}

// memoryAfter notes what the server still holds after all the load; there is no
// promise about that.
func (b *bench) memoryAfter() {
	time.Sleep(b.opts.rest)
	b.table.add(row{What: "memory after the load", Figure: mebibytes(b.server.rss()), Unit: "MiB", Note: b.mapped()})
}

// mapped says how much of the resident memory is the database's file, which the
// system takes back when it needs it.
func (b *bench) mapped() string {
	return fmt.Sprintf("VmRSS; %.1f MiB of it are mapped files", mebibytes(b.server.memory("RssFile")))
}

// dataSize gives the size of the files in the data directory.
func (b *bench) dataSize() (sum int64) {
	entries, _ := os.ReadDir(b.data)
	for _, e := range entries {
		if info, err := e.Info(); err == nil && info.Mode().IsRegular() {
			sum += info.Size()
		}
	}
	return sum
}

// binarySize notes how large the program is.
func (b *bench) binarySize(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	b.table.add(row{What: "stripped binary", Figure: mebibytes(info.Size()), Unit: "MiB", Target: 40, Bound: atMost})
	return nil
}
