package timeline_test

import (
	"strings"
	"testing"

	"github.com/botimum/botimum/internal/activity"
	"github.com/botimum/botimum/internal/boards"
	"github.com/botimum/botimum/internal/contacts"
	"github.com/botimum/botimum/internal/enrich"
	"github.com/botimum/botimum/internal/imports"
	"github.com/botimum/botimum/internal/inbox"
	"github.com/botimum/botimum/internal/request"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/storage/storagetest"
	"github.com/botimum/botimum/internal/timeline"
)

// everything is a service with all sources of the program.
func everything() *timeline.Service {
	s := timeline.New(timeline.Deps{})
	s.Add(inbox.TimelineSources()...)
	s.Add(activity.TimelineSource(), request.TimelineSource(), enrich.TimelineSource())
	s.Add(contacts.TimelineSources()...)
	s.Add(timeline.Privacy()...)
	s.Add(imports.TimelineSources()...)
	s.Add(boards.TimelineSources()...)
	return s
}

// Each branch is read along its index from the place where the page before ended: no
// table is walked, and nothing but ties is sorted before the page is full.
func TestEachBranchWalksItsIndex(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, db *storage.DB) {
		s := everything()
		for i := range s.Len() {
			what, query, args := s.Branch(i, "wsp_1", "con_1", 26)
			storagetest.UsesIndex(t, db, query, args...)
			if db.Engine() != storage.SQLite || what == "merge of contact_merges" { // a person was merged from a hundred at most
				continue
			}
			plan := storagetest.Plan(t, db, query, args...)
			isOne := strings.Contains(plan, "SEARCH c USING PRIMARY KEY (workspace_id=? AND id=?)") // who came with an import came once
			if strings.Contains(plan, "USE TEMP B-TREE FOR ORDER BY") || !strings.Contains(plan, "_at<?)") && !strings.Contains(plan, " at<?)") && !isOne {
				t.Errorf("%s is not walked from a place on:\n%s", what, plan)
			}
		}
		query, args := s.Page("wsp_1", []string{"con_1", "con_2", "con_3"}, 26)
		storagetest.UsesIndex(t, db, query, args...)
	})
}
