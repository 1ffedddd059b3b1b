package imports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// maxOpen is how many files of a workspace are kept at a time.
const maxOpen = 10

// Upload takes a file in, part by part, and says what is in it. A request key that
// came before with the same file gives the import that was made then, and true. The
// file is refused if it is empty, larger than [MaxFile] or no table.
func (s *Service) Upload(ctx context.Context, name string, file io.Reader, requestKey string) (out ImportPreview, again bool, err error) {
	a, now := actor.From(ctx), s.Clock.Now()
	var key []byte
	if requestKey != "" {
		ix, err := s.Vault.Index(ctx, a.WorkspaceID)
		if err != nil {
			return out, false, fault.Wrap("imports.Upload", err)
		}
		key = ix.Equal("import_request", string(a.Type)+" "+a.ID+" "+requestKey)
		if there, err := s.sameRequest(ctx, a.WorkspaceID, key, file); err != nil || there != "" {
			if err == nil {
				out, err = s.Get(ctx, there)
			}
			return out, true, fault.Wrap("imports.Upload", err)
		}
	}
	r := &record{workspaceID: a.WorkspaceID, id: s.IDs.New(id.Import), state: StateUploading, by: a.Ref(), created: now, updated: now, fileUntil: now.Add(keepUpload)}
	r.stored = stored{FileName: fileName(name), Settings: ImportSettings{Encoding: UTF8, Separator: ",", Quotes: true, Header: true, Dates: "ymd", MatchBy: toEmail, OnMatch: "update"}}
	if err := s.takeIn(ctx, r, key, file); err != nil {
		return out, false, fault.Wrap("imports.Upload", err)
	}
	out, err = s.preview(ctx, r)
	return out, false, fault.Wrap("imports.Upload", err)
}

// takeIn stores the file and what was found out about it; or nothing of it.
func (s *Service) takeIn(ctx context.Context, r *record, requestKey []byte, file io.Reader) (err error) {
	if err := s.begin(ctx, r, requestKey); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.discard(context.WithoutCancel(ctx), r))
		}
	}()
	digest, err := s.storeFile(ctx, r, file)
	if err != nil {
		return err
	}
	if err := s.analyse(ctx, r, true); err != nil {
		return err
	}
	if err := s.seal(ctx, r); err != nil {
		return err
	}
	r.state = StateReady
	r.keep(s.Clock.Now())
	a := actor.From(ctx)
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		if saved, err := save(tx, r, StateUploading); err != nil || !saved {
			return errors.Join(err, errGone(saved))
		}
		if _, err := tx.Exec(`UPDATE imports SET digest = $1 WHERE workspace_id = $2 AND id = $3`, digest, r.workspaceID, r.id); err != nil {
			return err
		}
		s.tell(tx, r, a)
		return s.Audit.Append(tx, audit.Entry{WorkspaceID: r.workspaceID, ActorType: a.Type, ActorID: a.ID, Action: "import.uploaded", TargetType: "import", TargetID: r.id})
	})
}

func errGone(there bool) error {
	if there {
		return nil
	}
	return fault.Conflict("upload_too_slow", "The upload took longer than an hour. Send it again over a faster connection, or in smaller files.")
}

func (s *Service) begin(ctx context.Context, r *record, requestKey []byte) error {
	if err := s.Vault.Create(ctx, fileSubject(r)); err != nil {
		return err
	}
	if err := s.seal(ctx, r); err != nil {
		return err
	}
	err := s.DB.Write(ctx, func(tx *storage.Tx) error {
		var open int
		if err := tx.QueryRow(`SELECT COUNT(*) FROM imports WHERE workspace_id = $1 AND file_until IS NOT NULL`, r.workspaceID).Scan(&open); err != nil {
			return err
		}
		if open >= maxOpen {
			return fault.Conflict("too_many_imports", "Ten files of imports are kept already. Cancel some of them, or wait until they have ended.")
		}
		return insert(tx, r, requestKey)
	})
	if storage.IsUnique(err) {
		return fault.Conflict("idempotency_in_progress", "A request with this Idempotency-Key is being served. Look whether it took effect.")
	}
	return err
}

// discard removes an upload that came to nothing.
func (s *Service) discard(ctx context.Context, r *record) error {
	if err := s.destroyFile(ctx, r); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *storage.Tx) error {
		_, err := tx.Exec(`DELETE FROM imports WHERE workspace_id = $1 AND id = $2 AND state = $3`, r.workspaceID, r.id, StateUploading)
		return err
	})
}

// storeFile seals and stores the file, and finds out its encoding.
func (s *Service) storeFile(ctx context.Context, r *record, file io.Reader) (digest []byte, err error) {
	key, err := s.Vault.Key(ctx, fileSubject(r))
	if err != nil {
		return nil, err
	}
	look, sum, buf := &detector{}, sha256.New(), make([]byte, partBytes)
	for part := int64(0); ; part++ {
		n, err := io.ReadFull(file, buf)
		ended := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !ended {
			return nil, broken(err)
		}
		if n > 0 {
			if r.bytes += int64(n); r.bytes > s.MaxFile {
				return nil, TooLarge()
			}
			_, _ = look.Write(buf[:n])
			_, _ = sum.Write(buf[:n])
			if part == 0 {
				if what := notATable(look.head); what != "" {
					return nil, fault.Invalid("file", "is "+what+", not a table. Save the table as CSV and send that")
				}
			}
			sealed := key.Seal(partPlace(r.id, part), buf[:n])
			err := s.DB.Write(ctx, func(tx *storage.Tx) error {
				_, err := tx.Exec(insertPart, r.workspaceID, r.id, part, sealed)
				return err
			})
			if err != nil {
				return nil, err
			}
		}
		if ended {
			break
		}
	}
	if r.bytes == 0 {
		return nil, fault.Invalid("file", "is empty")
	}
	encoding, text := look.encoding()
	if !text {
		return nil, fault.Invalid("file", "holds null characters at its beginning, so it is not a table in text. Save the table as CSV and send that")
	}
	r.stored.Settings.Encoding = encoding
	return s.digest(ctx, r.workspaceID, sum)
}

func (s *Service) digest(ctx context.Context, workspaceID string, sum hash.Hash) ([]byte, error) {
	ix, err := s.Vault.Index(ctx, workspaceID)
	if err != nil {
		return nil, err
	}
	return ix.Equal("import_file", hex.EncodeToString(sum.Sum(nil))), nil
}

// TooLarge says that a file is larger than it may be.
func TooLarge() error {
	return fault.TooLarge("A file may have up to 256 MB. Split the table and import the parts one after the other.")
}

func broken(err error) error {
	if e := fault.As(err); e != nil {
		return err
	}
	return fault.Malformed("The file ended before its end. Send it again.")
}

// sameRequest gives the import that a request with this key made before, "" if there
// is none. The file has to be the same; it is read and not kept.
func (s *Service) sameRequest(ctx context.Context, workspaceID string, key []byte, file io.Reader) (string, error) {
	var importID string
	var digest []byte
	err := s.DB.Read(ctx, func(tx *storage.Tx) error {
		return tx.QueryRow(`SELECT id, digest FROM imports WHERE workspace_id = $1 AND request_key = $2`, workspaceID, key).Scan(&importID, &digest)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if digest == nil {
		e := fault.Conflict("idempotency_in_progress", "A request with this Idempotency-Key is being served. Look whether it took effect.")
		e.RetryAfter = time.Second
		return "", e
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", broken(err)
	}
	same, err := s.digest(ctx, workspaceID, sum)
	if err != nil {
		return "", err
	}
	if !bytes.Equal(same, digest) {
		return "", fault.Conflict("idempotency_mismatch", "This Idempotency-Key came with another file. Use a new key for a new file.")
	}
	return importID, nil
}

// fileName gives the last part of a name, as it is shown.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, name)
	if letters := []rune(name); len(letters) > 120 {
		name = string(letters[:120])
	}
	if name == "" || name == "." || name == "/" || !utf8.ValidString(name) {
		return "contacts.csv"
	}
	return name
}

// table opens the rows of a file behind what stands before them, its heading
// included; it is given apart where there is one.
func (s *Service) table(ctx context.Context, r *record) (rows *reader, file *parts, heading []string, err error) {
	if file, err = s.openFile(ctx, r); err != nil {
		return nil, nil, nil, err
	}
	rows = newReader(decode(file, r.stored.Settings.Encoding), r.stored.Settings.Separator, r.stored.Settings.Quotes)
	for range r.stored.Skip {
		if _, err := rows.in.ReadSlice('\n'); err != nil && !errors.Is(err, bufferFull) {
			return nil, nil, nil, err
		}
		rows.number++
	}
	if r.stored.Settings.Header {
		first, err := rows.read()
		if err != nil {
			return nil, nil, nil, err
		}
		heading = first.cells
	}
	return rows, file, heading, nil
}

// analyse finds out the form of a stored file, where found is true, and what its
// columns are for.
func (s *Service) analyse(ctx context.Context, r *record, first bool) error {
	known, err := s.choices(ctx, r.workspaceID)
	if err != nil {
		return err
	}
	set := &r.stored.Settings
	if first {
		file, err := s.openFile(ctx, r)
		if err != nil {
			return err
		}
		head, err := io.ReadAll(io.LimitReader(decode(file, set.Encoding), headBytes))
		if err != nil {
			return err
		}
		form := sniff(head)
		set.Separator, r.stored.Skip = form.separator, form.skip
		set.Header = false
	}
	rows, _, heading, err := s.table(ctx, r)
	if err == nil && heading == nil {
		var one row
		if one, err = rows.read(); err == nil && one.problem != "" {
			return fault.Invalid("file", "cannot be read: its first row "+one.problem)
		}
		heading = one.cells
	}
	if errors.Is(err, io.EOF) {
		return fault.Invalid("file", "holds no row")
	}
	if errors.Is(err, errTooBroken) {
		return fault.Invalid("file", "is no table: no quote in it is closed")
	}
	if err != nil {
		return err
	}
	guesses := known.guess(heading)
	if first {
		if set.Header = looksLikeHeader(heading, guesses); set.Header {
			if _, err := rows.read(); errors.Is(err, io.EOF) {
				return fault.Invalid("file", "has a heading and no row below it")
			}
		}
	}
	if !set.Header {
		guesses = guessByValue(heading)
	}
	r.stored.Columns = make([]ImportColumn, len(heading))
	for i, name := range heading {
		if name = cut(strings.TrimSpace(name), 100); !set.Header || name == "" {
			name = "Column " + itoa(int64(i+1))
		}
		r.stored.Columns[i] = ImportColumn{Name: name, Target: guesses[i], Guessed: guesses[i] != ""}
	}
	set.MatchBy = bestMatch(guesses, set.MatchBy)
	return nil
}

// bestMatch gives by what people are best recognised.
func bestMatch(targets []string, was string) string {
	has := map[string]bool{}
	for _, t := range targets {
		has[t] = true
	}
	for _, by := range []string{was, toEmail, toExternal, toPhone} {
		if has[by] {
			return by
		}
	}
	return toEmail
}

func cut(s string, letters int) string {
	if all := []rune(s); len(all) > letters {
		return string(all[:letters])
	}
	return s
}

// subjectOf is the person with an id.
func subjectOf(workspaceID, contactID string) vault.Subject {
	return vault.Subject{Workspace: workspaceID, ID: contactID}
}
