package imports

import (
	"bufio"
	"context"
	"errors"
	"io"

	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/privacy"
)

var bufferFull = bufio.ErrBufferFull

// choices gives what columns can be for in a workspace.
func (s *Service) choices(ctx context.Context, workspaceID string) (choices, error) {
	var out choices
	attributes, err := s.Contacts.Attributes(ctx)
	if err != nil {
		return out, err
	}
	for _, a := range attributes.Data {
		out.attributes = append(out.attributes, named{a.Key, a.Label})
	}
	out.known = attributes.Undeclared
	purposes, err := s.Privacy.Purposes(ctx, workspaceID)
	for _, p := range purposes {
		if p.LawfulBasis == "consent" {
			out.purposes = append(out.purposes, named{p.Key, p.Name})
		}
	}
	return out, err
}

// guessByValue finds addresses in a row that is somebody rather than a heading.
func guessByValue(first []string) []string {
	out := make([]string, len(first))
	for i, cell := range first {
		if contacts.IsAddress(cell) {
			out[i] = toEmail
			break
		}
	}
	return out
}

// converter gives what makes people of an import's rows now.
func (s *Service) converter(ctx context.Context, r *record) (*converter, error) {
	rules, err := s.Contacts.RulesOf(ctx, r.workspaceID)
	if err != nil {
		return nil, err
	}
	purposes, err := s.Privacy.Purposes(ctx, r.workspaceID)
	if err != nil {
		return nil, err
	}
	basis, err := s.Basis(ctx, r.workspaceID, r.stored.Settings.Basis)
	if fault.Is(err, fault.KindInvalid) {
		basis, err = privacy.Basis{}, nil // columns may state it
	}
	return newConverter(r.stored, rules, purposes, s.CompanyNames, basis), err
}

// preview gives an import with its first rows and what is wrong with them.
func (s *Service) preview(ctx context.Context, r *record) (ImportPreview, error) {
	out := ImportPreview{Preview: []PreviewRow{}}
	// from whom addresses are hidden, the rows are: a cell tells nobody what it holds
	isHidden := fault.Is(seesAddresses(ctx), fault.KindForbidden)
	if r.state == StateUploading || r.fileUntil.IsZero() || isHidden {
		out.Import = r.show()
		return out, nil
	}
	c, err := s.converter(ctx, r)
	if err != nil {
		return out, err
	}
	_, states := c.at[toPurpose]
	c.basisLater = !states && c.basis.Purpose == "" // the import does not start without it
	rows, _, _, err := s.table(ctx, r)
	for len(out.Preview) < previewRows && err == nil {
		var one row
		if one, err = rows.read(); err != nil {
			break
		}
		p := c.person(one)
		shown := PreviewRow{Row: one.number, Cells: make([]string, len(one.cells)), Problems: problemsOf(r, p.problems)}
		for i, cell := range one.cells {
			shown.Cells[i] = printable(cut(cell, sampleLength))
			if i < len(r.stored.Columns) && cell != "" && len(r.stored.Columns[i].Samples) < 3 {
				r.stored.Columns[i].Samples = append(r.stored.Columns[i].Samples, shown.Cells[i])
			}
		}
		out.Preview = append(out.Preview, shown)
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, errTooBroken) && !errors.Is(err, errNoFile) {
		return out, err
	}
	out.Import = r.show()
	return out, nil
}

// problemsOf names the columns of stored problems.
func problemsOf(r *record, all []problem) []RowProblem {
	out := make([]RowProblem, len(all))
	for i, p := range all {
		out[i] = RowProblem{Detail: p.Detail, Warning: p.Warning}
		if p.Column >= 0 && p.Column < len(r.stored.Columns) {
			out[i].Column = r.stored.Columns[p.Column].Name
		}
	}
	return out
}
