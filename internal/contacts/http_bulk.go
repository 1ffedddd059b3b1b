package contacts

import (
	"context"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/httpx"
)

type bulkIn struct {
	Body NewBulkJob
}

type bulkOut struct {
	Body BulkJob
}

type bulksOut struct {
	Body httpx.List[BulkJob]
}

func (s *Service) postBulk(ctx context.Context, in *bulkIn) (*bulkOut, error) {
	job, err := s.BeginBulk(ctx, in.Body)
	return &bulkOut{Body: job}, err
}

func (s *Service) getBulk(ctx context.Context, in *httpx.ByID) (*bulkOut, error) {
	job, err := s.BulkJob(ctx, in.ID)
	return &bulkOut{Body: job}, err
}

func (s *Service) cancelBulk(ctx context.Context, in *httpx.ByID) (*bulkOut, error) {
	job, err := s.CancelBulk(ctx, in.ID)
	return &bulkOut{Body: job}, err
}

func (s *Service) getBulks(ctx context.Context, in *httpx.Paging) (*bulksOut, error) {
	scope := "bulk-jobs " + actor.From(ctx).WorkspaceID
	cursor, err := httpx.DecodeCursor(scope, in.Cursor, 1)
	if err != nil {
		return nil, err
	}
	before := ""
	if cursor != nil {
		before = cursor[0]
	}
	found, err := s.BulkJobs(ctx, before, in.Limit+1)
	if err != nil {
		return nil, err
	}
	return &bulksOut{Body: httpx.ListOf(found, in.Limit, scope, func(j BulkJob) []string { return []string{j.ID} })}, nil
}
