package evaluator

// Layer is a place where something can stand in a request's way, or let it through.
type Layer string

// The layers. LayerDocument is a document that is not valid, wherever it is attached.
const (
	LayerIdentity          Layer = "identity"
	LayerBucketPolicy      Layer = "bucket policy"
	LayerAccessPoint       Layer = "access point"
	LayerKeyPolicy         Layer = "key policy"
	LayerBoundary          Layer = "boundary"
	LayerSession           Layer = "session"
	LayerSCP               Layer = "scp"
	LayerRCP               Layer = "rcp"
	LayerBlockPublicAccess Layer = "block public access"
	LayerDocument          Layer = "document"
)
