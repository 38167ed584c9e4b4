package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const depotTenant = `^spiffe://identity\.depot\.dev/org/[^*?/]+/`

var depotWords = wordGrammar{tenant: newExpression(depotTenant), words: []string{"org", "ci", "github", "ref", "sandbox"}}

// judgeDepot is the audit for Depot CI: .../ci/github/OWNER/REPOSITORY/ref/REF/sandbox/SANDBOX.
func judgeDepot(v trust.View, report func(Rule, string)) {
	depotWords.judge(v, report)
	for _, value := range slices.Concat(v.Claim("sub")...) {
		repository := fill(strings.TrimRight(upTo(value.Pattern, "/ref/"), "/*"))
		if value.Wild() && depotWords.tenant.MatchString(value.Literal()) && admitsAny(v, value, repository+"/ref/refs/heads/", "/sandbox/x") {
			report(anyRef, fmt.Sprintf("sub %q", value.Text))
		}
	}
}
