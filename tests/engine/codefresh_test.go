package engine

var _ = exampleOf("codefresh", props{
	"codefresh": props{
		"accountId": "64c0ffee0000000000000001",
		"pipelines": []any{
			props{
				"id": "65c0ffee0000000000000002", "cron": true,
				"pushes": []any{props{"repository": "https://pushhost.example/pushowner/pushrepo", "users": []any{"pushuser"}, "refs": []any{"pushbranch"}}},
				"pullRequests": []any{props{"repository": "https://requesthost.example/requestowner/requestrepo", "users": []any{"requestuser"},
					"sourceBranches": []any{"sourcebranchone"}, "targetBranches": []any{"targetbranchone"}}},
				"manualRuns": []any{
					props{"initiators": []any{"initiatorone"}},
					props{"initiators": []any{"initiatortwo"}, "repository": "https://manualhost.example/manualowner/manualrepo", "users": []any{"manualuser"}, "refs": []any{"manualbranch"}},
				},
			},
		},
	},
})
