package engine

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/diag"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

// shown are the messages of a severity about a component.
func (r *run) shown(severity diag.Severity) []string {
	var messages []string
	for _, line := range r.logged {
		if line.severity == severity && line.urn.Type() == componentType {
			messages = append(messages, line.message)
		}
	}
	return messages
}

// shows counts the messages of each severity that begin with the id of a finding.
func (r *run) shows(id string) (warnings, infos int) {
	for severity, n := range map[diag.Severity]*int{diag.Warning: &warnings, diag.Info: &infos} {
		for _, message := range r.shown(severity) {
			if strings.HasPrefix(message, id+" (") {
				*n++
			}
		}
	}
	return warnings, infos
}

func requireShown(t *testing.T, r *run, id string, warnings, infos int) {
	t.Helper()
	require.NoError(t, r.err, r.messages())
	gotWarnings, gotInfos := r.shows(id)
	require.Equal(t, [2]int{warnings, infos}, [2]int{gotWarnings, gotInfos}, "%s in: %v", id, r.logged)
}

// inProduction has the low finding github-environment-rules.
func inProduction() props {
	return props{"github": props{"repositories": []any{
		props{"repository": "acme@1/web@2", "environments": []any{"production"}}}}}
}

func TestFindingsAreShownOnTheComponentAtPreviewAndAtUpOnceEach(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		inputs          props
		id              string
		warnings, infos int
	}{
		"low is information": {inProduction(), "github-environment-rules", 0, 1},
		"low that is accepted is not shown": {
			accepting(inProduction(), "github-environment-rules"), "github-environment-rules", 0, 0},
		"high that is accepted is a warning": {
			accepting(props{"circleci": anyProject()}, "circleci-any-ref"), "circleci-any-ref", 1, 0},
		"medium that is accepted because it is refused is a warning": {
			accepting(asRepository("acme/web"), "github-classic-subject"), "github-classic-subject", 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			for _, r := range []*run{w.preview(trust(row.inputs)), w.up(trust(row.inputs)), w.up(trust(row.inputs))} {
				requireShown(t, r, row.id, row.warnings, row.infos)
			}
			require.Contains(t, fmt.Sprint(w.outputs()["findings"]), row.id,
				"an output loses nothing by being accepted")
		})
	}
}

func accepting(inputs props, ids ...any) props { return with(inputs, props{"acceptRisks": ids}) }

func TestAFindingThatIsNoRefusalAndMediumIsAWarningUntilItIsAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inputs := props{"pulumiCloud": props{"organization": "acme", "stacks": []any{
		props{"project": "web", "name": "dev", "operations": []any{"preview", "update"}}}}}
	r := w.preview(trust(inputs))
	require.NoError(t, r.err, r.messages())
	medium := ""
	for _, message := range r.shown(diag.Warning) {
		if at := strings.Index(message, " (medium)"); at > 0 {
			medium = message[:at]
		}
	}
	require.NotEmpty(t, medium, r.messages())
	requireShown(t, w.preview(trust(inputs)), medium, 1, 0)
	requireShown(t, w.preview(trust(accepting(inputs, medium))), medium, 0, 0)
}

// Attack: a secret name is read from the log of whoever may see the update.
func TestAFindingAboutASecretSectionIsShownWithoutWhatItQuotes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	inputs := props{"github": props{"repositories": []any{
		props{"repository": secret("hunter2@1/hunter3@2"), "environments": []any{secret("hunter4")}}}}}
	r := w.preview(trust(inputs))
	requireShown(t, r, "github-environment-rules", 0, 1)
	hasNo(t, []string{"hunter"}, "an event", r.text())
}

func TestWhatIsNotKnownBeforeUpIsShownAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program := func(p *running) error {
		name, err := p.upstream("environment", resource.NewProperty("production"))
		if err != nil {
			return err
		}
		return trust(props{"github": props{"repositories": []any{
			props{"repository": "acme@1/web@2", "environments": []any{name}}}}})(p)
	}
	requireShown(t, w.preview(program), "github-environment-rules", 0, 0)
	requireShown(t, w.up(program), "github-environment-rules", 0, 1)
}

func TestMorePoliciesThanAnAccountAttachesAtFirstIsAWarningAndThanItEverDoesAnError(t *testing.T) {
	t.Parallel()
	attached := func(n int) props {
		arns := []any{}
		for i := range n {
			arns = append(arns, fmt.Sprintf("arn:aws:iam::123456789012:policy/p%d", i))
		}
		return with(github(), props{"policyArns": arns})
	}
	w := newWorld(t)
	for n, warnings := range map[int]int{10: 0, 11: 1, 20: 1} {
		r := w.preview(trust(attached(n)))
		require.NoError(t, r.err, r.messages())
		require.Len(t, r.shown(diag.Warning), warnings, r.messages())
	}
	requireProblem(t, w.refused(attached(21)), "policyArns", "has 21 policies", "at most 20", "inlinePolicies")
}
