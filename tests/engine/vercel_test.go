package engine

var _ = exampleOf("vercel", props{
	"vercel": props{
		"team":       "vercelteamone",
		"issuerMode": "team",
		"projects": []any{
			props{"name": "vercelprojectone", "environments": []any{"production"}},
			props{"name": "vercelprojecttwo", "environments": []any{"preview", "development"}},
		},
	},
}, "VercelTrust.team")
