package engine

var _ = exampleOf("harness", props{
	"harness": props{
		"accountId": "harnessAccountOne",
		"hostname":  "accounts.eu.harness.io",
		"projects": []any{
			props{"organization": "harnessorgone", "id": "harnessprojectone", "pipelines": []any{"harnesspipelineone"}},
		},
		"organizations":     []any{"harnessorgtwo"},
		"accountConnectors": true,
		"wholeAccount":      true,
	},
	"acceptRisks": []any{"harness-whole-account"},
}, "HarnessTrust.accountId")

var _ = riskOf("harness-whole-account", "harness.wholeAccount", props{"harness": props{"accountId": "A1b2C3d4E5f6G7h8J9k0Lm", "wholeAccount": true}})
