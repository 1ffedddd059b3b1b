package boardsite

import (
	"fmt"
	"testing"

	"github.com/botimum/botimum/internal/boards"
)

// However deep people answer each other, what is shown is three levels deep, and says
// what it answers from there on.
func TestAnswersStandThreeDeep(t *testing.T) {
	var all []boards.Comment
	for i := range 1000 {
		c := boards.Comment{ID: fmt.Sprint("c", i), Body: "x"}
		if i > 0 {
			parent := fmt.Sprint("c", i-1)
			c.ParentID = &parent
		}
		all = append(all, c)
	}
	_, top := threads(all)
	if len(top) != 1 || len(top[0].Answers) != 1 {
		t.Fatalf("%d threads", len(top))
	}
	deep := top[0].Answers[0].Answers
	if len(deep) != 998 {
		t.Fatalf("%d of 998 stand on the third level", len(deep))
	}
	for i, one := range deep {
		if len(one.Answers) != 0 {
			t.Fatal("something stands below the third level")
		}
		if (one.To != nil) != (i > 0) || i > 0 && one.To.ID != *one.ParentID {
			t.Fatalf("%s answers %v", one.ID, one.To)
		}
	}
}
