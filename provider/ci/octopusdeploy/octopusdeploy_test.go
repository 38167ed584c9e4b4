package octopusdeploy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

const cloud = "https://acme.octopus.app"

// octopus is a section with one execution.
func octopus(words object) object {
	item := object{"space": "default", "project": "web"}
	maps.Copy(item, words)
	return of(object{"executions": list{item}})
}

func of(words object) object {
	section := object{"issuer": cloud}
	maps.Copy(section, words)
	return object{"octopusDeploy": section}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	octopus(object{"environments": list{"production"}}),
	octopus(object{"environments": list{"production", "staging"}, "tenants": list{"north", "south"}}),
	octopus(object{
		"runbook":      "restart",
		"environments": list{"production"},
		"account":      "aws",
		"types":        list{"runbook"},
	}),
	octopus(object{"types": list{"deployment", "runbook"}}),
	of(object{"issuer": "https://octopus.example.com/deploy/", "audiences": list{"a", "b"}, "sessionTags": true,
		"executions": list{object{"space": "default", "projectGroup": "all", "environments": list{"production"}}}}),
	of(object{
		"healthChecks": list{
			object{"space": "default", "targets": list{"web-1", "web-2"}},
			object{"space": "b", "targets": list{"web-1"}, "account": "aws", "types": list{"health"}},
		},
		"accountTests": list{object{"space": "default", "accounts": list{"aws"}}},
		"feeds":        list{object{"space": "default", "feeds": list{"images"}}}}),
}}

// The subjects are those that the documentation gives for the project Deploy Web App and its runbook Restart, and for
// the defaults of each use.
// Sources: https://octopus.com/docs/infrastructure/accounts/openid-connect,
// https://octopus.com/docs/infrastructure/accounts/aws,
// https://github.com/OctopusDeploy/Issues/issues/9522
func TestEveryDocumentedSubjectOfOctopusIsBuiltAndGetsInAlone(t *testing.T) {
	webApp := object{"project": "deploy-web-app"}
	documented := map[string]object{
		"space:default:project:deploy-web-app:type:deployment": octopus(object{
			"project": "deploy-web-app",
			"types":   list{"deployment"},
		}),
		"space:default:project:deploy-web-app:runbook:restart:type:runbook": octopus(object{
			"project": "deploy-web-app",
			"runbook": "restart",
			"types":   list{"runbook"},
		}),
		"space:default:project:aws-oidc-testing:environment:dev": octopus(object{
			"project":      "aws-oidc-testing",
			"environments": list{"dev"},
		}),
		"space:default:project:deploy-web-app:tenant:acme:environment:prod": octopus(object{
			"project":      "deploy-web-app",
			"tenants":      list{"acme"},
			"environments": list{"prod"},
		}),
		"space:default:project-group:default-project-group:runbook:jwt": of(object{
			"executions": list{object{"space": "default", "projectGroup": "default-project-group", "runbook": "jwt"}},
		}),
		"space:default:target:web-1": of(object{
			"healthChecks": list{object{"space": "default", "targets": list{"web-1"}}},
		}),
		"space:default:account:aws": of(object{
			"accountTests": list{object{"space": "default", "accounts": list{"aws"}}},
		}),
		"space:default:feed:images": of(object{
			"feeds": list{object{"space": "default", "feeds": list{"images"}}},
		}),
		"space:default:project:deploy-web-app": octopus(webApp),
		"space:default:project:deploy-web-app:environment:prod:account:aws": octopus(object{
			"project":      "deploy-web-app",
			"environments": list{"prod"},
			"account":      "aws",
		}),
		"space:default:target:web-1:account:aws:type:health": of(object{"healthChecks": list{
			object{"space": "default", "targets": list{"web-1"}, "account": "aws", "types": list{"health"}},
		}}),
		"space:default:project:deploy-web-app:runbook:restart:environment:prod": octopus(object{
			"project":      "deploy-web-app",
			"runbook":      "restart",
			"environments": list{"prod"},
		}),
		"space:default:project:deploy-web-app:environment:prod:type:deployment": octopus(object{
			"project":      "deploy-web-app",
			"environments": list{"prod"},
			"types":        list{"deployment"},
		}),
		"space:other:project:deploy-web-app:tenant:acme:environment:prod": octopus(object{
			"space":        "other",
			"project":      "deploy-web-app",
			"tenants":      list{"acme"},
			"environments": list{"prod"},
		}),
		"space:default:project:deploy-web-app:runbook:restart:tenant:a:account:b": octopus(object{
			"project": "deploy-web-app",
			"runbook": "restart",
			"tenants": list{"a"},
			"account": "b",
		}),
	}
	for sub, written := range documented {
		trusts := suite.MustRead(t, written, citest.InAWS)
		made := trusts[0].Grants[0].Tokens()[0].Claims
		if made["sub"] != sub || made["iss"] != cloud || made["aud"] != "acme.octopus.app" {
			t.Errorf("the made-up token is %v, want %s", made, sub)
		}
		for other := range documented {
			token := map[string]any{"iss": cloud, "aud": "acme.octopus.app", "sub": other}
			if citest.Admitted(trusts, citest.InAWS, token) != (other == sub) {
				t.Errorf("the trust in %s is wrong about %s", sub, other)
			}
		}
	}
}

// The claims are those of a token that the documentation of the single-valued claims prints, as far as it prints them.
// Source: https://github.com/OctopusDeploy/Issues/issues/9894
func TestTheMadeUpTokenOfOctopusHasTheDocumentedClaims(t *testing.T) {
	made := suite.MustRead(t, octopus(object{"project": "oidc", "environments": list{"prod"}}),
		citest.InAWS)[0].Grants[0].Tokens()[0].Claims
	for claim, want := range map[string]any{
		"https://octopus.com/claims/space": "default", "https://octopus.com/claims/project": "oidc",
		"sub": "space:default:project:oidc:environment:prod",
	} {
		if made[claim] != want {
			t.Errorf("%s is %v, want %v", claim, made[claim], want)
		}
	}
}

func TestAnEditorOfAnotherOctopusProjectDoesNotGetInByTheNamesOfThings(t *testing.T) {
	trusts := suite.MustRead(t, octopus(object{"environments": list{"production"}}), citest.InAWS)
	for _, sub := range []string{
		"space:default:project:web-evil:environment:production",
		"space:default:project:web:environment:production-evil", "space:evil:project:web:environment:production",
		"space:default:project:web:environment:development",
		"space:default:project:web:tenant:mallory:environment:production",
		"space:default:project:web:runbook:evil:environment:production",
		"space:default:project-group:web:environment:production",
		"space:default:project:web:environment:production:type:runbook", "space:default:project:web", "space:default",
		"project:web:environment:production", "space:default:environment:production:project:web",
		"space:default:project:mallory:tenant:web:environment:production", "",
	} {
		if citest.Admitted(trusts, citest.InAWS, map[string]any{"iss": cloud, "aud": "acme.octopus.app", "sub": sub}) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestTheIssuerOfOctopusIsTakenWithOrWithoutItsSlashAndTheAudienceIsItsHost(t *testing.T) {
	for issuer, host := range map[string]string{
		cloud: "acme.octopus.app", cloud + "/": "acme.octopus.app",
		"https://octopus.example.com/deploy":  "octopus.example.com",
		"https://octopus.example.com/deploy/": "octopus.example.com",
	} {
		written := octopus(object{"environments": list{"production"}})
		written["octopusDeploy"].(object)["issuer"] = issuer
		trusts := suite.MustRead(t, written, citest.InAWS)
		if trusts[0].Issuer() != issuer || !slices.Equal(trusts[0].Audiences(), []string{host}) {
			t.Errorf("%s: issuer %s, audiences %v", issuer, trusts[0].Issuer(), trusts[0].Audiences())
		}
		if policy := ci.Compile(trusts, citest.InAWS, nil).JSON(); !strings.Contains(policy,
			`"`+strings.TrimPrefix(issuer, "https://")+`:sub"`) {
			t.Errorf("%s: %s", issuer, policy)
		}
	}
}

func TestOctopusGrantsSayWhoseTokensTheyAre(t *testing.T) {
	const on = " on acme.octopus.app"
	for _, c := range []struct {
		written object
		want    []string
	}{
		{octopus(object{"environments": list{"production"}, "tenants": list{"north"}}), []string{
			"deployments and runbook runs of project web in space default for tenant north to environment production",
		}},
		{octopus(object{"types": list{"deployment", "runbook"}, "account": "aws"}), []string{
			"deployments of project web in space default by account aws, without a tenant,",
			"runbook runs of project web in space default by account aws, without a tenant,"}},
		{
			octopus(object{"runbook": "restart", "environments": list{"a"}}),
			[]string{"runs of runbook restart of project web in space default to environment a, without a tenant,"},
		},
		{of(object{
			"healthChecks": list{object{"space": "s", "targets": list{"t"}}},
			"accountTests": list{object{"space": "s", "accounts": list{"a"}}},
			"feeds":        list{object{"space": "s", "feeds": list{"f"}}},
		}),
			[]string{"account tests of account a in space s, and other uses of it whose subject names these alone,",
				"feed f in space s", "health checks of target t in space s"}},
	} {
		var want []string
		for _, sentence := range c.want {
			want = append(want, "Octopus Deploy: "+sentence+on)
		}
		citest.SameStrings(t, fmt.Sprint(c.written), ci.Sentences(suite.MustRead(t, c.written, citest.InAWS)), want)
	}
}

// The first policy is that of the page on session tags, which tests nothing but the audience.
// Source: https://octopus.com/docs/infrastructure/accounts/aws
func TestTheAuditKnowsAnOctopusCloudWithAndWithoutTheSlash(t *testing.T) {
	for _, host := range []string{"acme.octopus.app", "acme.octopus.app/"} {
		for sub, want := range map[string]bool{
			"":  true,
			"*": true,
			"space:default:project:web:environment:production": false,
		} {
			conditions := object{host + ":aud": "acme.octopus.app"}
			if sub != "" {
				conditions[host+":sub"] = sub
			}
			document, _ := json.Marshal(object{"Version": "2012-10-17", "Statement": list{object{
				"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
				"Condition": object{"StringLike": conditions},
				"Principal": object{"Federated": "arn:aws:iam::123456789012:oidc-provider/" + host},
			}}})
			findings := suite.Audit(t, string(document))
			if got := slices.Contains(citest.Ids(findings), ci.OrganizationWide.ID); got != want {
				t.Errorf("%s with sub %q: %v", host, sub, citest.Ids(findings))
			}
		}
	}
}

func TestOctopusFindings(t *testing.T) {
	for want, written := range map[string]object{
		"":                               octopus(object{"environments": list{"production"}}),
		"octopus-deploy-any-environment": octopus(object{"types": list{"deployment"}}),
	} {
		if got := strings.Join(citest.FindingIDs(suite.MustRead(t, written, citest.InAWS)), " "); got != want {
			t.Errorf("%v: %q, want %q", written, got, want)
		}
	}
}

func TestADeploymentWithTheSubjectOfAnAccountTestIsPointedOut(t *testing.T) {
	f := suite.MustRead(
		t, of(object{"accountTests": list{object{"space": "default", "accounts": list{"aws", "aws-2"}}}}), citest.InAWS,
	)[0].Findings
	for i, want := range []string{"account aws in space default", "account aws-2 in space default"} {
		if len(f) != 2 || f[i].ID != "octopus-deploy-account-test" || f[i].Path != "octopusDeploy.accountTests[0]" ||
			f[i].Detail != want {
			t.Errorf("%v, want %s", f, want)
		}
	}
	beside := of(object{
		"healthChecks": list{object{"space": "s", "targets": list{"t"}, "account": "a"}},
		"feeds":        list{object{"space": "s", "feeds": list{"f"}}},
	})
	citest.SameStrings(t, "other uses", citest.FindingIDs(suite.MustRead(t, beside, citest.InAWS)), []string{})
}

func TestAnOctopusNameInThePlaceOfItsSlugIsPointedOut(t *testing.T) {
	for path, want := range map[string]string{
		"space": "space Default", "project": "project Web", "runbook": "runbook Restart", "tenants": "tenant North",
		"environments": "environment Production", "account": "account AWS",
	} {
		noun, text, _ := strings.Cut(want, " ")
		words := object{"environments": list{"production"}}
		if words[path] = any(text); strings.HasSuffix(path, "s") {
			words[path] = list{strings.ToLower(text), text}
		}
		f := suite.MustRead(t, octopus(words), citest.InAWS)[0].Findings
		if len(f) != 1 || f[0].ID != "octopus-deploy-slug-case" || f[0].Path != "octopusDeploy.executions[0]."+path ||
			f[0].Detail != noun+" "+text {
			t.Errorf("%s: %v", path, f)
		}
	}
}

func TestWhatIsWrongWithAnOctopusExecutionIsSaidInOctopusWords(t *testing.T) {
	const item, help = "octopusDeploy.executions[0].", "; write issuer as " +
		"https://SERVER/.well-known/openid-configuration has it, with or without the slash at its end, such as " +
		"https://acme.octopus.app"
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"project": "Projects-7"}, item +
			`project: is an id; write the slug of the project, as its settings page shows it (found "Projects-7")`},
		{object{"project": "Deploy Web App"}, item + `project: must be the slug of the project, as its settings page ` +
			`shows it, such as deploy-web-app for Deploy Web App (found "Deploy Web App")`},
		{object{"space": "Spaces-1"},
			item + `space: is an id; write the slug of the space, as its settings page shows it (found "Spaces-1")`},
		{object{"environments": list{"prod*"}}, item + `environments[0]: must be one exact environment, without *, ? ` +
			`and ${; list each environment that is meant (found "prod*")`},
		{object{"environments": list{"a:b"}},
			item + `environments[0]: must be the slug of the environment, as its page under Infrastructure > ` +
				`Environments shows it, such as deploy-web-app for Deploy Web App (found "a:b")`},
		{object{"types": list{"deployment"}, "runbook": "restart"}, item +
			"types[0]: is beside runbook, and a deployment has none; write [runbook], or another item for deployments"},
		{object{"types": list{"health"}}, item + `types[0]: must be deployment or runbook (found "health")`},
		{object{"projectGroup": "all"}, item + "project: stands beside projectGroup; write one of them, and select " +
			"that key alone: which of the two Octopus writes first is not documented"},
	} {
		_, lines := suite.Read(octopus(c.words), citest.InAWS)
		citest.SameStrings(t, fmt.Sprint(c.words), lines, []string{c.want})
	}
	for issuer, reason := range map[string]string{
		"acme.octopus.app":             "must begin with https://, as AWS takes no other issuer",
		"https://octopus.example:8443": "has a port or a password; IAM takes no issuer with a port",
		"https://octopus": "is not a URL that AWS could reach: full domain and path alone, without wildcard, query " +
			"and fragment, at most 255 characters",
	} {
		written := octopus(nil)
		written["octopusDeploy"].(object)["issuer"] = issuer
		_, lines := suite.Read(written, citest.InAWS)
		citest.SameStrings(t, issuer, lines,
			[]string{"octopusDeploy.issuer: " + reason + help + fmt.Sprintf(" (found %q)", issuer)})
	}
	_, lines := suite.Read(of(object{"executions": list{object{"space": "default"}}}), citest.InAWS)
	citest.SameStrings(t, "no project", lines, []string{item +
		"project: is missing, and projectGroup too: name the project whose deployments and runbook runs get the role"})
	_, lines = suite.Read(of(nil), citest.InAWS)
	citest.SameStrings(t, "nothing", lines, []string{"octopusDeploy.executions: is missing, and healthChecks, " +
		"accountTests and feeds too: name the deployments and runbook runs that get the role"})
}

func TestAnOctopusWordThatIsNotKnownYetIsNotTakenForOneThatIsMissing(t *testing.T) {
	for _, word := range []string{"space", "project", "runbook", "tenants", "environments", "account", "types"} {
		if trusts := suite.MustRead(t, octopus(object{word: citest.Unknown{}}),
			citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%s: %v is granted before it is known", word, ci.Sentences(trusts))
		}
	}
	for _, word := range []string{"tenants", "environments"} {
		if trusts := suite.MustRead(t, octopus(object{word: list{citest.Unknown{}}}),
			citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%s: %v is granted before it is known", word, ci.Sentences(trusts))
		}
	}
	written := octopus(object{"environments": list{"a"}})
	written["octopusDeploy"].(object)["issuer"] = citest.Unknown{}
	if trusts := suite.MustRead(t, written, citest.InAWS); len(trusts[0].Grants) != 0 {
		t.Error("something is granted before the issuer is known")
	}
}

func TestTheSettingsOfOctopusSelectTheKeysOfTheSubjectsAndAlwaysTheTenant(t *testing.T) {
	written := octopus(object{"environments": list{"production", "staging"}})
	section := written["octopusDeploy"].(object)
	section["executions"] = append(section["executions"].(list),
		object{"space": "default", "project": "api", "tenants": list{"north"}, "environments": list{"production"}},
		object{"space": "null", "projectGroup": "all", "types": list{"runbook"}})
	section["accountTests"] = list{object{"space": "default", "accounts": list{"aws"}}}
	_, settings := suite.Pipeline(t, written, citest.InAWS)
	if citest.At(settings, "roleArn") != citest.RoleArn || citest.At(settings, "region") != "eu-west-1" {
		t.Errorf("%v", settings)
	}
	accounts, _ := settings["accounts"].([]any)
	var got []string
	for _, account := range accounts {
		got = append(got, fmt.Sprint(citest.At(account, "space"), " ", citest.At(account, "for"), " ",
			citest.Texts(citest.At(account, "subjectKeys"))))
	}
	citest.SameStrings(t, "accounts", got, []string{"default account tests [Space Account]",
		"default deployments and runbook runs [Space Project Tenant Environment]",
		"null deployments and runbook runs [Space Project Group Tenant Type]"})
}

func TestSessionTagsOfOctopusNeedTheirWord(t *testing.T) {
	for _, allowed := range []bool{true, false} {
		written := octopus(object{"environments": list{"production"}})
		written["octopusDeploy"].(object)["sessionTags"] = allowed
		trusts := suite.MustRead(t, written, citest.InAWS)
		tagged := ci.With(trusts[0].Grants[0].Tokens()[0].Claims, map[string]any{ci.TagsClaim: map[string]any{
			"principal_tags":      map[string]any{"octopus-project": []any{"Web"}},
			"transitive_tag_keys": []any{"octopus-project"}}})
		if got := citest.Admitted(trusts, citest.InAWS, tagged); got != allowed {
			t.Errorf("sessionTags %v: a token with tags gets in: %v", allowed, got)
		}
	}
}

// Which characters a slug may have is not documented: one with a colon would carry the keys behind it (see page.md).
func TestAnOctopusTenantOrEnvironmentNamedLikeATrustedSubjectDoesNotGetIn(t *testing.T) {
	var slugs []string
	for _, f := range (System{}).Forms() {
		for _, field := range f.Fields {
			slugs = append(slugs, field.Name)
		}
	}
	citest.SameStrings(t, "crafted names", suite.Crafted(t, slugs...), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
