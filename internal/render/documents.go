package render

import (
	"example.com/sharedbucket/internal/document"
)

// Documents are all documents of a share, in a folder for each account. Documents of an existing bucket or key are the
// share's own statements: what others wrote there stays beside them, and is not known here. Without a declared key, its
// ARN is one of zeros.
func Documents(e Ends) ([]File, error) {
	owner, policies := "owner-"+e.Share.Env.Account+"/", document.OfShare(e.Share, e.keyARN(), "")
	files := []File{
		{owner + "key-policy.json", policies.KeyPolicy().Indented()},
		{owner + "bucket-policy.json", policies.BucketPolicy().Indented()},
	}
	files = append(files, identityPolicies(owner, policies)...)
	for _, a := range e.Sides {
		side := document.OfAccess(a, e.keyARN(), "")
		files = append(files, identityPolicies("consumer-"+a.Env.Account+"/", side)...)
	}
	return files, nil
}

func identityPolicies(folder string, policies document.Policies) []File {
	var files []File
	for _, p := range policies.Identities {
		files = append(files, File{folder + fileName(p.Identity) + ".json", p.Document.Indented()})
	}
	return files
}
