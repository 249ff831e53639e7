package proof

import "encoding/json"

// SchemaVersion is the version of the JSON below, which docs/matrix.schema.json describes.
const SchemaVersion = 1

// Matrix is a Report as JSON.
type Matrix struct {
	Version  int             `json:"version"`
	Bucket   string          `json:"bucket"`
	Owner    string          `json:"owner"`
	Region   string          `json:"region"`
	Key      string          `json:"key,omitempty"`
	Verified Verified        `json:"verified"`
	Subjects []MatrixSubject `json:"subjects"`
	Findings []Finding       `json:"findings"`
	Unread   []Unread        `json:"unread"`
}

// MatrixSubject is a row.
type MatrixSubject struct {
	Who      string       `json:"who"`
	ARN      string       `json:"arn"`
	Account  string       `json:"account"`
	Role     Role         `json:"role"`
	Imagined bool         `json:"imagined"`
	Cells    []MatrixCell `json:"cells"`
}

// MatrixCell is one answer.
type MatrixCell struct {
	Operation string      `json:"operation"`
	Variant   string      `json:"variant,omitempty"`
	Place     string      `json:"place"`
	Declared  Expectation `json:"declared"`
	Allowed   bool        `json:"allowed"`
	S3        string      `json:"s3"`
	KMS       string      `json:"kms"`
	Verdict   Verdict     `json:"verdict"`
}

// Matrix is the report as it is written as JSON.
func (r Report) Matrix() Matrix {
	b := r.World.Bucket
	m := Matrix{
		Version: SchemaVersion, Bucket: b.Name, Owner: b.Owner, Region: b.Region, Verified: r.Verified(),
		Subjects: make([]MatrixSubject, len(r.Subjects)), Findings: r.Findings(), Unread: r.World.Unread,
	}
	if b.Key != nil {
		m.Key = b.Key.ARN
	}
	for i, s := range r.Subjects {
		m.Subjects[i] = MatrixSubject{
			Who: s.Label, ARN: s.ARN, Account: s.Account, Role: s.Role, Imagined: s.Imagined, Cells: []MatrixCell{},
		}
	}
	if m.Findings == nil {
		m.Findings = []Finding{}
	}
	if m.Unread == nil {
		m.Unread = []Unread{}
	}
	for _, a := range r.Answers {
		row := &m.Subjects[a.Subject]
		row.Cells = append(row.Cells, MatrixCell{
			Operation: string(a.Operation), Variant: a.Variant, Place: a.Place, Declared: a.Expect, Allowed: a.Allowed(),
			S3: string(a.Decision.S3), KMS: string(a.Decision.KMS), Verdict: a.Verdict,
		})
	}
	return m
}

// Line is the whole matrix as one line of JSON, for a log.
func (r Report) Line() []byte {
	line, _ := json.Marshal(r.Matrix()) // strings, booleans and lists of these: cannot fail
	return line
}
