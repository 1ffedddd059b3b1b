package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what sort of failure an error is. A surface maps kinds to statuses.
type Kind int

// The kinds, with the HTTP status that the REST surface gives them.
const (
	KindInternal           Kind = iota // 500: our failure; the text is not shown
	KindMalformed                      // 400: the request cannot be read
	KindUnauthorized                   // 401: who asks is not known
	KindForbidden                      // 403: known, but lacks the permission
	KindNotFound                       // 404: nothing there, or not in this workspace
	KindConflict                       // 409: the state does not allow it
	KindGone                           // 410: it was there, and was erased
	KindPreconditionFailed             // 412: someone changed it meanwhile
	KindTooLarge                       // 413: more bytes than allowed
	KindInvalid                        // 422: readable, but a field breaks its rule
	KindTooMany                        // 429: slower, please
	KindUnavailable                    // 503: cannot serve just now
)

// FieldError names one field that breaks its rule. Detail follows the field's
// name in a sentence and never repeats the value.
type FieldError struct {
	Field  string `json:"field"`
	Detail string `json:"detail"`
}

// Error is a failure with a kind, a stable code and words for the caller.
type Error struct {
	Kind       Kind
	Code       string        // stable, snake_case; part of the API's contract
	Detail     string        // a sentence for the caller; says what to do next
	Fields     []FieldError  // for KindInvalid
	RetryAfter time.Duration // for KindTooMany and KindUnavailable
	Op         string        // the operation that failed, for the log
	Err        error         // the cause, for the log
}

// Error gives the text for the log: operation, code, detail and cause.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	b.WriteString(e.Code)
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	for _, f := range e.Fields {
		b.WriteString("; " + f.Field + " " + f.Detail)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// NotFound says that there is no such thing in the caller's workspace. The noun
// is what the thing is called on screen.
func NotFound(noun string) *Error {
	return &Error{Kind: KindNotFound, Code: "not_found", Detail: "There is no such " + noun + " here."}
}

// Invalid says that one field breaks its rule. The detail completes the
// sentence "<field> …".
func Invalid(field, detail string) *Error {
	return InvalidFields(FieldError{Field: field, Detail: detail})
}

// InvalidFields says that several fields break their rules.
func InvalidFields(fields ...FieldError) *Error {
	return &Error{Kind: KindInvalid, Code: "invalid", Detail: "Some fields need another look.", Fields: fields}
}

// Malformed says that the request cannot be read at all.
func Malformed(detail string) *Error {
	return &Error{Kind: KindMalformed, Code: "malformed", Detail: detail}
}

// Unauthorized says that it is not known who asks.
func Unauthorized(detail string) *Error {
	return &Error{Kind: KindUnauthorized, Code: "unauthorized", Detail: detail}
}

// Forbidden says that the caller lacks the named permission.
func Forbidden(permission string) *Error {
	return &Error{Kind: KindForbidden, Code: "forbidden", Detail: "This needs the permission " + permission + "; ask an owner of the workspace for it."}
}

// Conflict says that the state of things does not allow the request.
func Conflict(code, detail string) *Error {
	return &Error{Kind: KindConflict, Code: code, Detail: detail}
}

// Gone says that something existed and was erased.
func Gone(code, detail string) *Error {
	return &Error{Kind: KindGone, Code: code, Detail: detail}
}

// PreconditionFailed says that someone else changed the thing meanwhile.
func PreconditionFailed(detail string) *Error {
	return &Error{Kind: KindPreconditionFailed, Code: "precondition_failed", Detail: detail}
}

// TooLarge says that the request has more bytes than allowed.
func TooLarge(detail string) *Error {
	return &Error{Kind: KindTooLarge, Code: "too_large", Detail: detail}
}

// TooMany says that the caller should wait for at least retryAfter.
func TooMany(retryAfter time.Duration, detail string) *Error {
	return &Error{Kind: KindTooMany, Code: "rate_limited", Detail: detail, RetryAfter: retryAfter}
}

// Unavailable says that the system cannot serve the request just now.
func Unavailable(code, detail string) *Error {
	return &Error{Kind: KindUnavailable, Code: code, Detail: detail}
}

// Wrap adds the operation's name to an error, for the log; the kind and what
// the caller reads stay as they are. Wrapping nil gives nil.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", op, err)
}

// KindOf gives the kind of an error: that of the first *Error in its chain, or
// KindInternal.
func KindOf(err error) Kind {
	if e := As(err); e != nil {
		return e.Kind
	}
	return KindInternal
}

// As gives the first *Error in the chain, or nil.
func As(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// Is tells whether an error is of a kind. A nil error is of no kind.
func Is(err error, kind Kind) bool {
	return err != nil && KindOf(err) == kind
}
