package engine

var _ = exampleOf("octopusDeploy", props{
	"octopusDeploy": props{
		"issuer": "https://octopusone.example/octopuspath",
		"executions": []any{
			props{
				"space": "octspaceone", "project": "octprojectone", "runbook": "octrunbookone", "tenants": []any{"octtenantone"},
				"environments": []any{"octenvironmentone"}, "account": "octaccountone", "types": []any{"runbook"},
			},
			props{"space": "octspacetwo", "projectGroup": "octgroupone", "environments": []any{"octenvironmenttwo"}},
		},
		"healthChecks": []any{props{"space": "octspacethree", "targets": []any{"octtargetone"}, "account": "octaccounttwo", "types": []any{"health"}}},
		"accountTests": []any{props{"space": "octspacefour", "accounts": []any{"octaccountthree"}}},
		"feeds":        []any{props{"space": "octspacefive", "feeds": []any{"octfeedone"}}},
		"sessionTags":  true,
	},
}, "OctopusDeployTrust.issuer")
