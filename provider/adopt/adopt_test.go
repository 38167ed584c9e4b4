package adopt_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/adopt"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const (
	githubHost     = "token.actions.githubusercontent.com"
	githubProvider = "arn:aws:iam::123456789012:oidc-provider/" + githubHost
)

// statement is an Allow of a provider's tokens, with KEY: in the condition standing for the issuer's keys.
func statement(provider, condition string) string {
	host, _ := trust.HostAndPartition(provider)
	return `{"Effect":"Allow","Principal":{"Federated":"` + provider +
		`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":` +
		strings.ReplaceAll(condition, "KEY:", host+":") + `}`
}

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

// buildkiteMain trusts a branch of a pipeline of Buildkite.
var buildkiteMain = statement("arn:aws:iam::123456789012:oidc-provider/agent.buildkite.com", `{"StringEquals":{
	"KEY:aud":"sts.amazonaws.com","KEY:build_branch":"main"},"StringLike":{
	"KEY:sub":"organization:acme:pipeline:web:ref:refs/heads/main:commit:*"}}`)

// adopted is what is found for a policy.
func adopted(t *testing.T, document string) *adopt.Result {
	t.Helper()
	policy, err := trust.ParsePolicy([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	return adopt.Policy(all.Registry(), policy)
}

// yaml are the inputs as a program has them.
func yaml(t *testing.T, r *adopt.Result) string {
	t.Helper()
	text, err := program.Program(program.YAML, program.Resource{Name: "deploy", Type: "CiOidcTrust", Inputs: r.Inputs})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func reasons(r *adopt.Result) string {
	text, _ := json.Marshal(r.Why)
	return string(text)
}

// What people write by hand, as documentation and blog posts have it.
func TestAPolicyWrittenByHandIsSaidOrWhyNot(t *testing.T) {
	for name, c := range map[string]struct {
		policy  string
		verdict adopt.Verdict
		has     []string // in the program
		why     string   // in the reasons
	}{
		"a branch by the subject with ids": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com",
				"KEY:repository_owner_id":"1234567","KEY:repository_id":"89012345","KEY:sub":[
				"repo:acme/web:ref:refs/heads/main","repo:acme@1234567/web@89012345:ref:refs/heads/main"]}}`)),
			adopt.Same, []string{"repository: acme@1234567/web@89012345", "branches: [main]"}, "",
		},
		"a branch by the classic subject": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com",
				"KEY:sub":"repo:acme/web:ref:refs/heads/main"}}`)),
			adopt.Same, []string{"repository: acme/web", "acceptRisks:", "- github-classic-subject #"}, "",
		},
		"every job of a repository": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},
				"StringLike":{"KEY:sub":"repo:acme/web:*"}}`)),
			adopt.Different, []string{"branches: ['*']", "pullRequests: true"},
			"the policy lets in, and the section does not",
		},
		"every repository of an owner": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},
				"StringLike":{"KEY:sub":"repo:acme/*"}}`)),
			adopt.Inexpressible, nil, "no word of the section github says it",
		},
		"a wildcard before the branch's name": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com"},
				"StringLike":{"KEY:sub":"repo:acme/web:ref:refs/heads/*-prod"}}`)),
			adopt.Inexpressible, nil, "admit more",
		},
		"as modules for Terraform write it": {
			document(statement(githubProvider, `{"ForAllValues:StringEquals":{"KEY:aud":"sts.amazonaws.com",
				"KEY:iss":"https://token.actions.githubusercontent.com"},
				"StringLike":{"KEY:sub":"repo:acme/web:ref:refs/heads/main"}}`)),
			adopt.Same, []string{"branches: [main]"}, "",
		},
		"every phase by a wildcard": {
			document(statement("arn:aws:iam::123456789012:oidc-provider/app.terraform.io", `{"StringEquals":{
				"KEY:aud":"aws.workload.identity"},"StringLike":{
				"KEY:sub":"organization:acme:project:Default Project:workspace:web:run_phase:*"}}`)),
			adopt.Same, []string{"runPhases: [plan, apply]"}, "",
		},
		"a branch that may be a fork's": {
			document(statement("arn:aws:iam::123456789012:oidc-provider/agent.buildkite.com", `{"StringEquals":{
				"KEY:aud":"sts.amazonaws.com"},"StringLike":{
				"KEY:sub":"organization:acme:pipeline:web:ref:refs/heads/main:commit:*:step:*"}}`)),
			adopt.Different, []string{"branches: [main]"}, "main:commit",
		},
		"an issuer that nobody knows": {
			document(statement("arn:aws:iam::123456789012:oidc-provider/ci.example.com", `{"StringEquals":{
				"KEY:aud":"sts.amazonaws.com"},"StringLike":{"KEY:sub":"project:*:branch:main"}}`)),
			adopt.Same, []string{"issuer: https://ci.example.com", "- custom-wildcard-subject #"}, "",
		},
		"two clusters of a region, whose issuers begin alike": {
			document(
				statement("arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/A1", `{
					"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:sub":"system:serviceaccount:production:web"}}`),
				statement("arn:aws:iam::123456789012:oidc-provider/oidc.eks.eu-west-1.amazonaws.com/id/B2", `{
					"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:sub":"system:serviceaccount:staging:web"}}`)),
			adopt.Same, []string{"amazonaws.com/id/A1", "amazonaws.com/id/B2", "production:web", "staging:web"}, "",
		},
		"another audience": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"https://github.com/acme",
				"KEY:sub":"repo:acme/web:environment:production"}}`)),
			adopt.Same, []string{"audiences:", "https://github.com/acme", "environments: [production]"}, "",
		},
		"people beside the jobs": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com",
				"KEY:sub":"repo:acme/web:pull_request"}}`),
				`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/break-glass"},`+
					`"Action":"sts:AssumeRole"}`),
			adopt.Same, []string{"pullRequests: true", "additionalTrustStatements:", "role/break-glass"}, "",
		},
		"a service beside the jobs": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com",
				"KEY:sub":"repo:acme/web:pull_request"}}`),
				`{"Effect":"Allow","Principal":{"Service":"codebuild.amazonaws.com"},"Action":"sts:AssumeRole"}`),
			adopt.Same, []string{"additionalTrustStatements:", "codebuild.amazonaws.com"}, "",
		},
		"everybody beside the jobs": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com",
				"KEY:sub":"repo:acme/web:pull_request"}}`),
				`{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}`),
			adopt.Inexpressible, []string{"pullRequests: true"}, "lets everyone in",
		},
		"people alone": {
			document(`{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},` +
				`"Action":"sts:AssumeRole"}`),
			adopt.Inexpressible, nil, "no section stands beside it",
		},
		"session tags by a statement of their own": {
			document(buildkiteMain,
				strings.Replace(buildkiteMain, "sts:AssumeRoleWithWebIdentity", "sts:TagSession", 1)),
			adopt.Same, []string{"sessionTags: true", "branches: [main]"}, "",
		},
		"two organizations of an issuer of their own": {
			document(
				statement("arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/"+
					"6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11", `{"StringEquals":{
					"KEY:aud":"6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"},"StringLike":{"KEY:sub":
					"org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11/project/0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70/user/*"}}`),
				statement("arn:aws:iam::123456789012:oidc-provider/oidc.circleci.com/org/"+
					"7f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11", `{"StringEquals":{
					"KEY:aud":"7f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"},"StringLike":{"KEY:sub":
					"org/7f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11/project/0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70/user/*"}}`)),
			adopt.Inexpressible, nil, "a role has one section for it",
		},
		"a person's address": {
			document(statement(githubProvider, `{"StringEquals":{"KEY:aud":"sts.amazonaws.com",
				"KEY:sub":"repo:acme/web:ref:refs/heads/main"},"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}`)),
			adopt.Different, nil, "aws:SourceIp by IpAddress, which no section does",
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := adopted(t, c.policy)
			if r.Verdict != c.verdict {
				t.Errorf("%s, want %s: %s", r.Verdict, c.verdict, reasons(r))
			}
			text := yaml(t, r)
			for _, part := range c.has {
				if !strings.Contains(text, part) {
					t.Errorf("no %q in\n%s", part, text)
				}
			}
			if why := reasons(r); !strings.Contains(why, c.why) || r.Same() != (r.Why == nil) {
				t.Errorf("%q is not among %s", c.why, why)
			}
		})
	}
}

func TestAHostilePolicyIsAnsweredAndNeverTakenForTheSame(t *testing.T) {
	list := func(format string, n int) string {
		texts := make([]string, n)
		for i := range texts {
			texts[i] = fmt.Sprintf(format, i)
		}
		text, _ := json.Marshal(texts)
		return string(text)
	}
	for name, condition := range map[string]string{
		"names and ids, each a list": `{"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:repository_owner_id":"1",
			"KEY:repository_id":` + list("1%d", 300) + `,"KEY:sub":` +
			list("repo:acme/r%d:ref:refs/heads/main", 300) + `}}`,
		"many wildcards": `{"StringLike":{"KEY:aud":"sts.amazonaws.com","KEY:sub":` +
			list("*"+strings.Repeat("a*", 20)+"%d", 200) + `}}`,
		"question marks behind stars": `{"StringLike":{"KEY:aud":"sts.amazonaws.com","KEY:sub":"repo:*` +
			strings.Repeat("?", 30) + strings.Repeat("*b", 10) + `:*"}}`,
		"three lists of claims": `{"StringEquals":{"KEY:aud":"sts.amazonaws.com","KEY:actor_id":` + list("1%d", 40) +
			`,"KEY:job_workflow_ref":` + list("acme/ci/.github/workflows/d%d.yml@refs/heads/main", 40) +
			`,"KEY:sub":` + list("repo:acme/r%d:ref:refs/heads/main", 40) + `}}`,
		"a variable":  "{\"StringLike\":{\"KEY:aud\":\"sts.amazonaws.com\",\"KEY:sub\":\"repo:${KEY:actor}/*\"}}",
		"no audience": `{"StringEquals":{"KEY:sub":"repo:acme/web:ref:refs/heads/main"}}`,
		"no claim":    `{}`,
	} {
		began := time.Now()
		r := adopted(t, document(statement(githubProvider, condition)))
		if took := time.Since(began); r.Same() || len(r.Why) == 0 || len(r.Why) > 20 || took > 30*time.Second {
			t.Errorf("%s: %s after %s, for %d reasons", name, r.Verdict, took, len(r.Why))
		}
	}
}
