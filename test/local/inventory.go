package local

import (
	"context"
	"net/http"
)

// Inventory is what there is in an account of what shares can leave there, all at once.
type Inventory struct {
	Buckets    []string
	Keys       map[string]string   // ARN → state
	Aliases    map[string]string   // name → ARN of the key
	Identities map[string]Policies // user/NAME, role/NAME and group/NAME
	Policies   []string            // ARNs of the account's managed policies
	Parameters map[string]string   // name → value
}

// Policies are those of an identity: names of inline ones, ARNs of attached ones.
type Policies struct{ Inline, Attached []string }

// Inventory looks at the account in the server's region.
func (a *Account) Inventory(ctx context.Context) (Inventory, error) {
	var there Inventory
	return there, a.aws.control(ctx, http.MethodGet, "accounts/"+a.ID+"/"+a.aws.Region, nil, &there)
}
