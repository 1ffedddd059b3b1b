package boardsite

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"

	"github.com/klauspost/compress/gzhttp"

	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/files"
)

const (
	maxUpload = files.MaxOf*files.MaxSize + maxForm // of a form with files
	maxFields = 60                                  // of such a form
)

// upload is a file that came with a form.
type upload struct {
	name    string
	content []byte
}

// isUpload tells whether a form may carry files.
func isUpload(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// readForm reads a form. Files in it stay in memory: nothing of them is written to disk
// before it is sealed.
func (v *visit) readForm(r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return fault.Malformed("The form cannot be read.")
	}
	if !isUpload(r) {
		return nil
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return fault.Malformed("The form cannot be read.")
	}
	left := int64(maxForm)
	for range maxFields {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return cutOff(err)
		}
		if part.FormName() == "files" {
			err = v.addUpload(part.FileName(), part)
		} else {
			var value []byte
			value, err = io.ReadAll(io.LimitReader(part, left+1))
			if left -= int64(len(value)); err == nil && left < 0 {
				err = files.TooLarge()
			}
			r.PostForm.Add(part.FormName(), string(value))
			r.Form.Add(part.FormName(), string(value))
		}
		if err != nil {
			return cutOff(err)
		}
	}
	return fault.Malformed("The form has too many fields.")
}

// addUpload takes a file. One that is too large is cut, and refused when it is staged.
func (v *visit) addUpload(name string, from io.Reader) error {
	content, err := io.ReadAll(io.LimitReader(from, files.MaxSize+1))
	if err != nil || name == "" && len(content) == 0 { // nothing was chosen
		return err
	}
	if len(v.uploads) <= files.MaxOf {
		v.uploads = append(v.uploads, upload{name, content})
	}
	_, err = io.Copy(io.Discard, from)
	return err
}

func cutOff(err error) error {
	var large *http.MaxBytesError
	switch {
	case fault.As(err) != nil:
		return err
	case errors.As(err, &large):
		return files.TooLarge()
	}
	return fault.Malformed("The form did not arrive whole.")
}

// write has the person who is signed in write something, with the files that came with
// the form. If it comes to nothing, the files are gone again.
func (s *Site) write(r *http.Request, v *visit, do func(ctx context.Context, staged []*files.Staged) error) error {
	var staged []*files.Staged
	err := s.act(r, v, s.paces.texts, func(ctx context.Context) error {
		if len(v.uploads) > files.MaxOf {
			return fault.Invalid("file_ids", "must be at most 5")
		}
		for _, one := range v.uploads[len(staged):] { // it may be tried again
			st, err := s.Files.Stage(ctx, one.name, one.content)
			if err != nil {
				return asField(err)
			}
			staged = append(staged, st)
		}
		return do(ctx, staged)
	})
	if err != nil {
		s.Files.Discard(r.Context(), staged...)
	}
	return err
}

// asField has a file that is too large told at the form's field.
func asField(err error) error {
	if fault.Is(err, fault.KindTooLarge) {
		return fault.Invalid("file", "may have at most 10 MB")
	}
	return err
}

// keptFiles gives the files that a form of a change keeps; nil leaves all.
func keptFiles(r *http.Request) []string {
	if r.PostFormValue("kept") == "" {
		return nil
	}
	return append([]string{}, r.PostForm["keep"]...)
}

// file sends what is attached to something that the reader may read.
func (s *Site) file(w http.ResponseWriter, r *http.Request, v *visit) error {
	f, err := s.Boards.OpenPublicFile(r.Context(), v.board.ID, r.PathValue("file"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Content.Close() }()
	w.Header().Set(gzhttp.HeaderNoCompression, "1") // parts of it can be asked for
	files.Serve(w, r, &f.File, f.Content)
	return nil
}

// weight says how large a file is, in whole KB or MB.
func (v *visit) weight(f files.File) string {
	const kb, mb = 1 << 10, 1 << 20
	if f.Size < mb {
		return strconv.FormatInt((f.Size+kb-1)/kb, 10) + "\u00a0" + v.T("kb")
	}
	return strconv.FormatInt((f.Size+mb-1)/mb, 10) + "\u00a0" + v.T("mb")
}

// wrongFile gives what is wrong with the files of a form.
func (t *texts) wrongFile() string {
	if said := t.Wrong["file"]; said != "" {
		return said
	}
	return t.Wrong["file_ids"]
}
