package policy

import "bytes"

// Merge is the document with the statements that isOurs recognises replaced by ours, which go last; without ours, it
// is what everybody else wrote.
//
// Everything else (other statements, Version, Id, elements unknown to this package) is passed on as it stands, so what
// somebody else wrote keeps its meaning. Variables in ours need the current Version, which a document gets that has
// none of its own: there it changes nothing. The result is no document when no statement is left: AWS takes none
// without one, so the caller deletes the policy.
func (d Stored) Merge(ours []Statement, isOurs func(sid string) bool) Stored {
	merged := d.head
	if d.text == "" {
		merged.Version = Version
	}
	theirs, added := false, false // whether any statement has a variable
	for _, s := range d.statements {
		if !isOurs(s.sid) {
			merged.Statement = append(merged.Statement, s.text)
			theirs = theirs || s.variables
		}
	}
	for _, s := range ours {
		text := mustMarshal(s)
		merged.Statement = append(merged.Statement, text)
		added = added || bytes.Contains(text, []byte("${"))
	}
	if added && !theirs {
		merged.Version = Version
	}
	if len(merged.Statement) == 0 {
		return Stored{}
	}
	return mustReadStored(string(mustMarshal(merged)))
}

// Stored is the document as AWS has it when nobody else writes it.
func (d Document) Stored() Stored {
	return Stored{}.Merge(d.Statements, func(string) bool { return false })
}

// Merge reads a document and has it merged, see Stored.Merge.
func Merge(current string, ours []Statement, isOurs func(sid string) bool) (string, error) {
	d, err := ReadStored(current)
	if err != nil {
		return "", err
	}
	return d.Merge(ours, isOurs).Text(), nil
}
