package engine

const bitbucketRepositoryOne = "{3b3b3b3b-1111-4111-8111-3c3c3c3c3c3c}"

var _ = exampleOf("bitbucket", props{
	"bitbucket": props{
		"workspace":     "workspaceseven",
		"workspaceUuid": "{3d3d3d3d-1111-4111-8111-3e3e3e3e3e3e}",
		"repositories": []any{
			props{"uuid": bitbucketRepositoryOne, "environments": []any{"{3f3f3f3f-1111-4111-8111-4a4a4a4a4a4a}"}, "stepsWithoutEnvironment": true},
		},
	},
	"acceptRisks": []any{"bitbucket-any-step"},
}, "BitbucketTrust.workspace")

var _ = riskOf("bitbucket-any-step", "bitbucket.repositories[0].stepsWithoutEnvironment", props{"bitbucket": props{
	"workspace": "acme", "workspaceUuid": "{6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11}",
	"repositories": []any{props{"uuid": bitbucketRepositoryOne, "stepsWithoutEnvironment": true}},
}})
