package policy

// Merge reads a document and has it merged, see Stored.Merge.
func Merge(current string, ours []Statement, isOurs func(sid string) bool) (string, error) {
	d, err := ReadStored(current)
	if err != nil {
		return "", err
	}
	return d.Merge(ours, isOurs), nil
}

// Sids reads a document for its Sids, see Stored.Sids.
func Sids(document string) ([]string, error) {
	d, err := ReadStored(document)
	if err != nil {
		return nil, err
	}
	return d.Sids(), nil
}

// Contains reads a document and asks it for a statement, see Stored.Contains.
func Contains(document string, statement Statement) (bool, error) {
	d, err := ReadStored(document)
	if err != nil {
		return false, err
	}
	return d.Contains(statement), nil
}
