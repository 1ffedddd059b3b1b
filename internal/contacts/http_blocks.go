package contacts

import (
	"context"
	"net/http"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

type blockIn struct {
	httpx.ByID
	Body NewBlock
}

type blockOut struct {
	Body ContactBlock
}

type addBlockIn struct {
	Body NewBlockEntry
}

type blockEntryOut struct {
	Body BlockEntry
}

type blockEntriesOut struct {
	Body httpx.List[BlockEntry]
}

type searchBlocksIn struct {
	Body searchedBlock
}

func (s *Service) blockRoutes(r *httpx.Router) {
	const tag, path = "Blocklist", "/api/v1/blocks"
	httpx.Handle(r, httpx.Route{Method: http.MethodPut, Path: "/api/v1/contacts/{id}/block", ID: "blockContact", Tag: tag, Permission: "contacts:write",
		Summary:     "Keep a person out",
		Description: "They begin no conversation, and nothing that they write, post, vote or say of themselves is taken, with whichever of their contacts. Their rights over their data stay as they are."}, s.putBlock)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: "/api/v1/contacts/{id}/block", ID: "unblockContact", Tag: tag, Permission: "contacts:write",
		Summary: "Let a person in again", Description: "The addresses and networks that came on the blocklist with them go too."}, s.deleteBlock)
	httpx.Handle(r, httpx.Route{Method: http.MethodGet, Path: path, ID: "listBlocks", Tag: tag, Permission: "contacts:read",
		Summary: "List addresses, domains and networks that nobody is let in with, newest first"}, s.getBlocks)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path, ID: "addBlock", Tag: tag, Status: http.StatusCreated, Permission: "contacts:write",
		Summary:     "Put an address, a domain or a network on the blocklist",
		Description: "One that is on it already is changed. An address and a network need contacts:addresses too."}, s.postBlock)
	httpx.Handle(r, httpx.Route{Method: http.MethodPost, Path: path + "/search", ID: "searchBlocks", Tag: tag, Permission: "contacts:read",
		Summary: "Find the entries by which an address is kept out", Description: "Needs contacts:addresses too."}, s.searchBlocks)
	httpx.Handle(r, httpx.Route{Method: http.MethodDelete, Path: path + "/{id}", ID: "removeBlock", Tag: tag, Permission: "contacts:write",
		Summary: "Take an entry off the blocklist"}, s.removeBlock)
}

func (s *Service) putBlock(ctx context.Context, in *blockIn) (*blockOut, error) {
	b, err := s.Block(ctx, in.ID, in.Body)
	return &blockOut{Body: b}, err
}

func (s *Service) deleteBlock(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.Unblock(ctx, in.ID)
}

func (s *Service) getBlocks(ctx context.Context, in *httpx.Paging) (*blockEntriesOut, error) {
	scope := "blocks " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.Blocks(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &blockEntriesOut{Body: httpx.ListOf(found, in.Limit, scope, func(e BlockEntry) []string { return []string{e.ID} })}, nil
}

func (s *Service) postBlock(ctx context.Context, in *addBlockIn) (*blockEntryOut, error) {
	e, err := s.AddBlock(ctx, in.Body)
	return &blockEntryOut{Body: e}, err
}

func (s *Service) searchBlocks(ctx context.Context, in *searchBlocksIn) (*blockEntriesOut, error) {
	found, err := s.BlocksOn(ctx, in.Body.Email)
	return &blockEntriesOut{Body: httpx.List[BlockEntry]{Data: found}}, err
}

func (s *Service) removeBlock(ctx context.Context, in *httpx.ByID) (*struct{}, error) {
	return nil, s.RemoveBlock(ctx, in.ID)
}
