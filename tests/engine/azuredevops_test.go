package engine

var _ = exampleOf("azureDevOps", props{
	"azureDevOps": props{
		"organization":       "organizationseven",
		"organizationId":     "4b4b4b4b-1111-4111-8111-4c4c4c4c4c4c",
		"serviceConnections": []any{props{"project": "projectseven", "name": "connectionseven"}},
		"pipelines":          []any{props{"project": "projecteight", "name": "pipelineseven"}},
	},
	"acceptRisks": []any{"azure-devops-any-ref"},
}, "AzureDevOpsTrust.organizationId")

var _ = riskOf("azure-devops-any-ref", "azureDevOps.pipelines[0]", props{"azureDevOps": props{
	"organization": "acme", "organizationId": organization, "pipelines": []any{props{"project": "Web Shop", "name": "Release"}},
}})
