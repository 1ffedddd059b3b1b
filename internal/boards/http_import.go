package boards

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/privacy"
)

// maxImportFile bounds the file of another board, in bytes.
const maxImportFile = 64 << 20

type boardImportOut struct {
	Status int
	Body   BoardImport
}

type boardImportsOut struct{ Body httpx.List[BoardImport] }

func (s *Service) importRoutes(r *httpx.Router, tag, read, write string) {
	r.Raw(httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards/{id}/imports", ID: "importBoard", Tag: tag, Permission: write, Stream: true, MaxBody: maxImportFile,
		Summary: "Take another board over",
		Description: "The body is the file, up to 64 MB: Fider's backup (application/zip) or its CSV of posts (text/csv), the lists posts, votes and comments of Canny's API in one object (application/json), " +
			"or any CSV with a column title. ?purpose= and ?lawful_basis= say why the people in it may be kept; absent, the workspace's default. Needs contacts:write, too, since people are added. " +
			"It runs in the background and answers 202 with the import; the file is not stored. The same file again adds nothing twice, and goes on where one was interrupted."},
		http.HandlerFunc(s.uploadBoard))
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/imports", ID: "listBoardImports", Tag: tag,
		Summary: "List what was taken over into a board, newest first", Permission: read}, s.listBoardImports)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/board-imports/{id}", ID: "getBoardImport", Tag: tag,
		Summary: "See how far the import of a board is", Permission: read}, s.getBoardImport)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/board-imports/{id}/undo", ID: "undoBoardImport", Tag: tag, Permission: write, Status: http.StatusAccepted,
		Summary: "Take back what the import of a board added, within 30 days"}, s.undoBoardImport)
	r.Raw(httpx.Route{Method: http.MethodGet, Path: "/api/v1/boards/{id}/export", ID: "exportBoard", Tag: tag, Permission: read, Stream: true,
		Summary: "Take a board's posts out, as ?format=csv or json"}, http.HandlerFunc(s.exportBoard))
}

func (s *Service) uploadBoard(w http.ResponseWriter, r *http.Request) {
	m, err := s.receiveBoard(w, r)
	if err != nil {
		w.Header().Set("Connection", "close") // the rest of the file is not read
		httpx.WriteProblem(w, r, s.Imports.Logger, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/api/v1/board-imports/"+m.ID)
	w.WriteHeader(http.StatusAccepted)
	if err := json.NewEncoder(w).Encode(m); err != nil {
		s.Imports.Logger.DebugContext(r.Context(), "an answer was not taken", "error", err)
	}
}

func (s *Service) receiveBoard(w http.ResponseWriter, r *http.Request) (BoardImport, error) {
	ctx := r.Context()
	if !actor.From(ctx).Permissions.Allow("contacts:write") {
		return BoardImport{}, fault.Forbidden("contacts:write")
	}
	if _, err := s.Board(ctx, r.PathValue("id")); err != nil { // before the file is read
		return BoardImport{}, err
	}
	var basis *privacy.Basis
	if q := r.URL.Query(); q.Has("purpose") || q.Has("lawful_basis") {
		basis = &privacy.Basis{Purpose: q.Get("purpose"), LawfulBasis: q.Get("lawful_basis"), Evidence: "import of a board"}
	}
	file, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxImportFile))
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return BoardImport{}, fault.TooLarge("The file is larger than 64 MB. Import it in parts.")
	}
	if err != nil {
		return BoardImport{}, fault.Malformed("The file did not arrive whole. Send it again.")
	}
	return s.Import(ctx, r.PathValue("id"), file, basis)
}

func (s *Service) listBoardImports(ctx context.Context, in *underPostIn) (*boardImportsOut, error) {
	scope := "board imports " + in.ID
	before, err := idCursor(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.BoardImports(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &boardImportsOut{Body: httpx.ListOf(found, in.Limit, scope, func(m BoardImport) []string { return []string{m.ID} })}, nil
}

func (s *Service) getBoardImport(ctx context.Context, in *httpx.ByID) (*boardImportOut, error) {
	m, err := s.BoardImport(ctx, in.ID)
	return &boardImportOut{Status: http.StatusOK, Body: m}, err
}

func (s *Service) undoBoardImport(ctx context.Context, in *httpx.ByID) (*boardImportOut, error) {
	m, err := s.UndoImport(ctx, in.ID)
	return &boardImportOut{Status: http.StatusAccepted, Body: m}, err
}

func (s *Service) exportBoard(w http.ResponseWriter, r *http.Request) {
	format := or(r.URL.Query().Get("format"), "csv")
	b, err := s.Board(r.Context(), r.PathValue("id"))
	if err == nil && format != "csv" && format != "json" {
		err = fault.Invalid("format", "must be csv or json")
	}
	if err != nil {
		httpx.WriteProblem(w, r, s.Imports.Logger, err)
		return
	}
	kind := map[string]string{"csv": "text/csv; charset=utf-8", "json": "application/json"}[format]
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", `attachment; filename="`+b.Slug+`.`+format+`"`)
	if err := s.TakeOut(r.Context(), b.ID, format, w); err != nil {
		s.Imports.Logger.WarnContext(r.Context(), "the export of a board broke off", "error", err)
		panic(http.ErrAbortHandler) // a file that ends early must not look whole
	}
}
