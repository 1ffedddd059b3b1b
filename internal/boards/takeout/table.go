package takeout

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// columns are the names that a CSV of posts gives its columns, folded: those of
// Fider's export, of Canny's, and the usual ones.
var columns = map[string]string{
	"id": "key", "post id": "key", "postid": "key", "number": "number",
	"title": "title", "post title": "title", "name": "title", "idea": "title",
	"description": "body", "details": "body", "body": "body", "post details": "body", "content": "body",
	"status": "status", "post status": "status", "category": "category", "category name": "category", "tags": "tags", "tag": "tags",
	"created at": "created", "created": "created", "date": "created", "post created": "created", "date created": "created",
	"created by": "author", "author": "author", "author name": "author", "user name": "author",
	"author email": "email", "email": "email", "user email": "email", "created by email": "email",
	"votes count": "votes", "total votes": "votes", "votes": "votes", "vote count": "votes", "upvotes": "votes", "score": "votes",
	"response": "answer", "responded at": "answered", "original number": "original", "eta": "eta", "estimated date": "eta",
}

const maxColumns = 1000

// table reads a CSV of posts.
func (t *Takeout) table(data []byte) error {
	t.Format = CSV
	if !utf8.Valid(data) {
		decoded, err := charmap.Windows1252.NewDecoder().Bytes(data) // what spreadsheets write where it is not UTF-8
		if err != nil {
			return unreadable("The file is in no encoding that is known. Save it as CSV in UTF-8.")
		}
		data = decoded
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes, r.Comma = -1, true, separator(data)
	head, err := r.Read()
	if err != nil || len(head) > maxColumns {
		return unreadable("The file is no CSV of posts: it has no line of column names, or more than 1,000 columns.")
	}
	at := map[string]int{}
	for i, name := range head {
		if field := columns[foldHead(name)]; field != "" {
			if _, twice := at[field]; !twice {
				at[field] = i
			}
		}
	}
	if _, there := at["title"]; !there {
		return unreadable("The file has no column named title. Name the columns as Fider or Canny do: title, description, status, tags, created_at, votes.")
	}
	if _, fider := at["original"]; fider {
		t.Format = FiderCSV
	}
	return t.rows(r, at)
}

func (t *Takeout) rows(r *csv.Reader, at map[string]int) error {
	for n := 2; ; n++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return unreadable("The file cannot be read from row " + strconv.Itoa(n) + " on: a quotation mark is not closed.")
		}
		if len(t.Posts) > MaxPosts {
			return nil // finish says so
		}
		t.record(n, func(field string) string {
			if i, there := at[field]; there && i < len(record) {
				return strings.TrimSpace(record[i])
			}
			return ""
		})
	}
}

func (t *Takeout) record(n int, of func(string) string) {
	if of("title") == "" {
		t.problem(row("posts", n), "has no title")
		return
	}
	created, ok := moment(of("created"))
	if !ok && of("created") != "" {
		t.problem(row("posts", n), "has a date that cannot be read; write it as 2026-12-31")
		return
	}
	p := Post{Key: of("key"), Where: row("posts", n), Number: of("number"), Title: of("title"), Body: of("body"), Status: of("status"), Kind: kindOf(of("status")), Category: of("category"),
		CreatedAt: created, MergedNumber: of("original"), Answer: of("answer")}
	if p.Key == "" {
		p.Key = "row " + strconv.Itoa(n)
		if p.Number != "" {
			p.Key = "number " + p.Number
		}
	}
	p.Author = t.person("", Person{Name: of("author"), Email: of("email")})
	for _, tag := range strings.FieldsFunc(of("tags"), func(r rune) bool { return r == ',' || r == ';' }) {
		p.Tags = append(p.Tags, strings.TrimSpace(tag))
	}
	if eta, ok := moment(of("eta")); ok {
		p.EstimatedOn = eta.Format("2006-01-02")
	}
	p.AnswerAt, _ = moment(of("answered"))
	if votes, err := strconv.Atoi(of("votes")); err == nil {
		p.Votes = min(max(votes, 0), MaxVotes)
	}
	t.Posts = append(t.Posts, p)
}

// separator gives what stands between the columns of the first line.
func separator(data []byte) rune {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	best, most := ',', bytes.Count(line, []byte(","))
	for _, c := range ";\t" {
		if n := bytes.Count(line, []byte(string(c))); n > most {
			best, most = c, n
		}
	}
	return best
}

func foldHead(name string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == ' ' || r == '-' || r == '"' }), " ")
}
