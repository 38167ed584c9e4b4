package bitrise

// What the tests write is JSON-like.
type (
	object = map[string]any
	list   = []any
)
