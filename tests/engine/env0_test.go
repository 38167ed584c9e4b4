package engine

var _ = exampleOf("env0", props{
	"env0": props{
		"subject": "auth0|7a7a7a7asubjectone", "projectIds": []any{"3a3a3a3a-1111-4111-8111-3b3b3b3b3b3b"},
		"deploymentTypes": []any{"deploymenttypeone"},
	},
})

var _ = riskOf("env0-any-project", "env0", props{"env0": props{"subject": "auth0|6f0000000000000000000a01", "deploymentTypes": []any{"deploy"}}})
