package adopt

// Hand is what an adoption depends on besides policies.
type Hand struct {
	Versioning string // Enabled, Suspended, or "" where it was never on
	Tags       map[string]string
	ACL        []string // whom the bucket's ACL lets in besides its owner, with the permission
	Grants     []Grant
}

// Grant is a grant of KMS on the bucket's key.
// https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
type Grant struct {
	ID, Grantee string
	Operations  []string          // without kms:
	Context     map[string]string // the encryption context that it asks for
}
