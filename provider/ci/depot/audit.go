package depot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const tenant = `^spiffe://identity\.depot\.dev/org/[^*?/]+/`

var words = ci.WordGrammar{Tenant: ci.NewExpression(tenant), Words: []string{"org", "ci", "github", "ref", "sandbox"}}

// judge is the audit for Depot CI: .../ci/github/OWNER/REPOSITORY/ref/REF/sandbox/SANDBOX.
func judge(v trust.View, report func(ci.Rule, string)) {
	words.Judge(v, report)
	for _, value := range slices.Concat(v.Claim("sub")...) {
		repository := ci.Fill(strings.TrimRight(ci.UpTo(value.Pattern, "/ref/"), "/*"))
		if value.Wild() && words.Tenant.MatchString(value.Literal()) &&
			ci.AdmitsAny(v, value, repository+"/ref/refs/heads/", "/sandbox/x") {
			report(ci.AnyRef, fmt.Sprintf("sub %q", value.Text))
		}
	}
}
