// Package metric names what the provider measures: the function writes it, and the provider's stack shows and watches
// it.
package metric

// Namespace is the CloudWatch namespace of all of it.
const Namespace = "SharedBucket"

// The dimensions. Every metric is there by both together, and without any.
const (
	ResourceType = "ResourceType"
	RequestType  = "RequestType"
)

// The metrics, each with one value per event.
const (
	Duration      = "Duration"      // milliseconds from the event to its answer
	Calls         = "Calls"         // AWS calls, each counted once however often it was tried
	Retries       = "Retries"       // tries of them after the first
	Failures      = "Failures"      // 1 when the answer was a failure or could not be delivered
	ProofFailures = "ProofFailures" // 1 when that was because what was read back was not as declared
)

// The metrics of the schedule, each with one value per look at all shares, in numbers of shares.
const (
	Looked       = "Looked"       // those that were looked at
	Drift        = "Drift"        // those that are not as declared
	Repaired     = "Repaired"     // those of them that were mended
	LookFailures = "LookFailures" // those that could not be looked at, or not be mended though they say so
)
