package engine

var _ = exampleOf("forgejo", props{
	"forgejo": props{
		"url": "https://forgejoone.example",
		"repositories": []any{
			props{
				"repository": "ownerseven/nameseven", "ownerId": "7007007", "repositoryId": "8008008",
				"branches": []any{"brancheight"}, "tags": []any{"tageight"}, "pullRequests": true,
			},
		},
	},
}, "ForgejoTrust.url")

// forgejoAt trusts a branch of a repository.
func forgejoAt(url, branch string) props {
	return props{"forgejo": props{"url": url, "repositories": []any{
		props{"repository": "acme/web", "ownerId": "7", "repositoryId": "12", "branches": []any{branch}},
	}}}
}

var (
	_ = riskOf("forgejo-any-ref", "forgejo.repositories[0].branches", forgejoAt("https://git.example.com", "*"))
	_ = riskOf("forgejo-open-instance", "forgejo.repositories[0]", forgejoAt("https://codeberg.org", "main"))
)
