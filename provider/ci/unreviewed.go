package ci

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// OnlyReads is the remediation of findings about unreviewed code where the role's policies are known to read only.
const OnlyReads = "The role's policies only read: keep it so, and deploy with another role."

const leastPrivilege = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"

// Rules about what a role may do whose jobs run code that nobody need have reviewed. They are of no system, and of all.
var (
	unreviewedWrite = Rule{
		ID: "unreviewed-write", Severity: High,
		Summary: "the role is for jobs whose code nobody need have reviewed, and its policies allow more than " +
			"reading",
		Remediation: "Give these jobs a role of their own that only reads, and deploy with another one.",
		Source:      leastPrivilege,
	}
	unreviewedSecrets = Rule{
		ID: "unreviewed-secrets", Severity: Medium,
		Summary: "the role is for jobs whose code nobody need have reviewed, and its policies let them read what " +
			"may be secret",
		Remediation: "Allow what these jobs have to read, resource by resource, and leave secrets, states and logs " +
			"to another role.",
		Source: leastPrivilege,
	}
)

// AcceptsRisk reports that the user accepts a finding, or that it is not known yet whether.
func AcceptsRisk(root input.Value, id string) bool {
	list := root.Field("acceptRisks")
	return !list.FullyKnown() || slices.ContainsFunc(list.Texts(), func(v input.Value) bool { return v.Text() == id })
}

// PermissionRules are the rules about what a role may do.
func PermissionRules() []Rule { return []Rule{unreviewedSecrets, unreviewedWrite} }

// RefusePermitted reports what a role may do too much, at the property that allows it, unless the risk is accepted.
// secret says that nothing of the trust may appear in a message.
func RefusePermitted(root, at input.Value, findings []Finding, secret bool, problems *input.Problems) {
	for _, f := range findings {
		if f.ID == unreviewedWrite.ID && !AcceptsRisk(root, f.ID) {
			at.Secret = at.Secret || secret
			problems.Add(at, refusal(f), "("+f.Detail+")")
		}
	}
}

// Permitted adds to findings about a trust what matters of the role's permissions: where one of them is about jobs
// whose code nobody need have reviewed, what these may do with the role. A role that only reads is told so. May is nil
// where nothing is known of the permissions.
func Permitted(findings []Finding, may *trust.May) []Finding {
	var about []Finding
	for _, f := range findings {
		if f.Unreviewed {
			about = append(about, f)
		}
	}
	if may == nil || len(about) == 0 {
		return findings
	}
	trust.SortFindings(about)
	all := slices.Clone(findings)
	if may.Write == "" && !may.Partly {
		for i := range all {
			if all[i].ForReaders != "" {
				all[i].Remediation = all[i].ForReaders
			}
		}
	}
	for rule, uses := range map[*Rule]string{&unreviewedWrite: may.Write, &unreviewedSecrets: may.ReadSecrets} {
		if uses != "" {
			f := about[0]
			f.Rule, f.Detail = *rule, through(about)+"; allowed: "+uses
			all = append(all, f)
		}
	}
	trust.SortFindings(all)
	return all
}

// through says by which findings unreviewed code gets the role.
func through(about []Finding) string {
	var texts []string
	for _, f := range about {
		if text := fmt.Sprintf("%s (%s)", f.Detail, f.ID); !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	if more := len(texts) - 3; more > 0 {
		texts = append(texts[:3], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, ", ")
}
