package policy

// Merge reads a document and has it merged, see Stored.Merge.
func Merge(current string, ours []Statement, isOurs func(sid string) bool) (string, error) {
	d, err := ReadStored(current)
	if err != nil {
		return "", err
	}
	return d.Merge(ours, isOurs), nil
}
