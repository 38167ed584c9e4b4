package engine

var _ = exampleOf("depot", props{
	"depot": props{
		"organizationId": "depotorganization7",
		"repositories":   []any{props{"repository": "depotownerseven/depotnameseven"}},
	},
	"acceptRisks": []any{"depot-any-job"},
})

var _ = riskOf("depot-any-job", "depot.repositories[0]", props{"depot": props{
	"organizationId": "a1b2c3d4e5", "repositories": []any{props{"repository": "acme/web"}},
}})
