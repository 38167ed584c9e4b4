package engine

var _ = exampleOf("flyio", props{
	"flyio": props{
		"organization": "flyorganization",
		"apps":         []any{props{"name": "flyappone", "machines": []any{"flymachineone"}}, props{"name": "flyapptwo"}},
	},
}, "FlyIoTrust.organization")
