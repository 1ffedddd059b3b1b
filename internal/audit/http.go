package audit

import (
	"context"
	"net/http"
	"strconv"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/httpx"
)

type auditIn struct {
	httpx.Paging
	Action   string `query:"action" maxLength:"64" doc:"An area such as contact, or an action such as contact.updated or its beginning. Reads are listed only when this is access."`
	TargetID string `query:"target_id" maxLength:"64" doc:"What was acted upon."`
}

type auditOut struct {
	Body httpx.List[Event]
}

type accessIn struct {
	httpx.Paging
	ContactID string `query:"contact_id" maxLength:"64" doc:"Whose data was read; all reads if absent."`
}

type accessOut struct {
	Body httpx.List[AccessEvent]
}

type checkpointOut struct {
	Body struct {
		Checkpoint  string `json:"checkpoint" doc:"The signed note (c2sp.org/tlog-checkpoint). Keep it elsewhere: with it botimum audit verify proves that nothing before was changed."`
		Size        int64  `json:"size" doc:"How many entries the log has."`
		RootHash    string `json:"root_hash" doc:"The root of the log's Merkle tree, in base64."`
		VerifierKey string `json:"verifier_key" doc:"The public key of the signature, as signed notes have it."`
	}
}

// Routes mounts the log's routes.
func (l *Log) Routes(r *httpx.Router) {
	const tag, permission = "Audit", "audit:read"
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/audit-events", ID: "listAuditEvents", Tag: tag,
		Summary: "List what was done in the workspace, newest first", Permission: permission}, l.listAudit)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/access-events", ID: "listAccessEvents", Tag: tag,
		Summary: "List who looked at whose data, newest first", Permission: permission}, l.listAccess)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/audit/checkpoint", ID: "getAuditCheckpoint", Tag: tag,
		Summary: "Get a signed checkpoint of the workspace's audit log", Permission: permission}, l.getCheckpoint)
}

func (l *Log) listAudit(ctx context.Context, in *auditIn) (*auditOut, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	if in.Action != "" && !isPrefix(in.Action) {
		return nil, fault.Invalid("action", "is an area such as contact, or an action such as contact.updated")
	}
	scope := "audit-events " + in.Action + " " + in.TargetID + " " + workspaceID
	before, err := before(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	events, err := l.AuditEvents(ctx, workspaceID, Filter{Action: in.Action, TargetID: in.TargetID}, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &auditOut{Body: httpx.ListOf(events, in.Limit, scope, func(e Event) []string { return []string{count(e.Position)} })}, nil
}

func (l *Log) listAccess(ctx context.Context, in *accessIn) (*accessOut, error) {
	workspaceID := actor.From(ctx).WorkspaceID
	scope := "access-events " + in.ContactID + " " + workspaceID
	before, err := before(scope, in.Cursor)
	if err != nil {
		return nil, err
	}
	events, err := l.AccessEvents(ctx, workspaceID, in.ContactID, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &accessOut{Body: httpx.ListOf(events, in.Limit, scope, func(e AccessEvent) []string { return []string{count(e.Position)} })}, nil
}

func (l *Log) getCheckpoint(ctx context.Context, _ *struct{}) (*checkpointOut, error) {
	c, err := l.Checkpoint(ctx, actor.From(ctx).WorkspaceID)
	if err != nil {
		return nil, err
	}
	out := &checkpointOut{}
	out.Body.Checkpoint, out.Body.Size, out.Body.RootHash, out.Body.VerifierKey = c.Note, c.Size, c.Root.String(), l.VerifierKey()
	return out, nil
}

// before reads a cursor: the position that the page ends before.
func before(scope, cursor string) (int64, error) {
	values, err := httpx.DecodeCursor(scope, cursor, 1)
	if err != nil || values == nil {
		return newest, err
	}
	position, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil {
		return 0, fault.Malformed("The cursor is not one of this list. Start again without a cursor.")
	}
	return position, nil
}

// isPrefix tells whether s can be the beginning of an action.
func isPrefix(s string) bool {
	return isAction(s) || (len(s) > 1 && s[len(s)-1] == '.' && isWord(s[:len(s)-1]))
}
