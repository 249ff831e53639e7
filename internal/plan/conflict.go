package plan

import "fmt"

// Conflict is something that is there and keeps a share from being made as declared.
type Conflict struct {
	Resource string // a bucket's name, a key's ARN, user/ann
	Problem  string
	Remedy   string
}

func (c *Conflict) Error() string {
	return fmt.Sprintf("%s %s; %s", c.Resource, c.Problem, c.Remedy)
}

func conflict(resource, remedy, format string, args ...any) error {
	return &Conflict{resource, fmt.Sprintf(format, args...), remedy}
}

// Changed is a document in which somebody else changed statements between looking and writing. What is there must be
// looked at again.
type Changed struct{ Document string }

func (c *Changed) Error() string {
	return c.Document + " was changed by somebody else at the same time; try again"
}
