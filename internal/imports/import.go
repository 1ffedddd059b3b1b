package imports

import (
	"encoding/json"
	"time"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/privacy"
)

// The states of an import.
const (
	StateUploading = "uploading" // its file is on the way
	StateReady     = "ready"     // its settings can be changed
	StateChecking  = "checking"  // the dry run is under way, or waits
	StateQueued    = "queued"    // another import of the workspace is before it
	StateRunning   = "running"
	StateDone      = "done"
	StateCanceled  = "canceled" // what was imported before stays, and can be undone
	StateFailed    = "failed"
	StateUndoing   = "undoing"
	StateUndone    = "undone"
)

// The bounds of an import.
const (
	MaxFile      = 256 << 20 // bytes
	MaxRows      = 1_000_000
	keepFile     = 7 * 24 * time.Hour // however often it is worked with
	keepIdle     = 24 * time.Hour     // of a file that nobody works with
	keepUndo     = 30 * 24 * time.Hour
	keepUpload   = time.Hour // of an upload that broke off
	previewRows  = 10
	maxProblems  = 100_000 // rows whose problems are kept; more are only counted
	sampleLength = 80      // letters of a sample value
)

// Import is a table of people on its way into the workspace.
type Import struct {
	ID        string         `json:"id" example:"imp_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	State     string         `json:"state" enum:"uploading,ready,checking,queued,running,done,canceled,failed,undoing,undone"`
	FileName  string         `json:"file_name"`
	Bytes     int64          `json:"bytes" doc:"The file's size."`
	Settings  ImportSettings `json:"settings"`
	Columns   []ImportColumn `json:"columns" doc:"The file's columns, and what each is for."`
	Progress  float64        `json:"progress" doc:"Of the work under way, 0 to 1."`
	Ahead     int            `json:"ahead" doc:"How many imports of the workspace come before this one."`
	Checked   *ImportTally   `json:"checked" doc:"What the dry run found; null before, and after a change of settings."`
	Imported  ImportTally    `json:"imported" doc:"What has been done so far."`
	Undone    *UndoTally     `json:"undone" doc:"What the undo did; null if there was none."`
	Why       string         `json:"why" enum:",too_many_rows,too_broken,too_many_columns,settings_broken,file_gone" doc:"Why it failed."`
	By        actor.Ref      `json:"by"`
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
	StartedAt *time.Time     `json:"started_at"`
	EndedAt   *time.Time     `json:"ended_at"`
	FileUntil *time.Time     `json:"file_until" doc:"When the file is destroyed at the latest; null once it is."`
	UndoUntil *time.Time     `json:"undo_until" doc:"Until when it can be undone; null if it cannot."`
}

// ImportSettings say how a table is read and what becomes of its rows.
type ImportSettings struct {
	Encoding    string         `json:"encoding" enum:"utf-8,utf-16le,utf-16be,windows-1252,iso-8859-1,iso-8859-15"`
	Separator   string         `json:"separator" doc:"Between cells: a comma, a semicolon, a tab or a bar."`
	Quotes      bool           `json:"quotes" doc:"Whether cells may stand in quotes."`
	Header      bool           `json:"header" doc:"Whether the first row names the columns."`
	Dates       string         `json:"dates" enum:"ymd,dmy,mdy" doc:"The order of day, month and year."`
	MatchBy     string         `json:"match_by" enum:"email,external_id,phone" doc:"By what people are recognised who are there already. A row without it is not imported."`
	OnMatch     string         `json:"on_match" enum:"update,fill,skip" doc:"What becomes of them: update what the row says, fill only what is empty, or nothing."`
	Basis       *privacy.Basis `json:"basis" doc:"Why the data may be processed; columns may say otherwise for their rows. Null: the workspace's default purpose."`
	AskedInFull bool           `json:"asked_in_full" doc:"You confirm that whoever said yes in a consent column was shown the purpose's present wording. Needed for such columns."`
}

// ImportColumn is a column of the file.
type ImportColumn struct {
	Name    string   `json:"name" doc:"Its heading, or its number where there is none."`
	Target  string   `json:"target" doc:"What it is for: a field of a contact such as email, attributes.KEY, company, company_domain, tags, consent.PURPOSE, consent_at, consent_evidence, basis.purpose, basis.lawful_basis, basis.evidence; empty: for nothing."`
	Guessed bool     `json:"guessed" doc:"Whether the target was guessed from the heading."`
	Samples []string `json:"samples,omitempty" doc:"Some of its values, cut after 80 letters, while the file is there."`
}

// ImportTally counts rows by what became of them, or would.
type ImportTally struct {
	Rows      int64 `json:"rows" doc:"Rows read so far, without the heading."`
	Created   int64 `json:"created"`
	Updated   int64 `json:"updated"`
	Unchanged int64 `json:"unchanged" doc:"Of people who are there already as the row says, or who are skipped by the settings."`
	Withheld  int64 `json:"withheld" doc:"Of people who are restricted, objected or are in the bin: nothing was changed."`
	Failed    int64 `json:"failed" doc:"Rows with an error; none of them was imported."`
	Warned    int64 `json:"warned" doc:"Rows that were imported without something that they said."`
	Companies int64 `json:"companies" doc:"Companies that were not there and were made."`
	Consents  int64 `json:"consents" doc:"Decisions about purposes that were recorded."`
}

// UndoTally counts what an undo did.
type UndoTally struct {
	Total    int64 `json:"total" doc:"People to look at."`
	Erased   int64 `json:"erased" doc:"Came with the import, and nobody touched them since."`
	Kept     int64 `json:"kept" doc:"Came with the import and stay: somebody touched them since, or the law keeps them."`
	Reverted int64 `json:"reverted" doc:"Were changed by it, and say again what they said before."`
	Left     int64 `json:"left" doc:"Were changed by it, and somebody changed them since in all of that."`

	Companies int64 `json:"companies" doc:"Companies that it made and to which nobody belongs any more: they are removed."`
}

// RowProblem is one thing that is wrong with a row.
type RowProblem struct {
	Column  string `json:"column" doc:"The column's heading; empty: the whole row."`
	Detail  string `json:"detail"`
	Warning bool   `json:"warning" doc:"Whether the row was imported all the same."`
}

// PreviewRow is a row as it would be imported.
type PreviewRow struct {
	Row      int64        `json:"row" doc:"As a spreadsheet counts, from 1."`
	Cells    []string     `json:"cells"`
	Problems []RowProblem `json:"problems"`
}

// ImportPreview is an import with its first rows.
type ImportPreview struct {
	Import
	Preview []PreviewRow `json:"preview" doc:"The first rows; none once the file is gone."`
}

// stored is what is sealed of an import: everything about the file but its rows.
type stored struct {
	FileName string         `json:"file_name"`
	Skip     int            `json:"skip"` // lines before the table
	Settings ImportSettings `json:"settings"`
	Columns  []ImportColumn `json:"columns"`
}

// record is an import's row.
type record struct {
	workspaceID, id, state   string
	sealed                   []byte
	stored                   stored
	bytes, reached, row      int64
	tally                    ImportTally
	checked                  *ImportTally
	undone                   *UndoTally
	cursor, why              string
	by                       actor.Ref
	fileUntil, undoUntil     time.Time
	created, updated, queued time.Time
	started, ended           time.Time
	ahead                    int
}

func (r *record) show() Import {
	out := Import{ID: r.id, State: r.state, FileName: r.stored.FileName, Bytes: r.bytes, Settings: r.stored.Settings, Columns: r.stored.Columns,
		Ahead: r.ahead, Checked: r.checked, Imported: r.tally, Undone: r.undone, Why: r.why, By: r.by, CreatedAt: r.created, UpdatedAt: r.updated,
		StartedAt: pointer(r.started), EndedAt: pointer(r.ended), FileUntil: pointer(r.fileUntil), UndoUntil: pointer(r.undoUntil)}
	switch {
	case r.state == StateUndoing && r.undone != nil && r.undone.Total > 0:
		u := r.undone
		out.Progress = min(1, float64(u.Erased+u.Kept+u.Reverted+u.Left)/float64(u.Total))
	case r.state == StateDone || r.state == StateUndone:
		out.Progress = 1
	case r.bytes > 0 && r.state != StateReady:
		out.Progress = min(1, float64(r.reached)/float64(r.bytes))
	}
	if out.Columns == nil {
		out.Columns = []ImportColumn{}
	}
	return out
}

func pointer(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func toJSON(v any) string {
	b, _ := json.Marshal(v) // counts always marshal
	return string(b)
}
