package fault_test

import (
	"errors"
	"io"
	"testing"

	"github.com/botimum/botimum/internal/fault"
)

func TestKindSurvivesWrapping(t *testing.T) {
	err := fault.Wrap("inbox.Get", fault.Wrap("load", fault.NotFound("conversation")))
	if !fault.Is(err, fault.KindNotFound) {
		t.Fatalf("KindOf(%v) = %v, want not found", err, fault.KindOf(err))
	}
	if got, want := err.Error(), "inbox.Get: load: not_found: There is no such conversation here."; got != want {
		t.Errorf("Error() = %q, want %q", got, want)
	}
}

func TestUnknownErrorsAreInternal(t *testing.T) {
	if got := fault.KindOf(io.ErrUnexpectedEOF); got != fault.KindInternal {
		t.Errorf("KindOf = %v, want internal", got)
	}
	if fault.Is(nil, fault.KindInternal) {
		t.Error("nil counts as a failure")
	}
	if fault.Wrap("op", nil) != nil {
		t.Error("Wrap(nil) is not nil")
	}
}

func TestCauseIsReachable(t *testing.T) {
	err := &fault.Error{Kind: fault.KindUnavailable, Code: "storage_full", Err: io.ErrShortWrite}
	if !errors.Is(err, io.ErrShortWrite) {
		t.Error("the cause is lost")
	}
}
