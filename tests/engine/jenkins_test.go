package engine

var (
	_ = exampleOf("jenkins", props{
		"jenkins": props{
			"url": "https://jenkinsone.example/jenkinspath", "folder": "jenfolderone",
			"jobs": []any{props{"name": "jenfolderone/jenfoldertwo/jenjobone", "branches": []any{"jenbranchone"}}, props{"name": "jenfolderone/jenjobtwo"}},
		},
	}, "JenkinsTrust.url", "JenkinsTrust.folder")
	_ = exampleOf("jenkins, of an issuer of its own", props{
		"jenkins": props{"url": "https://jenkinstwo.example", "issuer": "https://jenissuerone.example", "jobs": []any{props{"name": "jenjobthree"}}},
	}, "JenkinsTrust.issuer")
	_ = riskOf("jenkins-pull-request-job", "jenkins.jobs[0].name", props{"jenkins": props{
		"url": "https://jenkins.example.com", "jobs": []any{props{"name": "team/web/PR-1"}},
	}})
)
