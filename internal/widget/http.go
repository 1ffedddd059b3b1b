package widget

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/live"
	"github.com/botimum/botimum/internal/privacy"
	"github.com/botimum/botimum/internal/workspace"
)

type sessionIn struct {
	Authorization string `header:"Authorization" doc:"The session token from before, if there is one: the session stays that of the same person."`
	Origin        string `header:"Origin"`
	Body          struct {
		WorkspaceKey string `json:"workspace_key" maxLength:"64" doc:"The wk_… of the script tag."`
		Token        string `json:"token,omitempty" maxLength:"4000" doc:"An identity token (JWT, HS256)."`
		Locale       string `json:"locale,omitempty" maxLength:"100"`
	}
}

type sessionOut struct {
	Body Session
}

type conversationsOut struct {
	Body httpx.List[inbox.ForContact]
}

type visitorMessage struct {
	Body     string `json:"body" minLength:"1" maxLength:"20000"`
	ClientID string `json:"client_id,omitempty" maxLength:"64"`
}

func (m visitorMessage) message() inbox.NewMessage {
	return inbox.NewMessage{Body: m.Body, ClientID: m.ClientID}
}

type startIn struct {
	Body visitorMessage
}

// Started is a new conversation with its first message.
type Started struct {
	inbox.ForContact
	Message inbox.Message `json:"message"`
}

type startOut struct {
	Status int
	Body   Started
}

type threadIn struct {
	httpx.ByID
	httpx.Paging
}

type threadOut struct {
	Body httpx.List[inbox.Message]
}

type postIn struct {
	httpx.ByID
	Body visitorMessage
}

type messageOut struct {
	Status int
	Body   inbox.Message
}

type typingIn struct {
	Body struct {
		ConversationID string `json:"conversation_id" maxLength:"64"`
	}
}

type identifyIn struct {
	Body struct {
		Token string `json:"token,omitempty" maxLength:"4000" doc:"An identity token. Without one, the rest is a claim."`
		contacts.Change
	}
}

type identifyOut struct {
	Body struct {
		SessionToken string   `json:"session_token"`
		Contact      *Visitor `json:"contact"`
	}
}

type consentIn struct {
	Body struct {
		Purpose string `json:"purpose" maxLength:"64"`
		Action  string `json:"action" enum:"grant,withdraw"`
		Version int64  `json:"version,omitempty" minimum:"0" doc:"The version of the wording that was shown; needed to grant."`
		Source  string `json:"source,omitempty" enum:"widget,javascript" default:"widget" doc:"Who asked: the widget itself, or the page through the JavaScript API."`
	}
}

type consentOut struct {
	Body privacy.ConsentState
}

type consentsOut struct {
	Body httpx.List[privacy.ConsentState]
}

// Routes mounts what visitors call.
func (s *Service) Routes(r *httpx.Router) {
	visitor := func(method, path, id, summary string, status int) httpx.Route {
		return httpx.Route{Method: method, Path: "/widget/v1" + path, ID: id, Summary: summary, Tag: "Widget", Visitor: true, Status: status}
	}
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/widget/v1/sessions", ID: "widgetStartSession", Tag: "Widget", Public: true,
		Summary: "Start or renew a visitor's session; stores nothing"}, s.postSession)
	httpx.Handle(r, visitor(http.MethodGet, "/conversations", "widgetListConversations", "List own conversations", 0), s.listConversations)
	httpx.Handle(r, visitor(http.MethodPost, "/conversations", "widgetStartConversation", "Start a conversation", http.StatusCreated), s.startConversation)
	httpx.Handle(r, visitor(http.MethodGet, "/conversations/{id}/messages", "widgetListMessages", "List messages, newest first", 0), s.listMessages)
	httpx.Handle(r, visitor(http.MethodPost, "/conversations/{id}/messages", "widgetPostMessage", "Write a message", http.StatusCreated), s.postMessage)
	httpx.Handle(r, visitor(http.MethodPost, "/conversations/{id}/read", "widgetRead", "Say that it was read", http.StatusNoContent), s.postRead)
	httpx.Handle(r, visitor(http.MethodPost, "/typing", "widgetTyping", "Say that the visitor is writing", http.StatusNoContent), s.postTyping)
	httpx.Handle(r, visitor(http.MethodPost, "/identify", "widgetIdentify", "Say who the visitor is", 0), s.postIdentify)
	httpx.Handle(r, visitor(http.MethodGet, "/consents", "widgetListConsents", "List own consents in force", 0), s.listConsents)
	httpx.Handle(r, visitor(http.MethodPost, "/consents", "widgetDecide", "Give or withdraw consent", 0), s.postConsent)
	right := visitor(http.MethodPost, "/privacy-requests", "widgetRequest", "Ask for a right: access, rectification, erasure and so on", http.StatusCreated)
	right.Unlimited = true
	httpx.Handle(r, right, s.postRequest)
	httpx.Handle(r, visitor(http.MethodGet, "/privacy-requests", "widgetListRequests", "List own requests, newest first", 0), s.listRequests)
	r.Raw(visitor(http.MethodGet, "/privacy-requests/{id}/export", "widgetFetchRequest", "What is held, as a ZIP: the answer to an own access or portability request", 0),
		http.HandlerFunc(s.fetchRequest))
	httpx.Handle(r, visitor(http.MethodGet, "/age", "widgetGetAge", "What stands before writing: the age, a parent's answer, or nothing", 0), s.getAge)
	httpx.Handle(r, visitor(http.MethodPost, "/age", "widgetTellAge", "Say when the visitor was born; it is computed with and forgotten", 0), s.postAge)
	httpx.Handle(r, visitor(http.MethodPost, "/parental-consents", "widgetAskParent", "Have a child's parent asked by e-mail", http.StatusAccepted), s.postParent)
	httpx.Handle(r, visitor(http.MethodPost, "/events", "widgetTrack", "Say what the visitor did; refused of a visitor of whom nothing is held", http.StatusNoContent), s.postEvent)
	httpx.Handle(r, visitor(http.MethodGet, "/boards/{slug}", "widgetGetBoard", "Show a board with the most wanted posts and the visitor's own votes", 0), s.getBoard)
	httpx.Handle(r, visitor(http.MethodPost, "/posts/{id}/vote", "widgetVote", "Vote for a post, or take the vote back; for visitors with an identity token", 0), s.postVote)
	stream := visitor(http.MethodGet, "/stream", "widgetStream", "Own events, as they happen (server-sent events)", 0)
	stream.Stream = true
	r.Raw(stream, http.HandlerFunc(s.stream))
}

func (s *Service) postSession(ctx context.Context, in *sessionIn) (*sessionOut, error) {
	ws, err := s.Workspaces.ByWidgetKey(ctx, in.Body.WorkspaceKey)
	if fault.Is(err, fault.KindNotFound) {
		return nil, fault.Invalid("workspace_key", "is not the key of a workspace; copy the script tag again from Settings, Install")
	}
	if err != nil {
		return nil, err
	}
	if err := s.allowOrigin(in.Origin, ws); err != nil {
		return nil, err
	}
	if err := s.networks.Take(http.Header{}, workspace.NetworkFrom(ctx), s.Clock.Now()); err != nil {
		return nil, err
	}
	before, _ := s.sealer.open(bearer(in.Authorization), s.Clock.Now()) // one that ended is as good as none
	out, err := s.begin(ctx, ws, before, in.Body.Token, pickLocale(in.Body.Locale))
	if err != nil {
		return nil, err
	}
	return &sessionOut{Body: out}, nil
}

func (s *Service) listConversations(ctx context.Context, in *struct{ httpx.Paging }) (*conversationsOut, error) {
	v := sessionOf(ctx)
	scope := "widget conversations " + v.ContactID
	after, err := inbox.DecodeAt(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	found, err := s.Inbox.List(ctx, inbox.Filter{ContactID: v.ContactID}, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	page := httpx.ListOf(found, in.Limit, scope, inbox.EncodeAt)
	out := &conversationsOut{Body: httpx.List[inbox.ForContact]{Data: make([]inbox.ForContact, len(page.Data)), NextCursor: page.NextCursor}}
	for i, c := range page.Data {
		out.Body.Data[i] = c.ForContact()
	}
	return out, nil
}

func (s *Service) startConversation(ctx context.Context, in *startIn) (*startOut, error) {
	o, err := s.opening(ctx, sessionOf(ctx), in.Body.message())
	if err != nil {
		return nil, ended(err)
	}
	c, m, repeated, err := s.Inbox.Start(ctx, o)
	if e := fault.As(err); e != nil && e.Code == "changed_meanwhile" { // two first messages at once: now they exist
		if o, err = s.opening(ctx, sessionOf(ctx), in.Body.message()); err == nil {
			c, m, repeated, err = s.Inbox.Start(ctx, o)
		}
	}
	if err != nil {
		return nil, ended(err)
	}
	status := http.StatusCreated
	if repeated {
		status = http.StatusOK
	} else {
		s.noteBrowser(ctx, sessionOf(ctx))
	}
	return &startOut{Status: status, Body: Started{ForContact: c.ForContact(), Message: m}}, nil
}

func (s *Service) listMessages(ctx context.Context, in *threadIn) (*threadOut, error) {
	scope := "widget messages " + in.ID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.Inbox.Thread(ctx, in.ID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &threadOut{Body: httpx.ListOf(found, in.Limit, scope, func(m inbox.Message) []string { return []string{m.ID} })}, nil
}

func (s *Service) postMessage(ctx context.Context, in *postIn) (*messageOut, error) {
	m, repeated, err := s.Inbox.Post(ctx, in.ID, in.Body.message())
	if err != nil {
		return nil, ended(err)
	}
	status := http.StatusCreated
	if repeated {
		status = http.StatusOK
	}
	return &messageOut{Status: status, Body: m}, nil
}

func (s *Service) postRead(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.Inbox.Read(ctx, in.ID)
}

func (s *Service) postTyping(ctx context.Context, in *typingIn) (*struct{}, error) {
	if err := s.letIn(ctx); err != nil {
		if e := fault.As(err); e != nil && e.Code == "blocked" {
			err = nil // a page says it with each key; it is not refused that often
		}
		return nil, err
	}
	return nil, s.Inbox.Typing(ctx, in.Body.ConversationID)
}

func (s *Service) postIdentify(ctx context.Context, in *identifyIn) (*identifyOut, error) {
	v := sessionOf(ctx)
	ws, err := s.Workspaces.Get(ctx, v.WorkspaceID)
	if err != nil {
		return nil, err
	}
	if in.Body.Token != "" {
		v, err = s.identified(ctx, ws, v, in.Body.Token)
	} else if err = s.passAge(ctx); err == nil {
		err = s.claim(ctx, v, in.Body.Change)
	}
	if err != nil {
		return nil, ended(err)
	}
	visitor, err := s.visitor(ctx, v.WorkspaceID, v.ContactID)
	if err != nil {
		return nil, ended(err)
	}
	s.noteBrowser(ctx, v)
	renewed, err := s.session(ctx, ws, v, visitor)
	if err != nil {
		return nil, err
	}
	out := &identifyOut{}
	out.Body.SessionToken, out.Body.Contact = renewed.SessionToken, visitor
	return out, nil
}

func (s *Service) listConsents(ctx context.Context, _ *struct{}) (*consentsOut, error) {
	v := sessionOf(ctx)
	states, err := s.Privacy.ConsentStates(ctx, privacy.Subject{WorkspaceID: v.WorkspaceID, ContactID: v.ContactID})
	if err != nil {
		return nil, err
	}
	return &consentsOut{Body: httpx.List[privacy.ConsentState]{Data: states}}, nil
}

func (s *Service) postConsent(ctx context.Context, in *consentIn) (*consentOut, error) {
	v := sessionOf(ctx)
	if in.Body.Action == privacy.Grant {
		if err := s.passAge(ctx); err != nil {
			return nil, err
		}
	}
	if in.Body.Action == privacy.Grant && in.Body.Version == 0 {
		return nil, fault.Invalid("version", "is needed: it says which wording was shown")
	}
	c, err := s.Privacy.Record(ctx, privacy.Decision{ContactID: v.ContactID, Purpose: in.Body.Purpose, Action: in.Body.Action, Source: in.Body.Source,
		Version: in.Body.Version, Locale: v.Locale})
	if fault.Is(err, fault.KindNotFound) {
		return nil, fault.Conflict("nothing_held", "Nothing is held about this visitor yet, so there is nothing to consent to. Write or identify first.")
	}
	if err != nil {
		return nil, err
	}
	state := privacy.StatesOf([]privacy.Consent{c})[0]
	state.State = plain(state.State)
	return &consentOut{Body: state}, nil
}

// stream follows the visitor's own events.
func (s *Service) stream(w http.ResponseWriter, r *http.Request) {
	s.Hub.ServeSSE(w, r, live.Subscription{Actor: actor.From(r.Context())})
}

func bearer(header string) string {
	const prefix = "Bearer "
	if len(header) > len(prefix) && header[:len(prefix)] == prefix {
		return header[len(prefix):]
	}
	return ""
}
