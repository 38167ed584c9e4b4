package engine

var (
	_ = exampleOf("concourse", props{
		"concourse": props{
			"url": "https://concourseone.example/concoursepath",
			"pipelines": []any{
				props{"team": "conteamone", "name": "conpipelineone", "instanceVars": props{"convarone": "convalueone"}, "jobs": []any{"conjobone"}},
				props{"team": "conteamtwo", "name": "conpipelinetwo"},
			},
			"teams": []any{"conteamthree"},
		},
		"acceptRisks": []any{"concourse-any-pipeline"},
	}, "ConcourseTrust.url")
	_ = riskOf("concourse-any-pipeline", "concourse.teams[0]", props{"concourse": props{"url": "https://ci.example.com", "teams": []any{"main"}}})
)
