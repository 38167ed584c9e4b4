package gitlab

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// judge is the audit for gitlab.com: project_path:GROUP/PROJECT:ref_type:TYPE:ref:REF, or project_id in the place
// of the path.
func judge(v trust.View, report func(ci.Rule, string)) {
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
		case ci.OnlyWild(name), strings.HasSuffix(name, "/*"):
			report(ci.OrganizationWide, detail)
		default:
			ci.JudgeName(name, detail, report)
		}
		switch before := key + ":" + ci.Fill(project); {
		case v.Pins("ref_protected"):
		case ci.AdmitsAny(v, value, before+":ref_type:branch:ref:", ""):
			report(ci.AnyRef, detail)
		case ci.WildBeforeLiteral(context[strings.LastIndex(context, ":")+1:]):
			report(trust.WildcardBeforeDecision, detail)
		}
	}
}
