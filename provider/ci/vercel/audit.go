package vercel

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

var (
	// anyForm is the form of an audit: what the tokens of a custom environment carry is not documented, so any name may
	// stand there.
	anyForm = ci.NewForm("owner:{team}:project:{project}:environment:{environment}",
		ci.Field{Name: "team", Sample: "acme", Decides: ci.Tenant},
		ci.Field{Name: "project", Sample: "acme_website", Decides: ci.Project},
		ci.Field{Name: "environment", Sample: "production", Other: "preview", Decides: ci.Event})

	// teamAudience is the audience of the shared issuer's tokens, which names the team.
	teamAudience = ci.Field{
		Name: "aud", Texts: `https://vercel\.com/[^/]+`, Sample: "https://vercel.com/acme",
		Other: "https://vercel.com/mallory", Decides: ci.Tenant,
	}
)

// teamOf is the team that a team's issuer names.
func teamOf(issuer string) map[string]string {
	return map[string]string{"team": strings.TrimPrefix(strings.TrimSuffix(issuer, "/"), host+"/")}
}

// reads judges a reading: whose deployments get in, of how many projects, and whether some of them run code that nobody
// has reviewed.
func reads(r *ci.Reading) []ci.Verdict {
	verdicts := r.Strangers()
	if verdicts == nil {
		verdicts = r.Projects(ci.OrganizationWide, ci.ProjectPrefix)
	}
	switch {
	case verdicts != nil && !r.NamesTenant():
		return verdicts
	case verdicts != nil && r.OneCause():
		return ci.OfOneCause(verdicts, environments(r))
	}
	return append(verdicts, environments(r)...)
}

// environments judges whether deployments of code that nobody has reviewed get in.
func environments(r *ci.Reading) []ci.Verdict {
	var verdicts []ci.Verdict
	for _, rule := range []ci.Rule{preview, development} {
		environment := strings.TrimPrefix(rule.ID, "vercel-")
		if fields := map[string]string{"environment": environment}; r.Admits(fields) {
			verdicts = append(verdicts, ci.Verdict{Rule: rule, Detail: "environment " + environment, Fields: fields})
		}
	}
	return verdicts
}
