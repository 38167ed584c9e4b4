package env0

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

const (
	sub   = "auth0|6f0000000000000000000a01"
	web   = "3d0b6c1e-2f4a-4c55-9a6e-1b7d8e9f0a21"
	other = "c94e1d07-5b8a-4f63-8e2d-0a7c6b3f1d58"
)

func env0(words object) object {
	section := object{"subject": sub}
	for name, value := range words {
		section[name] = value
	}
	return object{"env0": section}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	env0(nil),
	env0(object{"projectIds": list{web}}),
	env0(object{"projectIds": list{web, other}, "deploymentTypes": list{"deploy", "destroy"}}),
	env0(object{"deploymentTypes": list{"prPlan"}}),
	env0(object{"projectIds": list{web}, "audiences": list{"a", audience}}),
}}

// The values are those of the documentation's own sample token.
// Source: https://docs.envzero.com/guides/integrations/oidc-integrations
func documentedDeployment() map[string]any {
	one := func(text string) []any { return []any{text} }
	return map[string]any{
		"https://aws.amazon.com/tags": map[string]any{"principal_tags": map[string]any{
			"organizationId": one("66a38abf-69bc-4cb7-ad73-7f61e389079f"),
			"projectId":      one("5b44fa6d-ecfd-40ab-8e69-14d6fe7c638c"),
			"templateId":     one("dc9808e2-44d3-48dd-b12a-31a08927ee6e"),
			"environmentId":  one("9c3ca3cf-870d-4db4-9c60-5adf37faab45"), "deployerEmail": one("test@test.com"),
			"deploymentType": one("deploy"), "env0Tag": one("production-workload"),
		}},
		"apiKeyType": "oidc", "organization": "66a38abf-69bc-4cb7-ad73-7f61e389079f",
		"organizationId": "66a38abf-69bc-4cb7-ad73-7f61e389079f", "projectId": "5b44fa6d-ecfd-40ab-8e69-14d6fe7c638c",
		"templateId": "dc9808e2-44d3-48dd-b12a-31a08927ee6e", "environmentId": "9c3ca3cf-870d-4db4-9c60-5adf37faab45",
		"deployerEmail": "test@test.com", "deploymentType": "deploy", "env0Tag": "production-workload",
		"iss": "https://login.app.env0.com/", "sub": "auth0|63021f2ce98a11d0678ed6fe", "aud": "https://app.env0.com",
		"iat": 1685696926, "exp": 1685783326, "azp": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b", "gty": "password",
	}
}

// documentedSection trusts the sample token.
func documentedSection() object {
	return env0(object{
		"subject":         "auth0|63021f2ce98a11d0678ed6fe",
		"projectIds":      list{"5b44fa6d-ecfd-40ab-8e69-14d6fe7c638c"},
		"deploymentTypes": list{"deploy"},
	})
}

func TestTheDocumentedEnv0TokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov} {
		trusts := suite.MustRead(t, documentedSection(), account)
		if !citest.Admitted(trusts, account, documentedDeployment()) {
			t.Errorf("the documented token does not get in in %s", account.Partition)
		}
	}
	trusts := suite.MustRead(t, documentedSection(), citest.InAWS)
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for _, claim := range []string{"iss", "sub", "aud", "azp", "apiKeyType", "gty", "projectId", "deploymentType"} {
		if made[claim] != documentedDeployment()[claim] {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim],
				documentedDeployment()[claim])
		}
	}
	for name := range ci.PrincipalTags(documentedDeployment()) {
		if ci.PrincipalTags(made)[name] == "" && name != "env0Tag" {
			// which only deployments with the variable ENV0_OIDC_TAG have
			t.Errorf("the made-up token has no session tag %s", name)
		}
	}
	for what, changes := range map[string]map[string]any{
		"another customer":               {"sub": "auth0|63021f2ce98a11d0678ed6ff"},
		"no subject":                     {"sub": nil},
		"an application of another kind": {"azp": "hoMiq9PdkRh9LUvVpH4wIErWg50VSG1c"},
		"no authorized party":            {"azp": nil},
		"the audience in aud alone": {
			"azp": nil,
			"aud": "https://app.env0.com/hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b",
		},
		"no tags": {ci.TagsClaim: nil},
		"another project, and ours as a claim": ci.SessionTags(map[string]string{
			"projectId":      other,
			"deploymentType": "deploy",
		}),
		"a plan": ci.SessionTags(map[string]string{
			"projectId":      "5b44fa6d-ecfd-40ab-8e69-14d6fe7c638c",
			"deploymentType": "prPlan",
		}),
		"a tag that the deployer chose": ci.SessionTags(map[string]string{
			"env0Tag":        "5b44fa6d-ecfd-40ab-8e69-14d6fe7c638c",
			"deploymentType": "deploy",
		}),
		"the project's id in the template's place": ci.SessionTags(map[string]string{
			"templateId":     "5b44fa6d-ecfd-40ab-8e69-14d6fe7c638c",
			"deploymentType": "deploy",
		}),
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documentedDeployment(), changes)) {
			t.Errorf("%s gets in", what)
		}
	}
}

func TestTheSlashAtTheEndOfEnv0sIssuerIsInArnAndKeys(t *testing.T) {
	trusts := suite.MustRead(t, env0(nil), citest.InAWS)
	policy := ci.Compile(trusts, citest.InAWS, nil).JSON()
	for _, part := range []string{
		`"arn:aws:iam::123456789012:oidc-provider/login.app.env0.com/"`,
		`"login.app.env0.com/:aud":"hoMiq9PdkRh9LUvVpH4wIErWg50VSG1b"`, `"login.app.env0.com/:sub":"` + sub + `"`,
	} {
		if !strings.Contains(policy, part) {
			t.Errorf("%s is missing in %s", part, policy)
		}
	}
	for arn, want := range map[string]int{
		"arn:aws:iam::123456789012:oidc-provider/login.app.env0.com/": 0,
		"arn:aws:iam::123456789012:oidc-provider/login.app.env0.com":  1,
	} {
		written := env0(object{"providerArn": arn})
		written["acceptRisks"] = suite.AllRisks()
		if _, lines := suite.Read(written, citest.InAWS); len(lines) != want {
			t.Errorf("%s: %q", arn, lines)
		}
	}
}

func TestTagsOfEnv0AreAlwaysAllowedBecauseEveryDeploymentSendsThem(t *testing.T) {
	for _, words := range []object{nil, {"projectIds": list{web}}} {
		trusts := suite.MustRead(t, env0(words), citest.InAWS)
		if policy := ci.Compile(trusts, citest.InAWS, nil).JSON(); !strings.Contains(policy,
			`"Action":["sts:AssumeRoleWithWebIdentity","sts:TagSession"]`) {
			t.Errorf("%v: %s", words, policy)
		}
		var problems input.Problems
		if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil ||
			problems.Len() > 0 {
			t.Errorf("%v %v", err, problems.Sorted())
		}
	}
}

// The check of a deployment credential sends a token of the organization without tags.
// Source: https://docs.envzero.com/api-reference/configuration/check-a-deployment-credential-against-aws
func TestTheCheckOfAnEnv0CredentialPassesWhereNoTagIsWanted(t *testing.T) {
	check := map[string]any{"iss": issuer, "aud": "https://app.env0.com", "azp": audience, "sub": sub}
	if !citest.Admitted(suite.MustRead(t, env0(nil), citest.InAWS), citest.InAWS, check) {
		t.Error("the check does not pass")
	}
	if citest.Admitted(suite.MustRead(t, env0(object{"projectIds": list{web}}), citest.InAWS), citest.InAWS, check) {
		t.Error("the check passes without the project's tag")
	}
}

func TestEnv0GrantsInWords(t *testing.T) {
	citest.SameStrings(t, "all", ci.Sentences(suite.MustRead(t, env0(nil), citest.InAWS)),
		[]string{"env zero: deployments of any type in any project of organization " + sub})
	citest.SameStrings(t, "some",
		ci.Sentences(suite.MustRead(t, env0(object{
			"projectIds":      list{web, other},
			"deploymentTypes": list{"task", "deploy", "task"},
		}), citest.InAWS)), []string{
			"env zero: deployments of type deploy or task in project " + web + " of organization " + sub,
			"env zero: deployments of type deploy or task in project " + other + " of organization " + sub,
		})
}

func TestEnv0Findings(t *testing.T) {
	projects := list{web}
	for _, c := range []struct {
		words object
		want  []string
	}{
		{nil, []string{"env0-any-project", "env0-pull-request-plans"}},
		{object{"projectIds": projects}, []string{"env0-any-branch", "env0-pull-request-plans"}},
		{object{"deploymentTypes": list{"deploy"}}, []string{"env0-any-project"}},
		{object{"projectIds": projects, "deploymentTypes": list{"deploy", "destroy"}}, []string{"env0-any-branch"}},
		{
			object{"projectIds": projects, "deploymentTypes": list{"deploy", "prPlan"}},
			[]string{"env0-any-branch", "env0-pull-request-plans"},
		},
		{object{"projectIds": citest.Unknown{}, "deploymentTypes": citest.Unknown{}}, []string{}},
	} {
		citest.SameStrings(t, "findings", citest.FindingIDs(suite.MustRead(t, env0(c.words), citest.InAWS)), c.want)
	}
}

// Plans run code that nobody has merged, whether or not something else shares the role; written twice they are still
// alone.
func TestPlansOfPullRequestsAloneAreAFindingOfTheirOwn(t *testing.T) {
	for want, types := range map[string][]list{
		"env0-only-pull-request-plans": {{"prPlan"}, {"prPlan", "prPlan"}, {"prPlan", citest.Unknown{}}},
		"env0-pull-request-plans":      {{"prPlan", "task", "prPlan"}},
	} {
		for _, kinds := range types {
			if got := citest.FindingIDs(
				suite.MustRead(t, env0(object{"projectIds": list{web}, "deploymentTypes": kinds}), citest.InAWS),
			); !slices.Contains(got, want) || len(got) != 2 {
				t.Errorf("%v: %q", kinds, got)
			}
		}
	}
}

func TestADeploymentOfAnyBranchInATrustedProjectIsSaid(t *testing.T) {
	findings := ci.Findings(suite.MustRead(t,
		env0(object{"projectIds": list{other, web}, "deploymentTypes": list{"deploy"}}), citest.InAWS))
	if len(findings) != 1 || findings[0].ID != "env0-any-branch" || findings[0].Severity != ci.Low ||
		findings[0].Detail != "project "+web+", project "+other {
		t.Errorf("%v", findings)
	}
}

func TestWhatIsWrongWithAnEnv0SectionIsSaidInEnv0sWords(t *testing.T) {
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"subject": web}, `env0.subject: is the id of an organization; write its subject identifier, such as ` +
			`auth0|6f0000000000000000000a01: ` +
			`Organization Settings > Policies > Enable OIDC > show (found "` + web + `")`},
		{object{"subject": "6f0000000000000000000a01"},
			`env0.subject: must be the organization's subject identifier, auth0| and an id: ` +
				`Organization Settings > Policies > Enable OIDC > show (found "6f0000000000000000000a01")`},
		{object{"subject": "auth0|*"}, `env0.subject: must be one exact subject, without *, ? and ${; list each ` +
			`subject that is meant (found "auth0|*")`},
		{object{"projectIds": list{"web"}}, `env0.projectIds[0]: must be the id of the project, the UUID in the URL ` +
			`of its page, in lower case (found "web")`},
		{object{"projectIds": list{strings.ToUpper(web)}}, `env0.projectIds[0]: has capital letters; write it in ` +
			`lower case, as env zero does: AWS compares letter by letter (found "` + strings.ToUpper(web) + `")`},
		{object{"subject": "auth0|6F0000000000000000000A01"}, `env0.subject: has capital letters; write it in lower ` +
			`case, as env zero shows it: AWS compares letter by letter (found "auth0|6F0000000000000000000A01")`},
		{object{"deploymentTypes": list{"PrPlan"}}, `env0.deploymentTypes[0]: differs from a type of deployment in ` +
			`letter case, and AWS compares letter by letter; write prPlan (found "PrPlan")`},
		{object{"deploymentTypes": list{"Deploy"}}, `env0.deploymentTypes[0]: differs from a type of deployment in ` +
			`letter case, and AWS compares letter by letter; write deploy (found "Deploy")`},
		{object{"deploymentTypes": list{"pr plan"}}, `env0.deploymentTypes[0]: must be a type of deployment as ` +
			`tokens have it: deploy, destroy, prPlan, task or another word (found "pr plan")`},
	} {
		written := env0(c.words)
		written["acceptRisks"] = suite.AllRisks()
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
}

func TestNothingOfEnv0IsGrantedBeforeItIsKnown(t *testing.T) {
	for _, words := range []object{
		{"subject": citest.Unknown{}}, {"projectIds": citest.Unknown{}}, {"projectIds": list{citest.Unknown{}}},
		{"deploymentTypes": citest.Unknown{}}, {"deploymentTypes": list{citest.Unknown{}}},
	} {
		if trusts := suite.MustRead(t, env0(words), citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v: %v", words, ci.Sentences(trusts))
		}
	}
}

func TestTheSettingsOfEnv0NameTheRoleAndTheProjects(t *testing.T) {
	text, settings := suite.Pipeline(t, env0(object{"projectIds": list{other, web, web}}), citest.InAWS)
	if citest.At(settings, "credential", "roleArn") != citest.RoleArn ||
		citest.At(settings, "environment", "AWS_REGION") != "eu-west-1" {
		t.Errorf("%s", text)
	}
	citest.SameStrings(t, "projects", citest.Texts(citest.At(settings, "credential", "projectIds")),
		[]string{web, other})
	if _, settings := suite.Pipeline(t, env0(nil), citest.InAWS); citest.At(settings, "credential",
		"projectIds") != nil {
		t.Errorf("%v", settings)
	}
}

// Whoever may edit variables chooses the tag env0Tag, and whoever has an account its e-mail address and name.
func TestATextThatADeployerOfEnv0ChoosesNeverPassesForAProjectOrAnOrganization(t *testing.T) {
	citest.SameStrings(t, "crafted subjects", suite.Crafted(t), nil)
	trusts := suite.MustRead(t, env0(object{"projectIds": list{web}, "deploymentTypes": list{"deploy"}}), citest.InAWS)
	ours := trusts[0].Grants[0].Tokens()[0].Claims
	for what, changes := range map[string]map[string]any{
		"a tag with our project in another project": ci.SessionTags(map[string]string{
			"projectId":      other,
			"deploymentType": "deploy",
			"env0Tag":        web,
		}),
		"an e-mail address with our project": ci.SessionTags(map[string]string{
			"projectId":      other,
			"deploymentType": "deploy",
			"deployerEmail":  "projectId:" + web,
		}),
		"our project with more behind it": ci.SessionTags(map[string]string{
			"projectId":      web + "," + other,
			"deploymentType": "deploy",
		}),
		"a plan whose tag says that it deploys": ci.SessionTags(map[string]string{
			"projectId":      web,
			"deploymentType": "prPlan",
			"env0Tag":        "deploy",
		}),
		"a project in capitals": ci.SessionTags(map[string]string{
			"projectId":      strings.ToUpper(web),
			"deploymentType": "deploy",
		}),
		"the organization of another connection": {"sub": "auth0|mallory|" + strings.TrimPrefix(sub, "auth0|")},
		"our organization with more behind it":   {"sub": sub + "|mallory"},
	} {
		token := ci.With(ours, changes)
		if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
			t.Errorf("%s gets in", what)
		}
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
