package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// judgeGitLab is the audit for gitlab.com: project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF, or project_id in the place
// of the path.
func judgeGitLab(v trust.View, report func(Rule, string)) {
	for _, value := range slices.Concat(v.Claim("sub")...) {
		key, rest, _ := strings.Cut(value.Pattern, ":")
		if value.Exact() || key != "project_path" && key != "project_id" {
			continue
		}
		detail := fmt.Sprintf("sub %q", value.Text)
		project, context, _ := strings.Cut(rest, ":")
		group, name, _ := strings.Cut(project, "/")
		switch {
		case v.Pins("project_id") || trust.HasWildcard(group) || key == "project_id":
		case onlyWild(name), strings.HasSuffix(name, "/*"):
			report(organizationWide, detail)
		default:
			judgeName(name, detail, report)
		}
		switch before := key + ":" + fill(project); {
		case v.Pins("ref_protected"):
		case admitsAny(v, value, before+":ref_type:branch:ref:", ""):
			report(anyRef, detail)
		case wildBeforeLiteral(context[strings.LastIndex(context, ":")+1:]):
			report(trust.WildcardBeforeDecision, detail)
		}
	}
}
