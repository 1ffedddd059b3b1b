package imports

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type importOut struct {
	Body Import
}

type importPreviewOut struct {
	Body ImportPreview
}

type importsOut struct {
	Body httpx.List[Import]
}

type setImportIn struct {
	httpx.ByID
	Body ImportChange
}

type listImportsIn struct {
	httpx.Paging
}

type importErrorsIn struct {
	httpx.ByID
	httpx.Paging
}

type importErrorsOut struct {
	Body httpx.List[RowErrors]
}

// Routes mounts the imports' routes.
func (s *Service) Routes(r *httpx.Router) {
	const tag, path, write = "Imports", "/api/v1/imports", "contacts:write"
	r.Raw(httpx.Route{Method: http.MethodPost, Path: "/api/v1/contacts/import", ID: "uploadImport", Tag: tag, Permission: write, Stream: true, MaxBody: MaxFile,
		Summary: "Upload a table of people, and get its columns with guesses of what they are for",
		Description: "The body is the file, as text/csv or as the field file of multipart/form-data: up to 256 MB, in UTF-8, UTF-16, Windows-1252 or ISO-8859-1 or -15, " +
			"with cells between commas, semicolons, tabs or bars. It is sealed and stored while it comes; nobody is imported yet. Answers 201 with an ImportPreview, " +
			"as GET /api/v1/imports/{id} does. The same Idempotency-Key with the same file gives the import that was made then."}, http.HandlerFunc(s.upload))
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path, ID: "listImports", Tag: tag, Summary: "List imports, newest first", Permission: write}, s.list)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/{id}", ID: "getImport", Tag: tag,
		Summary: "Get an import with its first rows and what is wrong with them", Permission: write}, s.get)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: path + "/{id}", ID: "setImport", Tag: tag,
		Summary: "Say how a table is read and what its columns are for", Permission: write}, s.patch)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/{id}/preview", ID: "checkImport", Tag: tag, Status: http.StatusAccepted, Permission: write,
		Summary:     "Begin a dry run over the whole file",
		Description: "It counts what would be done and lists what is wrong, and changes nobody. It runs in the background: see progress and checked, or the event import.updated."}, s.check)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/{id}/start", ID: "startImport", Tag: tag, Status: http.StatusAccepted, Permission: write,
		Summary:     "Import the rows",
		Description: "In the background, after the imports of the workspace that were started before. Consent columns need privacy:write."}, s.start)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/{id}/cancel", ID: "cancelImport", Tag: tag, Permission: write,
		Summary: "Stop an import, or its dry run"}, s.cancel)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/{id}/undo", ID: "undoImport", Tag: tag, Status: http.StatusAccepted, Permission: write,
		Summary:     "Take back what an import did, within 30 days",
		Description: "Who came with it and was not touched since is erased; fields that it changed say again what they said, unless somebody changed them since. Needs contacts:erase."}, s.undo0)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/{id}/errors", ID: "listImportErrors", Tag: tag, Permission: write,
		Summary: "List the rows with something wrong, in the file's order"}, s.errors)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path + "/{id}/errors.csv", ID: "exportImportErrors", Tag: tag, Permission: write, Stream: true,
		Summary: "Take out the rows with something wrong as CSV, to put them right and send them again"}, s.errorsFile)
}

func (s *Service) upload(w http.ResponseWriter, r *http.Request) {
	out, again, err := s.receive(w, r)
	if err != nil {
		w.Header().Set("Connection", "close") // the rest of the file is not read
		httpx.WriteProblem(w, r, s.Logger, err)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Location", "/api/v1/imports/"+out.ID)
	if again {
		h.Set("Idempotency-Replayed", "true")
	}
	w.WriteHeader(http.StatusCreated)
	if err := json.NewEncoder(w).Encode(out); err != nil {
		slog.DebugContext(r.Context(), "an answer was not taken", "error", err)
	}
}

const multipartRoom = 64 << 10 // of an upload, for what stands around the file

func (s *Service) receive(w http.ResponseWriter, r *http.Request) (ImportPreview, bool, error) {
	if err := seesAddresses(r.Context()); err != nil {
		return ImportPreview{}, false, err
	}
	if r.ContentLength > s.MaxFile+multipartRoom {
		return ImportPreview{}, false, TooLarge()
	}
	key := r.Header.Get("Idempotency-Key")
	if len(key) > 200 {
		return ImportPreview{}, false, fault.Invalid("Idempotency-Key", "must be 1 to 200 printable characters")
	}
	r.Body = http.MaxBytesReader(w, r.Body, s.MaxFile+multipartRoom)
	name, file, err := fileOf(r)
	if err != nil {
		return ImportPreview{}, false, err
	}
	return s.Upload(r.Context(), name, tooLargeReader{file}, key)
}

// tooLargeReader says in our words that a body is too large.
type tooLargeReader struct{ io.Reader }

func (t tooLargeReader) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		err = TooLarge()
	}
	return n, err
}

// fileOf gives the file in a request, as it streams in.
func fileOf(r *http.Request) (name string, file io.Reader, err error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "multipart/form-data":
		return fileField(r)
	case err != nil || kind == "application/json" || strings.HasPrefix(kind, "image/"):
		return "", nil, fault.Invalid("Content-Type", "must be text/csv, or multipart/form-data with the field file")
	}
	_, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition"))
	if err == nil {
		name = params["filename"]
	}
	return name, r.Body, nil
}

func fileField(r *http.Request) (string, io.Reader, error) {
	fields, err := r.MultipartReader()
	if err != nil {
		return "", nil, fault.Malformed("The multipart body cannot be read. Send the field file.")
	}
	for range 10 {
		part, err := fields.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return "", nil, fault.Malformed("The multipart body cannot be read. Send the field file.")
		}
		if part.FormName() == "file" {
			return part.FileName(), part, nil
		}
	}
	return "", nil, fault.Invalid("file", "is missing")
}

func (s *Service) list(ctx context.Context, in *listImportsIn) (*importsOut, error) {
	scope := "imports " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	some, err := s.List(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &importsOut{Body: httpx.ListOf(some, in.Limit, scope, func(i Import) []string { return []string{i.ID} })}, nil
}

func (s *Service) get(ctx context.Context, in *httpx.ByID) (*importPreviewOut, error) {
	out, err := s.Get(ctx, in.ID)
	return &importPreviewOut{Body: out}, err
}

func (s *Service) patch(ctx context.Context, in *setImportIn) (*importPreviewOut, error) {
	out, err := s.Set(ctx, in.ID, in.Body)
	return &importPreviewOut{Body: out}, err
}

func (s *Service) check(ctx context.Context, in *httpx.ByID) (*importOut, error) {
	out, err := s.Check(ctx, in.ID)
	return &importOut{Body: out}, err
}

func (s *Service) start(ctx context.Context, in *httpx.ByID) (*importOut, error) {
	out, err := s.StartImport(ctx, in.ID)
	return &importOut{Body: out}, err
}

func (s *Service) cancel(ctx context.Context, in *httpx.ByID) (*importOut, error) {
	out, err := s.Cancel(ctx, in.ID)
	return &importOut{Body: out}, err
}

func (s *Service) undo0(ctx context.Context, in *httpx.ByID) (*importOut, error) {
	out, err := s.Undo(ctx, in.ID)
	return &importOut{Body: out}, err
}

func (s *Service) errors(ctx context.Context, in *importErrorsIn) (*importErrorsOut, error) {
	scope := "import errors " + in.ID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	after := int64(0)
	if cursor != nil {
		if after, err = strconv.ParseInt(cursor[0], 10, 64); err != nil {
			return nil, fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
		}
	}
	some, err := s.Errors(ctx, in.ID, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &importErrorsOut{Body: httpx.ListOf(some, in.Limit, scope, func(e RowErrors) []string { return []string{itoa(e.Row)} })}, nil
}

func (s *Service) errorsFile(ctx context.Context, in *httpx.ByID) (*httpx.Streamed, error) {
	write, err := s.BeginErrors(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	header := map[string]string{"Content-Disposition": `attachment; filename="rows-to-put-right.csv"`}
	return httpx.StreamOf("text/csv; charset=utf-8; header=present", header, write, func(err error) {
		slog.WarnContext(ctx, "a list of rows broke off", "error", err)
	}), nil
}
