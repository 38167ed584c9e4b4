package engine

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// anyProject trusts every job of a project.
func anyProject() props {
	return props{"organizationId": organization, "projects": []any{props{"id": project}}}
}

// risky are inputs that have a high finding, where it is, by its id: those of testdata/stack.yaml in the systems'
// folders.
func risky() map[string]citest.Risk {
	found := map[string]citest.Risk{}
	for _, d := range declarations() {
		maps.Copy(found, d.Risks)
	}
	return found
}

func TestAHighFindingIsRefusedUntilItIsAccepted(t *testing.T) {
	t.Parallel()
	for id, risk := range risky() {
		t.Run(id, func(t *testing.T) {
			w := newWorld(t)
			messages := w.refused(risk.Inputs)
			requireProblem(t, messages, risk.Path, "add "+id+" to acceptRisks")

			others, _ := risk.Inputs["acceptRisks"].([]any)
			w.mustUp(trust(with(risk.Inputs, props{"acceptRisks": append([]any{id}, others...)})))
			finding := w.outputs()["findings"].([]any)[0].(map[string]any)
			require.Equal(t, id, finding["id"])
			require.Equal(t, string(all.Registry().Rules()[id].Severity), finding["severity"])
			require.NotEmpty(t, finding["message"])
			require.NotEmpty(t, finding["remediation"])

			taken := w.up(trust(risk.Inputs))
			require.Error(t, taken.err, "the risk is no longer accepted")
			require.Contains(t, taken.messages(), id)
		})
	}
}

func TestEveryHighFindingHasATestHere(t *testing.T) {
	t.Parallel()
	for id, rule := range all.Registry().Rules() {
		if string(rule.Severity) == "high" {
			require.Contains(t, risky(), id)
		}
	}
}

func TestSeveralHighFindingsAreAllReportedAndAllNeedTheirOwnId(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inputs := props{"github": props{"repositories": []any{repository("acme/web", "*")}}, "circleci": anyProject()}
	messages := w.refused(inputs)
	requireProblem(t, messages, "circleci.projects[0]", "circleci-any-ref")
	requireProblem(t, messages, "github.repositories[0].branches", "github-any-ref")
	requireProblem(t, messages, atRepository, "github-classic-subject")

	messages = w.refused(with(inputs, props{"acceptRisks": []any{"circleci-any-ref", "github-any-ref"}}))
	requireProblem(t, messages, atRepository, "github-classic-subject")
	require.NotContains(t, messages, "circleci-any-ref")

	w.mustUp(trust(with(inputs,
		props{"acceptRisks": []any{"github-classic-subject", "circleci-any-ref", "github-any-ref"}})))
	ids := []string{}
	for _, finding := range w.outputs()["findings"].([]any) {
		ids = append(ids, finding.(map[string]any)["id"].(string))
	}
	require.Equal(t, []string{"circleci-any-ref", "github-any-ref", "github-classic-subject"}, ids[:3],
		"the worst come first")
}

func TestAnIdThatNoFindingHasIsAnErrorThatListsTheIds(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"circleci-any-refs", "", "*", "high"} {
		messages := newWorld(t).refused(with(github(), props{"acceptRisks": []any{id}}))
		for known := range all.Registry().Rules() {
			requireProblem(t, messages, "acceptRisks[0]", known)
		}
	}
}

// An update must not pass because the preview could not see what is accepted.
func TestARiskThatIsAcceptedOnlyByWhatIsKnownLaterIsHeldAgainstItAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program := func(p *running) error {
		id, err := p.upstream("id", values(props{"": "github-any-ref"})[""])
		if err != nil {
			return err
		}
		return trust(props{"circleci": anyProject(), "acceptRisks": []any{id}})(p)
	}
	require.NoError(t, w.preview(program).err)
	done := w.up(program)
	require.Error(t, done.err)
	requireProblem(t, done.messages(), "circleci.projects[0]", "circleci-any-ref")
	require.Empty(t, w.aws.Inventory().Roles)
}
