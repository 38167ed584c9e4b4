package engine

var _ = exampleOf("spacelift", props{
	"spacelift": props{
		"hostname":    "spaceliftone.example",
		"stacks":      []any{props{"space": "spaceoneid", "id": "stackseven", "runTypes": []any{"TRACKED"}, "scopes": []any{"write"}}},
		"modules":     []any{props{"space": "spacetwoid", "id": "moduleone"}},
		"sessionTags": true,
	},
}, "SpaceliftTrust.hostname")
