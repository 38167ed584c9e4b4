package hcpterraform

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// hcp is a section of the organization acme with one workspace, or with one Stack where words name deployments.
func hcp(words object) object {
	item, list := object{"project": "Default Project", "name": "web"}, "workspaces"
	if _, given := words["deployments"]; given {
		list = "stacks"
	}
	maps.Copy(item, words)
	return object{"hcpTerraform": object{"organization": "acme", list: []any{item}}}
}

var (
	applies    = object{"runPhases": list{"apply"}}
	production = object{"deployments": list{"production"}, "operations": list{"apply"}}
)

// matrix are trusts of every shape: each phase, several workspaces whose names begin alike, Stacks, other hosts.
func matrix() []object {
	workspace := func(project, name string, phases ...any) object {
		return object{"project": project, "name": name, "runPhases": list(phases)}
	}
	stack := object{
		"project":     "platform",
		"name":        "web",
		"deployments": list{"production", "prod"},
		"operations":  list{"plan", "apply"},
	}
	section := func(properties object) object { return object{"hcpTerraform": properties} }
	return []object{
		hcp(applies), hcp(object{"runPhases": list{"plan"}}), hcp(object{"runPhases": list{"plan", "apply"}}),
		hcp(production),
		section(object{"organization": "acme", "workspaces": list{
			workspace("Default Project", "web", "apply"), workspace("Default Project", "web-2", "plan"),
			workspace("Default Project 2", "we", "apply")}}),
		section(object{
			"organization": "acme",
			"workspaces":   list{workspace("platform", "web", "plan")},
			"stacks":       list{stack},
			"audiences":    list{audience, "x"},
		}),
		section(object{
			"organization": "a.c_m-e",
			"hostname":     "terraform.example.com",
			"workspaces":   list{workspace("A b - c_", "1", "apply")},
		}),
		section(object{"organization": "acme", "hostname": "app.eu.terraform.io", "stacks": list{stack}}),
		section(object{"organization": "acme", "projects": list{
			object{"name": "Default Project", "runPhases": list{"apply"}},
			object{"name": "Default Project 2", "runPhases": list{"apply"}}},
			"workspaces": list{workspace("platform", "web", "apply")}}),
		section(object{"organization": "acme", "audiences": list{audience, "x"},
			"projects": list{object{"name": "platform", "runPhases": list{"plan"}}}}),
	}
}

// documentedRun is the payload in HashiCorp's documentation of the tokens of workspaces, as it stands there but for
// aud.
// https://developer.hashicorp.com/terraform/cloud-docs/dynamic-provider-credentials/workload-identity-tokens#workspace-run-token-structure
func documentedRun() map[string]any {
	return map[string]any{
		"jti": "1192426d-b525-4fde-9d42-f238be437bbd", "iss": "https://app.terraform.io", "aud": audience,
		"iat": float64(1650486122), "nbf": float64(1650486117), "exp": float64(1650486422),
		"sub": "organization:my-org:project:Default " +
			"Project:workspace:my-workspace:run_phase:apply",
		"terraform_organization_id": "org-GRNbCjYNpBB6NEH9", "terraform_organization_name": "my-org",
		"terraform_project_id": "prj-vegSA59s1XPwMr2t", "terraform_project_name": "Default Project",
		"terraform_workspace_id": "ws-mbsd5E3Ktt5Rg2Xm", "terraform_workspace_name": "my-workspace",
		"terraform_full_workspace": "organization:my-org:project:Default Project:workspace:my-workspace",
		"terraform_run_id":         "run-X3n1AUXNGWbfECsJ", "terraform_run_phase": "apply",
	}
}

// documentedStackSub is the subject in HashiCorp's documentation of the tokens of Stacks.
// https://developer.hashicorp.com/terraform/language/stacks/deploy/authenticate#adjust-access-of-trust
const documentedStackSub = "organization:My_Org:project:My_Project:stack:My_Stack:deployment:staging:operation:apply"

func TestTheDocumentedHCPTerraformTokensGetInByGrantsForThemAlone(t *testing.T) {
	workspace := func(organization, project, name string, phases ...any) object {
		return object{"hcpTerraform": object{
			"organization": organization,
			"workspaces":   list{object{"project": project, "name": name, "runPhases": list(phases)}},
		}}
	}
	stack := func(name, deployment string, operations ...any) object {
		return object{"hcpTerraform": object{"organization": "My_Org", "stacks": list{
			object{
				"project":     "My_Project",
				"name":        name,
				"deployments": list{deployment},
				"operations":  list(operations),
			}}}}
	}
	for _, c := range []struct {
		what       string
		written    object
		run, stack bool
	}{
		{"its apply", workspace("my-org", "Default Project", "my-workspace", "apply"), true, false},
		{"both phases", workspace("my-org", "Default Project", "my-workspace", "apply", "plan"), true, false},
		{"its plan", workspace("my-org", "Default Project", "my-workspace", "plan"), false, false},
		{"another organization", workspace("my-org2", "Default Project", "my-workspace", "apply"), false, false},
		{"an organization in other letter case", workspace("My-Org", "Default Project", "my-workspace", "apply"),
			false, false},
		{"another project", workspace("my-org", "Default-Project", "my-workspace", "apply"), false, false},
		{"another workspace", workspace("my-org", "Default Project", "my-workspac", "apply"), false, false},
		{"the stack's apply", stack("My_Stack", "staging", "apply"), false, true},
		{"both operations", stack("My_Stack", "staging", "plan", "apply"), false, true},
		{"the stack's plan", stack("My_Stack", "staging", "plan"), false, false},
		{"another stack", stack("My_Stack2", "staging", "apply"), false, false},
		{"another deployment", stack("My_Stack", "stagin", "apply"), false, false},
		{"a workspace of the stack's name", workspace("My_Org", "My_Project", "My_Stack", "apply"), false, false},
	} {
		for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov, {}} {
			trusts := suite.MustRead(t, c.written, account)
			for sub, want := range map[string]bool{
				ci.TextOf(documentedRun()["sub"]): c.run,
				documentedStackSub:                c.stack,
			} {
				token := ci.With(documentedRun(), map[string]any{"sub": sub})
				if got := citest.Admitted(trusts, account, token); got != want {
					t.Errorf("%s in %s: the policy says %v to %s", c.what, account.Partition, got, sub)
				}
				if got := trusts[0].Admits(token); got != want {
					t.Errorf("%s in %s: the grants say %v to %s", c.what, account.Partition, got, sub)
				}
			}
		}
	}
	trusts := suite.MustRead(t, workspace("my-org", "Default Project", "my-workspace", "apply"), citest.InAWS)
	for _, change := range []map[string]any{
		{"aud": "gcp.workload.identity"},
		{"aud": "my-example-audience"},
		{"aud": nil},
		{"sub": nil},
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documentedRun(), change)) ||
			trusts[0].Admits(ci.With(documentedRun(), change)) {
			t.Errorf("%v is admitted", change)
		}
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range made {
		if documentedRun()[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, value, documentedRun()[claim])
		}
	}
}

func TestThePolicyTestsTheWholeSubjectAndTheAudienceWithoutAnyWildcardInEveryPartition(t *testing.T) {
	for _, written := range matrix() {
		for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov, {}} {
			trusts := suite.MustRead(t, written, account)
			policy := ci.Compile(trusts, account, nil)
			text := policy.JSON()
			if written["hcpTerraform"].(object)["projects"] != nil {
				text = strings.ReplaceAll(strings.ReplaceAll(text, ":workspace:*:run_phase:", ""), "StringLike", "")
			}
			if strings.Contains(text, "*") || strings.Contains(text, "StringLike") ||
				strings.Contains(text, ":terraform_") {
				t.Errorf("%s", text)
			}
			var problems input.Problems
			if err := ci.Check(trusts, account, input.Value{Known: true}, &problems); err != nil || problems.Len() > 0 {
				t.Errorf("%v is not proved: %v %v", written, err, problems.Sorted())
			}
		}
	}
}

func TestTheAuditOfAnHCPTerraformTrustHasNoHighFinding(t *testing.T) {
	for _, written := range matrix() {
		trusts := suite.MustRead(t, written, citest.InAWS)
		for _, f := range suite.Audit(t, ci.Compile(trusts, citest.InAWS, nil).JSON()) {
			if f.Severity == ci.High {
				t.Errorf("%v: %s (%s)", written, f.ID, f.Detail)
			}
		}
	}
}

func TestAnAuditOfHCPTerraformInEuropeWantsTheOrganizationToo(t *testing.T) {
	trusts := suite.MustRead(t, matrix()[7], citest.InAWS)
	careless := strings.ReplaceAll(ci.Compile(trusts, citest.InAWS, nil).JSON(), "StringEquals", "StringLike")
	careless = strings.ReplaceAll(careless, "organization:acme:", "organization:acme*:")
	if findings := suite.Audit(t, careless); !citest.HasHigh(findings) {
		t.Errorf("%v", findings)
	}
}

func TestARunCraftedToLookLikeTheTrustedOneIsRefused(t *testing.T) {
	trusted := "organization:acme:project:Default Project:workspace:web:run_phase:apply"
	for _, words := range []object{applies, production, {"runPhases": list{"plan", "apply"}}} {
		trusts := suite.MustRead(t, hcp(words), citest.InAWS)
		for _, sub := range []string{
			"organization:mallory:project:" + trusted, "organization:mallory:project:x:workspace:" + trusted,
			"x" + trusted, trusted + ":run_phase:apply", trusted + "x",
			"organization:acme:project:Default Project:workspace:web:run_phase:apply:run_phase:plan",
			"organization:acme:project:Default  Project:workspace:web:run_phase:apply",
			"organization:acme:project:Default%20Project:workspace:web:run_phase:apply",
			"organization:acme:project:Default Project:workspace:mallory:workspace:web:run_phase:apply",
			"organization:acme:workspace:web:run_phase:apply", "organization:acme:module:web:operation:test_run",
			"organization:acme:project:Default Project:workspace:web:operation:apply",
			"organization:acme:project:Default Project:stack:web:run_phase:apply",
			"organization:acme:project:Default Project:stack:web:deployment:production:operation:plan",
			"organization:acme:project:Default Project:stack:web:deployment:x:deployment:production:operation:apply",
			"organization:org-GRNbCjYNpBB6NEH9:project:prj-vegSA59s1XPwMr2t:workspace:" +
				"ws-mbsd5E3Ktt5Rg2Xm:run_phase:apply",
			"organization:ACME:project:Default Project:workspace:web:run_phase:apply",
			"organization:acme:project:default project:workspace:web:run_phase:apply", "",
		} {
			token := ci.With(documentedRun(), map[string]any{"sub": sub})
			if citest.Admitted(trusts, citest.InAWS, token) || trusts[0].Admits(token) {
				t.Errorf("%v admits %q", words, sub)
			}
		}
	}
}

func TestNamesAreTakenAsHCPTerraformWritesThemAndNothingElse(t *testing.T) {
	const store = "has a control character or one beyond Latin-1, which IAM does not store in a policy"
	exact := func(noun string) string {
		return "must be one exact " + noun + ", without *, ? and ${; list each " + noun + " that is meant"
	}
	id := func(noun string) string {
		return "is an id, and the subject of a token carries names; write the name of the " + noun
	}
	section := func(organization, project, name, deployment any) object {
		return object{"hcpTerraform": object{"organization": organization, "stacks": list{
			object{"project": project, "name": name, "deployments": list{deployment}, "operations": list{"apply"}}}}}
	}
	good := []any{"acme", "platform", "network", "production"}
	paths := []string{"organization", "stacks[0].project", "stacks[0].name", "stacks[0].deployments[0]"}
	kinds := []ci.NameKind{organization, project, stackName, deploymentName}
	bad := []map[string]string{
		{"": "", "a:b": "", "acme ": "", "a/b": "", "https://app.terraform.io/app/acme": "",
			"acme*": exact("organization"), "ac?e": exact("organization"), "${x}": exact("organization"),
			"org-GRNbCjYNpBB6NEH9": id("organization"), "日本": store, "a\x00": store, "a\u00a0b": ""},
		{"": "", "ab": "", strings.Repeat("a", 41): "", " abc": "", "abc ": "", "a:b": "", "a/b/c": "", "a.b.c": "",
			"*": exact("project"), "Default*": exact("project"),
			"prj-vegSA59s1XPwMr2t": id("project"), "日本語": store, "a\nb": store, "a\u00a0b": ""},
		{
			"":                    "",
			"a b":                 "",
			"a:b":                 "",
			"a.b":                 "",
			"a/b":                 "",
			"we*":                 exact("Stack"),
			"st-nZkhpN9wC5YrLqVs": id("Stack"),
			"ü\u0308":             store,
		},
		{
			"":     "",
			"a:b":  "",
			" a":   "",
			"a ":   "",
			"*":    exact("deployment"),
			"${x}": exact("deployment"),
			"日本":   store,
			"a\tb": store,
		},
	}
	for i, texts := range bad {
		for text, rule := range texts {
			if rule == "" {
				rule = kinds[i].Rule
			}
			names := slices.Clone(good)
			names[i] = text
			_, lines := suite.Read(section(names[0], names[1], names[2], names[3]), citest.InAWS)
			citest.SameStrings(t, text, lines,
				[]string{"hcpTerraform." + paths[i] + ": " + rule + " " + input.Got(input.Value{Scalar: text})})
		}
	}
	for _, text := range []string{"web.prod", "ws-mbsd5E3Ktt5Rg2Xm", "a b"} {
		rule := workspaceName.Rule
		if strings.HasPrefix(text, "ws-") {
			rule = id("workspace")
		}
		_, lines := suite.Read(hcp(object{"name": text, "runPhases": list{"apply"}}), citest.InAWS)
		citest.SameStrings(t, text, lines,
			[]string{"hcpTerraform.workspaces[0].name: " + rule + " " + input.Got(input.Value{Scalar: text})})
	}
	for i, texts := range [][]string{
		{"acme", "My_Org", "a.b-c", "org-acme", "1"},
		{"Default Project", "a-b", "A _ - b", strings.Repeat("a", 40), "123", "prj-web"},
		{"web", "WEB_1-x", "run_phase", "st-web"}, {"production", "eu west 1", "a.b", "a\"b\\"},
	} {
		for _, text := range texts {
			names := slices.Clone(good)
			names[i] = text
			suite.Proved(t, section(names[0], names[1], names[2], names[3]))
		}
	}
}

func TestAHostIsWrittenAloneAndIsTheIssuer(t *testing.T) {
	with := func(host any) object {
		written := hcp(applies)
		written["hcpTerraform"].(object)["hostname"] = host
		return written
	}
	const (
		alone = "must be the host alone, without https://, port and path, such as terraform.example.com; IAM takes " +
			"no issuer with a port"
		lower = "has capital letters; write it in lower case, as the issuer of the tokens"
		form  = "must be the name of a host: app.terraform.io, app.eu.terraform.io or that of the Terraform " +
			"Enterprise installation"
	)
	for text, rule := range map[string]string{
		"https://terraform.example.com": alone, "terraform.example.com:8443": alone, "terraform.example.com/": alone,
		"Terraform.example.com": lower, "": form, "terraform": form, "*.example.com": form, "a..b": form, "-a.b": form,
		"a.b ": form, "a.é": form,
	} {
		_, lines := suite.Read(with(text), citest.InAWS)
		citest.SameStrings(t, text, lines,
			[]string{"hcpTerraform.hostname: " + rule + " " + input.Got(input.Value{Scalar: text})})
	}
	for host, issuer := range map[string]string{
		"app.terraform.io":    "https://app.terraform.io",
		"app.eu.terraform.io": "https://app.eu.terraform.io",
		"tfe.example.com":     "https://tfe.example.com",
	} {
		trusts := suite.MustRead(t, with(host), citest.InAWS)
		if trusts[0].Issuer() != issuer {
			t.Errorf("%s: the issuer is %s", host, trusts[0].Issuer())
		}
		if named := strings.HasSuffix(trusts[0].Grants[0].Sentence, " on "+host); named == (host == cloudHost) {
			t.Errorf("%s: %s", host, trusts[0].Grants[0].Sentence)
		}
		citest.SameStrings(t, "audiences", trusts[0].Audiences(), []string{"aws.workload.identity"})
		suite.Proved(t, with(host))
	}
	if trusts := suite.MustRead(t, with(citest.Unknown{}), citest.InAWS); trusts[0].Issuer() != "" ||
		len(trusts[0].Grants) != 0 {
		t.Errorf("a host that is not known yet gives %+v", trusts[0])
	}
}

func TestWhoeverLeavesOutThePhasesIsToldTheChoices(t *testing.T) {
	const choices = "is missing: say which runs get the role, [plan], [apply] or [plan, apply]. A plan also runs for " +
		"pull requests that nobody has merged, so apply is better off with a role of its own"
	_, lines := suite.Read(hcp(object{}), citest.InAWS)
	citest.SameStrings(t, "workspace", lines, []string{"hcpTerraform.workspaces[0].runPhases: " + choices})
	_, lines = suite.Read(hcp(object{"deployments": list{"a"}}), citest.InAWS)
	citest.SameStrings(t, "stack", lines, []string{"hcpTerraform.stacks[0].operations: " + choices})
	_, lines = suite.Read(hcp(object{"runPhases": list{"Plan", "*", "apply"}}), citest.InAWS)
	citest.SameStrings(t, "others", lines, []string{
		`hcpTerraform.workspaces[0].runPhases[0]: must be plan or apply (found "Plan")`,
		`hcpTerraform.workspaces[0].runPhases[1]: must be plan or apply (found "*")`,
	})
	_, lines = suite.Read(object{"hcpTerraform": object{"organization": "acme"}}, citest.InAWS)
	citest.SameStrings(t, "neither", lines, []string{"hcpTerraform.workspaces: is missing, and projects and stacks " +
		"too: name the workspaces, projects or Stacks whose runs get the role"})
	for _, words := range []object{
		{"runPhases": citest.Unknown{}},
		{"runPhases": list{citest.Unknown{}}},
		{"name": citest.Unknown{}, "runPhases": list{"apply"}},
		{"deployments": citest.Unknown{}, "operations": list{"apply"}},
	} {
		if trusts := suite.MustRead(t, hcp(words), citest.InAWS); len(trusts[0].Grants) != 0 {
			t.Errorf("%v: %v is granted before it is known", words, ci.Sentences(trusts))
		}
	}
}

func TestAPlanAloneOrWithItsApplyIsAMediumFindingHoweverItIsWritten(t *testing.T) {
	item := func(name string, phases ...any) object {
		return object{"project": "platform", "name": name, "runPhases": list(phases)}
	}
	for _, c := range []struct {
		written object
		want    string
	}{
		{hcp(applies), ""}, {hcp(production), ""},
		{hcp(object{"runPhases": list{"plan"}}), "hcp-terraform-plan-role: workspace web in acme/Default Project"},
		{hcp(object{"runPhases": list{"apply", "apply"}}), ""},
		{hcp(object{"runPhases": list{"apply", "plan"}}),
			"hcp-terraform-run-phases: workspace web in acme/Default Project"},
		{hcp(object{"deployments": list{"a"}, "operations": list{"apply", "plan"}}),
			"hcp-terraform-run-phases: deployment a of stack web in acme/Default Project"},
		{object{
			"hcpTerraform": object{"organization": "acme", "workspaces": list{item("a", "plan"), item("b", "apply")}},
		}, "hcp-terraform-plan-role: workspace a in acme/platform"},
		{object{
			"hcpTerraform": object{"organization": "acme", "workspaces": list{item("a", "plan"), item("a", "apply")}},
		}, "hcp-terraform-run-phases: workspace a in acme/platform"},
	} {
		trusts, lines := suite.Read(c.written, citest.InAWS)
		citest.SameStrings(t, "a medium finding stops nothing", lines, []string{})
		found := ""
		for _, f := range ci.Findings(trusts) {
			if f.Severity != ci.Medium {
				t.Errorf("%v: %+v", c.written, f)
			}
			found = f.ID + ": " + f.Detail
		}
		if found != c.want {
			t.Errorf("%v: found %q, want %q", c.written, found, c.want)
		}
	}
}

func FuzzHCPTerraformSubject(f *testing.F) {
	f.Add(ci.TextOf(documentedRun()["sub"]))
	f.Add(documentedStackSub)
	f.Add("organization:my-org:module:terraform-aws-vpc:operation:test_run")
	f.Add("organization::project::workspace::run_phase:")
	f.Add("organization:a:project:b:workspace:c:run_phase:apply\n")
	f.Fuzz(func(t *testing.T, sub string) {
		for _, form := range (System{}).Forms() {
			texts, ok := form.Parse(sub)
			if ok && form.Build(texts...) != sub {
				t.Fatalf("%q is built back as %q", sub, form.Build(texts...))
			}
			if ok && strings.Contains(strings.Join(texts, ""), ":") {
				t.Fatalf("%q has a separator inside a name: %q", sub, texts)
			}
		}
	})
}

var suite = citest.Suite{System: System{}, Matrix: matrix()}

// Whoever writes tfdeploy.hcl names deployments, and of the names of organizations nothing is documented.
func TestADeploymentOrOrganizationNamedWithSeparatorsNeverGetsATrustedSubject(t *testing.T) {
	citest.SameStrings(t, "crafted names",
		suite.Crafted(t, "project", "workspace", "stack", "run phase", "operation"), nil)
	trusts := suite.MustRead(t, hcp(production), citest.InAWS)
	for _, name := range []string{"production:operation:apply", "x:deployment:production",
		"production:operation:apply:deployment:production", ":production", "production:"} {
		for _, operation := range phases {
			sub := deploymentForm.Build("acme", "Default Project", "web", name, operation)
			if token := ci.With(documentedRun(), map[string]any{"sub": sub}); citest.Admitted(trusts, citest.InAWS,
				token) || trusts[0].Admits(token) {
				t.Errorf("%s gets in", sub)
			}
		}
	}
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
