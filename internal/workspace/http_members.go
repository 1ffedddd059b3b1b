package workspace

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/httpx"
)

const (
	tagOperators = "Operators"
	tagKeys      = "API keys"
)

func (s *Service) operatorRoutes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/operators", ID: "listOperators", Tag: tagOperators,
		Summary: "List the workspace's operators, newest first", Permission: "operators:read"}, s.listOperators)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/operators", ID: "addOperator", Tag: tagOperators, Status: http.StatusCreated,
		Summary:     "Add an operator",
		Description: "Someone who has an account on this server already keeps its name and password.", Permission: "operators:write"}, s.postOperator)
	httpx.Handle(r, httpx.Route{Method: http.MethodPatch, Path: "/api/v1/operators/{id}", ID: "updateOperator", Tag: tagOperators,
		Summary: "Change an operator's role", Description: "Ends their sessions in this workspace.", Permission: "operators:write"}, s.patchOperator)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/operators/{id}", ID: "removeOperator", Tag: tagOperators, Status: http.StatusNoContent,
		Summary:     "Remove an operator from the workspace",
		Description: "Ends their sessions in it. An account that belongs to no other workspace is erased.", Permission: "operators:write"}, s.deleteOperator)
}

type operatorsOut struct {
	Body httpx.List[Operator]
}

type operatorOut struct {
	Body Operator
}

func (s *Service) listOperators(ctx context.Context, in *httpx.Paging) (*operatorsOut, error) {
	l, err := s.Operators(ctx, *in)
	return &operatorsOut{Body: l}, err
}

type addOperatorIn struct {
	Body struct {
		Name     string `json:"name" maxLength:"200"`
		Email    string `json:"email" maxLength:"320"`
		Role     string `json:"role" enum:"owner,admin,privacy_officer,agent,viewer"`
		Password string `json:"password" maxLength:"1024" doc:"At least 12 characters."`
	}
}

func (s *Service) postOperator(ctx context.Context, in *addOperatorIn) (*operatorOut, error) {
	b := in.Body
	o, err := s.AddOperator(ctx, NewOperator{Name: b.Name, Email: b.Email, Role: Role(b.Role), Password: b.Password})
	httpx.NoteContact(ctx, o.ID) // a kept answer is sealed with the operator's own key, and goes with them
	return &operatorOut{Body: o}, err
}

type roleIn struct {
	httpx.ByID
	Body struct {
		Role string `json:"role" enum:"owner,admin,privacy_officer,agent,viewer"`
	}
}

func (s *Service) patchOperator(ctx context.Context, in *roleIn) (*operatorOut, error) {
	o, err := s.SetRole(ctx, in.ID, Role(in.Body.Role))
	return &operatorOut{Body: o}, err
}

func (s *Service) deleteOperator(ctx context.Context, in *httpx.ByID) (*noContent, error) {
	return &noContent{}, s.RemoveOperator(ctx, in.ID)
}

func (s *Service) keyRoutes(r *httpx.Router) {
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: "/api/v1/api-keys", ID: "listApiKeys", Tag: tagKeys,
		Summary: "List the workspace's API keys, newest first", Permission: "keys:read"}, s.listKeys)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: "/api/v1/api-keys", ID: "createApiKey", Tag: tagKeys, Status: http.StatusCreated,
		Summary: "Make an API key", Description: "The answer holds the secret, this once.", Permission: "keys:write"}, s.postKey)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/api-keys/{id}", ID: "revokeApiKey", Tag: tagKeys, Status: http.StatusNoContent,
		Summary: "Revoke an API key, at once and for good", Permission: "keys:write"}, s.deleteKey)
}

type keysOut struct {
	Body httpx.List[APIKey]
}

func (s *Service) listKeys(ctx context.Context, in *httpx.Paging) (*keysOut, error) {
	l, err := s.Keys(ctx, *in)
	return &keysOut{Body: l}, err
}

type keyIn struct {
	Body struct {
		Name   string   `json:"name" maxLength:"200"`
		Scopes []string `json:"scopes" maxItems:"50" example:"[\"contacts:read\",\"inbox:write\"]"`
	}
}

// createdKey is an API key with its secret, which is shown once.
type createdKey struct {
	APIKey
	Secret string `json:"secret" doc:"Keep it well: it is not shown again." example:"btm_…"`
}

type keyOut struct {
	Body createdKey
}

func (s *Service) postKey(ctx context.Context, in *keyIn) (*keyOut, error) {
	k, secret, err := s.CreateKey(ctx, in.Body.Name, in.Body.Scopes)
	return &keyOut{Body: createdKey{APIKey: k, Secret: secret}}, err
}

func (s *Service) deleteKey(ctx context.Context, in *httpx.ByID) (*noContent, error) {
	return &noContent{}, s.RevokeKey(ctx, in.ID)
}
