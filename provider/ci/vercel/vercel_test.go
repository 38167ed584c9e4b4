package vercel

import (
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
)

// vercel is a section with one project.
func vercel(words object, environments ...any) object {
	section := object{"team": "acme", "projects": list{object{"name": "web", "environments": list(environments)}}}
	for name, value := range words {
		section[name] = value
	}
	return object{"vercel": section}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	vercel(nil, "production"),
	vercel(nil, "preview", "development"),
	vercel(object{"issuerMode": "global"}, "production"),
	vercel(object{"audiences": list{"https://vercel.com/acme", "sts.amazonaws.com"}}, "production", "preview"),
	vercel(object{"issuerMode": "global", "projects": list{
		object{"name": "web", "environments": list{"production"}},
		object{"name": "web.api_2-x", "environments": list{"production", "preview", "development"}}}}),
}}

// The documentation writes nbf with its letters swapped; AWS does not look at it.
// Source: https://vercel.com/docs/oidc/reference
func documentedDeployment() map[string]any {
	return map[string]any{
		"iss": "https://oidc.vercel.com/acme", "aud": "https://vercel.com/acme",
		"sub": "owner:acme:project:acme_website:environment:production", "iat": 1718885593, "exp": 1718889193,
		"owner": "acme", "owner_id": "team_7Gw5ZMzpQA8h90F832KGp7nwbuh3", "project": "acme_website",
		"project_id": "prj_7Gw5ZMBpQA8h9GF832KGp7nwbuh3", "environment": "production",
	}
}

func TestTheDocumentedVercelTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	trusts := suite.MustRead(t, vercel(object{
		"projects": list{object{"name": "acme_website", "environments": list{"production"}}},
	}), citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documentedDeployment()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documentedDeployment() {
		if _, mine := made[claim]; mine != (claim != "iat" && claim != "exp") ||
			mine && !strings.HasSuffix(claim, "_id") && made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"owner:acme:project:acme_website:environment:preview",
		"owner:acme:project:acme_website:environment:development",
		"owner:acme:project:acme_website:environment:staging",
		"owner:acme:project:acme_website2:environment:production",
		"owner:acme-evil:project:acme_website:environment:production", "owner:acme:project:acme_website", "",
		"owner:mallory:project:owner:acme:project:acme_website:environment:production",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documentedDeployment(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestAnotherTeamOfTheSharedVercelIssuerGetsNothingWhateverItAsksFor(t *testing.T) {
	trusts := suite.MustRead(t, vercel(object{"issuerMode": "global"}, "production"), citest.InAWS)
	ours := trusts[0].Grants[0].Tokens()[0].Claims
	if ours["iss"] != "https://oidc.vercel.com" || ours["aud"] != "https://vercel.com/acme" ||
		!citest.Admitted(trusts, citest.InAWS, ours) {
		t.Errorf("the token of the shared issuer is %v", ours)
	}
	for _, change := range []map[string]any{
		{"sub": "owner:mallory:project:web:environment:production", "aud": "https://vercel.com/mallory"},
		{"sub": "owner:mallory:project:web:environment:production"}, {"aud": "https://vercel.com/mallory"},
		{"aud": "sts.amazonaws.com"},
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(ours, change)) {
			t.Errorf("%v gets in", change)
		}
	}
}

func TestAnAudienceThatNoTokenOfTheSharedVercelIssuerHasIsRefused(t *testing.T) {
	const rule = "is the audience of no token of the issuer that all teams share: that has https://vercel.com/TEAM, " +
		"and a token that was exchanged for another audience comes from the team's issuer. Leave audiences out, or " +
		"use the issuer mode team"
	_, lines := suite.Read(vercel(object{
		"issuerMode": "global",
		"audiences":  list{"https://vercel.com/acme", "sts.amazonaws.com", citest.Unknown{}},
	}, "production"), citest.InAWS)
	citest.SameStrings(t, "global", lines, []string{"vercel.audiences[1]: " + rule + ` (found "sts.amazonaws.com")`})
	trusts := suite.MustRead(t, vercel(object{"audiences": list{"sts.amazonaws.com"}}, "production"), citest.InAWS)
	citest.SameStrings(t, "team", trusts[0].Audiences(), []string{"sts.amazonaws.com"})
}

func TestVercelFindings(t *testing.T) {
	for want, environments := range map[string]list{
		"": {"production"}, "vercel-preview": {"preview"}, "vercel-development": {"production", "development"},
		"vercel-development vercel-preview": {"preview", "development"},
	} {
		trusts := suite.MustRead(t, vercel(nil, environments...), citest.InAWS)
		if got := strings.Join(slices.Sorted(slices.Values(citest.FindingIDs(trusts))), " "); got != want {
			t.Errorf("%v: %q, want %q", environments, got, want)
		}
		for _, f := range ci.Findings(trusts) {
			if f.Path != "vercel.projects[0].environments" ||
				!strings.HasPrefix(f.Detail, "project web of team acme in environment ") {
				t.Errorf("%+v", f)
			}
		}
	}
}

func TestWhatIsWrongWithAVercelSectionIsSaidInVercelsWords(t *testing.T) {
	const projects, slug = "vercel.projects[0].", "must be the team's slug: the first part of the team's URL, " +
		"https://vercel.com/SLUG, such as acme, in lower case as the URL has it"
	project := func(name string) object {
		return object{"projects": list{object{"name": name, "environments": list{"production"}}}}
	}
	environments := func(environments ...any) object {
		return object{"projects": list{object{"name": "web", "environments": list(environments)}}}
	}
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{"team": "Acme Inc"}, `vercel.team: ` + slug + ` (found "Acme Inc")`},
		{object{"team": "acme:project"}, `vercel.team: ` + slug + ` (found "acme:project")`},
		{object{"team": "team_A1b2C3d4E5f6G7h8J9k0L1m2"}, `vercel.team: is the team's id, and the subject of a token ` +
			`carries the slug: the first part of the team's URL, ` +
			`https://vercel.com/SLUG (found "team_A1b2C3d4E5f6G7h8J9k0L1m2")`},
		{object{"team": "https://vercel.com/acme"}, `vercel.team: is a URL; write the slug alone: the first part ` +
			`behind https://vercel.com/ (found "https://vercel.com/acme")`},
		{object{"team": "acme*"},
			`vercel.team: must be one exact team, without *, ? and ${; list each team that is meant (found "acme*")`},
		{object{"issuerMode": "Team"}, `vercel.issuerMode: must be team or global, as Settings > Security > Secure ` +
			`backend access with OIDC federation of the projects says (found "Team")`},
		{project("prj_A1b2C3d4E5f6G7h8J9k0L1m2N3p4"), projects + `name: is the project's id, and the subject of a ` +
			`token carries the name, as Settings > General shows it (found "prj_A1b2C3d4E5f6G7h8J9k0L1m2N3p4")`},
		{project("a---b"), projects + `name: has ---, which Vercel allows in no project's name (found "a---b")`},
		{project("Web"), projects + `name: must be the project's name, as Settings > General shows it: up to 100 ` +
			`lower-case letters, digits and . _ -, such as acme_website (found "Web")`},
		{project("*"), projects +
			`name: must be one exact project, without *, ? and ${; list each project that is meant (found "*")`},
		{environments("staging"), projects + `environments[0]: must be production, preview or development; what the ` +
			`tokens of a custom environment carry is not documented (found "staging")`},
		{object{"projects": list{object{"name": "web"}}}, projects + "environments: is missing: say which " +
			"deployments get the role, such as [production]. preview ones run the code of any branch, and are better " +
			"off with a role of their own"},
	} {
		_, lines := suite.Read(vercel(c.words, "production"), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	_, lines := suite.Read(object{
		"vercel": object{"team": "", "projects": list{object{"name": strings.Repeat("a", 101)}}},
	}, citest.InAWS)
	if len(lines) != 3 {
		t.Errorf("an empty slug, a long name and no environments: %q", lines)
	}
}

func TestAVercelTrustWaitsForWhatIsNotKnown(t *testing.T) {
	for _, words := range []object{
		{"team": citest.Unknown{}}, {"issuerMode": citest.Unknown{}}, {"projects": citest.Unknown{}},
		{"projects": list{citest.Unknown{}}},
		{"projects": list{object{"name": citest.Unknown{}, "environments": list{"production"}}}},
		{"projects": list{object{"name": "web", "environments": citest.Unknown{}}}},
		{"projects": list{object{"name": "web", "environments": list{citest.Unknown{}}}}},
	} {
		if trusts := suite.MustRead(t, vercel(words, "production"), citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v: %v is granted before it is known", words, ci.Sentences(trusts))
		}
	}
	if trusts := suite.MustRead(t, vercel(object{"team": citest.Unknown{}, "issuerMode": "global"}, "production"),
		citest.InAWS); trusts[0].Issuer() != "https://oidc.vercel.com" || len(trusts[0].Audiences()) != 0 {
		t.Errorf("%+v", trusts[0])
	}
}

func TestTheSettingsOfVercelNameEachProjectOnce(t *testing.T) {
	_, settings := suite.Pipeline(t, vercel(object{"projects": list{
		object{"name": "no", "environments": list{"production"}},
		object{"name": "api.v2", "environments": list{"preview"}},
		object{"name": "no", "environments": list{"preview", "production"}},
	}}), citest.InAWS)
	projects, _ := settings["projects"].([]any)
	if len(projects) != 2 || citest.At(projects[0], "name") != "api.v2" || citest.At(projects[1], "name") != "no" ||
		citest.At(projects[1], "environmentVariables", "AWS_ROLE_ARN") != citest.RoleArn ||
		citest.At(projects[1], "environmentVariables", "AWS_REGION") != "eu-west-1" ||
		settings["issuerMode"] != "team" || settings["awsCredentialsProvider"] != nil {
		t.Errorf("%v", settings)
	}
	citest.SameStrings(t, "environments", citest.Texts(citest.At(projects[1], "environments")),
		[]string{"preview", "production"})
}

func TestTheSettingsOfVercelAskForAnAudienceOnlyWhereTheTokenHasAnother(t *testing.T) {
	for _, c := range []struct {
		audiences list
		want      any
	}{
		{list{"sts.amazonaws.com"}, "sts.amazonaws.com"},
		{list{"yes"}, "yes"},
		{list{"a", "https://vercel.com/acme"}, nil},
		{list{citest.Unknown{}}, nil},
	} {
		_, settings := suite.Pipeline(t, vercel(object{"audiences": c.audiences}, "production"), citest.InAWS)
		if got := citest.At(settings, "awsCredentialsProvider", "audience"); got != c.want {
			t.Errorf("%v: audience %v", c.audiences, got)
		}
	}
}

func TestAVercelProjectNamedLikeATrustedSubjectDoesNotGetIn(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
