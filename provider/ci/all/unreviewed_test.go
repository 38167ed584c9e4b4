package all

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// reviewed are rules about jobs of which the CI system itself can see to a review: a setting there decides, and the
// token does not show it.
var reviewed = []string{
	"azure-devops-any-branch", "bitbucket-any-branch", "env0-any-branch", "jenkins-any-branch",
	"codefresh-cron-any-branch", "google-cloud-build-any-build", "circleci-any-project",
	"codefresh-manual-runs", "buildkite-any-commit", "github-environment-rules",
}

// Attack: the same policies on a role of the next CI system go unseen, because nobody thought of its pull requests.
func TestWhatUnreviewedCodeMayDoIsJudgedForTheExamplesOfEverySystem(t *testing.T) {
	rules := map[string]ci.Rule{}
	for _, r := range audit.Rules(Registry()) {
		rules[r.ID] = r
	}
	files, err := filepath.Glob(filepath.Join("..", "*", "testdata", "findings.yaml"))
	if err != nil || len(files) < 20 {
		t.Fatal(err, files)
	}
	judged := map[string]bool{}
	for _, file := range append(files, filepath.Join("..", "..", "audit", "testdata", "findings.yaml")) {
		examples, err := page.Examples(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range examples {
			if e.Policy == nil || !rules[e.ID].Unreviewed {
				continue
			}
			document, err := json.Marshal(e.Policy)
			if err != nil {
				t.Fatal(err)
			}
			judged[e.ID] = true
			for write, want := range map[string]bool{"s3:PutObject on *": true, "": false} {
				found, err := audit.Audit(Registry(), document, trust.Role{May: &trust.May{Write: write}})
				if err != nil {
					t.Fatal(err)
				}
				at := slices.IndexFunc(found, func(f ci.Finding) bool { return f.ID == "unreviewed-write" })
				if (at >= 0) != want || at >= 0 && found[at].Witness == nil {
					t.Errorf("%s, and the role may %q: unreviewed-write is there: %v, and is shown by %+v", e.ID, write,
						at >= 0, found)
				}
			}
		}
	}
	if len(judged) < 30 {
		t.Errorf("only %d rules are about unreviewed code: %v", len(judged), judged)
	}
}

// A rule of a new system that speaks of changes which nobody has merged or reviewed has to say whether it counts.
func TestARuleThatSpeaksOfUnreviewedCodeSaysWhetherItCounts(t *testing.T) {
	counts := map[string]bool{}
	for _, r := range audit.Rules(Registry()) {
		if slices.Contains(ci.PermissionRules(), r) {
			continue
		}
		counts[r.ID] = r.Unreviewed
		speaks := slices.ContainsFunc([]string{
			"nobody has reviewed", "nobody has merged", "nobody need have reviewed", "without a review", "any branch",
		}, func(words string) bool { return strings.Contains(r.Summary, words) })
		if speaks && !r.Unreviewed && !slices.Contains(reviewed, r.ID) {
			t.Errorf("%s speaks of unreviewed code: %s\nset Unreviewed, or say in this test why not", r.ID, r.Summary)
		}
	}
	for _, id := range reviewed {
		if unreviewed, known := counts[id]; !known || unreviewed {
			t.Errorf("%s is no rule, or counts", id)
		}
	}
}
