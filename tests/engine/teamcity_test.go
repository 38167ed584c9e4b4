package engine

var (
	_ = exampleOf("teamcity", props{
		"teamcity": props{
			"url": "https://teamcityone.example/teamcitypath",
			"buildConfigurations": []any{
				props{"project": "tcprojectone", "buildType": "tcbuildone", "branches": []any{"tcbranchone"}, "triggerTypes": []any{"tctriggerone"}},
				props{"project": "tcprojecttwo", "buildType": "tcbuildtwo", "anyBranch": true},
			},
		},
		"acceptRisks": []any{"teamcity-any-branch"},
	}, "TeamCityTrust.url")
	_ = riskOf("teamcity-any-branch", "teamcity.buildConfigurations[0]", props{"teamcity": props{
		"url": "https://teamcity.example.com", "buildConfigurations": []any{props{"project": "project7", "buildType": "bt42", "anyBranch": true}},
	}})
)
