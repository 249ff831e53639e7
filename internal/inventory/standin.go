package inventory

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// StandIn stands for an id that AWS will make up, in the form of a key's: always the same for a resource of a file that
// is deployed to an account, and nobody else's.
func StandIn(account, file, resource string) string {
	sum := sha256.Sum256([]byte(strings.Join([]string{account, file, resource}, "\n")))
	h := hex.EncodeToString(sum[:16])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
