package ci

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

const (
	bitbucketWeb        = "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70}"
	bitbucketOther      = "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c71}"
	bitbucketProduction = "{5c1d2e3f-7a4b-4f60-9c81-2d3e4f5a6b70}"
	bitbucketStaging    = "{5c1d2e3f-7a4b-4f60-9c81-2d3e4f5a6b71}"
	bitbucketRun        = "{8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c81}"
	bitbucketAcme       = "{6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11}"
)

// bitbucket is a section with one repository.
func bitbucket(words object) object {
	repository := object{"uuid": bitbucketWeb}
	for name, value := range words {
		repository[name] = value
	}
	return object{"bitbucket": object{"workspace": "acme", "workspaceUuid": bitbucketAcme, "repositories": list{repository}}}
}

// inBitbucket changes the section itself.
func inBitbucket(written object, name string, value any) object {
	section := written["bitbucket"].(object)
	if section[name] = value; value == nil {
		delete(section, name)
	}
	return written
}

var bitbucketSuite = suite{system: Bitbucket{}, matrix: []object{
	bitbucket(object{"environments": list{bitbucketProduction}}),
	bitbucket(object{"environments": list{bitbucketProduction, bitbucketStaging}, "stepsWithoutEnvironment": false}),
	bitbucket(object{"environments": list{"*"}}),
	bitbucket(object{"stepsWithoutEnvironment": true}),
	bitbucket(object{"stepsWithoutEnvironment": true, "environments": list{"*"}}),
	inBitbucket(bitbucket(object{"stepsWithoutEnvironment": true}), "repositories", list{
		object{"uuid": bitbucketWeb, "environments": list{bitbucketProduction}}, object{"uuid": bitbucketOther, "stepsWithoutEnvironment": true}}),
	inBitbucket(inBitbucket(bitbucket(object{"environments": list{bitbucketProduction}}), "audiences", list{"a", "b"}), "workspaceUuid", nil),
}}

// The claims are those of the settings page of a repository, as printed in public, with made-up UUIDs and the step's in its
// place, which the page leaves open.
// Source: https://github.com/Cyclenerd/google-workload-identity-federation-for-bitbucket
func documentedBitbucketStep() map[string]any {
	return map[string]any{
		"iss": "https://api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc",
		"aud": "ari:cloud:bitbucket::workspace/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11",
		"sub": bitbucketWeb + ":" + bitbucketRun, "stepUuid": bitbucketRun, "repositoryUuid": bitbucketWeb, "workspaceUuid": bitbucketAcme,
		"branchName": "main", "pipelineUuid": "{7d3e4f5a-8b6c-4d72-be93-4f5a6b7c8d90}",
	}
}

func TestTheDocumentedBitbucketTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := bitbucketSuite.mustRead(t, bitbucket(object{"stepsWithoutEnvironment": true}), inAWS)
	documented := documentedBitbucketStep()
	if !admitted(trusts, inAWS, documented) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented {
		if claim != "sub" && claim != "stepUuid" && made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	if len(made) != len(documented) || made["sub"] != bitbucketWeb+":"+textOf(made["stepUuid"]) {
		t.Errorf("the made-up token is %v", made)
	}
	for what, sub := range map[string]string{
		"a step in an environment":          bitbucketWeb + ":" + bitbucketProduction + ":" + bitbucketRun,
		"another repository":                bitbucketOther + ":" + bitbucketRun,
		"a step of other length":            bitbucketWeb + ":" + strings.Trim(bitbucketRun, "{}"),
		"a repository without braces":       strings.Trim(bitbucketWeb, "{}") + ":" + bitbucketRun,
		"the repository as a step":          bitbucketOther + ":" + bitbucketWeb,
		"the repository alone":              bitbucketWeb,
		"something behind":                  bitbucketWeb + ":" + bitbucketRun + ":",
		"the workspace in front":            bitbucketAcme + ":" + bitbucketWeb + ":" + bitbucketRun,
		"a repository in capitals":          strings.ToUpper(bitbucketWeb) + ":" + bitbucketRun,
		"a repository in the other's place": bitbucketOther + ":" + bitbucketWeb + ":" + bitbucketRun,
	} {
		if admitted(trusts, inAWS, with(documented, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in: %s", what, sub)
		}
	}
}

func TestAStepInAnotherBitbucketEnvironmentStaysOut(t *testing.T) {
	step := func(environment string) map[string]any {
		return with(documentedBitbucketStep(), map[string]any{"sub": strings.Join([]string{bitbucketWeb, environment, bitbucketRun}, ":"),
			"deploymentEnvironmentUuid": environment})
	}
	production := bitbucketSuite.mustRead(t, bitbucket(object{"environments": list{bitbucketProduction}}), inAWS)
	anyOf := bitbucketSuite.mustRead(t, bitbucket(object{"environments": list{"*"}}), inAWS)
	for _, c := range []struct {
		what            string
		claims          map[string]any
		named, whatever bool
	}{
		{"production", step(bitbucketProduction), true, true},
		{"staging", step(bitbucketStaging), false, true},
		{"no environment", documentedBitbucketStep(), false, false},
		{"two environments", step(bitbucketProduction + ":" + bitbucketProduction), false, false},
		{"the environment of another repository", with(step(bitbucketProduction), map[string]any{
			"sub": strings.Join([]string{bitbucketOther, bitbucketProduction, bitbucketRun}, ":")}), false, false},
	} {
		if got := admitted(production, inAWS, c.claims); got != c.named {
			t.Errorf("a trust of production lets in %s: %v", c.what, got)
		}
		if got := admitted(anyOf, inAWS, c.claims); got != c.whatever {
			t.Errorf("a trust of any environment lets in %s: %v", c.what, got)
		}
	}
	if !strings.Contains(Compile(production, inAWS, nil).JSON(), `"`+bitbucketWeb+":"+bitbucketProduction+":{"+strings.Repeat("?", 36)+`}"`) {
		t.Errorf("%s", Compile(production, inAWS, nil).JSON())
	}
}

func TestWhatABitbucketTrustSays(t *testing.T) {
	trusts := bitbucketSuite.mustRead(t, inBitbucket(bitbucket(nil), "repositories", list{
		object{"uuid": bitbucketWeb, "stepsWithoutEnvironment": true, "environments": list{"*"}}, object{"uuid": bitbucketWeb, "environments": list{bitbucketProduction}},
	}), inAWS)
	sameStrings(t, "grants", Sentences(trusts), []string{
		"Bitbucket Pipelines: steps of repository " + bitbucketWeb + " of acme in any environment",
		"Bitbucket Pipelines: steps of repository " + bitbucketWeb + " of acme in environment " + bitbucketProduction,
		"Bitbucket Pipelines: steps of repository " + bitbucketWeb + " of acme without environment",
	})
	if got := Findings(trusts)[0].Detail; got != "repository "+bitbucketWeb+" in any environment, repository "+bitbucketWeb+" without environment" {
		t.Errorf("the finding is about %s", got)
	}
	sameStrings(t, "a named environment", findingIDs(bitbucketSuite.mustRead(t, bitbucket(object{"environments": list{bitbucketProduction}}), inAWS)), []string{"bitbucket-any-branch"})
}

// A step whose UUIDs are in capitals does not exist, but the run of "?" that stands for any environment admits it.
func TestAnyBitbucketEnvironmentBesideANamedOneOfTheSameRepositoryIsProved(t *testing.T) {
	written := inBitbucket(bitbucket(nil), "repositories", list{
		object{"uuid": bitbucketWeb, "environments": list{"*"}}, object{"uuid": bitbucketWeb, "environments": list{bitbucketProduction}}})
	trusts := bitbucketSuite.mustRead(t, written, inAWS)
	var problems input.Problems
	if err := Check(trusts, inAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Errorf("%v %v", err, problems.Sorted())
	}
	policy, in := Compile(trusts, inAWS, nil), 0
	for _, g := range trusts[0].Grants {
		for _, token := range g.Tokens() {
			in += count(bitbucketSuite.judge(t, written, policy, &trusts[0], inAWS, token.Name, token.Claims))
		}
	}
	shouted := strings.Join([]string{bitbucketWeb, strings.ToUpper(bitbucketProduction), bitbucketRun}, ":")
	if in == 0 || !trusts[0].Admits(with(documentedBitbucketStep(), map[string]any{"sub": shouted})) {
		t.Error("the words refuse what the policy admits")
	}
}

func TestAnyBitbucketEnvironmentStandsAloneInItsList(t *testing.T) {
	for _, environments := range []list{{"*", bitbucketProduction}, {unknown{}, "*"}} {
		written := bitbucket(object{"environments": environments})
		written["acceptRisks"] = bitbucketSuite.allRisks()
		_, lines := bitbucketSuite.read(written, inAWS)
		if len(lines) != 1 || !strings.HasSuffix(lines[0], "]: trusts every environment, so the others beside it would say nothing; write it alone, or leave it out") {
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
		{object{"environments": list{bitbucketProduction}, "stepsWithoutEnvironment": true}, []string{"NAME # of the environment " + bitbucketProduction, ""}},
		{object{"stepsWithoutEnvironment": true}, []string{""}},
	} {
		text, _ := bitbucketSuite.pipeline(t, bitbucket(c.words), inAWS)
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
		"bitbucket.repositories[0].environments": {"environments": list{"*"}}, "bitbucket.repositories[0].stepsWithoutEnvironment": {"stepsWithoutEnvironment": true},
	} {
		_, lines := bitbucketSuite.read(bitbucket(words), inAWS)
		if len(lines) != 1 || !strings.HasPrefix(lines[0], path+": whoever may push a branch") || !strings.Contains(lines[0], "add bitbucket-any-step to acceptRisks") {
			t.Errorf("%q", lines)
		}
	}
}

func TestWhatIsWrongWithABitbucketRepositoryIsSaidInBitbucketsWords(t *testing.T) {
	const bare, item = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70", "bitbucket.repositories[0]."
	const unbraced = `has no braces; write them around the UUID, as Bitbucket does and its tokens have them, such as "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70}"`
	const capitals = "has capital letters; write it in lower case, as Bitbucket does: AWS compares letter by letter"
	production := object{"environments": list{bitbucketProduction}}
	repository := func(words object) object { return bitbucket(with(production, words)) }
	for _, c := range []struct {
		written object
		want    string
	}{
		{repository(object{"uuid": bare}), item + "uuid: " + unbraced + ` (found "` + bare + `")`},
		{repository(object{"uuid": "acme/web"}), item + `uuid: is the name of a repository, which tokens do not carry; write its UUID in braces, from Repository settings > OpenID Connect (found "acme/web")`},
		{repository(object{"uuid": "web"}), item + "uuid: must be the UUID of the repository in braces, from Repository settings > OpenID Connect, such as " +
			`"` + bitbucketWeb + `" (found "web")`},
		{repository(object{"uuid": strings.ToUpper(bitbucketWeb)}), item + "uuid: " + capitals + ` (found "` + strings.ToUpper(bitbucketWeb) + `")`},
		{repository(object{"uuid": "{0d9f*"}), item + `uuid: must be one exact repository, without *, ? and ${; list each repository that is meant (found "{0d9f*")`},
		{repository(object{"environments": list{"production"}}), item + "environments[0]: must be the UUID of the environment in braces, from Repository settings > " +
			`OpenID Connect, such as "` + bitbucketWeb + `" (found "production")`},
		{repository(object{"environments": list{bare}}), item + "environments[0]: " + unbraced + ` (found "` + bare + `")`},
		{repository(object{"environments": list{"{5c1d*"}}), item + `environments[0]: must be one exact environment, without *, ? and ${; list each environment that is meant (found "{5c1d*")`},
		{bitbucket(object{}), item + "environments: is missing: name the deployment environments whose steps get the role. stepsWithoutEnvironment: true trusts the steps that name none, those of every branch"},
		{inBitbucket(repository(nil), "workspace", "https://bitbucket.org/acme"), `bitbucket.workspace: is a URL or path; write the workspace's ID alone: acme for https://bitbucket.org/acme/web (found "https://bitbucket.org/acme")`},
		{inBitbucket(repository(nil), "workspace", bitbucketAcme), `bitbucket.workspace: is the workspace's UUID, and the issuer carries its ID: acme for https://bitbucket.org/acme/web (found "` + bitbucketAcme + `")`},
		{inBitbucket(repository(nil), "workspace", "Acme Inc"), "bitbucket.workspace: " + bitbucketWorkspace.rule + ` (found "Acme Inc")`},
		{inBitbucket(repository(nil), "workspaceUuid", "acme"), "bitbucket.workspaceUuid: must be the UUID of the workspace in braces, from Repository settings > OpenID Connect, such as " +
			`"` + bitbucketWeb + `" (found "acme")`},
		{inBitbucket(repository(nil), "workspaceUuid", "ari:cloud:bitbucket::workspace/"+bare), "bitbucket.workspaceUuid: is the audience; write the UUID at its end, in braces, and leave audiences out " +
			`(found "ari:cloud:bitbucket::workspace/` + bare + `")`},
		{inBitbucket(repository(nil), "workspaceUuid", nil), `bitbucket.workspaceUuid: is missing, and audiences too: the audience of a token is made of the workspace's UUID, such as "` + bitbucketAcme + `"`},
	} {
		_, lines := bitbucketSuite.read(c.written, inAWS)
		sameStrings(t, c.want, lines, []string{c.want})
	}
}

func TestNothingOfBitbucketIsTrustedBeforeItIsKnown(t *testing.T) {
	production := object{"environments": list{bitbucketProduction}}
	for what, written := range map[string]object{
		"workspace":    inBitbucket(bitbucket(production), "workspace", unknown{}),
		"repository":   bitbucket(with(production, object{"uuid": unknown{}})),
		"environment":  bitbucket(object{"environments": list{unknown{}}}),
		"environments": bitbucket(object{"environments": unknown{}}),
		"steps":        bitbucket(object{"stepsWithoutEnvironment": unknown{}}),
		"repositories": inBitbucket(bitbucket(production), "repositories", unknown{}),
	} {
		if trusts := bitbucketSuite.mustRead(t, written, inAWS); len(trusts[0].Grants) != 0 || len(trusts[0].Findings) != 0 {
			t.Errorf("%s: granted before it is known: %q", what, Sentences(trusts))
		}
	}
	if trusts := bitbucketSuite.mustRead(t, inBitbucket(bitbucket(production), "workspaceUuid", unknown{}), inAWS); len(trusts[0].Audiences()) != 0 {
		t.Errorf("audiences %q of an unknown workspace", trusts[0].Audiences())
	}
}

func TestTheBitbucketPipelineHasAStepForEachEnvironment(t *testing.T) {
	text, file := bitbucketSuite.pipeline(t, bitbucket(object{"environments": list{bitbucketStaging, bitbucketProduction}}), inAWS)
	steps, _ := at(file, "pipelines", "branches", "main").([]any)
	if len(steps) != 2 || at(file, "options") != nil {
		t.Fatalf("%s", text)
	}
	for _, item := range steps {
		step := at(item, "step")
		if at(step, "oidc") != true || at(step, "deployment") != "NAME" || at(step, "script", 0) != "export AWS_ROLE_ARN="+roleArn ||
			at(step, "script", 1) != "export AWS_REGION=eu-west-1" || at(step, "script", 3) != `printf '%s' "$BITBUCKET_STEP_OIDC_TOKEN" > "$AWS_WEB_IDENTITY_TOKEN_FILE"` {
			t.Errorf("%v", step)
		}
	}
	if !strings.Contains(text, "NAME # of the environment "+bitbucketProduction+"\n") {
		t.Errorf("it does not say which environment is meant:\n%s", text)
	}
	_, file = bitbucketSuite.pipeline(t, inBitbucket(bitbucket(object{"stepsWithoutEnvironment": true}), "audiences", list{"yes", "z"}), inAWS)
	if at(file, "options", "oidc", "audiences", 0) != "yes" || at(file, "pipelines", "branches", "main", 0, "step", "deployment") != nil {
		t.Errorf("%v", file)
	}
	_, file = bitbucketSuite.pipeline(t, inBitbucket(bitbucket(object{"stepsWithoutEnvironment": true}), "audiences",
		list{"another", "ari:cloud:bitbucket::workspace/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"}), inAWS)
	if at(file, "options") != nil {
		t.Errorf("the pipeline asks for another audience than the default, which is registered: %v", file)
	}
}

func TestConformanceOfBitbucket(t *testing.T) { bitbucketSuite.conformance(t) }
