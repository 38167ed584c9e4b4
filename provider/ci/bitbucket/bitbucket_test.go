package bitbucket

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const (
	web            = "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70}"
	other          = "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c71}"
	productionUUID = "{5c1d2e3f-7a4b-4f60-9c81-2d3e4f5a6b70}"
	staging        = "{5c1d2e3f-7a4b-4f60-9c81-2d3e4f5a6b71}"
	run            = "{8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c81}"
	acme           = "{6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11}"
)

// bitbucket is a section with one repository.
func bitbucket(words object) object {
	repository := object{"uuid": web}
	for name, value := range words {
		repository[name] = value
	}
	return object{"bitbucket": object{"workspace": "acme", "workspaceUuid": acme, "repositories": list{repository}}}
}

// in changes the section itself.
func in(written object, name string, value any) object {
	section := written["bitbucket"].(object)
	if section[name] = value; value == nil {
		delete(section, name)
	}
	return written
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	bitbucket(object{"environments": list{productionUUID}}),
	bitbucket(object{"environments": list{productionUUID, staging}, "stepsWithoutEnvironment": false}),
	bitbucket(object{"environments": list{"*"}}),
	bitbucket(object{"stepsWithoutEnvironment": true}),
	bitbucket(object{"stepsWithoutEnvironment": true, "environments": list{"*"}}),
	in(bitbucket(object{"stepsWithoutEnvironment": true}), "repositories", list{
		object{"uuid": web, "environments": list{productionUUID}},
		object{"uuid": other, "stepsWithoutEnvironment": true}}),
	in(in(bitbucket(object{"environments": list{productionUUID}}), "audiences", list{"a", "b"}), "workspaceUuid", nil),
}}

// The claims are those of the settings page of a repository, as printed in public, with made-up UUIDs and the step's in
// its place, which the page leaves open.
// Source: https://github.com/Cyclenerd/google-workload-identity-federation-for-bitbucket
func documentedStep() map[string]any {
	return map[string]any{
		"iss": "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
		"aud": "ari:cloud:bitbucket::workspace/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11",
		"sub": web + ":" + run, "stepUuid": run, "repositoryUuid": web, "workspaceUuid": acme,
		"branchName": "main", "pipelineUuid": "{7d3e4f5a-8b6c-4d72-be93-4f5a6b7c8d90}",
	}
}

func TestTheDocumentedBitbucketTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := suite.MustRead(t, bitbucket(object{"stepsWithoutEnvironment": true}), citest.InAWS)
	documented := documentedStep()
	if !citest.Admitted(trusts, citest.InAWS, documented) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented {
		if claim != "sub" && claim != "stepUuid" && made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	if len(made) != len(documented) || made["sub"] != web+":"+ci.TextOf(made["stepUuid"]) {
		t.Errorf("the made-up token is %v", made)
	}
	for what, sub := range map[string]string{
		"a step in an environment":          web + ":" + productionUUID + ":" + run,
		"another repository":                other + ":" + run,
		"a step of other length":            web + ":" + strings.Trim(run, "{}"),
		"a repository without braces":       strings.Trim(web, "{}") + ":" + run,
		"the repository as a step":          other + ":" + web,
		"the repository alone":              web,
		"something behind":                  web + ":" + run + ":",
		"the workspace in front":            acme + ":" + web + ":" + run,
		"a repository in capitals":          strings.ToUpper(web) + ":" + run,
		"a repository in the other's place": other + ":" + web + ":" + run,
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in: %s", what, sub)
		}
	}
}

func TestAStepInAnotherBitbucketEnvironmentStaysOut(t *testing.T) {
	step := func(environment string) map[string]any {
		return ci.With(documentedStep(), map[string]any{"sub": strings.Join([]string{web, environment, run}, ":"),
			"deploymentEnvironmentUuid": environment})
	}
	production := suite.MustRead(t, bitbucket(object{"environments": list{productionUUID}}), citest.InAWS)
	anyOf := suite.MustRead(t, bitbucket(object{"environments": list{"*"}}), citest.InAWS)
	for _, c := range []struct {
		what            string
		claims          map[string]any
		named, whatever bool
	}{
		{"production", step(productionUUID), true, true},
		{"staging", step(staging), false, true},
		{"no environment", documentedStep(), false, false},
		{"two environments", step(productionUUID + ":" + productionUUID), false, false},
		{"the environment of another repository", ci.With(step(productionUUID), map[string]any{
			"sub": strings.Join([]string{other, productionUUID, run}, ":")}), false, false},
	} {
		if got := citest.Admitted(production, citest.InAWS, c.claims); got != c.named {
			t.Errorf("a trust of production lets in %s: %v", c.what, got)
		}
		if got := citest.Admitted(anyOf, citest.InAWS, c.claims); got != c.whatever {
			t.Errorf("a trust of any environment lets in %s: %v", c.what, got)
		}
	}
	if !strings.Contains(ci.Compile(production, citest.InAWS, nil).JSON(),
		`"`+web+":"+productionUUID+":{"+strings.Repeat("?", 36)+`}"`) {
		t.Errorf("%s", ci.Compile(production, citest.InAWS, nil).JSON())
	}
}

func TestWhatABitbucketTrustSays(t *testing.T) {
	trusts := suite.MustRead(t, in(bitbucket(nil), "repositories", list{
		object{"uuid": web, "stepsWithoutEnvironment": true, "environments": list{"*"}},
		object{"uuid": web, "environments": list{productionUUID}},
	}), citest.InAWS)
	citest.SameStrings(t, "grants", ci.Sentences(trusts), []string{
		"Bitbucket Pipelines: steps of repository " + web + " of acme in any environment",
		"Bitbucket Pipelines: steps of repository " + web + " of acme in environment " + productionUUID,
		"Bitbucket Pipelines: steps of repository " + web + " of acme without environment",
	})
	if got := ci.Findings(trusts)[0].Detail; got !=
		"repository "+web+" in any environment, repository "+web+" without environment" {
		t.Errorf("the finding is about %s", got)
	}
	citest.SameStrings(t, "a named environment", citest.FindingIDs(suite.MustRead(t,
		bitbucket(object{"environments": list{productionUUID}}), citest.InAWS)), []string{"bitbucket-any-branch"})
}

// A step whose UUIDs are in capitals does not exist, but the run of "?" that stands for any environment admits it.
func TestAnyBitbucketEnvironmentBesideANamedOneOfTheSameRepositoryIsProved(t *testing.T) {
	written := in(bitbucket(nil), "repositories", list{
		object{"uuid": web, "environments": list{"*"}}, object{"uuid": web, "environments": list{productionUUID}}})
	trusts := suite.MustRead(t, written, citest.InAWS)
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Errorf("%v %v", err, problems.Sorted())
	}
	policy, in := ci.Compile(trusts, citest.InAWS, nil), 0
	for _, g := range trusts[0].Grants {
		for _, token := range g.Tokens() {
			in += ci.Count(suite.Judge(t, written, policy, &trusts[0], citest.InAWS, token.Name, token.Claims))
		}
	}
	shouted := strings.Join([]string{web, strings.ToUpper(productionUUID), run}, ":")
	if in == 0 || !trusts[0].Admits(ci.With(documentedStep(), map[string]any{"sub": shouted})) {
		t.Error("the words refuse what the policy admits")
	}
}

func TestAnyBitbucketEnvironmentStandsAloneInItsList(t *testing.T) {
	for _, environments := range []list{{"*", productionUUID}, {citest.Unknown{}, "*"}} {
		written := bitbucket(object{"environments": environments})
		written["acceptRisks"] = suite.AllRisks()
		_, lines := suite.Read(written, citest.InAWS)
		if len(lines) != 1 || !strings.HasSuffix(lines[0],
			"]: trusts every environment, so the others beside it would say nothing; write it alone, or leave it out") {
			t.Errorf("%v: %q", environments, lines)
		}
	}
}

// A role refuses the step that names an environment where none is trusted, and the other way round.
func TestTheBitbucketPipelineHasAStepOfEachKindThatIsTrusted(t *testing.T) {
	for _, c := range []struct {
		words object
		want  []string
	}{
		{object{"environments": list{"*"}}, []string{"NAME # any environment"}},
		{object{"environments": list{"*"}, "stepsWithoutEnvironment": true}, []string{"NAME # any environment", ""}},
		{
			object{"environments": list{productionUUID}, "stepsWithoutEnvironment": true},
			[]string{"NAME # of the environment " + productionUUID, ""},
		},
		{object{"stepsWithoutEnvironment": true}, []string{""}},
	} {
		text, _ := suite.Pipeline(t, bitbucket(c.words), citest.InAWS)
		steps := strings.Split(text, "      - step:\n")[1:]
		if len(steps) != len(c.want) {
			t.Fatalf("%v:\n%s", c.words, text)
		}
		for i, step := range steps {
			_, deployment, _ := strings.Cut(step, "deployment: ")
			if got, _, _ := strings.Cut(deployment, "\n"); got != c.want[i] {
				t.Errorf("%v: step %d has %q", c.words, i, got)
			}
		}
	}
}

func TestStepsOfEveryBranchNeedTheRiskAccepted(t *testing.T) {
	for path, words := range map[string]object{
		"bitbucket.repositories[0].environments":            {"environments": list{"*"}},
		"bitbucket.repositories[0].stepsWithoutEnvironment": {"stepsWithoutEnvironment": true},
	} {
		_, lines := suite.Read(bitbucket(words), citest.InAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], path+": whoever may push a branch") ||
			!strings.Contains(lines[0], "add bitbucket-any-step to acceptRisks") {
			t.Errorf("%q", lines)
		}
	}
}

func TestWhatIsWrongWithABitbucketRepositoryIsSaidInBitbucketsWords(t *testing.T) {
	const bare, item = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70", "bitbucket.repositories[0]."
	const unbraced = `has no braces; write them around the UUID, as Bitbucket does and its tokens have them, such as ` +
		`"{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70}"`
	const capitals = "has capital letters; write it in lower case, as Bitbucket does: AWS compares letter by letter"
	production := object{"environments": list{productionUUID}}
	repository := func(words object) object { return bitbucket(ci.With(production, words)) }
	for _, c := range []struct {
		written object
		want    string
	}{
		{repository(object{"uuid": bare}), item + "uuid: " + unbraced + ` (found "` + bare + `")`},
		{repository(object{"uuid": "acme/web"}), item + `uuid: is the name of a repository, which tokens do not ` +
			`carry; write its UUID in braces, from Repository settings > OpenID Connect (found "acme/web")`},
		{repository(object{"uuid": "web"}), item +
			"uuid: must be the UUID of the repository in braces, from Repository settings > OpenID Connect, such as " +
			`"` + web + `" (found "web")`},
		{repository(object{"uuid": strings.ToUpper(web)}),
			item + "uuid: " + capitals + ` (found "` + strings.ToUpper(web) + `")`},
		{repository(object{"uuid": "{0d9f*"}), item + `uuid: must be one exact repository, without *, ? and ${; list ` +
			`each repository that is meant (found "{0d9f*")`},
		{repository(object{"environments": list{"production"}}),
			item + "environments[0]: must be the UUID of the environment in braces, from Repository settings > " +
				`OpenID Connect, such as "` + web + `" (found "production")`},
		{repository(object{"environments": list{bare}}),
			item + "environments[0]: " + unbraced + ` (found "` + bare + `")`},
		{repository(object{"environments": list{"{5c1d*"}}), item + `environments[0]: must be one exact environment, ` +
			`without *, ? and ${; list each environment that is meant (found "{5c1d*")`},
		{bitbucket(object{}), item + "environments: is missing: name the deployment environments whose steps get the " +
			"role. stepsWithoutEnvironment: true trusts the steps that name none, those of every branch"},
		{in(repository(nil), "workspace", "https://bitbucket.org/acme"),
			`bitbucket.workspace: is a URL or path; write the workspace's ID alone: acme for ` +
				`https://bitbucket.org/acme/web (found "https://bitbucket.org/acme")`},
		{in(repository(nil), "workspace", acme), `bitbucket.workspace: is the workspace's UUID, and the issuer ` +
			`carries its ID: acme for https://bitbucket.org/acme/web (found "` + acme + `")`},
		{in(repository(nil), "workspace", "Acme Inc"),
			"bitbucket.workspace: " + workspace.Rule + ` (found "Acme Inc")`},
		{in(repository(nil), "workspaceUuid", "acme"), "bitbucket.workspaceUuid: must be the UUID of the workspace " +
			"in braces, from Repository settings > OpenID Connect, such as " +
			`"` + web + `" (found "acme")`},
		{in(repository(nil), "workspaceUuid", "ari:cloud:bitbucket::workspace/"+bare),
			"bitbucket.workspaceUuid: is the audience; write the UUID at its end, in braces, and leave audiences out " +
				`(found "ari:cloud:bitbucket::workspace/` + bare + `")`},
		{in(repository(nil), "workspaceUuid", nil), `bitbucket.workspaceUuid: is missing, and audiences too: the ` +
			`audience of a token is made of the workspace's UUID, such as "` + acme + `"`},
	} {
		_, lines := suite.Read(c.written, citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
}

func TestNothingOfBitbucketIsTrustedBeforeItIsKnown(t *testing.T) {
	production := object{"environments": list{productionUUID}}
	for what, written := range map[string]object{
		"workspace":    in(bitbucket(production), "workspace", citest.Unknown{}),
		"repository":   bitbucket(ci.With(production, object{"uuid": citest.Unknown{}})),
		"environment":  bitbucket(object{"environments": list{citest.Unknown{}}}),
		"environments": bitbucket(object{"environments": citest.Unknown{}}),
		"steps":        bitbucket(object{"stepsWithoutEnvironment": citest.Unknown{}}),
		"repositories": in(bitbucket(production), "repositories", citest.Unknown{}),
	} {
		if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 ||
			len(trusts[0].Findings) != 0 {
			t.Errorf("%s: granted before it is known: %q", what, ci.Sentences(trusts))
		}
	}
	if trusts := suite.MustRead(t, in(bitbucket(production), "workspaceUuid", citest.Unknown{}),
		citest.InAWS); len(trusts[0].Audiences()) != 0 {
		t.Errorf("audiences %q of an unknown workspace", trusts[0].Audiences())
	}
}

func TestTheBitbucketPipelineHasAStepForEachEnvironment(t *testing.T) {
	text, file := suite.Pipeline(t, bitbucket(object{"environments": list{staging, productionUUID}}), citest.InAWS)
	steps, _ := citest.At(file, "pipelines", "branches", "main").([]any)
	if len(steps) != 2 || citest.At(file, "options") != nil {
		t.Fatalf("%s", text)
	}
	for _, item := range steps {
		step := citest.At(item, "step")
		if citest.At(step, "oidc") != true || citest.At(step, "deployment") != "NAME" {
			t.Errorf("%v", step)
		}
		citest.Exchanges(t, citest.At(step, "script", 0), ci.PrintVariable("BITBUCKET_STEP_OIDC_TOKEN"),
			"bitbucket-$BITBUCKET_REPO_SLUG-$BITBUCKET_BUILD_NUMBER-$BITBUCKET_STEP_UUID", "eu-west-1")
	}
	if !strings.Contains(text, "NAME # of the environment "+productionUUID+"\n") {
		t.Errorf("it does not say which environment is meant:\n%s", text)
	}
	_, file = suite.Pipeline(t, in(bitbucket(object{"stepsWithoutEnvironment": true}), "audiences", list{"yes", "z"}),
		citest.InAWS)
	if citest.At(file, "options", "oidc", "audiences", 0) != "yes" ||
		citest.At(file, "pipelines", "branches", "main", 0, "step", "deployment") != nil {
		t.Errorf("%v", file)
	}
	_, file = suite.Pipeline(t, in(bitbucket(object{"stepsWithoutEnvironment": true}), "audiences",
		list{"another", "ari:cloud:bitbucket::workspace/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"}), citest.InAWS)
	if citest.At(file, "options") != nil {
		t.Errorf("the pipeline asks for another audience than the default, which is registered: %v", file)
	}
}

// A run of question marks stands for any 36 characters, braces and colons too.
func TestTheOpenUUIDsOfABitbucketStepNeverReachAnotherField(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 42))
	for _, written := range suite.Matrix {
		for _, g := range suite.MustRead(t, written, citest.InAWS)[0].Grants {
			pattern := g.Claims["sub"][0]
			trusted := ci.TextOf(g.Tokens()[0].Claims["sub"])
			for _, form := range (System{}).Forms() {
				meant, same := form.Parse(trusted)
				for range 200 {
					texts := make([]string, len(form.Fields))
					for i, field := range form.Fields {
						texts[i] = citest.Randomize(r, field.Sample)
						if same && r.IntN(2) == 0 {
							texts[i] = meant[i]
						}
					}
					want := same
					for i, text := range texts {
						exact := same && strings.Contains(pattern, meant[i])
						want = want && (!exact || text == meant[i])
					}
					if sub := form.Build(texts...); trust.Match(pattern, sub) != want {
						t.Fatalf("%s: %s gets in: %v", g.Sentence, sub, !want)
					}
				}
			}
		}
	}
}

func TestAStepOfAForkOrOfAnotherWorkspaceNeverGetsATrustedBitbucketSubject(t *testing.T) {
	made := []string{"repository", "environment", "step"} // Bitbucket makes every UUID
	citest.SameStrings(t, "crafted subjects", suite.Crafted(t, made...), nil)
	trusts := suite.MustRead(t, bitbucket(object{"stepsWithoutEnvironment": true, "environments": list{"*"}}),
		citest.InAWS)
	for _, sub := range []string{
		other + ":" + web, other + ":" + productionUUID + ":" + run, web + ":" + web + ":" + productionUUID + ":" + run,
		other + ":" + web + ":" + run, acme + ":" + web + ":" + run, web + "x:" + run,
	} {
		if token := ci.With(documentedStep(), map[string]any{"sub": sub}); citest.Admitted(trusts, citest.InAWS,
			token) || trusts[0].Admits(token) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
