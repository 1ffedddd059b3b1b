package boards

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/files"
	"github.com/botimum/botimum/internal/httpx"
)

// multipartRoom is what may stand around a file in its request.
const multipartRoom = 64 << 10

func (s *Service) fileRoutes(r *httpx.Router, tag, read, write string) {
	r.Raw(httpx.Route{Method: http.MethodPost, Path: "/api/v1/boards/{id}/files", ID: "uploadBoardFile", Tag: tag, Permission: write, Status: http.StatusCreated,
		MaxBody: files.MaxSize + multipartRoom, Summary: "Upload a file, to attach it to a post or comment of the board",
		Description: "The body is the file, with its name as Content-Disposition: attachment; filename=…, or multipart/form-data with the field file; up to 10 MB. " +
			"Pictures (PNG, JPEG, GIF, WebP), PDF, ZIP and office documents, and texts are taken, by what is in them. Pictures are drawn anew, without what a camera wrote beside them, at most 2560 pixels a side. " +
			"Answers 201 with id, name, type, size, width, height and created_at; name the id in file_ids of a post or comment within a day."},
		http.HandlerFunc(s.uploadFile))
	r.Raw(httpx.Route{Method: http.MethodGet, Path: "/api/v1/files/{id}", ID: "getFile", Tag: tag, Permission: read,
		Summary:     "Get what is in a file",
		Description: "As a download, pictures to be shown. Parts of it can be asked for with Range. A file that is not attached yet is there for who uploaded it."},
		http.HandlerFunc(s.getFile))
}

func (s *Service) uploadFile(w http.ResponseWriter, r *http.Request) {
	f, err := s.receiveFile(w, r)
	if err != nil {
		w.Header().Set("Connection", "close") // the rest of it is not read
		httpx.WriteProblem(w, r, s.Imports.Logger, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Location", "/api/v1/files/"+f.ID)
	w.WriteHeader(http.StatusCreated)
	if err := json.NewEncoder(w).Encode(f); err != nil {
		s.Imports.Logger.DebugContext(r.Context(), "an answer was not taken", "error", err)
	}
}

func (s *Service) receiveFile(w http.ResponseWriter, r *http.Request) (files.File, error) {
	ctx := r.Context()
	if _, err := s.Board(ctx, r.PathValue("id")); err != nil { // before the file is read
		return files.File{}, err
	}
	if r.ContentLength > files.MaxSize+multipartRoom {
		return files.File{}, files.TooLarge()
	}
	r.Body = http.MaxBytesReader(w, r.Body, files.MaxSize+multipartRoom)
	name, content, err := fileIn(r)
	if err != nil {
		return files.File{}, err
	}
	return s.UploadFile(ctx, r.PathValue("id"), name, content)
}

// fileIn gives the file in a request, and its name.
func fileIn(r *http.Request) (name string, content []byte, err error) {
	from := io.Reader(r.Body)
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "multipart/form-data" {
		if name, from, err = filePart(r); err != nil {
			return "", nil, err
		}
	} else if _, params, err := mime.ParseMediaType(r.Header.Get("Content-Disposition")); err == nil {
		name = params["filename"]
	}
	content, err = io.ReadAll(io.LimitReader(from, files.MaxSize+1))
	return name, content, brokenOff(err)
}

// filePart gives the part of a multipart body that is the file.
func filePart(r *http.Request) (string, io.Reader, error) {
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
			return "", nil, brokenOff(err)
		}
		if part.FormName() == "file" {
			return part.FileName(), part, nil
		}
	}
	return "", nil, fault.Invalid("file", "is missing")
}

func brokenOff(err error) error {
	var large *http.MaxBytesError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &large):
		return files.TooLarge()
	}
	return fault.Malformed("The file did not arrive whole. Send it again.")
}

func (s *Service) getFile(w http.ResponseWriter, r *http.Request) {
	f, err := s.OpenFile(r.Context(), r.PathValue("id"))
	if err != nil {
		httpx.WriteProblem(w, r, s.Imports.Logger, err)
		return
	}
	defer func() { _ = f.Content.Close() }()
	files.Serve(w, r, &f.File, f.Content)
}
