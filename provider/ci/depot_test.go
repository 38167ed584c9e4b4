package ci

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// depot is a section with repositories, by name.
func depot(repositories ...string) object {
	items := list{}
	for _, repository := range repositories {
		items = append(items, object{"repository": repository})
	}
	return object{"depot": object{"organizationId": "a1b2c3d4e5", "repositories": items}}
}

// inDepot is a section with something else in it.
func inDepot(section object, property string, value any) object {
	section["depot"].(object)[property] = value
	return section
}

var depotSuite = suite{system: Depot{}, matrix: []object{
	depot("acme/web"),
	depot("acme/web", "acme/we", "acme/web2", "acme2/web"),
	depot("acme/ref", "acme/sandbox", "ci/github"),
	inDepot(depot("Acme/.github"), "organizationId", "org_a1B2c3D4e5"),
	inDepot(depot("acme/web"), "audiences", list{"a", "b"}),
}, harmless: map[string]string{
	"one more character in sub": "behind the * that stands for all jobs: a ref is never empty",
}}

// The documentation's token is a list of one audience, which STS takes for its one text.
// Source: https://depot.dev/docs/ci/oidc
func documentedDepotJob() map[string]any {
	return map[string]any{
		"actor": "my-username", "actor_id": "1000000", "aud": "sts.amazonaws.com", "base_ref": "", "event_name": "push", "exp": float64(1773766359),
		"head_ref": "", "iat": float64(1773766059), "iss": "https://identity.depot.dev", "job_id": "job_xxxxxxxxxxxx", "org_id": "org_xxxxxxxxxxxxxxxxxxxx",
		"ref": "refs/heads/main", "ref_type": "branch", "repository": "my-org/my-repo", "repository_id": "123456789", "repository_owner": "my-org",
		"repository_owner_id": "12345678", "repository_visibility": "private", "run_attempt": "1", "run_id": "run_xxxxxxxxxxxx", "run_number": "42",
		"sha":      "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2",
		"sub":      "spiffe://identity.depot.dev/org/org_xxxxxxxxxxxxxxxxxxxx/ci/github/my-org/my-repo/ref/refs/heads/main/sandbox/snd_xxxxxxxxxxxx",
		"workflow": ".depot/workflows/ci.yaml", "workflow_ref": "my-org/my-repo/.depot/workflows/ci.yaml@refs/heads/main",
		"workflow_sha": "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2",
	}
}

func TestTheDocumentedDepotJobGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := depotSuite.mustRead(t, inDepot(depot("my-org/my-repo"), "organizationId", "org_xxxxxxxxxxxxxxxxxxxx"), inAWS)
	for _, aud := range []any{"sts.amazonaws.com", []any{"sts.amazonaws.com"}} {
		if !admitted(trusts, inAWS, with(documentedDepotJob(), map[string]any{"aud": aud})) {
			t.Errorf("the documented token does not get in with aud %v", aud)
		}
	}
	documented, made := documentedDepotJob(), trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented {
		madeUp, _ := made[claim].(string) // ids that the documentation leaves out are made up
		switch {
		case claim == "exp", claim == "iat":
		case madeUp == "", strings.ReplaceAll(madeUp, "1a2b3c4d5e6f", "xxxxxxxxxxxx") != value:
			if madeUp != value {
				t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
			}
		}
	}
	for claim := range made {
		if documented[claim] == nil {
			t.Errorf("the made-up token has %s and the documented one has not", claim)
		}
	}
	const job = "/ref/refs/heads/main/sandbox/snd_xxxxxxxxxxxx"
	const organization = "spiffe://identity.depot.dev/org/org_xxxxxxxxxxxxxxxxxxxx"
	for _, sub := range []string{
		organization + "/ci/github/my-org/my-repo-evil" + job, organization + "/ci/github/my-org/my-rep" + job, organization + "/ci/github/My-Org/my-repo" + job,
		organization + "/ci/github/evil/my-repo" + job, organization + "/ci/github/my-org/my-repo", organization + "x/ci/github/my-org/my-repo" + job,
		"spiffe://identity.depot.dev/org/evil/ci/github/my-org/my-repo" + job, "spiffe://identity.example/org/org_xxxxxxxxxxxxxxxxxxxx/ci/github/my-org/my-repo" + job,
		"repo:my-org/my-repo:ref:refs/heads/main", "",
	} {
		if admitted(trusts, inAWS, with(documentedDepotJob(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestAnotherCustomerOfDepotWithARepositoryOfTheSameNameStaysOut(t *testing.T) {
	refuseDepotSubjects(t, map[string]string{
		"another organization":                        "b1b2c3d4e5/ci/github/acme/web/ref/refs/heads/main/sandbox/snd_1",
		"an organization whose id is longer":          "a1b2c3d4e5f/ci/github/acme/web/ref/refs/heads/main/sandbox/snd_1",
		"an organization whose id ends alike":         "xa1b2c3d4e5/ci/github/acme/web/ref/refs/heads/main/sandbox/snd_1",
		"an organization in other letters":            "A1B2C3D4E5/ci/github/acme/web/ref/refs/heads/main/sandbox/snd_1",
		"a branch named after the trusted subject":    "mallory/ci/github/acme/web/ref/refs/heads/org/a1b2c3d4e5/ci/github/acme/web/ref/x/sandbox/snd_1",
		"a repository called like the trusted id":     "mallory/ci/github/mallory/a1b2c3d4e5/ref/refs/heads/ci/github/acme/web/ref/x/sandbox/snd_1",
		"an owner called like the whole organization": "mallory/ci/github/a1b2c3d4e5/ci/ref/refs/heads/github/acme/web/ref/x/sandbox/snd_1",
	})
}

func TestAnotherRepositoryOfTheOrganizationStaysOut(t *testing.T) {
	refuseDepotSubjects(t, map[string]string{
		"a repository whose name is longer":                     "a1b2c3d4e5/ci/github/acme/web-evil/ref/refs/heads/main/sandbox/snd_1",
		"a repository whose name is shorter":                    "a1b2c3d4e5/ci/github/acme/we/ref/refs/heads/main/sandbox/snd_1",
		"an owner whose name is longer":                         "a1b2c3d4e5/ci/github/acme-evil/web/ref/refs/heads/main/sandbox/snd_1",
		"an owner whose name ends alike":                        "a1b2c3d4e5/ci/github/evil-acme/web/ref/refs/heads/main/sandbox/snd_1",
		"an owner with a slash in its name":                     "a1b2c3d4e5/ci/github/mallory/acme/web/ref/refs/heads/main/sandbox/snd_1",
		"a repository with a slash in its name":                 "a1b2c3d4e5/ci/github/acme/web/evil/ref/refs/heads/main/sandbox/snd_1",
		"a repository named like the trusted one below another": "a1b2c3d4e5/ci/github/acme/evil/web/ref/refs/heads/main/sandbox/snd_1",
		"a branch named after the trusted repository":           "a1b2c3d4e5/ci/github/acme/evil/ref/refs/heads/acme/web/ref/refs/heads/main/sandbox/snd_1",
		"a branch named after the whole trusted path":           "a1b2c3d4e5/ci/github/mallory/evil/ref/refs/heads/ci/github/acme/web/ref/x/sandbox/snd_1",
		"a repository that is not on GitHub":                    "a1b2c3d4e5/ci/entire/acme/web/ref/refs/heads/main/sandbox/snd_1",
		"an owner named like the trusted repository":            "a1b2c3d4e5/ci/github/web/ref/ref/refs/heads/main/sandbox/snd_1",
		"an escaped slash between owner and repository":         "a1b2c3d4e5/ci/github/acme%2Fweb/ref/refs/heads/main/sandbox/snd_1",
	})
}

// refuseDepotSubjects fails where one of the subjects, written without their beginning, is let in by a trust of acme/web.
func refuseDepotSubjects(t *testing.T, subs map[string]string) {
	t.Helper()
	trusts := depotSuite.mustRead(t, depot("acme/web"), inAWS)
	for what, sub := range subs {
		token := map[string]any{"aud": "sts.amazonaws.com", "sub": "spiffe://identity.depot.dev/org/" + sub}
		if admitted(trusts, inAWS, token) || trusts[0].Admits(token) {
			t.Errorf("%s gets in: %s", what, sub)
		}
	}
}

// That these get in is what the finding says.
func TestEveryJobOfATrustedDepotRepositoryGetsIn(t *testing.T) {
	trusts := depotSuite.mustRead(t, depot("acme/web"), inAWS)
	for _, job := range []string{
		"refs/heads/main/sandbox/snd_1", "refs/heads/main/sandbox/x/sandbox/snd_1", "refs/tags/v1/sandbox/snd_1", "refs/pull/7/merge/sandbox/snd_1", "main/sandbox/1",
		"refs/heads/*/sandbox/?",
	} {
		token := map[string]any{"aud": "sts.amazonaws.com", "sub": "spiffe://identity.depot.dev/org/a1b2c3d4e5/ci/github/acme/web/ref/" + job}
		if !admitted(trusts, inAWS, token) || !trusts[0].Admits(token) {
			t.Errorf("%s does not get in", job)
		}
	}
}

func TestDepotGrantsAndFindings(t *testing.T) {
	trusts := depotSuite.mustRead(t, depot("acme/web", "acme/api"), inAWS)
	sameStrings(t, "grants", Sentences(trusts), []string{
		"Depot CI: any job of repository acme/api in organization a1b2c3d4e5", "Depot CI: any job of repository acme/web in organization a1b2c3d4e5",
	})
	sameStrings(t, "findings", findingIDs(trusts), []string{"depot-any-job"})
	if f := Findings(trusts)[0]; f.Path != "depot.repositories[0]" || f.Detail != "acme/api, acme/web" {
		t.Errorf("%+v", f)
	}
	want := `"StringLike":{"identity.depot.dev:sub":"spiffe://identity.depot.dev/org/a1b2c3d4e5/ci/github/acme/web/ref/*"}`
	if policy := Compile(depotSuite.mustRead(t, depot("acme/web"), inAWS), inAWS, nil).JSON(); !strings.Contains(policy, want) {
		t.Errorf("%s\nlacks %s", policy, want)
	}
}

func TestADepotRepositoryIsRefusedUntilItsRiskIsAccepted(t *testing.T) {
	_, lines := depotSuite.read(depot("acme/web", "web"), inAWS)
	if len(lines) != 3 || !strings.HasPrefix(lines[0], "depot.repositories[0]: every job of the repository gets the role") ||
		!strings.HasSuffix(lines[0], "add depot-any-job to acceptRisks. (acme/web)") || !strings.HasSuffix(lines[1], "add depot-any-job to acceptRisks. (the repository)") ||
		!strings.HasPrefix(lines[2], "depot.repositories[1].repository: must be") {
		t.Errorf("%q", lines)
	}
}

func TestWhatIsWrongWithADepotRepositoryIsSaidInDepotsWords(t *testing.T) {
	for repository, want := range map[string]string{
		"":                                 depotRepository.rule,
		"web":                              depotRepository.rule,
		"acme/web/api":                     depotRepository.rule,
		"acme/":                            depotRepository.rule,
		"/web":                             depotRepository.rule,
		"acme/web:main":                    depotRepository.rule,
		"acme/we b":                        depotRepository.rule,
		"acme.io/web":                      depotRepository.rule,
		"acme/" + strings.Repeat("a", 101): depotRepository.rule,
		"acme/*":                           "must be one exact repository, without *, ? and ${; list each repository that is meant",
		"acme/we?":                         "must be one exact repository, without *, ? and ${; list each repository that is meant",
		"https://github.com/acme/web":      depotRepository.not[0].reason,
		"github.com/acme/web":              depotRepository.not[0].reason,
		"git@github.com:acme/web":          depotRepository.not[0].reason,
		"acme/web.git":                     depotRepository.not[0].reason,
		"acme@1234567/web@89012345":        depotRepository.not[1].reason,
		"acme/web/ref/refs/heads/main":     depotRepository.not[2].reason,
		"acme/..":                          depotRepository.not[3].reason,
		"acme/.":                           depotRepository.not[3].reason,
	} {
		written := depot(repository)
		written["acceptRisks"] = list{"depot-any-job"}
		trusts, lines := depotSuite.read(written, inAWS)
		sameStrings(t, repository, lines, []string{"depot.repositories[0].repository: " + want + ` (found "` + repository + `")`})
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: something is granted", repository)
		}
	}
}

func TestWhatIsWrongWithTheOrganizationOfDepotIsSaidInDepotsWords(t *testing.T) {
	for organization, want := range map[string]string{
		"": depotOrganization.rule, "Acme Inc": depotOrganization.rule, "acme.io": depotOrganization.rule,
		"https://depot.dev/orgs/a1b2c3d4e5": depotOrganization.not[0].reason, "a1b2c3d4e5/ci/github": depotOrganization.not[0].reason,
		"a1b2*": "must be one exact organization, without *, ? and ${; list each organization that is meant",
	} {
		written := inDepot(depot("acme/web"), "organizationId", organization)
		written["acceptRisks"] = list{"depot-any-job"}
		trusts, lines := depotSuite.read(written, inAWS)
		sameStrings(t, organization, lines, []string{"depot.organizationId: " + want + ` (found "` + organization + `")`})
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: something is granted", organization)
		}
	}
}

func TestNothingOfDepotIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, written := range []object{
		inDepot(depot("acme/web"), "organizationId", unknown{}), inDepot(depot(), "repositories", unknown{}),
		inDepot(depot(), "repositories", list{unknown{}}), inDepot(depot(), "repositories", list{object{"repository": unknown{}}}), inDepot(depot(), "repositories", list{}),
	} {
		if trusts := depotSuite.mustRead(t, written, inAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v is granted", written)
		}
	}
	trusts := depotSuite.mustRead(t, inDepot(depot(), "repositories", list{object{"repository": unknown{}}}), inAWS)
	sameStrings(t, "of a repository that is not known yet", findingIDs(trusts), []string{"depot-any-job"})
}

func TestTwoDepotItemsOfOneRepositoryAreProved(t *testing.T) {
	trusts := depotSuite.mustRead(t, depot("acme/web", "acme/web"), inAWS)
	var problems input.Problems
	if err := Check(trusts, inAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Errorf("%v %v", err, problems.Sorted())
	}
}

func TestTheDepotWorkflowExchangesItsToken(t *testing.T) {
	text, workflow := depotSuite.pipeline(t, depot("acme/web", "acme/api", "acme/web"), inAWS)
	job := at(workflow, "jobs", "deploy")
	if at(job, "runs-on") != "depot-ubuntu-latest" || at(job, "permissions", "id-token") != "write" || at(job, "permissions", "contents") != "read" ||
		!strings.HasPrefix(text, "# .depot/workflows/deploy.yml in acme/api, acme/web\n") {
		t.Error(text)
	}
	step := at(job, "steps", 1)
	if uses, _ := at(step, "uses").(string); !strings.HasPrefix(uses, "aws-actions/configure-aws-credentials@v") ||
		at(step, "with", "role-to-assume") != roleArn || at(step, "with", "aws-region") != "eu-west-1" || at(step, "with", "audience") != nil {
		t.Error(text)
	}
	for want, audiences := range map[string]list{"": {"a", "sts.amazonaws.com"}, "no": {"no", "z"}, `it's"one"`: {`it's"one"`}} {
		_, workflow = depotSuite.pipeline(t, inDepot(depot("acme/web"), "audiences", audiences), inAWS)
		if got := textOf(at(workflow, "jobs", "deploy", "steps", 1, "with", "audience")); got != want {
			t.Errorf("%v: audience %q, want %q", audiences, got, want)
		}
	}
	if text, _ = depotSuite.pipeline(t, inDepot(depot(), "repositories", unknown{}), inAWS); !strings.HasPrefix(text, "# .depot/workflows/deploy.yml\n") {
		t.Error(text)
	}
}

func TestConformanceOfDepot(t *testing.T) { depotSuite.conformance(t) }
