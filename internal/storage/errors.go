package storage

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/botimum/botimum/internal/fault"
)

// Codes of the faults that storage gives, all of kind unavailable.
const (
	CodeFull           = "storage_full"        // the disk has no room
	CodeReadOnly       = "storage_read_only"   // the file or the server takes no writes
	CodeBusy           = "storage_busy"        // somebody else holds what is needed
	CodeUnreachable    = "storage_unreachable" // the server does not answer; nothing was kept
	CodeShuttingDown   = "shutting_down"       // the database is closed
	CodeOutcomeUnknown = "outcome_unknown"     // the connection broke during COMMIT
)

// Panic is what Write panics with in its caller's goroutine when the function
// given to it has panicked.
type Panic struct {
	Value any    // what the function panicked with
	Stack []byte // where
}

// Error gives the value and the stack.
func (p *Panic) Error() string { return fmt.Sprintf("%v\n\n%s", p.Value, p.Stack) }

// Unwrap gives the value, if it is an error.
func (p *Panic) Unwrap() error {
	err, _ := p.Value.(error)
	return err
}

// IsUnique tells whether a statement failed because a row with the same unique
// key exists.
func IsUnique(err error) bool {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		code := lite.Code()
		return code == sqlite3.SQLITE_CONSTRAINT_UNIQUE || code == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY ||
			code == sqlite3.SQLITE_CONSTRAINT_ROWID
	}
	return pgCode(err) == "23505"
}

// translate turns what the engine says about its own state into a fault that
// says what to do. Any other error passes through, as does one that already
// is such a fault.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if f := fault.As(err); f != nil && f.Kind == fault.KindUnavailable {
		return err
	}
	code, detail := classify(err)
	if code == "" {
		return err
	}
	f := fault.Unavailable(code, detail)
	f.Op, f.Err = "storage", err
	return f
}

func classify(err error) (code, detail string) {
	var lite *sqlite.Error
	switch {
	case errors.As(err, &lite):
		code = classifySQLite(lite.Code())
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		code = CodeFull
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		code = CodeReadOnly
	default:
		code = classifyPostgres(err)
	}
	return code, details[code]
}

var details = map[string]string{
	CodeFull:         "The server's disk is full: nothing can be saved until its administrator makes room.",
	CodeReadOnly:     "The server's storage takes no writes: its administrator should check the disk and its permissions.",
	CodeBusy:         "The database is busy: try again in a moment.",
	CodeUnreachable:  "The database cannot be reached just now: try again in a moment.",
	CodeShuttingDown: "The server is shutting down: try again in a moment.",
	CodeOutcomeUnknown: "The connection to the database broke while saving: it is not known whether the change was kept. " +
		"Look before you try again.",
}

func classifySQLite(code int) string {
	switch code & 0xff {
	case sqlite3.SQLITE_FULL:
		return CodeFull
	case sqlite3.SQLITE_READONLY:
		return CodeReadOnly
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return CodeBusy
	}
	return ""
}

// classifyPostgres reads the SQLSTATE, or recognises a lost connection.
func classifyPostgres(err error) string {
	switch code := pgCode(err); {
	case code == "53100":
		return CodeFull
	case code == "25006":
		return CodeReadOnly
	case code == "40001", code == "40P01", code == "55P03", code == "53300":
		return CodeBusy
	case code == "57P01", code == "57P02", code == "57P03", len(code) == 5 && code[:2] == "08":
		return CodeUnreachable
	case code != "":
		return ""
	}
	var connect *pgconn.ConnectError
	var network *net.OpError
	if errors.As(err, &connect) || errors.As(err, &network) || errors.Is(err, driver.ErrBadConn) || errors.Is(err, io.ErrUnexpectedEOF) {
		return CodeUnreachable
	}
	return ""
}

func pgCode(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return pg.Code
	}
	return ""
}

func shuttingDown() error {
	return fault.Unavailable(CodeShuttingDown, details[CodeShuttingDown])
}

func busy() error {
	return fault.Unavailable(CodeBusy, details[CodeBusy])
}

// plainError says the same as its cause on one line.
type plainError struct{ cause error }

func (e plainError) Error() string { return strings.Join(strings.Fields(e.cause.Error()), " ") }
func (e plainError) Unwrap() error { return e.cause }

func oneLine(err error) error { return plainError{err} }
