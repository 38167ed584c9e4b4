package hcpterraform

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

// olderForm is the subject of runs before organizations had projects, which an installation that was not updated for
// years may still write.
var olderForm = ci.NewForm("organization:{organization}:workspace:{workspace}:run_phase:{run phase}",
	organizationField,
	ci.Field{Name: "workspace", Sample: "web", Decides: ci.Project},
	ci.Field{Name: "run phase", Choices: phases, Sample: "apply", Decides: ci.Event})

// reads judges a reading: whose runs get in, of how much of the organization, and whether a plan shares the role with
// its apply.
func reads(r *ci.Reading) []ci.Verdict {
	verdicts := r.Strangers()
	if verdicts == nil {
		part := ci.ProjectPrefix
		if r.Shares(func(q *ci.Reading) bool { return slices.Equal(q.Values, r.Values) && everyWorkspaceOf(q) }) {
			part = anyWorkspace
		}
		verdicts = r.Projects(ci.OrganizationWide, part)
	}
	switch {
	case verdicts != nil && !r.NamesTenant():
		return verdicts
	case verdicts != nil && r.OneCause():
		return ci.OfOneCause(verdicts, phasesOf(r))
	}
	return append(verdicts, phasesOf(r)...)
}

// phasesOf judges whether plans get in, and applies with them.
func phasesOf(r *ci.Reading) []ci.Verdict {
	if r.Form == testForm { // a test has one phase
		return nil
	}
	events, _ := r.Deciding(ci.Event)
	plan, apply := map[string]string{events[0]: "plan"}, map[string]string{events[0]: "apply"}
	if job, both := r.SharesJob(plan, apply); both {
		return []ci.Verdict{{Rule: runPhases, Detail: "plan and apply", Fields: job}}
	} else if r.Admits(plan) {
		return []ci.Verdict{{Rule: planRole, Detail: "plans", Fields: plan}}
	}
	return nil
}

// everyWorkspaceOf reports that all workspaces of one project get in, whatever they are called.
func everyWorkspaceOf(r *ci.Reading) bool {
	return r.Form == runForm && r.Exactly("organization", "project") && r.Span("workspace").Kind == ci.Open &&
		r.Admits(map[string]string{"workspace": "mallory"})
}
