package spacelift

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// templated stands for the subjects of an account with a template of its own: whatever its admins made of it.
// Source: template
var templated = ci.NewForm("{subject}", ci.Field{
	Name: "subject", Texts: `(?s:.+)`, Sample: "path:/root/production:stack:web", Decides: ci.Project,
})

// audited are the forms that an audit knows. The issuer is one account's alone, so no form is a stranger's.
var audited = []*ci.Form{form, templated}

// reads judges a reading: of how much of the account runs get in, and which kinds of them share the role.
func reads(r *ci.Reading) []ci.Verdict {
	if r.Form == templated {
		return readsTemplated(r)
	}
	verdicts := r.Projects(ci.OrganizationWide, ci.ProjectPrefix)
	if verdicts != nil && r.OneCause() {
		return ci.OfOneCause(verdicts, runs(r))
	}
	return append(verdicts, runs(r)...)
}

// runs judges which kinds of runs share the role.
func runs(r *ci.Reading) []ci.Verdict {
	var verdicts []ci.Verdict
	if space := r.Span("space"); space.Kind == ci.Exact && !spaceID.MatchString(space.Text) {
		verdicts = append(verdicts, ci.Verdict{Rule: spaceForm, Detail: "space " + space.Text})
	}
	proposed := map[string]string{"caller type": "stack", "run type": "PROPOSED", "scope": "read"}
	if r.Admits(proposed) {
		rule := proposedRole
		if r.Shares(admitsOthers) {
			rule = proposedRuns
		}
		verdicts = append(verdicts, ci.Verdict{Rule: rule, Detail: "proposed runs", Fields: proposed})
	}
	if tests := moduleTest(); r.Admits(tests) {
		verdicts = append(verdicts, ci.Verdict{Rule: moduleTests, Detail: "tests of modules", Fields: tests})
	}
	return verdicts
}

// moduleTest is what the test of a module has in its subject.
func moduleTest() map[string]string {
	return map[string]string{"caller type": "module", "run type": "TESTING", "scope": "write"}
}

// admitsOthers reports that runs other than proposed ones get in.
func admitsOthers(r *ci.Reading) bool {
	if r.Form != form {
		return false
	}
	if kind := r.Span("run type"); kind.Kind == ci.Exact {
		return kind.Text != "PROPOSED"
	}
	for _, kind := range []string{"TRACKED", "TASK", "DESTROY"} {
		if slices.ContainsFunc(knownScopes[kind], func(scope string) bool {
			return r.Admits(map[string]string{"caller type": "stack", "run type": kind, "scope": scope})
		}) {
			return true
		}
	}
	return r.Admits(moduleTest())
}

// readsTemplated judges what fits no subject without a template: nothing is known of its parts.
func readsTemplated(r *ci.Reading) []ci.Verdict {
	if r.ReadAs(form) {
		return nil
	}
	return r.Projects(ci.OrganizationWide, ci.ProjectPrefix)
}
