package app

import (
	"context"
	"github.com/botimum/botimum/internal/boards"

	"github.com/botimum/botimum/internal/company"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/imports"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/request"
)

// wireImports makes what takes tables of people in.
func (s *System) wireImports() {
	s.Imports = imports.New(imports.Deps{DB: s.DB, Vault: s.Vault, Audit: s.Audit, Outbox: s.Outbox, Contacts: s.Contacts, Privacy: s.Privacy, Clock: s.Clock,
		IDs: id.System{}, Logger: s.log, Basis: s.basis, Busy: []func(since int64) string{inbox.KeepsContact, request.KeepsContact, boards.KeepsContact},
		Companies: s.namedCompanies, CompanyNames: imports.CompanyNames{Name: company.CleanName, Domain: company.CleanDomain}})
}

// namedCompanies gives what finds and makes the companies that rows name.
func (s *System) namedCompanies(ctx context.Context, workspaceID string) (imports.Companies, error) {
	return s.Companies.Named(ctx, workspaceID)
}
