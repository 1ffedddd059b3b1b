package takeout

import (
	"archive/zip"
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func day(y, m, d, h, min, s int) time.Time {
	return time.Date(y, time.Month(m), d, h, min, s, 0, time.UTC)
}

func parse(t *testing.T, data string) *Takeout {
	t.Helper()
	out, err := Parse([]byte(data))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func zipped(t testing.TB, files map[string]string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// The columns are those that Fider writes, in both its older and its newer names.
func TestFiderCSV(t *testing.T) {
	got := parse(t, "\xef\xbb\xbfnumber,title,description,created_at,created_by,votes_count,comments_count,status,responded_by,responded_at,response,original_number,original_title,tags\n"+
		"10,Dark mode,Please,2018-03-23T19:33:22Z,Ada,4,2,declined,Jon,2018-04-04T19:48:10Z,Not now,,,\"easy, later\"\n"+
		"20,Night theme,,2018-01-12T01:46:59Z,Ada,1,0,duplicate,Jon,2018-03-17T10:15:42Z,Was there,10,Dark mode,\n"+
		"21,,,2018-01-12T01:46:59Z,Ada,1,0,open,,,,,,\n")
	want := &Takeout{Format: FiderCSV, People: map[string]Person{"name:Ada": {Name: "Ada"}}, Posts: []Post{
		{Key: "number 10", Where: "posts, row 2", Number: "10", Title: "Dark mode", Body: "Please", Status: "declined", Kind: "declined", Tags: []string{"easy", "later"}, Author: "name:Ada",
			CreatedAt: day(2018, 3, 23, 19, 33, 22), Votes: 4, Answer: "Not now", AnswerAt: day(2018, 4, 4, 19, 48, 10)},
		{Key: "number 20", Where: "posts, row 3", Number: "20", Title: "Night theme", Status: "duplicate", Kind: "declined", Author: "name:Ada", CreatedAt: day(2018, 1, 12, 1, 46, 59), Votes: 1,
			MergedNumber: "10", MergedInto: "number 10", Answer: "Was there", AnswerAt: day(2018, 3, 17, 10, 15, 42)},
	}, Problems: []LeftOut{{"posts, row 4", "has no title"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFiderBackup(t *testing.T) {
	got := parse(t, zipped(t, map[string]string{
		"posts.json": `[{"id":7,"number":1,"title":"Dark mode","description":"","created_at":"2024-01-02T03:04:05Z","user_id":3,"status":2,"response":"It is there","response_date":"2024-02-02T03:04:05Z","original_id":null,"slug":"dark-mode"},
			{"id":8,"number":2,"title":2048,"description":"a game","created_at":"2024-01-03T03:04:05.123456Z","user_id":9,"status":5,"original_id":7},
			{"id":9,"number":3,"title":"gone","created_at":"2024-01-03T03:04:05Z","status":6}]`,
		"post_votes.json": `[{"post_id":7,"user_id":3,"created_at":"2024-01-02T03:04:06Z"},{"post_id":9,"user_id":3,"created_at":"2024-01-02T03:04:06Z"}]`,
		"comments.json":   `[{"id":1,"post_id":7,"user_id":4,"content":"Yes","created_at":"2024-01-04T00:00:00Z","deleted_at":null},{"id":2,"post_id":7,"user_id":4,"content":"x","created_at":"2024-01-04T00:00:00Z","deleted_at":"2024-01-05T00:00:00Z"}]`,
		"users.json":      `[{"id":3,"name":"Ada","email":"ada@x.example","role":1},{"id":4,"name":"Team","email":"t@x.example","role":3}]`,
		"tags.json":       `[{"id":5,"name":"design"}]`, "post_tags.json": `[{"post_id":7,"tag_id":5}]`, "tenants.json": `[{}]`,
	}))
	want := &Takeout{Format: FiderBackup,
		People: map[string]Person{"3": {Name: "Ada", Email: "ada@x.example"}, "4": {Name: "Team", Email: "t@x.example", Staff: true}},
		Posts: []Post{
			{Key: "7", Where: "posts.json, row 1", Number: "1", Title: "Dark mode", Status: "Completed", Kind: "done", Tags: []string{"design"}, Author: "3", CreatedAt: day(2024, 1, 2, 3, 4, 5),
				Answer: "It is there", AnswerAt: day(2024, 2, 2, 3, 4, 5)},
			{Key: "8", Where: "posts.json, row 2", Number: "2", Title: "2048", Body: "a game", Status: "Duplicate", Kind: "declined", CreatedAt: day(2024, 1, 3, 3, 4, 5).Add(123456 * time.Microsecond), MergedInto: "7"},
		},
		Votes:    []Vote{{Post: "7", Person: "3", CreatedAt: day(2024, 1, 2, 3, 4, 6)}},
		Comments: []Comment{{Key: "1", Where: "comments.json, row 1", Post: "7", Author: "4", Body: "Yes", CreatedAt: day(2024, 1, 4, 0, 0, 0)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCanny(t *testing.T) {
	got := parse(t, `{"hasMore":false,"posts":[
		{"id":"p1","author":{"id":"u1","name":"Ada","email":"ada@x.example","userID":"42","isAdmin":false},"category":{"id":"c","name":"Mobile"},"created":"2017-07-19T22:06:30.000Z",
		 "details":"Every night","eta":"2026-12-31","score":9,"status":"in progress","tags":[{"id":"t","name":"ui"}],"title":"Dark mode"},
		{"id":"p2","created":"2017-07-20T22:06:30.000Z","title":"Lamp","details":"","score":3,"status":"under review","mergedInto":{"id":"p1"}},
		{"id":"p3","created":"never","title":"x"}],
		"votes":[{"created":"2017-07-19T22:06:31.000Z","post":{"id":"p1"},"voter":{"id":"u1"}},{"post":{"id":"p1"}}],
		"comments":[{"id":"c1","author":{"id":"u2","name":"Team","isAdmin":true},"created":"2017-07-21T00:00:00.000Z","internal":true,"parentID":null,"post":{"id":"p1"},"value":"Soon"}]}`)
	want := &Takeout{Format: CannyJSON, People: map[string]Person{"u1": {Name: "Ada", Email: "ada@x.example", ExternalID: "42"}, "u2": {Name: "Team", Staff: true}},
		Posts: []Post{
			{Key: "p1", Where: "posts, row 1", Title: "Dark mode", Body: "Every night", Status: "in progress", Kind: "started", Category: "Mobile", Tags: []string{"ui"}, Author: "u1",
				CreatedAt: day(2017, 7, 19, 22, 6, 30), EstimatedOn: "2026-12-31"},
			{Key: "p2", Where: "posts, row 2", Title: "Lamp", Status: "under review", Kind: "open", CreatedAt: day(2017, 7, 20, 22, 6, 30), MergedInto: "p1", Votes: 3},
		},
		Votes:    []Vote{{Post: "p1", Person: "u1", CreatedAt: day(2017, 7, 19, 22, 6, 31)}},
		Comments: []Comment{{Key: "c1", Where: "comments, row 1", Post: "p1", Author: "u2", Body: "Soon", Internal: true, CreatedAt: day(2017, 7, 21, 0, 0, 0)}},
		Problems: []LeftOut{{"posts, row 3", "has no id, no title, or no date that can be read"}, {"votes, row 2", "names no post or no voter"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestOtherTables(t *testing.T) {
	got := parse(t, "Title;Author Email;Votes;Created\nB\xe4r;a@x.example;x;2026-01-02\nLong;;-5;\n")
	want := []Post{{Key: "row 2", Where: "posts, row 2", Title: "Bär", Author: "email:a@x.example", CreatedAt: day(2026, 1, 2, 0, 0, 0)}, {Key: "row 3", Where: "posts, row 3", Title: "Long"}}
	if diff := cmp.Diff(want, got.Posts); diff != "" || got.Format != CSV {
		t.Error(got.Format, diff)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for name, data := range map[string]string{
		"nothing": "", "spaces": " \n ", "a torn ZIP file": "PK\x03\x04xxxx", "another ZIP file": zipped(t, map[string]string{"a.txt": "x"}),
		"a backup of something else": zipped(t, map[string]string{"posts.json": `{"x":1}`}), "JSON of something else": `{"people":[]}`, "torn JSON": `{"posts":[{`,
		"no title": "a,b\n1,2\n", "no post": "title\n", "wide": strings.Repeat("title,", 2000) + "\nx\n",
		"a picture": "\x89PNG\r\n\x1a\n" + strings.Repeat("\x00", 100), "an empty list": zipped(t, map[string]string{"posts.json": `[]`}),
	} {
		if out, err := Parse([]byte(data)); err == nil {
			t.Errorf("%s was read as %+v", name, out)
		}
	}
}

// Whatever is in a file, reading it ends, and each vote and comment has its post.
func FuzzParse(f *testing.F) {
	f.Add([]byte("number,title,original_number\n1,x,2\n2,y,1\n"))
	f.Add([]byte(`{"posts":[{"id":"a","title":"x","created":"2020-01-01","mergedInto":{"id":"a"}}],"votes":[{"post":{"id":"a"},"voter":{}}]}`))
	f.Add([]byte(zipped(f, map[string]string{"posts.json": `[{"id":"1","title":"x","created_at":"2020-01-01"}]`, "post_votes.json": `[{"post_id":1}]`})))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := Parse(data)
		if err != nil {
			return
		}
		posts := map[string]bool{}
		for _, p := range out.Posts {
			if p.Title == "" || posts[p.Key] {
				t.Errorf("%+v", p)
			}
			posts[p.Key] = true
		}
		for _, v := range out.Votes {
			if !posts[v.Post] {
				t.Errorf("a vote for %q", v.Post)
			}
		}
	})
}
