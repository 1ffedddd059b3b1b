package company

import (
	"context"
	"net/http"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/httpx"
)

const (
	tag           = "Companies"
	reads, writes = "contacts:read", "contacts:write"
	path          = "/api/v1/companies"
)

// Routes mounts the routes of companies.
func (s *Service) Routes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path, ID: "listCompanies", Tag: tag,
		Summary: "List companies, newest first or in another order", Permission: reads}, s.getList)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path, ID: "createCompany", Tag: tag, Status: http.StatusCreated,
		Summary: "Add a company", Permission: writes}, s.post)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/search", ID: "searchCompanies", Tag: tag, First: true,
		Summary: "Find companies by the beginning of their name or by a domain", Permission: reads}, s.postSearch)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/settings", ID: "getCompanySettings", Tag: tag,
		Summary: "Get whether companies follow from addresses, and how far that is carried out", Permission: reads}, s.getSettings)
	httpx.Handle(r, httpx.Route{Method: http.MethodPut, Path: path + "/settings", ID: "changeCompanySettings", Tag: tag,
		Summary: "Have people's companies follow from their addresses, or no more", Permission: "workspace:write"}, s.putSettings)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/{id}", ID: "getCompany", Tag: tag,
		Summary: "Get a company", Permission: reads}, s.getOne)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: path + "/{id}", ID: "updateCompany", Tag: tag,
		Summary: "Change a company", Permission: writes}, s.patch)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: path + "/{id}", ID: "deleteCompany", Tag: tag, Status: http.StatusNoContent,
		Summary: "Remove a company; its people stay", Permission: writes}, s.remove)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/{id}/merge", ID: "mergeCompany", Tag: tag,
		Summary: "Make another company a part of this one", Permission: writes}, s.postMerge)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/{id}/changes", ID: "listCompanyChanges", Tag: tag,
		Summary: "List what was changed in a company, newest first", Permission: reads}, s.getEdits)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/{id}/contacts", ID: "listCompanyContacts", Tag: tag,
		Summary: "List a company's people, newest first", Permission: reads}, s.getMembers)
}

type companiesOut struct {
	Body httpx.List[Company]
}

// page reads the cursor, asks for one more than the page holds, and gives the page.
func page[T any](ctx context.Context, list string, in httpx.Paging, key func(T) string, find func(before string) ([]T, error)) (out httpx.List[T], err error) {
	scope := list + " " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return out, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := find(before)
	if err != nil {
		return out, err
	}
	return httpx.ListOf(found, in.Limit, scope, func(one T) []string { return []string{key(one)} }), nil
}

func idOf(c Company) string { return c.ID }

type listCompaniesIn struct {
	httpx.Paging
	Sort Order `query:"sort" enum:"newest,name,people,last_active" default:"newest" doc:"Who comes first: the newest, A before Z (of 10,000 companies at most), who has the most people, or whose people were seen last."`
}

func (s *Service) getList(ctx context.Context, in *listCompaniesIn) (*companiesOut, error) {
	scope := "companies " + string(in.Sort) + " " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 2)
	if err != nil {
		return nil, err
	}
	var after *At
	if cursor != nil {
		after = &At{Key: cursor[0], ID: cursor[1]}
	}
	found, places, err := s.List(ctx, in.Sort, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	at := map[string]At{}
	for _, p := range places {
		at[p.ID] = p
	}
	return &companiesOut{httpx.ListOf(found, in.Limit, scope, func(c Company) []string { return []string{at[c.ID].Key, c.ID} })}, nil
}

type searchCompaniesIn struct {
	httpx.Paging
	Body CompanyQuery
}

func (s *Service) postSearch(ctx context.Context, in *searchCompaniesIn) (*companiesOut, error) {
	body, err := page(ctx, "companies.search", in.Paging, idOf, func(before string) ([]Company, error) { return s.Search(ctx, in.Body, before, in.Limit+1) })
	return &companiesOut{body}, err
}

type createCompanyIn struct {
	Body CompanyChange
}

type companyOut struct {
	ETag string `header:"ETag"`
	Body Company
}

func answer(c Company, err error) (*companyOut, error) {
	if err != nil {
		return nil, err
	}
	return &companyOut{ETag: httpx.ETag(c.UpdatedAt), Body: c}, nil
}

func (s *Service) post(ctx context.Context, in *createCompanyIn) (*companyOut, error) {
	return answer(s.Create(ctx, in.Body))
}

func (s *Service) getOne(ctx context.Context, in *httpx.ByID) (*companyOut, error) {
	return answer(s.Get(ctx, in.ID))
}

type updateCompanyIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    CompanyChange
}

func (s *Service) patch(ctx context.Context, in *updateCompanyIn) (*companyOut, error) {
	return answer(s.Update(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) }))
}

func (s *Service) remove(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.Delete(ctx, in.ID)
}

type companyContactsIn struct {
	httpx.ByID
	httpx.Paging
}

type companyContactsOut struct {
	Body httpx.List[contacts.Contact]
}

func (s *Service) getMembers(ctx context.Context, in *companyContactsIn) (*companyContactsOut, error) {
	body, err := page(ctx, "company "+in.ID, in.Paging, func(c contacts.Contact) string { return c.ID },
		func(before string) ([]contacts.Contact, error) { return s.Members(ctx, in.ID, before, in.Limit+1) })
	return &companyContactsOut{body}, err
}

type companySettingsOut struct {
	Body Following
}

func (s *Service) getSettings(ctx context.Context, _ *struct{}) (*companySettingsOut, error) {
	st, err := s.Settings(ctx)
	return &companySettingsOut{st}, err
}

type companySettingsIn struct {
	Body FollowingChange
}

func (s *Service) putSettings(ctx context.Context, in *companySettingsIn) (*companySettingsOut, error) {
	st, err := s.ChangeSettings(ctx, in.Body)
	return &companySettingsOut{st}, err
}

type mergeCompanyIn struct {
	httpx.ByID
	Body CompanyMerge
}

func (s *Service) postMerge(ctx context.Context, in *mergeCompanyIn) (*companyOut, error) {
	return answer(s.Merge(ctx, in.ID, in.Body))
}

type companyEditsIn struct {
	httpx.ByID
	httpx.Paging
}

type companyEditsOut struct {
	Body httpx.List[CompanyEdit]
}

func (s *Service) getEdits(ctx context.Context, in *companyEditsIn) (*companyEditsOut, error) {
	body, err := page(ctx, "company changes "+in.ID, in.Paging, func(e CompanyEdit) string { return e.ID },
		func(before string) ([]CompanyEdit, error) { return s.Edits(ctx, in.ID, before, in.Limit+1) })
	return &companyEditsOut{body}, err
}
