package role

// condition is the condition of a statement.
type condition = map[string]map[string][]string
