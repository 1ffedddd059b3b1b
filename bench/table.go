package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"
	"time"
)

// row is one line of the table.
type row struct {
	What    string  `json:"what"`
	Figure  float64 `json:"figure"`
	Unit    string  `json:"unit"`
	Target  float64 `json:"target,omitempty"` // in the same unit; 0: none
	Bound   string  `json:"bound,omitempty"`  // "at least" or "at most"
	Ratio   float64 `json:"ratio,omitempty"`  // figure to target
	Verdict string  `json:"verdict,omitempty"`
	Note    string  `json:"note,omitempty"`
}

const (
	atLeast = "at least"
	atMost  = "at most"
)

// table gathers the rows of a run.
type table struct {
	rows   []row
	silent bool // no news while it runs
	news   io.Writer
}

// add adds a figure with its target; an empty bound means that there is none.
func (t *table) add(r row) {
	if r.Bound != "" {
		r.Ratio = r.Figure / r.Target
		r.Verdict = "holds"
		if r.Bound == atLeast && r.Ratio < 1 || r.Bound == atMost && r.Ratio > 1 {
			r.Verdict = "misses"
		}
	}
	t.rows = append(t.rows, r)
	if !t.silent {
		fmt.Fprintf(t.news, "  %s: %s %s\n", r.What, amount(r.Figure, r.Unit), r.Note)
	}
}

// print writes the table for people.
func (t *table) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "what\tfigure\tbase or target\tratio\t\tnote")
	for _, r := range t.rows {
		target, ratio := "", ""
		if r.Bound != "" {
			target, ratio = r.Bound+" "+amount(r.Target, r.Unit), fmt.Sprintf("%.2f", r.Ratio)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\n", r.What, amount(r.Figure, r.Unit), target, ratio, r.Verdict, r.Note)
	}
	return w.Flush()
}

// printJSON writes the table for programs.
func (t *table) printJSON(out io.Writer) error {
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(t.rows)
}

// amount writes a figure with its unit, as exactly as it deserves.
func amount(v float64, unit string) string {
	switch {
	case v >= 1000:
		return thousands(int64(v+0.5)) + " " + unit
	case v >= 100:
		return fmt.Sprintf("%.0f %s", v, unit)
	case v >= 10:
		return fmt.Sprintf("%.1f %s", v, unit)
	}
	return fmt.Sprintf("%.2f %s", v, unit)
}

func thousands(n int64) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return thousands(n/1000) + fmt.Sprintf(",%03d", n%1000)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// percentiles writes the latencies of a load.
func percentiles(h *histogram) string {
	return fmt.Sprintf("p50 %.2f, p90 %.2f, p99 %.2f, max %.1f ms", milliseconds(h.at(0.5)), milliseconds(h.at(0.9)), milliseconds(h.at(0.99)), milliseconds(h.longest))
}
