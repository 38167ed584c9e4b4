package googlecloudbuild

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a build: with the e-mail address of its service account where azp has that.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("service account")
	if !ok {
		return nil
	}
	account := map[string]any{"uniqueId": texts[0]}
	party := ci.AudienceOf(job.Claims)
	if strings.Contains(party, "@") {
		account["email"] = party
	}
	words := map[string]any{"serviceAccounts": []map[string]any{account}}
	if aud := ci.TextOf(job.Claims["aud"]); !job.Demanded && aud != "" && aud != audience {
		words["audiences"] = []string{aud}
	}
	return []map[string]any{words}
}
