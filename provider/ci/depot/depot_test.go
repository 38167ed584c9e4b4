package depot

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
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

// in is a section with something else in it.
func in(section object, property string, value any) object {
	section["depot"].(object)[property] = value
	return section
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	depot("acme/web"),
	depot("acme/web", "acme/we", "acme/web2", "acme2/web"),
	depot("acme/ref", "acme/sandbox", "ci/github"),
	in(depot("Acme/.github"), "organizationId", "org_a1B2c3D4e5"),
	in(depot("acme/web"), "audiences", list{"a", "b"}),
}, Harmless: map[string]string{
	"one more character in sub": "behind the * that stands for all jobs: a ref is never empty",
}}

// The documentation's token is a list of one audience, which STS takes for its one text.
// Source: https://depot.dev/docs/ci/oidc
func documentedJob() map[string]any {
	return map[string]any{
		"actor": "my-username", "actor_id": "1000000", "aud": "sts.amazonaws.com", "base_ref": "", "event_name": "push",
		"exp": float64(1773766359), "head_ref": "", "iat": float64(1773766059), "iss": "https://identity.depot.dev",
		"job_id": "job_xxxxxxxxxxxx", "org_id": "org_xxxxxxxxxxxxxxxxxxxx", "ref": "refs/heads/main",
		"ref_type": "branch", "repository": "my-org/my-repo", "repository_id": "123456789",
		"repository_owner": "my-org", "repository_owner_id": "12345678", "repository_visibility": "private",
		"run_attempt": "1", "run_id": "run_xxxxxxxxxxxx", "run_number": "42",
		"sha": "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2",
		"sub": "spiffe://identity.depot.dev/org/org_xxxxxxxxxxxxxxxxxxxx/ci/github/my-org/my-repo/ref/refs/heads/" +
			"main/sandbox/snd_xxxxxxxxxxxx",
		"workflow":     ".depot/workflows/ci.yaml",
		"workflow_ref": "my-org/my-repo/.depot/workflows/ci.yaml@refs/heads/main",
		"workflow_sha": "a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2",
	}
}

func TestTheDocumentedDepotJobGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := suite.MustRead(t, in(depot("my-org/my-repo"), "organizationId", "org_xxxxxxxxxxxxxxxxxxxx"), citest.InAWS)
	for _, aud := range []any{"sts.amazonaws.com", []any{"sts.amazonaws.com"}} {
		if !citest.Admitted(trusts, citest.InAWS, ci.With(documentedJob(), map[string]any{"aud": aud})) {
			t.Errorf("the documented token does not get in with aud %v", aud)
		}
	}
	documented, made := documentedJob(), trusts[0].Grants[0].Tokens()[0].Claims
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
		organization + "/ci/github/my-org/my-repo-evil" + job, organization + "/ci/github/my-org/my-rep" + job,
		organization + "/ci/github/My-Org/my-repo" + job, organization + "/ci/github/evil/my-repo" + job,
		organization + "/ci/github/my-org/my-repo", organization + "x/ci/github/my-org/my-repo" + job,
		"spiffe://identity.depot.dev/org/evil/ci/github/my-org/my-repo" + job,
		"spiffe://identity.example/org/org_xxxxxxxxxxxxxxxxxxxx/ci/github/my-org/my-repo" + job,
		"repo:my-org/my-repo:ref:refs/heads/main", "",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documentedJob(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestAnotherCustomerOfDepotWithARepositoryOfTheSameNameStaysOut(t *testing.T) {
	refuseSubjects(t, map[string]string{
		"another organization": "b1b2c3d4e5/ci/github/acme/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"an organization whose id is longer": "a1b2c3d4e5f/ci/github/acme/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"an organization whose id ends alike": "xa1b2c3d4e5/ci/github/acme/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"an organization in other letters": "A1B2C3D4E5/ci/github/acme/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"a branch named after the trusted subject": "mallory/ci/github/acme/web/ref/refs/heads/org/a1b2c3d4e5/ci/" +
			"github/acme/web/ref/x/sandbox/snd_1",
		"a repository called like the trusted id": "mallory/ci/github/mallory/a1b2c3d4e5/ref/refs/heads/ci/github/" +
			"acme/web/ref/x/sandbox/snd_1",
		"an owner called like the whole organization": "mallory/ci/github/a1b2c3d4e5/ci/ref/refs/heads/github/acme/" +
			"web/ref/x/sandbox/snd_1",
	})
}

func TestAnotherRepositoryOfTheOrganizationStaysOut(t *testing.T) {
	refuseSubjects(t, map[string]string{
		"a repository whose name is longer": "a1b2c3d4e5/ci/github/acme/web-evil/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"a repository whose name is shorter": "a1b2c3d4e5/ci/github/acme/we/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"an owner whose name is longer": "a1b2c3d4e5/ci/github/acme-evil/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"an owner whose name ends alike": "a1b2c3d4e5/ci/github/evil-acme/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"an owner with a slash in its name": "a1b2c3d4e5/ci/github/mallory/acme/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"a repository with a slash in its name": "a1b2c3d4e5/ci/github/acme/web/evil/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"a repository named like the trusted one below another": "a1b2c3d4e5/ci/github/acme/evil/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"a branch named after the trusted repository": "a1b2c3d4e5/ci/github/acme/evil/ref/refs/heads/acme/web/ref/" +
			"refs/heads/main/sandbox/snd_1",
		"a branch named after the whole trusted path": "a1b2c3d4e5/ci/github/mallory/evil/ref/refs/heads/ci/github/" +
			"acme/web/ref/x/sandbox/snd_1",
		"a repository that is not on GitHub": "a1b2c3d4e5/ci/entire/acme/web/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"an owner named like the trusted repository": "a1b2c3d4e5/ci/github/web/ref/ref/refs/" +
			"heads/main/sandbox/snd_1",
		"an escaped slash between owner and repository": "a1b2c3d4e5/ci/github/acme%2Fweb/ref/refs/" +
			"heads/main/sandbox/snd_1",
	})
}

// refuseSubjects fails where one of the subjects, written without their beginning, is let in by a trust of acme/web.
func refuseSubjects(t *testing.T, subs map[string]string) {
	t.Helper()
	trusts := suite.MustRead(t, depot("acme/web"), citest.InAWS)
	for what, sub := range subs {
		token := map[string]any{"aud": "sts.amazonaws.com", "sub": "spiffe://identity.depot.dev/org/" + sub}
		if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
			t.Errorf("%s gets in: %s", what, sub)
		}
	}
}

// That these get in is what the finding says.
func TestEveryJobOfATrustedDepotRepositoryGetsIn(t *testing.T) {
	trusts := suite.MustRead(t, depot("acme/web"), citest.InAWS)
	for _, job := range []string{
		"refs/heads/main/sandbox/snd_1", "refs/heads/main/sandbox/x/sandbox/snd_1", "refs/tags/v1/sandbox/snd_1",
		"refs/pull/7/merge/sandbox/snd_1", "main/sandbox/1", "refs/heads/*/sandbox/?",
	} {
		token := map[string]any{
			"aud": "sts.amazonaws.com",
			"sub": "spiffe://identity.depot.dev/org/a1b2c3d4e5/ci/github/acme/web/ref/" + job,
		}
		if !citest.Admitted(trusts, citest.InAWS, token) || !trusts[0].Admits(token) {
			t.Errorf("%s does not get in", job)
		}
	}
}

func TestDepotGrantsAndFindings(t *testing.T) {
	trusts := suite.MustRead(t, depot("acme/web", "acme/api"), citest.InAWS)
	citest.SameStrings(t, "grants", ci.Sentences(trusts), []string{
		"Depot CI: any job of repository acme/api in organization a1b2c3d4e5",
		"Depot CI: any job of repository acme/web in organization a1b2c3d4e5",
	})
	citest.SameStrings(t, "findings", citest.FindingIDs(trusts), []string{"depot-any-job"})
	if f := ci.Findings(trusts)[0]; f.Path != "depot.repositories[0]" || f.Detail != "acme/api, acme/web" {
		t.Errorf("%+v", f)
	}
	want :=
		`"StringLike":{"identity.depot.dev:sub":"spiffe://identity.depot.dev/org/a1b2c3d4e5/ci/github/acme/web/ref/*"}`
	if policy := ci.Compile(suite.MustRead(t, depot("acme/web"), citest.InAWS), citest.InAWS, nil).
		JSON(); !strings.Contains(policy, want) {
		t.Errorf("%s\nlacks %s", policy, want)
	}
}

func TestADepotRepositoryIsRefusedUntilItsRiskIsAccepted(t *testing.T) {
	_, lines := suite.Read(depot("acme/web", "web"), citest.InAWS)
	if len(lines) != 3 ||
		!strings.HasPrefix(lines[0], "depot.repositories[0]: every job of the repository gets the role") ||
		!strings.HasSuffix(lines[0], "add depot-any-job to acceptRisks. (acme/web)") ||
		!strings.HasSuffix(lines[1], "add depot-any-job to acceptRisks. (the repository)") ||
		!strings.HasPrefix(lines[2], "depot.repositories[1].repository: must be") {
		t.Errorf("%q", lines)
	}
}

func TestWhatIsWrongWithADepotRepositoryIsSaidInDepotsWords(t *testing.T) {
	for repository, want := range map[string]string{
		"":                                 repository.Rule,
		"web":                              repository.Rule,
		"acme/web/api":                     repository.Rule,
		"acme/":                            repository.Rule,
		"/web":                             repository.Rule,
		"acme/web:main":                    repository.Rule,
		"acme/we b":                        repository.Rule,
		"acme.io/web":                      repository.Rule,
		"acme/" + strings.Repeat("a", 101): repository.Rule,
		"acme/*": "must be one exact repository, without *, ? and ${; list each " +
			"repository that is meant",
		"acme/we?": "must be one exact repository, without *, ? and ${; list each " +
			"repository that is meant",
		"https://github.com/acme/web":  repository.Not[0].Reason,
		"github.com/acme/web":          repository.Not[0].Reason,
		"git@github.com:acme/web":      repository.Not[0].Reason,
		"acme/web.git":                 repository.Not[0].Reason,
		"acme@1234567/web@89012345":    repository.Not[1].Reason,
		"acme/web/ref/refs/heads/main": repository.Not[2].Reason,
		"acme/..":                      repository.Not[3].Reason,
		"acme/.":                       repository.Not[3].Reason,
	} {
		written := depot(repository)
		written["acceptRisks"] = list{"depot-any-job"}
		trusts, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, repository, lines,
			[]string{"depot.repositories[0].repository: " + want + ` (found "` + repository + `")`})
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: something is granted", repository)
		}
	}
}

func TestWhatIsWrongWithTheOrganizationOfDepotIsSaidInDepotsWords(t *testing.T) {
	for organization, want := range map[string]string{
		"": organization.Rule, "Acme Inc": organization.Rule, "acme.io": organization.Rule,
		"https://depot.dev/orgs/a1b2c3d4e5": organization.Not[0].Reason,
		"a1b2c3d4e5/ci/github":              organization.Not[0].Reason,
		"a1b2*": "must be one exact organization, without *, ? and ${; list each " +
			"organization that is meant",
	} {
		written := in(depot("acme/web"), "organizationId", organization)
		written["acceptRisks"] = list{"depot-any-job"}
		trusts, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, organization, lines,
			[]string{"depot.organizationId: " + want + ` (found "` + organization + `")`})
		if len(trusts[0].Grants) != 0 {
			t.Errorf("%s: something is granted", organization)
		}
	}
}

func TestNothingOfDepotIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, written := range []object{
		in(depot("acme/web"), "organizationId", citest.Unknown{}), in(depot(), "repositories", citest.Unknown{}),
		in(depot(), "repositories", list{citest.Unknown{}}),
		in(depot(), "repositories", list{object{"repository": citest.Unknown{}}}), in(depot(), "repositories", list{}),
	} {
		if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v is granted", written)
		}
	}
	trusts := suite.MustRead(t, in(depot(), "repositories", list{object{"repository": citest.Unknown{}}}), citest.InAWS)
	citest.SameStrings(t, "of a repository that is not known yet", citest.FindingIDs(trusts), []string{"depot-any-job"})
}

func TestTwoDepotItemsOfOneRepositoryAreProved(t *testing.T) {
	trusts := suite.MustRead(t, depot("acme/web", "acme/web"), citest.InAWS)
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Errorf("%v %v", err, problems.Sorted())
	}
}

func TestTheDepotWorkflowExchangesItsToken(t *testing.T) {
	text, workflow := suite.Pipeline(t, depot("acme/web", "acme/api", "acme/web"), citest.InAWS)
	job := citest.At(workflow, "jobs", "deploy")
	if citest.At(job, "runs-on") != "depot-ubuntu-latest" || citest.At(job, "permissions", "id-token") != "write" ||
		citest.At(job, "permissions", "contents") != "read" ||
		!strings.HasPrefix(text, "# .depot/workflows/deploy.yml in acme/api, acme/web\n") {
		t.Error(text)
	}
	step := citest.At(job, "steps", 1)
	if uses, _ := citest.At(step, "uses").(string); !strings.HasPrefix(uses,
		"aws-actions/configure-aws-credentials@v") ||
		citest.At(step, "with", "role-to-assume") != citest.RoleArn ||
		citest.At(step, "with", "aws-region") != "eu-west-1" || citest.At(step, "with", "audience") != nil {
		t.Error(text)
	}
	for want, audiences := range map[string]list{
		"":          {"a", "sts.amazonaws.com"},
		"no":        {"no", "z"},
		`it's"one"`: {`it's"one"`},
	} {
		_, workflow = suite.Pipeline(t, in(depot("acme/web"), "audiences", audiences), citest.InAWS)
		if got := ci.TextOf(citest.At(workflow, "jobs", "deploy", "steps", 1, "with", "audience")); got != want {
			t.Errorf("%v: audience %q, want %q", audiences, got, want)
		}
	}
	if text, _ = suite.Pipeline(t, in(depot(), "repositories", citest.Unknown{}),
		citest.InAWS); !strings.HasPrefix(text, "# .depot/workflows/deploy.yml\n") {
		t.Error(text)
	}
}

// The open end of a pattern is the job: REF/sandbox/ID of the trusted repository. Nothing that another customer, owner
// or repository can be called reaches it, since none of these names has a slash.
func TestNoNameOfAStrangerReachesTheOpenEndOfADepotPattern(t *testing.T) {
	trusts := suite.MustRead(t, depot("acme/web"), citest.InAWS)
	trusted := "a1b2c3d4e5/ci/github/acme/web/ref/refs/heads/main"
	for _, organization := range []string{"mallory", "a1b2c3d4e5f", "a1b2c3d4e"} {
		for _, repository := range []string{"acme/web", "mallory/web", "a1b2c3d4e5/ci"} {
			for _, ref := range []string{"refs/heads/main", "refs/heads/" + trusted, "refs/tags/org/" + trusted,
				"refs/heads/x/sandbox/snd_1/org/" + trusted} {
				token := documentedJob()
				token["sub"] = form.Build(organization, strings.Split(repository, "/")[0],
					strings.Split(repository, "/")[1], ref+"/sandbox/snd_1")
				if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
					t.Errorf("%v gets in", token["sub"])
				}
			}
		}
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
