package engine

var _ = exampleOf("semaphore", props{
	"semaphore": props{
		"organization": "semaphoreorg7",
		"domain":       "domainseven.example",
		"projects": []any{props{
			"id": "5b5b5b5b-1111-4111-8111-5c5c5c5c5c5c", "repository": "repositoryseven", "branches": []any{"branchseventy"}, "tags": []any{"tagseventy"},
			"pullRequests": true,
		}},
		"sessionTags": true,
	},
	"acceptRisks": []any{"semaphore-pull-requests"},
}, "SemaphoreTrust.organization", "SemaphoreTrust.domain")

// onSemaphore trusts jobs of one project.
func onSemaphore(words props) props {
	return props{"semaphore": props{"organization": "acme", "projects": []any{with(props{"id": project, "repository": "web"}, words)}}}
}

var (
	_ = riskOf("semaphore-any-ref", "semaphore.projects[0].branches", onSemaphore(props{"branches": []any{"*"}}))
	_ = riskOf("semaphore-pull-requests", "semaphore.projects[0].pullRequests", onSemaphore(props{"pullRequests": true}))
)
