package all

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// anyBranch is a section github with the high finding github-any-ref, and a list of risks.
func anyBranch(accepted ...any) object {
	written := gitHub(repository, object{"branches": list{"*"}})
	written["acceptRisks"] = list(accepted)
	return written
}

// acceptedProblems are the problems of the list itself.
func acceptedProblems(written object) []string {
	var of []string
	_, lines := read(written, citest.InAWS)
	for _, line := range lines {
		if strings.HasPrefix(line, "acceptRisks") {
			of = append(of, line)
		}
	}
	return of
}

func TestAMisspeltRiskIsRefusedWithTheOneThatWasMeant(t *testing.T) {
	for id, want := range map[string]string{
		"github-any-refs": `(found "github-any-refs"); did you mean github-any-ref?`,
		"GitHub-Any-Ref":  `(found "GitHub-Any-Ref"); did you mean github-any-ref?`,
		"gitlab-any-reff": `(found "gitlab-any-reff"); did you mean github-any-ref?`, // there is no section gitlab
		"nonsense":        `(found "nonsense")`,
		"":                `(found "")`,
	} {
		lines := acceptedProblems(anyBranch("github-any-ref", id))
		if len(lines) != 1 || !strings.HasPrefix(lines[0], "acceptRisks[1]: is not the id of a finding; the "+
			"ids are azure-devops-") || !strings.HasSuffix(lines[0], want) {
			t.Errorf("%q: %q, want %s", id, lines, want)
		}
	}
}

func TestARiskOfASystemWithoutASectionIsRefusedWithTheNearestThatCanOccur(t *testing.T) {
	for id, want := range map[string]string{
		"circleci-any-ref": `(found "circleci-any-ref", of CircleCI, section circleci); did you ` +
			`mean github-any-ref?`,
		"depot-any-job":        `(found "depot-any-job", of Depot CI, section depot)`,
		"azure-devops-any-ref": `(found "azure-devops-any-ref", of Azure DevOps, section azureDevOps)`,
	} {
		lines := acceptedProblems(anyBranch("github-any-ref", id))
		if len(lines) != 1 || !strings.HasSuffix(lines[0], want) ||
			!strings.HasPrefix(lines[0], "acceptRisks[1]: is the id of a finding about a section that is not there, "+
				"so it accepts nothing; the ids of the sections that are there are github-any-ref, ") {
			t.Errorf("%q: %q, want %s", id, lines, want)
		}
	}
}

// The list would accept the risk of whatever section is added later, and nobody would be asked.
func TestARiskAcceptedBeforeItsSectionIsThereIsNotAcceptedInSilence(t *testing.T) {
	written := anyBranch("github-any-ref", "circleci-any-ref")
	if lines := acceptedProblems(written); len(lines) != 1 {
		t.Errorf("%q", lines)
	}
	written["circleci"] = circleCI(object{})["circleci"]
	if lines := acceptedProblems(written); len(lines) != 0 {
		t.Errorf("with its section there it is refused: %q", lines)
	}
}

func TestEveryFindingOfASectionThatIsThereMayBeAccepted(t *testing.T) {
	for _, s := range Registry().Systems() {
		var ids list
		for _, rule := range s.Rules() {
			ids = append(ids, rule.ID)
		}
		if lines := acceptedProblems(object{s.Section(): object{}, "acceptRisks": ids}); len(lines) != 0 {
			t.Errorf("%s: %q", s.Section(), lines)
		}
	}
}

func TestASectionThatIsNotKnownYetMayHaveEachOfItsFindings(t *testing.T) {
	if lines := acceptedProblems(object{
		"circleci":    citest.Unknown{},
		"acceptRisks": list{"circleci-any-ref"},
	}); len(lines) != 0 {
		t.Errorf("%q", lines)
	}
}

func TestWithoutAnySectionNobodyIsToldThatARiskCannotOccur(t *testing.T) {
	if lines := acceptedProblems(object{"acceptRisks": list{"circleci-any-ref"}}); len(lines) != 0 {
		t.Errorf("%q", lines)
	}
}

func TestASecretIdIsNeitherShownNorGuessedAloud(t *testing.T) {
	for _, id := range []string{"github-any-refs", "circleci-any-ref"} {
		lines := acceptedProblems(anyBranch(citest.Secret(id)))
		if len(lines) != 1 || strings.Contains(lines[0], "found") || strings.Contains(lines[0], "did you mean") ||
			strings.Contains(lines[0], "CircleCI") {
			t.Errorf("%q", lines)
		}
	}
}

func TestAListThatIsNotKnownYetRefusesNothing(t *testing.T) {
	_, lines := read(anyBranch(citest.Unknown{}), citest.InAWS)
	if len(lines) != 0 {
		t.Errorf("%q", lines)
	}
}
