package privacy

import (
	"slices"
	"strings"
	"time"

	"github.com/botimum/botimum/internal/clock"
	"github.com/botimum/botimum/internal/fault"
	"github.com/botimum/botimum/internal/id"
	"github.com/botimum/botimum/internal/storage"
	"github.com/botimum/botimum/internal/vault"
)

// Basis states why personal data may be processed (GDPR article 6).
type Basis struct {
	Purpose     string `json:"purpose" minLength:"1" maxLength:"64" doc:"The key of one of the workspace's purposes." example:"support"`
	LawfulBasis string `json:"lawful_basis" enum:"consent,contract,legal_obligation,vital_interests,public_task,legitimate_interests"`
	Evidence    string `json:"evidence,omitempty" maxLength:"500" doc:"Where it can be seen, such as the form and its version." example:"signup form v3"`
}

// LawfulBases are the six of GDPR article 6(1).
var LawfulBases = []string{"consent", "contract", "legal_obligation", "vital_interests", "public_task", "legitimate_interests"}

// ResolveBasis gives the basis that applies: the one stated, or else the
// workspace's default purpose where it has one. The purposes are the workspace's
// present ones. Without a basis the data is refused with basis_required.
func ResolveBasis(stated *Basis, defaultPurpose string, purposes []Purpose) (Basis, error) {
	if stated == nil {
		if i := slices.IndexFunc(purposes, func(p Purpose) bool { return p.Key == defaultPurpose }); i >= 0 {
			return Basis{Purpose: defaultPurpose, LawfulBasis: purposes[i].LawfulBasis, Evidence: "default purpose of the workspace"}, nil
		}
		return Basis{}, &fault.Error{Kind: fault.KindInvalid, Code: "basis_required",
			Detail: `Say why this personal data may be processed: add "basis" with purpose, lawful_basis and evidence, or set a default purpose for the workspace.`,
			Fields: []fault.FieldError{{Field: "basis", Detail: "is required"}}}
	}
	if !slices.Contains(LawfulBases, stated.LawfulBasis) {
		return Basis{}, fault.Invalid("basis.lawful_basis", "must be one of "+strings.Join(LawfulBases, ", "))
	}
	if !slices.ContainsFunc(purposes, func(p Purpose) bool { return p.Key == stated.Purpose }) {
		return Basis{}, fault.Invalid("basis.purpose", "is not a purpose of this workspace; GET /api/v1/privacy/purposes lists them")
	}
	return *stated, nil
}

const insertBases = `
	INSERT INTO processing_bases (workspace_id, contact_id, id, purpose, lawful_basis, evidence_sealed, source, created_at) VALUES `

const insertBasis = `
	INSERT INTO processing_bases (workspace_id, contact_id, id, purpose, lawful_basis, evidence_sealed, source, created_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

// BasisRecord is a basis ready to be stored: its evidence is already sealed.
type BasisRecord struct {
	Subject  Subject
	ID       string
	Basis    Basis
	Evidence []byte
	Source   string
	At       time.Time
}

// SealBasis prepares a basis for storing, outside of the transaction.
func SealBasis(key *vault.Key, ids id.Source, s Subject, b Basis, source string, at time.Time) BasisRecord {
	r := BasisRecord{Subject: s, ID: ids.New(id.Basis), Basis: b, Source: source, At: at}
	if b.Evidence != "" {
		r.Evidence = key.Seal(evidencePlace(r.ID), []byte(b.Evidence))
	}
	return r
}

func evidencePlace(row string) vault.Place {
	return vault.Place{Table: "processing_bases", Column: "evidence_sealed", Row: row}
}

// InsertBasis stores a basis in the caller's transaction.
func InsertBasis(tx *storage.Tx, r BasisRecord) error {
	_, err := tx.Exec(insertBasis, r.Subject.WorkspaceID, r.Subject.ContactID, r.ID, r.Basis.Purpose, r.Basis.LawfulBasis,
		r.Evidence, r.Source, clock.Micros(r.At))
	return fault.Wrap("privacy.InsertBasis", err)
}

// InsertBases is InsertBasis for many people with few statements.
func InsertBases(tx *storage.Tx, all []BasisRecord) error {
	args := make([]any, 0, 8*len(all))
	for _, r := range all {
		args = append(args, r.Subject.WorkspaceID, r.Subject.ContactID, r.ID, r.Basis.Purpose, r.Basis.LawfulBasis, r.Evidence, r.Source, clock.Micros(r.At))
	}
	_, err := storage.InsertRows(tx, insertBases, 8, args, "")
	return fault.Wrap("privacy.InsertBases", err)
}
