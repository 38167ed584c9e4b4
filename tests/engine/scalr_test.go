package engine

var _ = exampleOf("scalr", props{
	"scalr": props{
		"account":    "accountscalrone",
		"workspaces": []any{props{"environment": "environmentscalrone", "name": "workspacescalrone"}},
	},
})
