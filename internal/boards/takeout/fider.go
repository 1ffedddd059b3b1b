package takeout

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strconv"
)

// Fider hands out a ZIP file with a JSON file a table (its admin page Export). A
// column's text that looks like a number stands there as one, so every value is taken
// as either.
const maxTable = 512 << 20 // bytes of one table, unpacked

// text is a JSON value that may be a string, a number or nothing.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	if bytes.Equal(raw, []byte("null")) {
		return nil
	}
	if len(raw) > 0 && raw[0] == '"' {
		return json.Unmarshal(raw, (*string)(t))
	}
	*t = text(raw)
	return nil
}

type fiderPost struct {
	ID           text `json:"id"`
	Number       text `json:"number"`
	Title        text `json:"title"`
	Description  text `json:"description"`
	CreatedAt    text `json:"created_at"`
	UserID       text `json:"user_id"`
	Status       text `json:"status"`
	Response     text `json:"response"`
	ResponseDate text `json:"response_date"`
	OriginalID   text `json:"original_id"`
}

// Fider's states of a post (its enum PostStatus).
var fiderStates = map[text]struct{ name, kind string }{
	"0": {"Open", "open"}, "1": {"Started", "started"}, "2": {"Completed", "done"}, "3": {"Declined", "declined"}, "4": {"Planned", "planned"},
	"5": {"Duplicate", "declined"},
}

const fiderDeleted = "6"

type fiderBackup struct {
	posts []fiderPost
	votes []struct {
		PostID    text `json:"post_id"`
		UserID    text `json:"user_id"`
		CreatedAt text `json:"created_at"`
	}
	comments []struct {
		ID        text `json:"id"`
		PostID    text `json:"post_id"`
		UserID    text `json:"user_id"`
		Content   text `json:"content"`
		CreatedAt text `json:"created_at"`
		DeletedAt text `json:"deleted_at"`
	}
	users []struct {
		ID    text `json:"id"`
		Name  text `json:"name"`
		Email text `json:"email"`
		Role  text `json:"role"` // 1 visitor, 2 collaborator, 3 administrator
	}
	tags []struct {
		ID   text `json:"id"`
		Name text `json:"name"`
	}
	postTags []struct {
		PostID text `json:"post_id"`
		TagID  text `json:"tag_id"`
	}
}

func (t *Takeout) backup(data []byte) error {
	t.Format = FiderBackup
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return unreadable("The ZIP file is damaged. Download it again.")
	}
	var b fiderBackup
	for name, into := range map[string]any{"posts.json": &b.posts, "post_votes.json": &b.votes, "comments.json": &b.comments, "users.json": &b.users,
		"tags.json": &b.tags, "post_tags.json": &b.postTags} {
		if err := readTable(z, name, into); err != nil {
			return err
		}
	}
	t.fiderPeople(&b)
	tags, tagsOf := map[text]string{}, map[text][]string{}
	for _, tag := range b.tags {
		tags[tag.ID] = string(tag.Name)
	}
	for _, pt := range b.postTags {
		if name := tags[pt.TagID]; name != "" {
			tagsOf[pt.PostID] = append(tagsOf[pt.PostID], name)
		}
	}
	for i, p := range b.posts {
		t.fiderPost(i, p, tagsOf[p.ID])
	}
	for _, v := range b.votes {
		at, _ := moment(string(v.CreatedAt))
		t.Votes = append(t.Votes, Vote{Post: string(v.PostID), Person: t.known(v.UserID), CreatedAt: at})
	}
	for i, c := range b.comments {
		if c.DeletedAt == "" && c.Content != "" {
			at, _ := moment(string(c.CreatedAt))
			t.Comments = append(t.Comments, Comment{Key: string(c.ID), Where: row("comments.json", i+1), Post: string(c.PostID), Author: t.known(c.UserID), Body: string(c.Content), CreatedAt: at})
		}
	}
	return nil
}

func (t *Takeout) fiderPeople(b *fiderBackup) {
	for _, u := range b.users {
		role, _ := strconv.Atoi(string(u.Role))
		t.person(string(u.ID), Person{Name: string(u.Name), Email: string(u.Email), Staff: role > 1})
	}
}

// known gives the key of somebody whom the file lists, or "".
func (t *Takeout) known(id text) string {
	if _, there := t.People[string(id)]; there {
		return string(id)
	}
	return ""
}

func (t *Takeout) fiderPost(i int, p fiderPost, tags []string) {
	if p.Status == fiderDeleted {
		return
	}
	at, ok := moment(string(p.CreatedAt))
	if p.Title == "" || !ok {
		t.problem(row("posts.json", i+1), "has no title, or no date that can be read")
		return
	}
	state := fiderStates[p.Status]
	answered, _ := moment(string(p.ResponseDate))
	t.Posts = append(t.Posts, Post{Key: string(p.ID), Where: row("posts.json", i+1), Number: string(p.Number), Title: string(p.Title), Body: string(p.Description), Status: state.name, Kind: state.kind,
		Tags: tags, Author: t.known(p.UserID), CreatedAt: at, MergedInto: string(p.OriginalID), Answer: string(p.Response), AnswerAt: answered})
}

// readTable reads one table of a backup; one that is not there is empty. A ZIP file
// whose content grows beyond measure is refused, not unpacked.
func readTable(z *zip.Reader, name string, into any) error {
	f, err := z.Open(name)
	if err != nil {
		if name == "posts.json" {
			return unreadable("This ZIP file is no backup of Fider: it has no posts.json.")
		}
		return nil
	}
	defer func() { _ = f.Close() }()
	limited := &io.LimitedReader{R: f, N: maxTable + 1}
	err = json.NewDecoder(limited).Decode(into)
	if limited.N <= 0 {
		return unreadable("The file " + name + " in the backup is larger than 512 MB. Import it in parts.")
	}
	if err != nil {
		return unreadable("The file " + name + " in the backup is not JSON as Fider writes it.")
	}
	return nil
}
