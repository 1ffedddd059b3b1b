package inbox

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type listIn struct {
	httpx.Paging
	State      string `query:"state" enum:"open,pending,snoozed,resolved"`
	AssigneeID string `query:"assignee_id" maxLength:"64" doc:"An operator's id, me or none."`
	ContactID  string `query:"contact_id" maxLength:"64"`
	Tag        string `query:"tag" maxLength:"40"`
}

type listOut struct {
	Body httpx.List[Conversation]
}

type startIn struct {
	Body struct {
		ContactID string `json:"contact_id" maxLength:"64"`
		Subject   string `json:"subject,omitempty" maxLength:"200"`
		Body      string `json:"body" minLength:"1" maxLength:"20000"`
		ClientID  string `json:"client_id,omitempty" maxLength:"64"`
	}
}

type conversationOut struct {
	Status int
	ETag   string `header:"ETag"`
	Body   Conversation
}

type updateIn struct {
	httpx.ByID
	IfMatch string `header:"If-Match"`
	Body    Change
}

type threadIn struct {
	httpx.ByID
	httpx.Paging
}

type threadOut struct {
	Body httpx.List[Message]
}

type postIn struct {
	httpx.ByID
	Body NewMessage
}

type redactIn struct {
	httpx.ByID
	MessageID string `path:"message_id" maxLength:"64"`
	Body      Redacting
}

type messageOut struct {
	Status int
	Body   Message
}

type countsOut struct {
	Body Counts
}

type findIn struct {
	httpx.Paging
	Body struct {
		Q     string   `json:"q" minLength:"1" maxLength:"500" doc:"Words; all must be there."`
		Kinds []string `json:"kinds,omitempty" enum:"message" doc:"What to look for; everything if absent."`
	}
}

type findOut struct {
	Body httpx.List[Hit]
}

// Routes mounts the inbox's routes.
func (s *Service) Routes(r *httpx.Router) {
	const tag, read, write = "Inbox", "inbox:read", "inbox:write"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/conversations", ID: "listConversations", Tag: tag,
		Summary: "List conversations, by activity", Permission: read}, s.list)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/conversations", ID: "startConversation", Tag: tag,
		Status: http.StatusCreated, Summary: "Start a conversation with a contact", Permission: write}, s.start)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/conversations/counts", ID: "countConversations", Tag: tag,
		Summary: "Count conversations by sort", Permission: read}, s.count)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/conversations/{id}", ID: "getConversation", Tag: tag,
		Summary: "Get a conversation", Permission: read}, s.getOne)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/conversations/{id}", ID: "updateConversation", Tag: tag,
		Summary: "Change a conversation's state, assignee, priority or tags", Permission: write}, s.update)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/conversations/{id}/messages", ID: "listMessages", Tag: tag,
		Summary: "List a conversation's messages, newest first", Permission: read}, s.thread)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/conversations/{id}/messages", ID: "postMessage", Tag: tag,
		Status: http.StatusCreated, Summary: "Write a reply or a note", Permission: write}, s.post)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/conversations/{id}/messages/{message_id}/redact", ID: "redactMessage", Tag: tag,
		Summary: "Take parts of a message, or all of it, out for good", Permission: write}, s.redact)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/conversations/{id}/read", ID: "readConversation", Tag: tag,
		Status: http.StatusNoContent, Summary: "Say that the operators have read it", Permission: read}, s.read)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/conversations/{id}/typing", ID: "typeInConversation", Tag: tag,
		Status: http.StatusNoContent, Summary: "Say that the operator is writing", Permission: write}, s.typing)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/search", ID: "search", Tag: tag,
		Summary: "Find messages by their words", Permission: read}, s.find)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/companies/{id}/conversations", ID: "listCompanyConversations", Tag: "Companies",
		Summary: "List the conversations of a company's people, by activity; needs contacts:read, too", Permission: read}, s.ofCompany)
}

func (s *Service) list(ctx context.Context, in *listIn) (*listOut, error) {
	a := actor.From(ctx)
	scope := "conversations " + a.WorkspaceID
	after, err := DecodeAt(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	f := Filter{State: in.State, AssigneeID: in.AssigneeID, ContactID: in.ContactID, Tag: in.Tag}
	if f.AssigneeID == "me" {
		f.AssigneeID = a.ID
	}
	found, err := s.List(ctx, f, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &listOut{Body: httpx.ListOf(found, in.Limit, scope, EncodeAt)}, nil
}

// EncodeAt gives what a cursor holds of a conversation's place in the order.
func EncodeAt(c Conversation) []string {
	return []string{strconv.FormatInt(c.ActivityAt.UnixMicro(), 10), c.ID}
}

// DecodeAt reads a cursor that holds such a place; nil is the first page.
func DecodeAt(scope, cursor string) (*At, error) {
	values, err := httpx.DecodeCursor(scope, cursor, 2)
	if err != nil || values == nil {
		return nil, err
	}
	activity, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil {
		return nil, foreignCursor()
	}
	return &At{Activity: activity, ID: values[1]}, nil
}

func foreignCursor() error {
	return fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
}

func (s *Service) start(ctx context.Context, in *startIn) (*conversationOut, error) {
	c, _, repeated, err := s.Start(ctx, Opening{ContactID: in.Body.ContactID, Subject: in.Body.Subject, Channel: "api",
		NewMessage: NewMessage{Body: in.Body.Body, ClientID: in.Body.ClientID}})
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, c.ContactID)
	return &conversationOut{Status: createdUnless(repeated), ETag: httpx.ETag(c.UpdatedAt), Body: c}, nil
}

func createdUnless(repeated bool) int {
	if repeated {
		return http.StatusOK
	}
	return http.StatusCreated
}

func (s *Service) getOne(ctx context.Context, in *httpx.ByID) (*conversationOut, error) {
	c, err := s.Get(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return &conversationOut{Status: http.StatusOK, ETag: httpx.ETag(c.UpdatedAt), Body: c}, nil
}

func (s *Service) update(ctx context.Context, in *updateIn) (*conversationOut, error) {
	c, err := s.Update(ctx, in.ID, in.Body, func(updated time.Time) error { return httpx.CheckMatch(in.IfMatch, updated) })
	if err != nil {
		return nil, err
	}
	return &conversationOut{Status: http.StatusOK, ETag: httpx.ETag(c.UpdatedAt), Body: c}, nil
}

func (s *Service) thread(ctx context.Context, in *threadIn) (*threadOut, error) {
	scope := "messages " + in.ID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.Thread(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &threadOut{Body: httpx.ListOf(found, in.Limit, scope, func(m Message) []string { return []string{m.ID} })}, nil
}

func (s *Service) post(ctx context.Context, in *postIn) (*messageOut, error) {
	m, repeated, err := s.Post(ctx, in.ID, in.Body)
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, m.contactID)
	return &messageOut{Status: createdUnless(repeated), Body: m}, nil
}

func (s *Service) redact(ctx context.Context, in *redactIn) (*messageOut, error) {
	m, err := s.Redact(ctx, in.ID, in.MessageID, in.Body)
	if err != nil {
		return nil, err
	}
	httpx.NoteContact(ctx, m.contactID)
	return &messageOut{Status: http.StatusOK, Body: m}, nil
}

func (s *Service) read(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.Read(ctx, in.ID)
}

func (s *Service) typing(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.Typing(ctx, in.ID)
}

func (s *Service) count(ctx context.Context, _ *struct{}) (*countsOut, error) {
	c, err := s.Count(ctx)
	if err != nil {
		return nil, err
	}
	return &countsOut{Body: c}, nil
}

func (s *Service) find(ctx context.Context, in *findIn) (*findOut, error) {
	scope := "search " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	var before int64
	if cursor != nil {
		if before, err = strconv.ParseInt(cursor[0], 10, 64); err != nil {
			return nil, foreignCursor()
		}
	}
	found, err := s.Find(ctx, in.Body.Q, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &findOut{Body: httpx.ListOf(found, in.Limit, scope, func(h Hit) []string { return []string{strconv.FormatInt(h.doc, 10)} })}, nil
}
