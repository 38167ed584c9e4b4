package spacelift

import (
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// Words are sections that trust a run: by its type, and by its scope where the type alone trusts more.
func (System) Words(job ci.Job) []map[string]any {
	texts, ok := job.Reads("space", "caller type", "caller", "run type", "scope")
	if !ok {
		return nil
	}
	section := func(list string, item map[string]any) map[string]any {
		return job.ForAudience(map[string]any{"hostname": job.Issuer, list: []map[string]any{item}}, job.Issuer)
	}
	caller := map[string]any{"space": texts[0], "id": texts[2]}
	if texts[1] == "module" {
		return []map[string]any{section("modules", caller)}
	}
	caller["runTypes"] = texts[3:4]
	return []map[string]any{
		section("stacks", caller), section("stacks", ci.With(caller, map[string]any{"scopes": texts[4:5]})),
	}
}
