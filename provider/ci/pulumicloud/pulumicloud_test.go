package pulumicloud

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// env is a section with one environment.
func env(words object) object {
	environment := object{"project": "aws", "name": "production"}
	for name, value := range words {
		environment[name] = value
	}
	return object{"pulumiCloud": object{"organization": "acme", "environments": list{environment}}}
}

// deploy is a section with one stack.
func deploy(operations ...any) object {
	return object{"pulumiCloud": object{
		"organization": "acme",
		"stacks":       list{object{"project": "web", "name": "production", "operations": operations}},
	}}
}

// both is a section with environments in both kinds of project, and a stack.
func both() object {
	written := deploy("update", "destroy")
	written["pulumiCloud"].(object)["environments"] = list{
		object{"project": "aws", "name": "production", "subjectAttributes": list{"currentEnvironment.name"}},
		object{"project": "default", "name": "legacy"}}
	return written
}

var (
	byEnvironment = object{"subjectAttributes": list{"currentEnvironment.name"}}
	byUser        = object{
		"subjectAttributes": list{"currentEnvironment.name", "pulumi.user.login"},
		"users":             list{"mona", "lisa"},
	}
)

var suite = citest.Suite{System: System{}, Matrix: []object{
	env(nil),
	env(object{"project": "default"}),
	env(byEnvironment),
	env(byUser),
	deploy("update"),
	deploy("preview", "refresh"),
	both(),
	{"pulumiCloud": object{
		"organization": "acme",
		"audiences":    list{"a", "acme"},
		"stacks":       both()["pulumiCloud"].(object)["stacks"],
	}},
}}

// The subject is the one that the documentation works out, for the environment project/development of contoso.
// Source: https://www.pulumi.com/docs/esc/guides/configuring-oidc/aws/#subject-claim-example
func documentedEnvironment() map[string]any {
	return map[string]any{
		"iss": "https://api.pulumi.com/oidc", "aud": "aws:contoso", "current_env": "project/development",
		"root_env": "project/development", "trigger_user": "personA",
		"sub": "pulumi:environments:pulumi.organization.login:contoso:currentEnvironment.name:project/development:" +
			"pulumi.user.login:personA",
	}
}

func TestTheDocumentedPulumiEnvironmentGetsInAndItsNeighboursDoNot(t *testing.T) {
	written := env(object{
		"project":           "project",
		"name":              "development",
		"subjectAttributes": list{"currentEnvironment.name", "pulumi.user.login"},
		"users":             list{"personA"},
	})
	written["pulumiCloud"].(object)["organization"] = "contoso"
	trusts := suite.MustRead(t, written, citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documentedEnvironment()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documentedEnvironment() {
		if made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	const prefix = "pulumi:environments:pulumi.organization.login:"
	for _, sub := range []string{
		"pulumi:environments:org:contoso:env:project/development", "pulumi:environments:org:contoso:env:<yaml>", "",
		prefix + "contoso:currentEnvironment.name:project/development:pulumi.user.login:mallory",
		prefix + "contoso:currentEnvironment.name:development:pulumi.user.login:personA",
		prefix + "contoso:pulumi.user.login:project/development:currentEnvironment.name:personA",
		prefix + "contoso:currentEnvironment.name:project/development",
		prefix + "contoso:rootEnvironment.name:project/development:pulumi.user.login:personA",
		prefix + "mallory:currentEnvironment.name:project/development:pulumi.user.login:personA",
		prefix + "mallory:currentEnvironment.name:" + prefix +
			"contoso:currentEnvironment.name:project/development:pulumi.user.login:personA",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documentedEnvironment(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

// The policy is the same whatever the order of a list, and a login block may have either order.
func TestTheOrderOfPulumiSubjectAttributesDoesNotMatter(t *testing.T) {
	for _, order := range []list{
		{"currentEnvironment.name", "pulumi.user.login"},
		{"pulumi.user.login", "currentEnvironment.name"},
	} {
		trusts := suite.MustRead(t, env(object{"subjectAttributes": order, "users": list{"mona"}}), citest.InAWS)
		for sub, want := range map[string]bool{
			"currentEnvironment.name:aws/production:pulumi.user.login:mona":    true,
			"pulumi.user.login:mona:currentEnvironment.name:aws/production":    true,
			"pulumi.user.login:mallory:currentEnvironment.name:aws/production": false,
			"pulumi.user.login:mona:currentEnvironment.name:aws/staging":       false,
			"pulumi.user.login:mona": false,
		} {
			if got := citest.Admitted(trusts, citest.InAWS, map[string]any{
				"aud": "aws:acme",
				"sub": "pulumi:environments:pulumi.organization.login:acme:" + sub,
			}); got != want {
				t.Errorf("%v: %s gets in: %v", order, sub, got)
			}
		}
		_, settings := suite.Pipeline(t, env(object{"subjectAttributes": order, "users": list{"mona"}}), citest.InAWS)
		attributes := citest.At(settings, "environments", 0, "definition", "values", "aws", "login",
			"fn::open::aws-login", "oidc", "subjectAttributes")
		citest.SameStrings(t, "settings", citest.Texts(attributes),
			[]string{"currentEnvironment.name", "pulumi.user.login"})
	}
}

// Source: https://www.pulumi.com/docs/deployments/guides/oidc/#custom-claims
func TestTheDocumentedPulumiDeploymentGetsInAndItsNeighboursDoNot(t *testing.T) {
	documented := map[string]any{
		"iss": "https://api.pulumi.com/oidc", "aud": "acme", "org": "acme", "project": "web", "stack": "production",
		"operation": "update", "scope": "write",
		"sub": "pulumi:deploy:org:acme:project:web:stack:production:operation:update:scope:write",
	}
	trusts := suite.MustRead(t, deploy("update"), citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documented) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documented {
		if made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"pulumi:deploy:org:acme:project:web:stack:production:operation:preview:scope:write",
		"pulumi:deploy:org:acme:project:web:stack:pr-acme-web-7:operation:update:scope:write",
		"pulumi:deploy:org:acme:project:web:stack:production:operation:update:scope:read",
		"pulumi:environments:org:acme:env:web/production",
		"pulumi:deploy:org:mallory:project:org:acme:project:web:stack:production:operation:update:scope:write",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documented, map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestEachKindOfPulumiTokenNeedsItsOwnAudience(t *testing.T) {
	trusts := suite.MustRead(t, both(), citest.InAWS)
	citest.SameStrings(t, "registered", trusts[0].Audiences(), []string{"acme", "aws:acme"})
	for _, c := range []struct{ sub, audience, foreign string }{
		{"pulumi:environments:pulumi.organization.login:acme:currentEnvironment.name:aws/production", "aws:acme",
			"acme"},
		{"pulumi:environments:org:acme:env:legacy", "acme", "aws:acme"},
		{"pulumi:deploy:org:acme:project:web:stack:production:operation:update:scope:write", "acme", "aws:acme"},
	} {
		for _, audience := range []string{c.audience, c.foreign, "mallory", "aws:mallory", "azure:acme", "gcp:acme"} {
			if got := citest.Admitted(trusts, citest.InAWS, map[string]any{"aud": audience, "sub": c.sub}); got !=
				(audience == c.audience) {
				t.Errorf("%s with audience %s gets in: %v", c.sub, audience, got)
			}
		}
	}
	near := 0
	for _, g := range trusts[0].Grants {
		for _, token := range g.Tokens() {
			if strings.HasPrefix(token.Name, "the audience of another kind of token") && !token.Admit {
				near++
			}
		}
	}
	if near != len(trusts[0].Grants) {
		t.Errorf("of %d grants %d are tried with the other audience", len(trusts[0].Grants), near)
	}
	for want, written := range map[string]object{"aws:acme": env(nil), "acme": env(object{"project": "default"})} {
		citest.SameStrings(t, "of one kind", suite.MustRead(t, written, citest.InAWS)[0].Audiences(), []string{want})
	}
	citest.SameStrings(t, "of Deployments", suite.MustRead(t, deploy("update"), citest.InAWS)[0].Audiences(),
		[]string{"acme"})
}

func TestPulumiAudiencesThatTheUserWritesGoForAll(t *testing.T) {
	written := both()
	written["pulumiCloud"].(object)["audiences"] = list{"b", "aws:acme", "acme"}
	trusts := suite.MustRead(t, written, citest.InAWS)
	citest.SameStrings(t, "registered", trusts[0].Audiences(), []string{"acme", "aws:acme", "b"})
	for _, g := range trusts[0].Grants {
		citest.SameStrings(t, g.Sentence, g.Claims["aud"], []string{"acme", "aws:acme", "b"})
	}
}

func TestWhatAPulumiStrangerCanNameDoesNotGetHimIn(t *testing.T) {
	trusts := suite.MustRead(t, both(), citest.InAWS)
	for _, sub := range []string{
		"pulumi:environments:org:acme-evil:env:legacy", "pulumi:environments:org:mallory:env:acme/legacy",
		"pulumi:deploy:org:acmee:project:web:stack:production:operation:update:scope:write",
		"pulumi:environments:pulumi.organization.login:mallory:currentEnvironment.name:aws/production",
		"pulumi:environments:org:acme:env:default/legacy", "pulumi:environments:org:acme:env:web/legacy",
		"pulumi:environments:org:acme:env:aws/production", "pulumi:environments:org:acme:env:Legacy",
	} {
		for _, audience := range []string{"acme", "aws:acme"} {
			if citest.Admitted(trusts, citest.InAWS, map[string]any{"aud": audience, "sub": sub}) {
				t.Errorf("%s gets in with audience %s", sub, audience)
			}
		}
	}
}

func TestPulumiGrantsInWords(t *testing.T) {
	citest.SameStrings(t, "grants", ci.Sentences(suite.MustRead(t, both(), citest.InAWS)), []string{
		"Pulumi Cloud: ESC environment aws/production of organization acme, whatever imports it",
		"Pulumi Cloud: ESC environment default/legacy of organization acme",
		"Pulumi Cloud: destroy of stack web/production of organization acme",
		"Pulumi Cloud: update of stack web/production of organization acme",
	})
	citest.SameStrings(t, "users", ci.Sentences(suite.MustRead(t, env(byUser), citest.InAWS)), []string{
		"Pulumi Cloud: ESC environment aws/production of organization acme, whatever imports it, opened by lisa",
		"Pulumi Cloud: ESC environment aws/production of organization acme, whatever imports it, opened by mona",
	})
}

func TestPulumiFindings(t *testing.T) {
	for want, written := range map[string]object{
		"":                      deploy("update", "refresh", "destroy"),
		"pulumi-cloud-previews": deploy("preview", "update"),
	} {
		citest.SameStrings(t, fmt.Sprint(written), citest.FindingIDs(suite.MustRead(t, written, citest.InAWS)),
			strings.Fields(want))
	}
}

func TestThePreviewOfOnePulumiStackSharesTheRoleWithWhatElseIsTrusted(t *testing.T) {
	preview := object{"project": "web", "name": "staging", "operations": list{"preview"}}
	update := object{"project": "web", "name": "production", "operations": list{"update"}}
	for want, words := range map[string][]object{
		"pulumi-cloud-previews pulumiCloud.stacks[0].operations stack web/staging": {
			{"stacks": list{preview, update}},
			{"stacks": list{preview}, "environments": list{object{"project": "aws", "name": "production"}}}},
		"pulumi-cloud-preview-role pulumiCloud.stacks[0].operations stack web/staging": {{"stacks": list{preview}}},
	} {
		for _, section := range words {
			section["organization"] = "acme"
			f := suite.MustRead(t, object{"pulumiCloud": section}, citest.InAWS)[0].Findings
			if len(f) != 1 || fmt.Sprint(f[0].ID, " ", f[0].Path, " ", f[0].Detail) != want {
				t.Errorf("%v: %v, want %s", section, f, want)
			}
		}
	}
}

func TestWhatIsWrongWithAPulumiSectionIsSaidInPulumisWords(t *testing.T) {
	const at = "pulumiCloud.environments[0]."
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"name": "aws/production"}, at + `name: is a path; write the name alone, the project in project and ` +
			`what is in it in name (found "aws/production")`},
		{object{"name": "prod*"}, at + `name: must be one exact environment, without *, ? and ${; list each ` +
			`environment that is meant (found "prod*")`},
		{object{"name": "<yaml>"},
			at + `name: must be the name of the environment: letters, digits, -, _ and . (found "<yaml>")`},
		{object{"project": "my project"}, at +
			`project: must be the name of the project: letters, digits, -, _ and ., at most 100 (found "my project")`},
		{object{"subjectAttributes": list{"rootEnvironment.name"}}, at + `subjectAttributes[0]: must be ` +
			`currentEnvironment.name or pulumi.user.login (found "rootEnvironment.name")`},
		{object{"subjectAttributes": list{"pulumi.user.login"}, "users": list{"mona"}},
			at + "subjectAttributes: must have currentEnvironment.name once, and may have pulumi.user.login once: " +
				"without the environment in it, the subject is the same in every environment of the organization"},
		{object{"subjectAttributes": list{"currentEnvironment.name", "currentEnvironment.name"}},
			at + "subjectAttributes: must have currentEnvironment.name once, and may have " +
				"pulumi.user.login once: without the environment in it, the subject is the same in every environment " +
				"of the organization"},
		{object{"subjectAttributes": list{"currentEnvironment.name", "pulumi.user.login"}},
			at + "users: is missing: with pulumi.user.login the subject names the user who opens the " +
				"environment; list the logins of those who get the role"},
		{object{"users": list{"mona"}}, at + "users: has no meaning without pulumi.user.login among " +
			"subjectAttributes: only then does the subject name the user"},
		{ci.With(byUser, object{"users": list{"mona@acme.example"}}),
			at + `users[0]: is an e-mail address; write the user's login, such as mona (found "mona@acme.example")`},
		{ci.With(byUser, object{"users": list{"a:b"}}),
			at + `users[0]: must be the login of a user of Pulumi Cloud, such as mona (found "a:b")`},
	} {
		_, lines := suite.Read(env(c.words), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	for organization, want := range map[string]string{
		"Acme": `has capital letters; tokens carry the name in lower case, as the console's URL shows it: acme in ` +
			`https://app.pulumi.com/acme (found "Acme")`,
		"aws:acme": `is an audience; write the organization's name alone, without ` +
			`aws: (found "aws:acme")`,
		"https://app.pulumi.com/acme": `is a URL; write the organization's name alone: acme in ` +
			`https://app.pulumi.com/acme (found "https://app.pulumi.com/acme")`,
		"acme/web": organization.Rule + ` (found "acme/web")`,
		"*": `must be one exact organization, without *, ? and ${; list each organization that ` +
			`is meant (found "*")`,
	} {
		written := env(nil)
		written["pulumiCloud"].(object)["organization"] = organization
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, organization, lines, []string{"pulumiCloud.organization: " + want})
	}
}

func TestWhatIsWrongWithAPulumiStackIsSaidInPulumisWords(t *testing.T) {
	const at = "pulumiCloud.stacks[0]."
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"name": "acme/web/production"}, at + `name: is a path; write the name alone, the project in project ` +
			`and what is in it in name (found "acme/web/production")`},
		{object{"name": "a b"},
			at + `name: must be the name of the stack: letters, digits, -, _ and ., at most 100 (found "a b")`},
		{object{"operations": list{"up"}},
			at + `operations[0]: must be preview, update, refresh or destroy (found "up")`},
		{object{"operations": nil}, at + "operations: is missing: say which operations get the role, such as " +
			"[update]. A preview also runs for pull requests that nobody has merged"},
	} {
		_, lines := suite.Read(object{"pulumiCloud": object{
			"organization": "acme",
			"stacks":       list{ci.With(object{"project": "web", "name": "a", "operations": list{"update"}}, c.words)},
		}}, citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	_, lines := suite.Read(object{"pulumiCloud": object{"organization": "acme"}}, citest.InAWS)
	citest.SameStrings(t, "nobody", lines, []string{"pulumiCloud.environments: is missing, and stacks too: name the " +
		"ESC environments or the stacks that get the role"})
}

func TestNothingOfPulumiIsGrantedBeforeItIsKnown(t *testing.T) {
	for _, words := range []object{
		{"name": citest.Unknown{}}, {"project": citest.Unknown{}}, {"subjectAttributes": citest.Unknown{}},
		{"subjectAttributes": list{"currentEnvironment.name", citest.Unknown{}}},
		{"subjectAttributes": list{citest.Unknown{}}, "users": list{"mona"}},
		ci.With(byUser, object{"users": citest.Unknown{}}), ci.With(byUser, object{"users": list{citest.Unknown{}}}),
	} {
		trusts := suite.MustRead(t, env(words), citest.InAWS)
		if len(trusts[0].Grants) != 0 || len(trusts[0].Audiences()) != 0 {
			t.Errorf("%v: %v for %v", words, ci.Sentences(trusts), trusts[0].Audiences())
		}
	}
	for _, part := range []object{
		{"organization": citest.Unknown{}},
		{"environments": citest.Unknown{}, "stacks": list{citest.Unknown{}}},
	} {
		trusts := suite.MustRead(t, object{"pulumiCloud": ci.With(both()["pulumiCloud"].(object), part)}, citest.InAWS)
		if len(trusts[0].Grants) != 0 || len(trusts[0].Audiences()) != 0 {
			t.Errorf("%v: %v for %v", part, ci.Sentences(trusts), trusts[0].Audiences())
		}
	}
}

// What is known already is granted at preview and proved, though the provider may need a further audience.
func TestAPulumiGrantThatIsKnownNeedsItsAudienceAlsoWhileAnotherIsNot(t *testing.T) {
	written := deploy("update")
	written["pulumiCloud"].(object)["environments"] = list{citest.Unknown{}}
	trusts := suite.MustRead(t, written, citest.InAWS)
	if len(trusts[0].Grants) != 1 || len(trusts[0].Audiences()) != 0 {
		t.Fatalf("%v for %v", ci.Sentences(trusts), trusts[0].Audiences())
	}
	citest.SameStrings(t, "aud", trusts[0].Grants[0].Claims["aud"], []string{"acme"})
	var problems input.Problems
	if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
		t.Errorf("%v %v", err, problems.Sorted())
	}
}

func TestThePulumiSettingsHandTheRoleToEachEnvironmentAndStackOnce(t *testing.T) {
	text, settings := suite.Pipeline(t, both(), citest.InAWS)
	environments, _ := settings["environments"].([]any)
	stacks, _ := settings["stacks"].([]any)
	if len(environments) != 2 || len(stacks) != 1 {
		t.Fatalf("%s", text)
	}
	login := citest.At(environments[0], "definition", "values", "aws", "login", "fn::open::aws-login", "oidc")
	citest.SameStrings(t, "attributes", citest.Texts(citest.At(login, "subjectAttributes")),
		[]string{"currentEnvironment.name"})
	if citest.At(environments[0], "project") != "aws" || citest.At(environments[0], "name") != "production" ||
		citest.At(login, "roleArn") != citest.RoleArn {
		t.Errorf("%s", text)
	}
	if variables := citest.At(environments[0], "definition", "values",
		"environmentVariables"); citest.At(variables, "AWS_REGION") != "eu-west-1" ||
		citest.At(variables, "AWS_SESSION_TOKEN") != "${aws.login.sessionToken}" {
		t.Errorf("the variables are %v", variables)
	}
	if legacy := citest.At(environments[1], "definition", "values", "aws", "login", "fn::open::aws-login",
		"oidc"); citest.At(legacy, "subjectAttributes") != nil || citest.At(legacy, "roleArn") != citest.RoleArn {
		t.Errorf("without attributes the login block is %v", legacy)
	}
	if context := citest.At(stacks[0], "operationContext"); citest.At(context, "oidc", "aws", "roleARN") !=
		citest.RoleArn || citest.At(context, "environmentVariables", "AWS_REGION") != "eu-west-1" {
		t.Errorf("the stack has %v", context)
	}
	if _, settings := suite.Pipeline(t, env(byUser), citest.InAWS); len(settings["environments"].([]any)) != 1 ||
		settings["stacks"] != nil {
		t.Errorf("%v", settings)
	}
}

func TestPulumiNamesThatYAMLWouldReadOtherwiseStayText(t *testing.T) {
	for _, text := range []string{"yes", "No", "null", "12", "0x1f", "1e3", "-", "2026-01-01", "12_3", "_", "."} {
		written := env(object{"project": text, "name": text})
		written["pulumiCloud"].(object)["stacks"] = list{
			object{"project": text, "name": text, "operations": list{"update"}},
		}
		_, settings := suite.Pipeline(t, written, citest.InAWS)
		for _, kind := range []string{"environments", "stacks"} {
			if citest.At(settings, kind, 0, "project") != text || citest.At(settings, kind, 0, "name") != text {
				t.Errorf("%q is read as %v", text, citest.At(settings, kind, 0))
			}
		}
	}
}

func TestThePulumiSettingsAreTheSameWhateverTheOrderOfTheInput(t *testing.T) {
	written := both()
	before, _ := suite.Pipeline(t, written, citest.InAWS)
	slices.Reverse(written["pulumiCloud"].(object)["environments"].(list))
	if after, _ := suite.Pipeline(t, written, citest.InAWS); after != before {
		t.Errorf("the order of the input shows:\n%s\n%s", before, after)
	}
}

// A login may be any text here. What the names of the others may be is documented (see Read).
func TestAPulumiUserOrEnvironmentNamedLikeATrustedSubjectDoesNotGetIn(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t, "organization", "project", "stack", "environment"), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
