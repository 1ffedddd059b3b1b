package takeout

import (
	"bytes"
	"encoding/json"
)

// Canny's API lists posts, votes and comments (POST /api/v1/posts/list and so on, its
// reference: canny.io/docs/api). The file is one JSON object with these lists side by
// side, page upon page joined.
type cannyFile struct {
	Posts    []cannyPost    `json:"posts"`
	Votes    []cannyVote    `json:"votes"`
	Comments []cannyComment `json:"comments"`
}

type cannyUser struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Email   string `json:"email"`
	UserID  string `json:"userID"`
	IsAdmin bool   `json:"isAdmin"`
}

type named struct {
	Name string `json:"name"`
}

type cannyRef struct {
	ID string `json:"id"`
}

type cannyPost struct {
	ID         string     `json:"id"`
	Author     *cannyUser `json:"author"`
	Category   *named     `json:"category"`
	Created    string     `json:"created"`
	Details    string     `json:"details"`
	Eta        string     `json:"eta"`
	Score      int        `json:"score"`
	Status     string     `json:"status"`
	Tags       []named    `json:"tags"`
	Title      string     `json:"title"`
	MergedInto *cannyRef  `json:"mergedInto"`
}

type cannyVote struct {
	Created string     `json:"created"`
	Post    *cannyRef  `json:"post"`
	Voter   *cannyUser `json:"voter"`
}

type cannyComment struct {
	ID       string     `json:"id"`
	Author   *cannyUser `json:"author"`
	Created  string     `json:"created"`
	Internal bool       `json:"internal"`
	ParentID string     `json:"parentID"`
	Post     *cannyRef  `json:"post"`
	Value    string     `json:"value"`
}

func (t *Takeout) canny(data []byte) error {
	t.Format = CannyJSON
	var f cannyFile
	if err := json.NewDecoder(bytes.NewReader(data)).Decode(&f); err != nil {
		return unreadable("The file is not JSON as Canny's API writes it: an object with the lists posts, votes and comments.")
	}
	counted := map[string]bool{}
	for _, v := range f.Votes {
		if v.Post != nil {
			counted[v.Post.ID] = true
		}
	}
	for i, p := range f.Posts {
		t.cannyPost(i, p, counted[p.ID])
	}
	for i, v := range f.Votes {
		if v.Post == nil || v.Voter == nil {
			t.problem(row("votes", i+1), "names no post or no voter")
			continue
		}
		at, _ := moment(v.Created)
		t.Votes = append(t.Votes, Vote{Post: v.Post.ID, Person: t.cannyPerson(v.Voter), CreatedAt: at})
	}
	for i, c := range f.Comments {
		if c.Post == nil || c.Value == "" {
			t.problem(row("comments", i+1), "names no post, or is empty")
			continue
		}
		at, _ := moment(c.Created)
		t.Comments = append(t.Comments, Comment{Key: c.ID, Where: row("comments", i+1), Post: c.Post.ID, Parent: c.ParentID, Author: t.cannyPerson(c.Author), Body: c.Value, Internal: c.Internal, CreatedAt: at})
	}
	return nil
}

func (t *Takeout) cannyPost(i int, p cannyPost, votesListed bool) {
	at, ok := moment(p.Created)
	if p.ID == "" || p.Title == "" || !ok {
		t.problem(row("posts", i+1), "has no id, no title, or no date that can be read")
		return
	}
	out := Post{Key: p.ID, Where: row("posts", i+1), Title: p.Title, Body: p.Details, Status: p.Status, Kind: kindOf(p.Status), Author: t.cannyPerson(p.Author), CreatedAt: at}
	if p.Category != nil {
		out.Category = p.Category.Name
	}
	for _, tag := range p.Tags {
		out.Tags = append(out.Tags, tag.Name)
	}
	if p.MergedInto != nil {
		out.MergedInto = p.MergedInto.ID
	}
	if eta, ok := moment(p.Eta); ok {
		out.EstimatedOn = eta.Format("2006-01-02")
	}
	if !votesListed {
		out.Votes = max(p.Score, 0)
	}
	t.Posts = append(t.Posts, out)
}

func (t *Takeout) cannyPerson(u *cannyUser) string {
	if u == nil {
		return ""
	}
	return t.person(u.ID, Person{Name: u.Name, Email: u.Email, ExternalID: u.UserID, Staff: u.IsAdmin})
}
