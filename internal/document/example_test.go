package document_test

import (
	"fmt"

	"example.com/sharedbucket/internal/document"
	"example.com/sharedbucket/internal/share"
	"example.com/sharedbucket/policy"
)

// A small share: another account reads what is below reports/, and so does ann of the owner's account. A digest
// in a Sid stands for the prefixes, and in the key policy for the bucket, as a key may serve several shares.
func Example() {
	s, err := share.ParseShare(map[string]any{
		"BucketName": "account-a-bucket", "Canary": false,
		"Consumers": []any{map[string]any{"Account": "222222222222", "Access": "Read", "Prefixes": []any{"reports/"}}},
		"Delegates": []any{map[string]any{"User": "ann", "Access": "Read", "Prefixes": []any{"reports/"}}},
	}, share.Env{Partition: "aws", Region: "ap-southeast-2", Account: "111111111111"})
	if err != nil {
		fmt.Println(err)
		return
	}
	const key = "arn:aws:kms:ap-southeast-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	documents := document.OfShare(s, key, "")
	show := func(title string, statements []policy.Statement) {
		fmt.Println(title)
		for _, of := range statements {
			fmt.Println(" ", of.Effect, of.Sid)
		}
	}
	show("bucket policy", documents.Bucket.Statements)
	show("key policy", documents.Key.Statements)
	for _, of := range documents.Identities {
		show("inline policy of "+of.Identity.String(), of.Document.Statements)
	}
	// Output:
	// bucket policy
	//   Deny SharedBucketDenyInsecureTransport
	//   Deny SharedBucketDenyOtherCipher
	//   Deny SharedBucketDenyUnnamedKey
	//   Deny SharedBucketDenyOtherKey
	//   Deny SharedBucketDenyCustomerKey
	//   Allow SharedBucketReadP4TBAT3XU7HEOAccount
	//   Allow SharedBucketListReadP4TBAT3XU7HEOAccount
	//   Allow SharedBucketFolderReadP4TBAT3XU7HEOAccount
	// key policy
	//   Allow SharedBucketBAHDXX22Y46KEUseReadAccount
	//   Allow SharedBucketBAHDXX22Y46KEDescribeAccount
	// inline policy of user/ann
	//   Allow SharedBucketRead
	//   Allow SharedBucketList
	//   Allow SharedBucketFolder
	//   Allow SharedBucketKey
}
