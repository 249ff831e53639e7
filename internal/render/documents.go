package render

import (
	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// Documents are all documents of a share, in a folder for each account. Documents of an existing bucket or key are the
// share's own statements: what others wrote there stays beside them, and is not known here. Without a declared key, its
// ARN is one of zeros.
func Documents(e Ends) ([]File, error) {
	s := e.Share
	keyPolicy := document.FullKeyPolicy(s, policy.Stored{}, document.KeyStatements(s), true).Text()
	owner := "owner-" + s.Env.Account + "/"
	bucketPolicy := policy.Document{Version: policy.Version, Statements: document.BucketStatements(s, e.keyARN())}
	files := []File{
		{owner + "key-policy.json", policy.Indent(keyPolicy)},
		{owner + "bucket-policy.json", bucketPolicy.Indented()},
	}
	for _, id := range share.Identities(s.Delegates) {
		files = append(files, File{owner + fileName(id) + ".json", document.DelegatePolicy(s, id, e.keyARN(), "").Indented()})
	}
	for _, a := range e.Sides {
		for _, id := range share.Identities(a.Grantees) {
			name := "consumer-" + a.Env.Account + "/" + fileName(id) + ".json"
			files = append(files, File{name, document.GranteePolicy(a, id, e.keyARN(), "").Indented()})
		}
	}
	return files, nil
}
