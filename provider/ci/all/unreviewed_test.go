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

// Attack: a pull request that sets one more wildcard, so that the audit has a milder word for more strangers.
func TestATrustIsNotJudgedMilderBecauseItIsWider(t *testing.T) {
	const circle = "oidc.circleci.com/org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	for _, c := range []struct{ host, narrow, wide string }{
		{"token.actions.githubusercontent.com", "repo:acme/web:*", "repo:acme/*"},
		{"token.actions.githubusercontent.com", "repo:acme/web:pull_request", "repo:acme/*:pull_request"},
		{"token.actions.githubusercontent.com", "repo:acme/web:ref:refs/heads/*", "repo:acme/*:ref:refs/heads/*"},
		{"gitlab.com", "project_path:acme/web:*", "project_path:acme/*"},
		{"gitlab.com", "project_path:acme/web:ref_type:branch:ref:*", "project_path:acme/*:ref_type:branch:ref:*"},
		{circle, "org/" + circle[len("oidc.circleci.com/org/"):] + "/project/0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70/*",
			"org/" + circle[len("oidc.circleci.com/org/"):] + "/*"},
		{"agent.buildkite.com", "organization:acme:pipeline:web:*", "organization:acme:*"},
		{"app.terraform.io", "organization:acme:project:web:workspace:prod:*", "organization:acme:*"},
		{"acme.app.spacelift.io", "space:root:stack:web:*", "space:root:*"},
		{"acme.app.spacelift.io", "space:root:*", "space:*"},
		{"scalr.io", "account:acme:environment:prod:workspace:web", "account:acme:*"},
		{"oidc.vercel.com/acme", "owner:acme:project:web:*", "owner:acme:*"},
		{"api.pulumi.com/oidc", "pulumi:deploy:org:acme:project:web:*", "pulumi:deploy:org:acme:*"},
		{"acme.semaphoreci.com", "org:acme:project:6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11:repo:web:*", "org:acme:*"},
	} {
		worst := func(subject string) (worst trust.Severity, write bool, ids []string) {
			document := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":` +
				`"arn:aws:iam::123456789012:oidc-provider/` + c.host + `"},"Action":"sts:AssumeRoleWithWebIdentity",` +
				`"Condition":{"StringEquals":{"` + c.host + `:aud":"sts.amazonaws.com"},"StringLike":{"` + c.host +
				`:sub":"` + subject + `"}}}]}`
			role := trust.Role{May: &trust.May{Write: "s3:PutObject on *"}}
			found, err := audit.Audit(Registry(), []byte(document), role)
			if err != nil {
				t.Fatal(err)
			}
			worst = trust.Low
			for _, f := range found {
				ids = append(ids, f.ID)
				if f.ID == "unreviewed-write" {
					write = true
				} else if f.Severity.AtLeast(worst) {
					worst = f.Severity
				}
			}
			return worst, write, ids
		}
		narrow, narrowWrite, narrowIDs := worst(c.narrow)
		wide, wideWrite, wideIDs := worst(c.wide)
		if !wide.AtLeast(narrow) || narrowWrite && !wideWrite {
			t.Errorf("%s: %s is %s %v, and %s is %s %v", c.host, c.narrow, narrow, narrowIDs, c.wide, wide, wideIDs)
		}
		if slices.Contains(wideIDs, "never-matches") || slices.Contains(narrowIDs, "never-matches") {
			t.Errorf("%s: %v, %v: nobody gets in, which shows nothing", c.host, narrowIDs, wideIDs)
		}
	}
}
