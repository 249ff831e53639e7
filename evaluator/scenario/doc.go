// Package scenario reads the scenarios of `sharedbucket simulate` and has package evaluator decide their requests. It
// knows JSON; package evaluator does not. docs/simulate.md describes the format, docs/scenario.schema.json is its
// schema.
//
// A Decider answers scenarios one by one. It remembers documents, principals and buckets that come again, up to a
// limit, so that what many scenarios share is read once:
//
//	decider := scenario.NewDecider()
//	result, err := decider.Decide(line)
//	out = result.AppendJSON(out)
package scenario
