package boards

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/idna"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/segment"
	"github.com/botimum/botimum/internal/storage"
)

// Languages are those that a board's pages speak; the first is for everybody else.
var Languages = []string{"en", "de", "fr", "es", "pl", "ar"}

const maxCSS = 20000

// cleanPages puts in order what the board's pages are like, and says what is wrong
// with it.
func (b *Board) cleanPages() (bad []fault.FieldError) {
	say := func(field, detail string) { bad = append(bad, fault.FieldError{Field: field, Detail: detail}) }
	if (b.Visibility == Segment) != (b.SegmentID != nil) {
		say("segment_id", "must name a segment where the visibility is segment, and be empty otherwise")
	}
	if b.Posting != PostedByContacts && b.Posting != PostedByOperators {
		say("posting", "must be contacts or operators")
	}
	if b.Language != "" && !slices.Contains(Languages, b.Language) {
		say("language", "must be empty or one of "+strings.Join(Languages, ", "))
	}
	if problem := textProblem(b.CSS, maxCSS); problem != "" {
		say("css", problem)
	}
	if b.Domain != nil {
		host, ok := hostOf(*b.Domain)
		if !ok {
			say("domain", "must be a host such as feedback.example.org, without scheme, port and path")
		}
		b.Domain = &host
	}
	return bad
}

// hostOf gives a host as browsers send it: in lower case, in ASCII.
func hostOf(s string) (string, bool) {
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.ToLower(strings.TrimSpace(s)), "."))
	if err != nil || len(host) > 253 || !strings.Contains(host, ".") || strings.ContainsAny(host, "/:@ _*?#%") {
		return s, false
	}
	if _, err := netip.ParseAddr(host); err == nil || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") {
		return s, false
	}
	return host, true
}

// holdSegments keeps a board's segments from going while the board begins to use them:
// the one that reads it, and those by which its votes weigh.
func (s *Service) holdSegments(tx *storage.Tx, workspaceID string, b *Board) error {
	fields := map[string]string{}
	for i, one := range b.Weight.Segments {
		fields[one.SegmentID] = fmt.Sprintf("weight.segments[%d].segment_id", i)
	}
	if b.SegmentID != nil {
		fields[*b.SegmentID] = "segment_id"
	}
	for _, id := range slices.Sorted(maps.Keys(fields)) { // in the order of their ids, so that two boards never wait for each other
		if err := segment.Lock(tx, id); err != nil {
			return err
		}
		err := segment.Exists(tx, workspaceID, id)
		if fault.Is(err, fault.KindNotFound) {
			err = fault.Invalid(fields[id], "must be a segment of this workspace")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

const usesSegment = `
	SELECT (SELECT COUNT(*) FROM boards WHERE workspace_id = $1 AND segment_id = $2) + (SELECT COUNT(*) FROM board_weights WHERE workspace_id = $1 AND segment_id = $2)`

// UsesSegment tells whether a board is read by a segment, or weighs votes by it: it must
// not go then.
func UsesSegment(tx *storage.Tx, workspaceID, segmentID string) (bool, error) {
	var n int
	err := tx.QueryRow(usesSegment, workspaceID, segmentID).Scan(&n)
	return n > 0, err
}

// MayRead tells whether a contact ("" for somebody who did not sign in) may read a
// board: nil, or unauthorized where signing in would help, or not found. Every page,
// feed and widget asks here and nowhere else.
func (s *Service) MayRead(ctx context.Context, b *Board, contactID string) error {
	switch {
	case b.Visibility == Public:
		return nil
	case b.Visibility != Contacts && b.Visibility != Segment:
		return fault.NotFound("board")
	case contactID == "":
		return fault.Unauthorized("Sign in to read this board.")
	case b.Visibility == Contacts:
		return nil
	case b.SegmentID == nil || s.InSegment == nil:
		return fault.NotFound("board")
	}
	in, err := s.InSegment(ctx, *b.SegmentID, contactID)
	if err == nil && !in {
		err = fault.NotFound("board")
	}
	return fault.Wrap("boards.MayRead", err)
}

// address fills in where the boards' pages are.
func (s *Service) address(ctx context.Context, all ...*Board) error {
	if s.Address == nil || len(all) == 0 {
		return nil
	}
	origin, slug, err := s.Address(ctx, actor.From(ctx).WorkspaceID)
	for _, b := range all {
		b.URL = origin + "/b/" + slug + "/" + b.Slug
		if b.Domain != nil {
			b.URL = origin[:strings.Index(origin, "//")+2] + *b.Domain
		}
	}
	return err
}
