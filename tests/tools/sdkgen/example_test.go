package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The generators take code blocks in other languages out of descriptions. A description with an example in one language
// alone shows none in the others.
func TestEverySDKShowsTheExampleInItsOwnLanguage(t *testing.T) {
	for file, fence := range map[string]string{
		"nodejs/ciOidcTrust.ts":                                            "```typescript",
		"python/pulumi_ci_oidc_trust/ci_oidc_trust.py":                     "```python",
		"go/cioidctrust/ciOidcTrust.go":                                    "```go",
		"dotnet/CiOidcTrust.cs":                                            "```csharp",
		"java/src/main/java/io/github/cioidctrust/pulumi/CiOidcTrust.java": "{@code",
	} {
		content, err := os.ReadFile(filepath.Join(root, "sdk", filepath.FromSlash(file)))
		if err != nil {
			t.Fatal(err)
		}
		_, usage, found := strings.Cut(string(content), "## Example Usage")
		if !found || !strings.Contains(usage[:min(len(usage), 200)], fence) {
			t.Errorf("%s shows no example of CiOidcTrust that begins with %s", file, fence)
		}
		if strings.Contains(string(content), "{{%") {
			t.Errorf("%s has a shortcode of the Registry in it", file)
		}
	}
}
