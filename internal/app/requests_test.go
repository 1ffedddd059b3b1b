package app_test

import (
	"net/http"
	"testing"
	"time"
)

// asked is a request as the wire shows it.
type asked struct {
	ID         string
	ContactID  *string `json:"contact_id"`
	Kind       string
	State      string
	Proof      string
	Source     string
	Reason     string
	Hold       string
	Automatic  bool
	Answer     string
	Changes    map[string]string
	Complaint  *struct{ Authority, URL string }
	ReceiptID  *string    `json:"receipt_id"`
	ReceivedAt time.Time  `json:"received_at"`
	DueAt      time.Time  `json:"due_at"`
	LegalDueAt time.Time  `json:"legal_due_at"`
	ClosedAt   *time.Time `json:"closed_at"`
	Steps      []struct{ What string }
}

func (w *world) ask(t *testing.T, body string) asked {
	t.Helper()
	var r asked
	w.api(t, "POST", "/privacy/requests", body, http.StatusCreated).json(t, &r)
	return r
}

// A verified request is answered by the machine before the answer to the POST.
func TestVerifiedRequestsAnswerThemselves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		_, contactID := w.visit(t, w.made.Workspace.Key).write(t, "hello")
		access := w.ask(t, `{"contact_id":"`+contactID+`","kind":"access"}`)
		if access.State != "completed" || access.Proof != "api_key" || access.Source != "api" {
			t.Errorf("access: %+v", access)
		}
		if week := access.DueAt.Sub(access.ReceivedAt); week != 7*24*time.Hour {
			t.Errorf("due after %s", week)
		}
		erased := w.ask(t, `{"contact_id":"`+contactID+`","kind":"erasure","note":"please"}`)
		if erased.State != "completed" || erased.ContactID != nil || erased.ReceiptID == nil {
			t.Errorf("erasure: %+v", erased)
		}
		w.api(t, "GET", "/contacts/"+contactID, "", http.StatusNotFound)
		var again asked
		w.api(t, "GET", "/privacy/requests/"+erased.ID, "", http.StatusOK).json(t, &again)
		if again.State != "completed" || again.ReceiptID == nil || *again.ReceiptID != *erased.ReceiptID {
			t.Errorf("what is left of the request: %+v", again)
		}
		w.api(t, "GET", "/privacy/requests/"+access.ID, "", http.StatusOK).json(t, &again)
		if again.ContactID != nil {
			t.Errorf("an older request still names the person: %+v", again)
		}
	})
}
