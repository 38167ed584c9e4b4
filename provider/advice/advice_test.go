package advice_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/advice"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

type object = map[string]any

const (
	github    = "token.actions.githubusercontent.com"
	gitlab    = "gitlab.com"
	buildkite = "agent.buildkite.com"
	hcp       = "app.terraform.io"
	bitbucket = "api.bitbucket.org/2.0/workspaces/acme/pipelines-config/identity/oidc"
	circleci  = "oidc.circleci.com/org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"
	sts       = "sts.amazonaws.com"

	web  = "repo:acme@1234567/web@89012345:"
	main = "ref:refs/heads/main"
)

func providerOf(host string) string { return "arn:aws:iam::123456789012:oidc-provider/" + host }

// allow is a statement for tokens of an issuer with an audience, and one more condition on sub, "" for none.
func allow(host, aud, operator, sub string, more ...object) object {
	equals := object{host + ":aud": aud}
	conditions := object{"StringEquals": equals}
	switch operator {
	case "":
	case "StringEquals":
		equals[host+":sub"] = sub
	default:
		conditions[operator] = object{host + ":sub": sub}
	}
	for _, keys := range more {
		for claim, value := range keys {
			equals[host+":"+claim] = value
		}
	}
	return object{
		"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions,
		"Principal": object{"Federated": providerOf(host)},
	}
}

func exactly(sub string, more ...object) object {
	return allow(github, sts, "StringEquals", sub, more...)
}

func parse(t *testing.T, statements ...object) *trust.Policy {
	t.Helper()
	raw, err := json.Marshal(object{"Version": "2012-10-17", "Statement": statements})
	if err != nil {
		t.Fatal(err)
	}
	policy, err := trust.ParsePolicy(raw)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

// ask explains a token that the policy must refuse.
func ask(t *testing.T, policy *trust.Policy, host, aud, sub string, more ...object) *advice.Advice {
	t.Helper()
	claims := object{"iss": "https://" + host, "aud": aud, "sub": sub}
	for _, others := range more {
		maps.Copy(claims, others)
	}
	r := trust.Request{Provider: providerOf(host), Issuer: host, Partition: "aws", Claims: claims}
	decision := policy.Evaluate(r)
	if decision.Answer != trust.Denied {
		t.Fatalf("the token gets in: %s", decision.Explanation)
	}
	return advice.For(all.Registry(), policy, &r, &decision)
}

// ids are those of acme/web.
var ids = object{"repository_owner_id": "1234567", "repository_id": "89012345", "repository": "acme/web"}

func TestARefusedTokenIsHelped(t *testing.T) {
	const (
		repository, environment, step = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70", "5c1d2e3f-7a4b-4f60-9c81-2d3e4f5a6b70",
			"8e2f3a4b-9c5d-4e61-ad92-3e4f5a6b7c80"
		workspaceAudience = "ari:cloud:bitbucket::workspace/" + step
		circle            = "org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11/project/" + repository + "/user/"
		commit            = "9f3182061f1e2cca4702c368cbc039b7dc9d4485"
		run               = "organization:acme:project:Default Project:workspace:web:run_phase:"
		called            = "acme/ci/.github/workflows/deploy.yml@refs/heads/main"
	)
	anyUser := strings.Repeat("?", 36)
	var services []object
	for i := range 8 {
		services = append(services, exactly(fmt.Sprintf("repo:acme/svc%d:%s", i, main)))
	}
	one := func(statement object) []object { return []object{statement} }
	for name, c := range map[string]struct {
		policy         []object
		host, aud, sub string
		more           object
		line           string   // the first one
		section        []string // what the section has, in this order
		condition      string   // what the condition has
	}{
		"eight statements, and the token is of the fourth": {
			services, github, sts, "repo:acme/svc3:ref:refs/heads/develop",
			object{"repository_owner_id": "1234567", "repository_id": "8"},
			`statement 4 came closest: branch: wants "main", the token has "develop"`,
			[]string{"github:", "repository: acme@1234567/svc3@8", "branches: [develop]"}, "refs/heads/develop",
		},
		"a classic pattern, and the subject carries ids": {
			one(allow(github, sts, "StringLike", "repo:acme/web:*")), github, sts, web + main, ids,
			"the subject carries ids; write them",
			[]string{"repository: acme@1234567/web@89012345", "branches: [main]"}, web + main,
		},
		"a classic exact value, and the subject carries ids": {
			one(exactly("repo:acme/web:" + main)), github, sts, web + main, ids,
			`the token has owner id "1234567" and repository id "89012345", and a subject without is ` +
				`wanted: the subject ` +
				"carries ids; write them", []string{"acme@1234567/web@89012345"}, web + main,
		},
		"StringEquals with a wildcard": {
			one(exactly("repo:acme/*")), github, sts, "repo:acme/web:" + main, ids,
			"StringEquals takes * literally", []string{"acme@1234567/web@89012345"}, main,
		},
		"StringEquals with a wildcard, and ids": {
			one(exactly("repo:acme/*")), github, sts, web + main, ids,
			"StringEquals takes * literally", []string{"acme@1234567/web@89012345"}, main,
		},
		"an environment instead of a branch": {
			one(exactly(web + main)), github, sts, web + "environment:production", ids,
			"wants branch \"main\", the token has environment \"production\": a job with `environment:` never " +
				"carries its branch", []string{"environments: [production]"}, "environment:production",
		},
		"a branch instead of an environment": {
			one(exactly(web + "environment:production")), github, sts, web + main, ids,
			`wants environment "production", the token has branch "main": the job names no environment`,
			[]string{"branches: [main]"}, main,
		},
		"a colon in an environment's name": {
			one(exactly(web + "environment:prod:eu")), github, sts, web + "environment:prod%3Aeu", ids,
			"GitHub writes : in an environment's name as %3A", []string{"environments: ['prod:eu']"}, "prod%3Aeu",
		},
		"the encoded name in the key": {
			one(exactly(web+"environment:prod%3Aeu", object{"environment": "prod%3Aeu"})), github, sts,
			web + "environment:prod%3Aeu", object{"environment": "prod:eu", "repository_owner_id": "1234567",
				"repository_id": "89012345"}, "the key environment holds the name itself",
			[]string{"environments: ['prod:eu']"}, "prod%3Aeu",
		},
		"a customised template": {
			one(exactly("repo:acme/web:" + main)), github, sts,
			"repo:acme/web:" + main + ":repository_owner_id:1234567",
			object{"repository_owner_id": "1234567", "repository_id": "89012345", "repository": "acme/web",
				"ref": "refs/heads/main"}, "Write its template as subjectClaims",
			[]string{"branches: [main]", "subjectClaims: [repo, context, repository_owner_id]"}, "",
		},
		"a customised template with a workflow": {
			one(exactly("repo:acme/web:" + main)), github, sts, "repo:acme/web:" + main + ":job_workflow_ref:" + called,
			object{"repository_owner_id": "1234567", "repository_id": "89012345", "repository": "acme/web",
				"ref": "refs/heads/main", "job_workflow_ref": called}, "Write its template as subjectClaims",
			[]string{"workflows: [" + called + "]", "subjectClaims: [repo, context, job_workflow_ref]"}, "",
		},
		"a merge queue": {
			one(exactly(web + main)), github, sts, web + "ref:refs/heads/gh-readonly-queue/main/pr-12-abc", ids,
			"the run is one of a merge queue", []string{"mergeQueue: [main]"}, "gh-readonly-queue/main/pr-*",
		},
		"an audience": {
			one(exactly(web + main)), github, "https://github.com/acme", web + main, ids,
			`aud: wants "sts.amazonaws.com", the token has "https://github.com/acme": the workflow ` +
				`asks for the audience`,
			[]string{"audiences: ['https://github.com/acme']"}, "https://github.com/acme",
		},
		"letter case": {
			one(exactly(web + main)), github, sts, "repo:Acme@1234567/web@89012345:" + main, ids,
			`owner: wants "acme", the token has "Acme": they differ in letter case alone`,
			[]string{"Acme@1234567/web@89012345"}, "repo:Acme@1234567",
		},
		"white space": {
			one(exactly(web + main + " ")), github, sts, web + main, ids,
			`branch: wants "main ", the token has "main": they differ in white space`, []string{"branches: [main]"},
			main,
		},
		"a renamed repository": {
			one(exactly(web + main)), github, sts, "repo:acme@1234567/site@89012345:" + main, ids,
			`repository: wants "web", the token has "site": the repository was renamed: the id is the same`,
			[]string{"acme@1234567/site@89012345"}, "site@89012345",
		},
		"a renamed organization": {
			one(exactly(web + main)), github, sts, "repo:acme-inc@1234567/web@89012345:" + main, ids,
			`owner: wants "acme", the token has "acme-inc": the owner was renamed: the id is the same`,
			[]string{"acme-inc@1234567/web@89012345"}, "acme-inc@1234567",
		},
		"swapped ids": {
			one(exactly("repo:acme@89012345/web@1234567:" + main)), github, sts, web + main, ids,
			"the two ids are swapped in the policy", []string{"acme@1234567/web@89012345"}, web,
		},
		"swapped ids in keys": {
			one(exactly("repo:acme/web:"+main, object{"repository_id": "1234567", "repository_owner_id": "89012345"})),
			github, sts, "repo:acme/web:" + main, ids,
			"the two ids are swapped in the policy", []string{"acme@1234567/web@89012345"}, main,
		},
		"a pull request": {
			one(exactly(web + main)), github, sts, web + "pull_request", ids,
			"a pull_request run carries no branch", []string{"pullRequests: true"}, "pull_request",
		},
		"no refs/heads/ in the policy": {
			one(exactly(web + "ref:main")), github, sts, web + main, ids,
			`no subject of GitHub Actions is as wanted; meant may be "` + web + main + `"`,
			[]string{"branches: [main]"}, main,
		},
		"a GitHub Enterprise Server": {
			one(allow("github.example.com/_services/token", sts, "StringEquals", "repo:acme/web:"+main)),
			"github.example.com/_services/token", sts, "repo:acme/web:ref:refs/heads/dev", nil,
			`branch: wants "main", the token has "dev"`, []string{"hostname: github.example.com", "branches: [dev]"},
			"dev",
		},
		"CircleCI's short token": {
			one(allow(circleci, sts, "StringLike",
				circle+anyUser+"/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/main")),
			circleci, sts, circle + step, nil, "the token has the short form. Use CIRCLE_OIDC_TOKEN_V2", nil, "",
		},
		"a branch of CircleCI": {
			one(allow(circleci, sts, "StringLike",
				circle+anyUser+"/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/main")),
			circleci, sts, circle + step + "/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/dev", nil,
			`branch: wants "main", the token has "dev"`,
			[]string{"organizationId: 6f1b", "vcsOrigin: github.com/acme/web", "branches: [dev]"}, anyUser,
		},
		"GitLab with the project's id": {
			one(allow(gitlab, "https://gitlab.com", "StringEquals", "project_path:acme/web:ref_type:branch:ref:main")),
			gitlab, "https://gitlab.com", "project_id:20:ref_type:branch:ref:main",
			object{"project_id": "20", "project_path": "acme/web"},
			"the project's subjects begin with project_id", []string{`id: "20"`, "branches: [main]"}, "project_id:20",
		},
		"GitLab with the project's path": {
			one(allow(gitlab, "https://gitlab.com", "StringEquals", "project_id:20:ref_type:branch:ref:main")),
			gitlab, "https://gitlab.com", "project_path:acme/web:ref_type:branch:ref:main",
			object{"project_id": "20", "project_path": "acme/web"},
			"the project's subjects begin with project_path", []string{"path: acme/web", `id: "20"`}, "project_path",
		},
		"GitLab without the kind of ref": {
			one(allow(gitlab, "https://gitlab.com", "StringEquals", "project_path:acme/web:ref:main")),
			gitlab, "https://gitlab.com", "project_path:acme/web:ref_type:branch:ref:main",
			object{"project_id": "20", "project_path": "acme/web"},
			`meant may be "project_path:acme/web:ref_type:branch:ref:main"`, []string{"path: acme/web", `id: "20"`},
			"ref:main",
		},
		"a self-managed GitLab": {
			one(allow("gitlab.example.com", "https://gitlab.example.com", "StringEquals",
				"project_path:acme/web:ref_type:branch:ref:main")), "gitlab.example.com", "https://gitlab.example.com",
			"project_path:acme/web:ref_type:tag:ref:v1", nil, `ref type: wants "branch", the token has "tag"`,
			[]string{"url: https://gitlab.example.com", "path: acme/web", "tags: [v1]"}, "ref:v1",
		},
		"Buildkite without the commit": {
			one(allow(buildkite, sts, "StringEquals", "organization:acme-inc:pipeline:web:ref:refs/heads/main")),
			buildkite, sts, "organization:acme-inc:pipeline:web:ref:refs/heads/main:commit:" + commit + ":step:deploy",
			nil, "subjects go on behind the ref with :commit:COMMIT:step:KEY",
			[]string{"organization: acme-inc", "slug: web", "branches: [main]"}, "refs/heads/main:commit:*",
		},
		"Bitbucket without braces": {
			one(allow(bitbucket, workspaceAudience, "StringLike", repository+":*")), bitbucket, workspaceAudience,
			"{" + repository + "}:{" + environment + "}:{" + step + "}", nil, "every UUID stands between braces",
			[]string{"workspace: acme", "uuid: '{" + repository, "environments: ['{" + environment},
			"{" + environment + "}:{" + anyUser + "}",
		},
		"a plan at an apply role": {
			one(allow(hcp, "aws.workload.identity", "StringEquals", run+"apply")), hcp, "aws.workload.identity",
			run + "plan", nil, `run phase: wants "apply", the token has "plan": every run plans before it applies`,
			[]string{"project: Default Project", "name: web", "runPhases: [plan]"}, run + "plan",
		},
		"a type of run": {
			one(allow("acme.app.spacelift.io", "acme.app.spacelift.io", "StringEquals",
				"space:root:stack:web:run_type:TRACKED:scope:write")), "acme.app.spacelift.io", "acme.app.spacelift.io",
			"space:root:stack:web:run_type:PROPOSED:scope:read", nil,
			`run type: wants "TRACKED", the token has "PROPOSED"; scope: wants "write", the token has "read"`,
			[]string{"spacelift:", "id: web", "runTypes: [PROPOSED]"}, "run_type:PROPOSED:scope:read",
		},
	} {
		got := ask(t, parse(t, c.policy...), c.host, c.aud, c.sub, c.more)
		if !strings.HasPrefix(got.Lines[0], "statement ") || !strings.Contains(got.Lines[0], c.line) || got.Stranger {
			t.Errorf("%s:\nexpected %s\n     got %s", name, c.line, strings.Join(got.Lines, "\n"))
		}
		rest := got.Section
		for _, part := range c.section {
			at := strings.Index(rest, part)
			if at < 0 {
				t.Errorf("%s: expected %q in\n%s", name, part, got.Section)
				break
			}
			rest = rest[at+len(part):]
		}
		if (c.section == nil) != (got.Section == "") ||
			(c.condition == "" && c.section == nil) != (got.Condition == "") ||
			!strings.Contains(got.Condition, c.condition) {
			t.Errorf("%s: section %s\ncondition %s", name, got.Section, got.Condition)
		}
	}
}

func TestAnOperatorThatComparesNoTextsSaysSo(t *testing.T) {
	for condition, want := range map[string]string{
		`"NumericEquals":{"` + github + `:aud":"sts.amazonaws.com"}`: `and "sts.amazonaws.com" is not a number`,
		`"DateEquals":{"` + github + `:aud":"sts.amazonaws.com"}`:    `and "sts.amazonaws.com" is not a date`,
		`"IpAddress":{"` + github + `:aud":"sts.amazonaws.com"}`:     `and "sts.amazonaws.com" is not an IP address`,
		`"ArnEquals":{"` + github + `:aud":"sts.amazonaws.com"}`:     `and "sts.amazonaws.com" is not an ARN`,
		`"NumericEquals":{"` + github + `:sub":"1"}`:                 `is not a number`,
	} {
		policy, err := trust.ParsePolicy([]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow",` +
			`"Action":"sts:AssumeRoleWithWebIdentity","Principal":{"Federated":"` + providerOf(github) + `"},` +
			`"Condition":{"StringLike":{"` + github + `:sub":"` + web + `*"},` + condition + `}}}`))
		if err != nil {
			t.Fatal(err)
		}
		got := ask(t, policy, github, sts, web+main, ids)
		if !strings.Contains(got.Lines[0], want) || strings.Contains(got.Lines[0], "letter case") {
			t.Errorf("%s: %s", condition, got.Lines)
		}
	}
}

// silent fails where something is said of how a token would get in.
func silent(t *testing.T, name string, got *advice.Advice) {
	t.Helper()
	text := strings.Join(got.Lines, "\n")
	if got.Section != "" || got.Condition != "" || len(got.Risks) > 0 || strings.Contains(text, "to let it in") {
		t.Errorf("%s: what would admit a stranger is printed:\n%s\n%s\n%s", name, text, got.Section, got.Condition)
	}
}

func TestAStrangersDeniedEventDoesNotTellHowToLetTheStrangerIn(t *testing.T) {
	strangers := object{"repository_owner_id": "666", "repository_id": "667", "repository": "mallory/web"}
	again := object{"repository_owner_id": "666", "repository_id": "667", "repository": "acme/web"}
	run := "organization:acme:project:p:workspace:web:run_phase:apply"
	origin := "org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11/project/0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70/user/"
	for name, c := range map[string]struct {
		policy         []object
		host, aud, sub string
		more           object
	}{
		"another owner": {[]object{exactly(web + main)}, github, sts, "repo:mallory/web:" + main, strangers},
		"another owner with ids": {[]object{exactly(web + main)}, github, sts, "repo:mallory@666/web@667:" + main,
			strangers},
		"another owner, a wildcard": {[]object{allow(github, sts, "StringLike", "repo:acme/*:"+main)}, github, sts,
			"repo:mallory/web:" + main, strangers},
		"a longer name of the owner": {[]object{allow(github, sts, "StringLike", "repo:acme/*:"+main)}, github, sts,
			"repo:acme-evil/web:" + main, strangers},
		"the name was registered again": {[]object{exactly(web + main)}, github, sts,
			"repo:acme@666/web@667:" + main, again},
		"the name was registered again, and a statement has it without ids": {
			[]object{exactly(web + main), exactly("repo:acme/web:environment:production")}, github, sts,
			"repo:acme@666/web@667:" + main, again},
		"the name was registered again, and the id stands in a key": {
			[]object{exactly("repo:acme/web:"+main, object{"repository_owner_id": "1234567"})}, github, sts,
			"repo:acme/web:" + main, again},
		"the name was registered again, another branch": {
			[]object{exactly("repo:acme/web:"+main, object{"repository_owner_id": "1234567"})}, github, sts,
			"repo:acme@666/web@667:ref:refs/heads/x", again},
		"the event does not say the id": {[]object{exactly(web + main)}, github, sts,
			"repo:acme/web:ref:refs/heads/x", nil},
		"a customised subject": {[]object{exactly(web + main)}, github, sts, "repository_owner:mallory",
			strangers},
		"a subject that quotes the trusted one": {[]object{exactly(web + main)}, github, sts,
			"repo:mallory/web:environment:" + web + main, strangers},
		"the ids of somebody else, crosswise": {[]object{exactly(web + main)}, github, sts,
			"repo:mallory@89012345/x@1234567:" + main,
			object{"repository_owner_id": "89012345", "repository_id": "1234567"}},
		"nobody is named": {[]object{allow(github, "other", "", "")}, github, sts, "repo:mallory/web:" + main,
			strangers},
		"another group of GitLab": {
			[]object{
				allow(gitlab, "https://gitlab.com", "StringEquals", "project_path:acme/web:ref_type:branch:ref:main"),
			},
			gitlab, "https://gitlab.com", "project_path:acme-evil/web:ref_type:branch:ref:main",
			object{"project_id": "21", "project_path": "acme-evil/web"}},
		"a path of GitLab that was taken again": {
			[]object{allow(gitlab, "https://gitlab.com", "StringEquals",
				"project_path:acme/web:ref_type:branch:ref:main",
				object{"project_id": "20"})}, gitlab, "https://gitlab.com",
			"project_path:acme/web:ref_type:branch:ref:dev", object{"project_id": "21", "project_path": "acme/web"}},
		"another organization of HCP Terraform": {
			[]object{allow(hcp, "aws.workload.identity", "StringEquals", run)}, hcp, "aws.workload.identity",
			strings.Replace(run, "acme", "mallory", 1), nil},
		"another organization of Buildkite": {
			[]object{
				allow(buildkite, sts, "StringLike", "organization:acme-inc:pipeline:web:ref:refs/heads/main:commit:*"),
			},
			buildkite, sts, "organization:mallory:pipeline:web:ref:refs/heads/main:commit:HEAD:step:x", nil},
		"a fork's branch at Buildkite": {
			[]object{
				allow(buildkite, sts, "StringLike", "organization:acme-inc:pipeline:web:ref:refs/heads/main:commit:*"),
			},
			buildkite, sts, "organization:acme-inc:pipeline:web:ref:refs/heads/mallory:x:commit:HEAD:step:x", nil},
		"a fork at CircleCI": {
			[]object{allow(circleci, sts, "StringLike",
				origin+strings.Repeat("?", 36)+"/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/main")},
			circleci, sts,
			origin + "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70/vcs-origin/github.com/mallory/web/vcs-ref/refs/heads/main",
			nil},
		"an issuer that nobody knows": {[]object{allow("ci.example.org", "x", "StringEquals", "job:1")},
			"ci.example.org",
			"x", "job:2", nil},
		"another issuer than the policy's": {[]object{exactly(web + main)}, gitlab, "https://gitlab.com",
			"project_path:mallory/web:ref_type:branch:ref:main", nil},
	} {
		silent(t, name, ask(t, parse(t, c.policy...), c.host, c.aud, c.sub, c.more))
	}
	for name, statements := range map[string][]object{
		"exact": {exactly(web + main)}, "several": {exactly(web + main), exactly("repo:beta@7/x@8:" + main)},
	} {
		got := ask(t, parse(t, statements...), github, sts, "repo:mallory@666/web@667:"+main, strangers)
		if !got.Stranger || !slices.ContainsFunc(got.Lines, func(line string) bool {
			return strings.HasPrefix(line, "a stranger's job, refused as meant")
		}) {
			t.Errorf("%s: %v", name, got.Lines)
		}
	}
}

func TestADenyNamesTheConditionThatDenied(t *testing.T) {
	deny := object{"Sid": "NoMain", "Effect": "Deny", "Action": "sts:AssumeRoleWithWebIdentity", "Principal": "*",
		"Condition": object{"StringLike": object{github + ":sub": "*main"}}}
	got := ask(t, parse(t, exactly(web+main), deny), github, sts, web+main, ids)
	if !strings.Contains(got.Lines[0],
		`statement 2 (NoMain) denies this token, whatever other statements allow: sub is "`+
			web+main+`", which meets StringLike "*main"`) || got.Section != "" || got.Condition != "" {
		t.Errorf("%+v", got)
	}
}

func TestControlCharactersOfATokenAreEscaped(t *testing.T) {
	got := ask(t, parse(t, exactly(web+main)), github, sts,
		"repo:mallory/web:ref:refs/heads/\x1b[2J\u202e\n::error::x", ids)
	if text := strings.Join(got.Lines, ""); strings.ContainsAny(text, "\x1b\u202e\n") ||
		!strings.Contains(text, `\x1b[2J`) {
		t.Errorf("%q", text)
	}
}

func TestManyValuesAreComparedInTime(t *testing.T) {
	var values []any
	for i := range 2000 {
		values = append(values, fmt.Sprintf("repo:acme@1234567/svc%d@%d:ref:refs/heads/release/*", i, 1000+i))
	}
	statement := allow(github, sts, "", "")
	statement["Condition"].(object)["StringLike"] = object{github + ":sub": values}
	got := ask(t, parse(t, statement), github, sts, "repo:acme@1234567/svc7@1007:"+main, ids)
	if !strings.Contains(got.Lines[0], `branch: wants one that begins with "release/", the token has "main"`) {
		t.Errorf("%s", got.Lines)
	}
}
