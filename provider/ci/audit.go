package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

var organizationWide = Rule{
	ID: "organization-wide", Severity: Medium,
	Summary:     "everything of the organization is trusted, also what somebody there creates tomorrow",
	Remediation: "Name the repositories, projects or workspaces that deploy.",
	Source:      "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html",
}

var anyRef = Rule{
	ID: "any-ref", Severity: High,
	Summary:     "jobs of any branch or tag get in: whoever may push one gets the role, without a review",
	Remediation: "Name the branches, tags or environments that deploy.",
	Source:      githubDocs,
}

var terraformRunPhase = Rule{
	ID: "terraform-run-phase", Severity: Medium,
	Summary:     "plan and apply get the same role, so a speculative plan of an unmerged change can write",
	Remediation: "Give run_phase:apply a role of its own, and run_phase:plan one that reads.",
	Source:      "https://developer.hashicorp.com/terraform/cloud-docs/workspaces/dynamic-provider-credentials/workload-identity-tokens",
}

// AuditRules are all rules an audit can report: the general ones and those of the systems, by id.
func AuditRules() []Rule {
	rules := slices.Concat(trust.AuditRules(), []Rule{organizationWide, anyRef, terraformRunPhase}, githubAuditRules(), circleciAuditRules())
	slices.SortFunc(rules, func(a, b Rule) int { return strings.Compare(a.ID, b.ID) })
	return rules
}

// Audit reads any trust policy with what is known of CI systems.
func Audit(document []byte, role trust.Role) ([]Finding, error) {
	return trust.Audit(document, issuers, role)
}

// freshText is longer than any run of "?" that somebody writes, and of a character that stands in no policy: what admits
// it admits anything.
var freshText = strings.Repeat("\U0010FFFD", 64)

// admitsAny reports that a subject gets in whatever stands between two fixed parts.
func admitsAny(v trust.View, value trust.Value, before, after string) bool {
	text := before + freshText + after
	if !strings.Contains(value.Pattern, "*") { // runs of "?" accept one length only
		rest := len([]rune(value.Pattern)) - len([]rune(before)) - len([]rune(after))
		if rest <= 0 {
			return false
		}
		text = before + strings.Repeat("\U0010FFFD", rest) + after
	}
	return value.Admits(text) && v.Admits("sub", text)
}

// fill puts an ordinary character in the place of each wildcard.
func fill(pattern string) string { return strings.NewReplacer("*", "x", "?", "x").Replace(pattern) }

// onlyWild reports that a pattern has nothing but wildcards.
func onlyWild(pattern string) bool { return strings.Trim(pattern, "*?") == "" }

// wildBeforeLiteral reports that a "*" stands before something that is no wildcard.
func wildBeforeLiteral(pattern string) bool {
	return strings.Contains(strings.TrimRight(pattern, "*?"), "*")
}

// judgeName is the audit of the name of a repository, project or workspace that has a wildcard.
func judgeName(name, detail string, report func(Rule, string)) {
	switch {
	case !trust.HasWildcard(name) || onlyWild(name):
	case trust.HasWildcard(strings.TrimRight(name, "*?")):
		report(trust.WildcardBeforeDecision, detail)
	default:
		report(trust.PrefixCollision, detail)
	}
}

// A wordGrammar is that of subjects made of words and names: organization:ORG:pipeline:NAME:ref:REF:...
type wordGrammar struct {
	tenant *expression // the beginning, which names the tenant
	words  []string    // which name nothing by themselves
	ref    string      // the word before the ref, "" where the subject has none
}

func (g wordGrammar) judge(v trust.View, report func(Rule, string)) {
	for _, value := range slices.Concat(v.Claim("sub")...) {
		tenant := g.tenant.FindString(value.Literal())
		if value.Exact() || tenant == "" {
			continue
		}
		detail := fmt.Sprintf("sub %q", value.Text)
		names, ref, named := value.Pattern[len(tenant):], "", false
		if g.ref != "" {
			names, ref, named = strings.Cut(names, ":"+g.ref+":")
		}
		parts := strings.FieldsFunc(names, func(r rune) bool { return r == ':' || r == '/' })
		if !slices.ContainsFunc(parts, func(part string) bool { return !onlyWild(part) && !slices.Contains(g.words, part) }) {
			report(organizationWide, detail)
		}
		for _, part := range parts {
			judgeName(part, detail, report)
		}
		before := tenant + strings.TrimRight(fill(strings.TrimRight(names, "*")), ":") + ":" + g.ref + ":refs/heads/"
		switch {
		case g.ref == "":
		case admitsAny(v, value, before, ":commit:x:step:x"):
			report(anyRef, detail)
		case named && wildBeforeLiteral(upTo(ref, ":")):
			report(trust.WildcardBeforeDecision, detail)
		}
	}
}

func upTo(text, separator string) string {
	before, _, _ := strings.Cut(text, separator)
	return before
}

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

// judgeTenantIssuer is the audit for a system with an issuer of its own for each organization.
func judgeTenantIssuer(v trust.View, report func(Rule, string)) {
	subjects := slices.Concat(v.Claim("sub")...)
	if len(subjects) == 0 {
		report(organizationWide, v.Host+" without sub")
	}
	for _, value := range subjects {
		if value.Like && onlyWild(value.Pattern) {
			report(organizationWide, fmt.Sprintf("sub %q", value.Text))
		}
	}
}

const terraformTenant = `^organization:[^*?:]+:`

var terraform = wordGrammar{
	tenant: newExpression(terraformTenant),
	words:  []string{"project", "workspace", "stack", "deployment", "run_phase", "operation", "plan", "apply"},
}

// judgeTerraform is the audit for HCP Terraform, whose subject ends in the run phase.
func judgeTerraform(v trust.View, report func(Rule, string)) {
	terraform.judge(v, report)
	for _, value := range slices.Concat(v.Claim("sub")...) {
		if value.Wild() && terraform.tenant.MatchString(value.Literal()) && admitsPhase(v, value, "plan") && admitsPhase(v, value, "apply") {
			report(terraformRunPhase, fmt.Sprintf("sub %q", value.Text))
		}
	}
}

// admitsPhase reports that a value accepts a run in a phase: of a workspace, or of a stack's deployment.
func admitsPhase(v trust.View, value trust.Value, phase string) bool {
	names := upTo(upTo(value.Pattern, ":run_phase:"), ":operation:")
	for _, before := range []string{fill(names), fill(strings.TrimRight(names, "*"))} {
		for _, word := range []string{"run_phase", "operation"} {
			subject := strings.TrimRight(upTo(before, ":"+word), ":") + ":" + word + ":" + phase
			if value.Admits(subject) && v.Admits("sub", subject) {
				return true
			}
		}
	}
	return false
}
