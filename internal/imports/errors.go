package imports

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

// RowErrors is a row with what is wrong with it.
type RowErrors struct {
	Row      int64        `json:"row" doc:"As a spreadsheet counts, from 1."`
	Problems []RowProblem `json:"problems"`
}

// Errors gives the rows with problems of the last dry run, or of the import once it
// runs: those after a row, at most limit.
func (s *Service) Errors(ctx context.Context, importID string, after int64, limit int) ([]RowErrors, error) {
	r, err := s.load(ctx, importID)
	if err != nil {
		return nil, fault.Wrap("imports.Errors", err)
	}
	some, err := s.problems(ctx, r, after, limit)
	if err != nil {
		return nil, fault.Wrap("imports.Errors", err)
	}
	out := make([]RowErrors, len(some))
	for i, f := range some {
		out[i] = RowErrors{Row: f.row, Problems: problemsOf(r, f.problems)}
	}
	return out, nil
}

func (s *Service) problems(ctx context.Context, r *record, after int64, limit int) (some []found, err error) {
	err = s.DB.Read(ctx, func(tx *storage.Tx) (err error) {
		some, err = loadProblems(tx, r.workspaceID, r.id, after, limit)
		return err
	})
	return some, err
}

const problemsPage = 200

// BeginErrors notes in the audit log that the rows with problems are taken out, and
// gives what writes them as CSV: what is wrong, then the row as it came, so that it
// can be put right and sent again. Once the file is gone the cells are not there.
func (s *Service) BeginErrors(ctx context.Context, importID string) (write func(ctx context.Context, w io.Writer) error, err error) {
	r, err := s.load(ctx, importID)
	if err != nil {
		return nil, fault.Wrap("imports.BeginErrors", err)
	}
	if err := seesAddresses(ctx); err != nil {
		return nil, err
	}
	a := actor.From(ctx)
	err = s.DB.Write(ctx, func(tx *storage.Tx) error {
		return s.Audit.Append(tx, audit.Entry{WorkspaceID: r.workspaceID, ActorType: a.Type, ActorID: a.ID, Action: "import.errors_taken_out", TargetType: "import", TargetID: r.id})
	})
	return func(ctx context.Context, w io.Writer) error { return s.writeErrors(ctx, r, w) }, fault.Wrap("imports.BeginErrors", err)
}

func (s *Service) writeErrors(ctx context.Context, r *record, w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	head := []string{"row", "problem"}
	for _, c := range r.stored.Columns {
		head = append(head, c.Name)
	}
	if err := writeSafe(out, head); err != nil {
		return err
	}
	rows, _, _, err := s.table(ctx, r)
	if err != nil && !errors.Is(err, errNoFile) {
		return err
	}
	for after := int64(0); ; {
		some, err := s.problems(ctx, r, after, problemsPage)
		if err != nil || len(some) == 0 {
			out.Flush()
			return errors.Join(err, out.Error())
		}
		for _, f := range some {
			cells, err := cellsOf(rows, f.row)
			if errors.Is(err, errNoFile) {
				rows, err = nil, nil
			}
			if err != nil {
				return err
			}
			if err := writeSafe(out, append([]string{itoa(f.row), inWords(r, f.problems)}, cells...)); err != nil {
				return err
			}
			after = f.row
		}
	}
}

// cellsOf reads on to a row.
func cellsOf(rows *reader, number int64) ([]string, error) {
	for rows != nil && rows.number < number {
		one, err := rows.read()
		if errors.Is(err, io.EOF) || errors.Is(err, errTooBroken) {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		if one.number == number {
			return one.cells, nil
		}
	}
	return nil, nil
}

func inWords(r *record, all []problem) string {
	words := make([]string, len(all))
	for i, p := range problemsOf(r, all) {
		words[i] = strings.TrimSpace(p.Column + " " + p.Detail)
		if p.Warning {
			words[i] += " (imported all the same)"
		}
	}
	return strings.Join(words, "; ")
}

// writeSafe writes a row of which a spreadsheet runs nothing.
func writeSafe(out *csv.Writer, cells []string) error {
	safe := make([]string, len(cells))
	for i, cell := range cells {
		safe[i] = contacts.GuardFormula(strings.ToValidUTF8(strings.ReplaceAll(cell, "\x00", ""), "�"))
	}
	return out.Write(safe)
}
