package privacy

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/botimum/botimum/internal/actor"
	"github.com/botimum/botimum/internal/audit"
	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/storage"
)

const assessmentID = "asm"

// FeatureEnrichment is looking people up in public sources: it does not start
// without an assessment.
const FeatureEnrichment = "enrichment"

// Features lists what needs an assessment before it starts.
func Features() []string { return []string{FeatureEnrichment} }

// The states of an assessment. One that is approved is due a year later.
const (
	AssessmentDraft    = "draft"
	AssessmentApproved = "approved"
	AssessmentDue      = "due"
)

// reviewEvery is for how long an approval holds (GDPR article 35(11): it is
// reviewed where the risk changes, and a year is a sign that nobody looked).
const reviewEvery = 365 * 24 * time.Hour

const maxAssessmentText = 10000 // characters of one field

// Assessment is an impact assessment (GDPR article 35(7)): what a feature does to
// people, why it has to, what may go wrong, and what was done about that.
type Assessment struct {
	ID           string     `json:"id" example:"asm_01jdb2k8q5e6r7s8t9v0w1x2y3"`
	Feature      string     `json:"feature" enum:"enrichment"`
	State        string     `json:"state" enum:"draft,approved,due" doc:"due: approved more than a year ago, so it holds no longer."`
	Description  string     `json:"description" doc:"What is done with whose data."`
	Necessity    string     `json:"necessity" doc:"Why it is needed, and why nothing milder would do."`
	Risks        string     `json:"risks"`
	Measures     string     `json:"measures"`
	ResidualRisk string     `json:"residual_risk" enum:"low,medium,high" doc:"What is left with the measures. Of a high one the authority is consulted first (article 36)."`
	DPOConsulted bool       `json:"dpo_consulted" doc:"Whether the data protection officer was asked (article 35(2))."`
	DPOOpinion   string     `json:"dpo_opinion"`
	ApprovedBy   *actor.Ref `json:"approved_by"`
	ApprovedAt   *time.Time `json:"approved_at"`
	ReviewAt     *time.Time `json:"review_at" doc:"Until when it holds."`
	CreatedAt    time.Time  `json:"created_at"`
	UpdatedAt    time.Time  `json:"updated_at"`
}

// NewAssessment begins an assessment. What is absent is filled in from the
// catalogue, to be worked on.
type NewAssessment struct {
	Feature string `json:"feature" enum:"enrichment"`
	AssessmentChange
}

// AssessmentChange changes an assessment; what is absent stays. A changed text of
// an approved one makes it a draft again.
type AssessmentChange struct {
	Description  *string `json:"description,omitempty" maxLength:"10000"`
	Necessity    *string `json:"necessity,omitempty" maxLength:"10000"`
	Risks        *string `json:"risks,omitempty" maxLength:"10000"`
	Measures     *string `json:"measures,omitempty" maxLength:"10000"`
	ResidualRisk *string `json:"residual_risk,omitempty" enum:"low,medium,high"`
	DPOConsulted *bool   `json:"dpo_consulted,omitempty"`
	DPOOpinion   *string `json:"dpo_opinion,omitempty" maxLength:"10000"`
	State        *string `json:"state,omitempty" enum:"draft,approved" doc:"approved: it holds for a year from now. draft: it holds no longer."`
}

// texts gives each text of an assessment, and where a change says it.
func (a *Assessment) texts(c AssessmentChange) []struct {
	name string
	to   *string
	from *string
} {
	return []struct {
		name string
		to   *string
		from *string
	}{{"description", &a.Description, c.Description}, {"necessity", &a.Necessity, c.Necessity}, {"risks", &a.Risks, c.Risks},
		{"measures", &a.Measures, c.Measures}, {"residual_risk", &a.ResidualRisk, c.ResidualRisk}, {"dpo_opinion", &a.DPOOpinion, c.DPOOpinion}}
}

// apply changes the assessment, and says whether what it says has changed.
func (a *Assessment) apply(c AssessmentChange) (changed bool, err error) {
	var bad []fault.FieldError
	for _, t := range a.texts(c) {
		if t.from == nil {
			continue
		}
		text := strings.TrimSpace(*t.from)
		if utf8.RuneCountInString(text) > maxAssessmentText || strings.ContainsRune(text, 0) {
			bad = append(bad, fault.FieldError{Field: t.name, Detail: "takes up to 10,000 characters"})
		}
		changed = changed || *t.to != text
		*t.to = text
	}
	if c.DPOConsulted != nil {
		changed = changed || a.DPOConsulted != *c.DPOConsulted
		a.DPOConsulted = *c.DPOConsulted
	}
	if !slices.Contains([]string{"low", "medium", "high"}, a.ResidualRisk) {
		bad = append(bad, fault.FieldError{Field: "residual_risk", Detail: "must be low, medium or high"})
	}
	if len(bad) > 0 {
		return false, fault.InvalidFields(bad...)
	}
	return changed, nil
}

// complete says what is missing for an approval.
func (a *Assessment) complete() error {
	var bad []fault.FieldError
	for _, t := range a.texts(AssessmentChange{})[:4] {
		if *t.to == "" {
			bad = append(bad, fault.FieldError{Field: t.name, Detail: "must be filled in before it can be approved"})
		}
		if asksStill(*t.to) {
			bad = append(bad, fault.FieldError{Field: t.name, Detail: "holds what the template asks for in brackets: answer it, or take it out"})
		}
	}
	if a.DPOConsulted && a.DPOOpinion == "" {
		bad = append(bad, fault.FieldError{Field: "dpo_opinion", Detail: "must say what the data protection officer said"})
	}
	if a.ResidualRisk == "high" && !a.DPOConsulted {
		bad = append(bad, fault.FieldError{Field: "dpo_consulted", Detail: "must be done where a high risk is left; then the authority is to be consulted, too (article 36)"})
	}
	if len(bad) > 0 {
		return fault.InvalidFields(bad...)
	}
	return nil
}

// settle moves the assessment to the state that is wished for, after a change.
func (a *Assessment) settle(wish *string, changed bool, by actor.Actor, now time.Time) error {
	if wish != nil && *wish == AssessmentApproved {
		if err := a.complete(); err != nil {
			return err
		}
		ref, until := by.Ref(), now.Add(reviewEvery)
		a.State, a.ApprovedBy, a.ApprovedAt, a.ReviewAt = AssessmentApproved, &ref, &now, &until
		return nil
	}
	if changed || wish != nil {
		a.State, a.ApprovedBy, a.ApprovedAt, a.ReviewAt = AssessmentDraft, nil, nil, nil
	}
	return nil
}

// BeginAssessment adds a draft to the context's workspace, filled in as far as the
// catalogue can.
func (s *Service) BeginAssessment(ctx context.Context, n NewAssessment) (Assessment, error) {
	if !slices.Contains(Features(), n.Feature) {
		return Assessment{}, fault.Invalid("feature", "must be one of "+strings.Join(Features(), ", "))
	}
	by, now := actor.From(ctx), s.clock.Now()
	a := s.assessmentTemplate(n.Feature)
	a.ID, a.State, a.CreatedAt, a.UpdatedAt = s.ids.New(assessmentID), AssessmentDraft, now, now
	if _, err := a.apply(n.AssessmentChange); err != nil {
		return Assessment{}, err
	}
	if err := a.settle(n.State, false, by, now); err != nil {
		return Assessment{}, err
	}
	err := s.db.Write(ctx, func(tx *storage.Tx) error {
		if _, err := tx.Exec(insertAssessment, by.WorkspaceID, a.ID, a.Feature, clock.Micros(now)); err != nil {
			return err
		}
		return s.saveAssessment(tx, by, a, "assessment.created")
	})
	return a, fault.Wrap("privacy.BeginAssessment", err)
}

// ChangeAssessment changes one. Check, if not nil, is asked whether the version
// that is there may be changed.
func (s *Service) ChangeAssessment(ctx context.Context, id string, c AssessmentChange, check func(updated time.Time) error) (Assessment, error) {
	by, now := actor.From(ctx), s.clock.Now()
	var a Assessment
	err := s.db.Write(ctx, func(tx *storage.Tx) (err error) {
		if err := tx.Lock("assessment " + id); err != nil {
			return err
		}
		if a, err = assessmentBy(tx, by.WorkspaceID, id, now); err != nil {
			return err
		}
		if check != nil {
			if err := check(a.UpdatedAt); err != nil {
				return err
			}
		}
		changed, err := a.apply(c)
		if err != nil {
			return err
		}
		if err := a.settle(c.State, changed, by, now); err != nil {
			return err
		}
		if !now.After(a.UpdatedAt) {
			now = a.UpdatedAt.Add(time.Microsecond)
		}
		a.UpdatedAt = now
		return s.saveAssessment(tx, by, a, "assessment."+map[bool]string{true: "approved", false: "updated"}[c.State != nil && *c.State == AssessmentApproved])
	})
	return a, fault.Wrap("privacy.ChangeAssessment", err)
}

// Assessments lists the workspace's, newest first: those before an id ("" for the
// first page), at most limit.
func (s *Service) Assessments(ctx context.Context, before string, limit int) (out []Assessment, err error) {
	if before == "" {
		before = "~"
	}
	now, workspaceID := s.clock.Now(), actor.From(ctx).WorkspaceID
	err = s.db.Read(ctx, func(tx *storage.Tx) error {
		out = nil
		rows, err := tx.Query(selectAssessments+` AND id < $2 ORDER BY id DESC LIMIT $3`, workspaceID, before, limit)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			a, err := scanAssessment(rows, now)
			if err != nil {
				return err
			}
			out = append(out, a)
		}
		return rows.Err()
	})
	return out, fault.Wrap("privacy.Assessments", err)
}

// Assessment gives one.
func (s *Service) Assessment(ctx context.Context, id string) (a Assessment, err error) {
	err = s.db.Read(ctx, func(tx *storage.Tx) (err error) {
		a, err = assessmentBy(tx, actor.From(ctx).WorkspaceID, id, s.clock.Now())
		return err
	})
	return a, fault.Wrap("privacy.Assessment", err)
}

// IsAssessed tells whether a feature may run in a workspace: nil, or
// assessment_missing where no approved assessment of it is in date.
func (s *Service) IsAssessed(tx *storage.Tx, workspaceID, feature string) error {
	var n int
	err := tx.QueryRow(countInForce, workspaceID, feature, clock.Micros(s.clock.Now())).Scan(&n)
	if err == nil && n == 0 {
		return fault.Conflict("assessment_missing", "This needs an impact assessment that was approved within the last year (GDPR article 35). Write one under Privacy, or with POST /api/v1/privacy/assessments.")
	}
	return fault.Wrap("privacy.IsAssessed", err)
}

const (
	countInForce = `SELECT COUNT(*) FROM assessments WHERE workspace_id = $1 AND feature = $2 AND state = 'approved' AND review_at > $3`

	insertAssessment = `
	INSERT INTO assessments (workspace_id, id, feature, state, description, necessity, risks, measures, residual_risk, dpo_consulted, dpo_opinion, created_at, updated_at)
	VALUES ($1, $2, $3, 'draft', '', '', '', '', 'medium', 0, '', $4, $4)`

	updateAssessment = `
	UPDATE assessments SET state = $1, description = $2, necessity = $3, risks = $4, measures = $5, residual_risk = $6, dpo_consulted = $7, dpo_opinion = $8,
		approved_by_type = $9, approved_by_id = $10, approved_at = $11, review_at = $12, updated_at = $13
	WHERE workspace_id = $14 AND id = $15`

	selectAssessments = `
	SELECT id, feature, state, description, necessity, risks, measures, residual_risk, dpo_consulted, dpo_opinion,
		approved_by_type, approved_by_id, approved_at, review_at, created_at, updated_at
	FROM assessments WHERE workspace_id = $1`
)

func (s *Service) saveAssessment(tx *storage.Tx, by actor.Actor, a Assessment, action string) error {
	var byType, byID, at, until any
	if a.ApprovedBy != nil {
		byType, byID, at, until = string(a.ApprovedBy.Type), a.ApprovedBy.ID, clock.Micros(*a.ApprovedAt), clock.Micros(*a.ReviewAt)
	}
	consulted := 0
	if a.DPOConsulted {
		consulted = 1
	}
	state := a.State
	if state == AssessmentDue {
		state = AssessmentApproved
	}
	if _, err := tx.Exec(updateAssessment, state, a.Description, a.Necessity, a.Risks, a.Measures, a.ResidualRisk, consulted, a.DPOOpinion,
		byType, byID, at, until, clock.Micros(a.UpdatedAt), by.WorkspaceID, a.ID); err != nil {
		return err
	}
	return s.audit.Append(tx, audit.Entry{WorkspaceID: by.WorkspaceID, ActorType: by.Type, ActorID: by.ID, Action: action,
		TargetType: "assessment", TargetID: a.ID, Details: map[string]string{"feature": a.Feature, "state": a.State, "residual_risk": a.ResidualRisk}})
}

func assessmentBy(tx *storage.Tx, workspaceID, id string, now time.Time) (Assessment, error) {
	a, err := scanAssessment(tx.QueryRow(selectAssessments+` AND id = $2`, workspaceID, id), now)
	if errors.Is(err, sql.ErrNoRows) {
		return a, fault.NotFound("assessment")
	}
	return a, err
}

func scanAssessment(row interface{ Scan(...any) error }, now time.Time) (a Assessment, err error) {
	var consulted, created, updated int64
	var byType, byID sql.NullString
	var at, until sql.NullInt64
	err = row.Scan(&a.ID, &a.Feature, &a.State, &a.Description, &a.Necessity, &a.Risks, &a.Measures, &a.ResidualRisk, &consulted, &a.DPOOpinion,
		&byType, &byID, &at, &until, &created, &updated)
	a.DPOConsulted, a.CreatedAt, a.UpdatedAt = consulted == 1, clock.FromMicros(created), clock.FromMicros(updated)
	if at.Valid {
		approved, review := clock.FromMicros(at.Int64), clock.FromMicros(until.Int64)
		a.ApprovedBy, a.ApprovedAt, a.ReviewAt = &actor.Ref{Type: actor.Type(byType.String), ID: byID.String}, &approved, &review
		if a.State == AssessmentApproved && !review.After(now) {
			a.State = AssessmentDue
		}
	}
	return a, err
}
