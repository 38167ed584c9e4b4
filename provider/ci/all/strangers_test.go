package all

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A stranger is an issuer with what its tokens look like: ours, and those that somebody else can get.
type stranger struct {
	host string
	ours []string             // subjects that policies are written for: acme's, and careless ones that name nobody
	subs []string             // subjects that a stranger can have
	keys map[string][2]string // further claims: acme's value, and the stranger's
}

// githubStrangers are the subjects that a repository of mallory's can have: the default forms, and customised ones,
// whose values mallory chooses as far as GitHub lets her. GitHub writes ":" inside a value as %3A.
func githubStrangers() []string {
	owners := []string{"mallory", "acme-evil", "acmee", "xacme", "main"}
	contexts := []string{
		"ref:refs/heads/main", "ref:refs/tags/v1", "ref:refs/heads/acme/web", "ref:refs/heads/x/repo%3Aacme/web",
		"pull_request", "environment:production", "environment:acme",
		"environment:repo%3Aacme/web%3Aref%3Arefs/heads/main", "environment:*", "environment:acme/web",
	}
	var repositories, subs []string
	for _, owner := range owners {
		for _, name := range []string{"web", "acme", "acme-web", "main", "web-evil"} {
			repositories = append(repositories, owner+"/"+name, owner+"@666/"+name+"@667",
				owner+"@12345670/"+name+"@890123450")
		}
	}
	values := []string{
		"repository_owner:mallory", "repository_owner:acme-evil", "repository_owner_id:666",
		"repository_owner_id:12345670", "repository_id:667", "repository_visibility:public", "workflow:deploy",
		"workflow:acme", "actor:mallory", "environment:production", "environment:acme", "environment:repo%3Aacme/web",
		"environment:repository_owner%3Aacme", "ref:refs/heads/main", "runner_environment:github-hosted",
		"job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main",
		"job_workflow_ref:mallory/ci/.github/workflows/deploy.yml@refs/heads/main",
		"workflow_ref:mallory/web/.github/workflows/acme.yml@refs/heads/main",
	}
	for _, r := range repositories {
		for _, c := range contexts {
			subs = append(subs, "repo:"+r+":"+c)
		}
	}
	for _, a := range values {
		subs = append(subs, a)
		for _, b := range append(values, "repo:mallory/web", "repo:mallory@666/web@667", "pull_request") {
			subs = append(subs, a+":"+b, "repo:mallory/web:"+a, "repo:mallory/web:pull_request:"+a,
				b+":"+a+":repository_owner:mallory")
		}
	}
	return subs
}

func strangers() []stranger {
	gitlab := []string{"project_path:mallory/web:ref_type:branch:ref:main", "project_id:8:ref_type:branch:ref:main",
		"project_id:70:ref_type:branch:ref:main"}
	for _, group := range []string{"mallory", "acme-evil", "xacme", "mallory/acme"} {
		for _, ref := range []string{"branch:ref:main", "tag:ref:v1", "branch:ref:acme/web",
			"branch:ref:project_path/acme/web"} {
			gitlab = append(gitlab, "project_path:"+group+"/web:ref_type:"+ref,
				"project_path:"+group+"/acme/web:ref_type:"+ref)
		}
	}
	words := func(form string) []string {
		var subs []string
		for _, tenant := range []string{"mallory", "acme-evil", "acmee", "xacme"} {
			for _, name := range []string{"web", "acme", "prod", "main"} {
				subs = append(subs, strings.NewReplacer("TENANT", tenant, "NAME", name).Replace(form))
			}
		}
		return subs
	}
	return []stranger{
		{
			gitHubHost, []string{
				"repo:acme/web:ref:refs/heads/main", "repo:acme@1234567/web@89012345:ref:refs/heads/main",
				"repo:acme/web:environment:production", "repo:acme/web:pull_request",
				"repository_owner:acme:environment:production", "repository_owner_id:1234567:ref:refs/heads/main",
				"environment:production:repository_owner:acme", "repository:acme/web:ref:refs/heads/main",
				"enterprise:acme-inc:environment:production", "environment:production:ref:refs/heads/main",
				"job_workflow_ref:acme/ci/.github/workflows/deploy.yml@refs/heads/main", "workflow:deploy:actor:mona",
				"repo:${" + gitHubHost + ":repository}:ref:refs/heads/main",
				"repository_visibility:private:repository_owner:acme", "pull_request:repository_owner:acme",
			},
			githubStrangers(),
			map[string][2]string{
				"repository_owner_id": {"1234567", "666"}, "repository_id": {"89012345", "667"},
				"repository": {"acme/web", "mallory/web"},
				"ref":        {"refs/heads/main", "refs/heads/main"}, "environment": {"production", "production"},
				"actor": {"mona", "mallory"},
				"job_workflow_ref": {"acme/ci/.github/workflows/deploy.yml@refs/heads/main",
					"acme/ci/.github/workflows/deploy.yml@refs/heads/main"},
				"enterprise_id": {"77", "78"}, "workflow": {"deploy", "deploy"},
			},
		},
		{"gitlab.com", []string{"project_path:acme/web:ref_type:branch:ref:main",
			"project_id:7:ref_type:branch:ref:main", "project_path:acme/sub/web:ref_type:tag:ref:v1"}, gitlab,
			map[string][2]string{
				"project_id":    {"7", "8"},
				"namespace_id":  {"5", "6"},
				"ref_protected": {"true", "true"},
				"user_login":    {"mona", "mallory"},
			}},
		{"agent.buildkite.com", []string{"organization:acme:pipeline:web:ref:refs/heads/main:commit:abc:step:deploy",
			"0195f8a2-93a2-4d54-a5f2-0f2cf2f9a001"},
			append(words("organization:TENANT:pipeline:NAME:ref:refs/heads/NAME:commit:abc:step:acme"),
				"0195f8a2-93a2-4d54-a5f2-0f2cf2f9a002",
				"organization:mallory:pipeline:web:ref:refs/heads/main:commit::step:organization:acme:pipeline:web:"+
					"ref:refs/heads/main:commit:abc:step:deploy"),
			map[string][2]string{
				"organization_slug": {"acme", "mallory"},
				"pipeline_slug":     {"web", "web"},
				"build_branch":      {"main", "main"},
			}},
		{"app.terraform.io",
			[]string{"organization:acme:project:web:workspace:prod:run_phase:apply",
				"organization:acme:project:web:stack:net:deployment:prod:operation:apply",
				"organization:acme:module:net:operation:test_run"},
			slices.Concat(words("organization:TENANT:project:NAME:workspace:NAME:run_phase:apply"),
				words("organization:TENANT:project:NAME:stack:NAME:deployment:NAME:operation:plan"),
				words("organization:TENANT:project:organization acme project:workspace:NAME:run_phase:apply")), nil},
		{"scalr.io", []string{"account:acme:environment:prod:workspace:web"},
			words("account:TENANT:environment:NAME:workspace:NAME"), nil},
		{"oidc.codefresh.io",
			[]string{"account:6400000000000000000000aa:pipeline:6500000000000000000000aa:initiator:mona"},
			slices.Concat(words("account:64000000000000000000TENANT:pipeline:6500000000000000000000aa:initiator:NAME"),
				words(
					"account:6600000000000000000000bb:pipeline:6500000000000000000000aa:scm_repo_url:https://github."+
						"com/acme/web:scm_user_name:TENANT:scm_ref:NAME",
				)), nil},
		{"identity.depot.dev",
			[]string{"spiffe://identity.depot.dev/org/o1/ci/github/acme/web/ref/refs/heads/main/sandbox/s1"},
			words("spiffe://identity.depot.dev/org/TENANT/ci/github/acme/web/ref/refs/heads/NAME/sandbox/s2"), nil},
		{"oidc.circleci.com", []string{"org/" + organization + "/project/" + project + "/user/" + user +
			"/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/main"},
			[]string{
				"org/" + otherOrganization + "/project/" + project + "/user/" + user,
				"org/" + otherOrganization + "/project/" + otherProject + "/user/" + user +
					"/vcs-origin/github.com/mallory/web/vcs-ref/refs/heads/org/" + organization + "/project/" +
					project + "/user/" + user + "/vcs-origin/github.com/acme/web/vcs-ref/refs/heads/main",
			}, nil},
	}
}

var subjectOperators = []string{
	"StringLike", "StringLike", "StringLike", "StringLike", "StringEquals", "StringEqualsIgnoreCase",
	"ForAnyValue:StringLike", "ForAllValues:StringLike", "StringLikeIfExists", "StringNotLike", "StringNotEquals",
	"ArnLike", "StringEqualsIfExists", "ForAnyValue:StringNotEquals",
}

// randomTrust is a policy as somebody in a hurry writes it.
func (s *stranger) randomTrust(rng *rand.Rand) []byte {
	pick := func(list []string) string { return list[rng.IntN(len(list))] }
	pattern := func() any {
		var values []string
		for range 1 + rng.IntN(2) {
			if rng.IntN(8) == 0 {
				values = append(values, pick(s.ours))
			} else {
				values = append(values, citest.Distort(rng, pick(s.ours)))
			}
		}
		return values
	}
	conditions := map[string]map[string]any{"StringEquals": {s.host + ":aud": "sts.amazonaws.com"}}
	put := func(operator, claim string, values any) {
		if conditions[operator] == nil {
			conditions[operator] = map[string]any{}
		}
		conditions[operator][s.host+":"+claim] = values
	}
	for range rng.IntN(3) {
		put(pick(subjectOperators), "sub", pattern())
	}
	for _, claim := range slices.Sorted(maps.Keys(s.keys)) {
		values := s.keys[claim]
		if rng.IntN(12) == 0 {
			put(pick(subjectOperators), claim, []string{values[0], citest.Distort(rng, values[0])}[rng.IntN(2)])
		}
	}
	document, _ := json.Marshal(object{"Version": []string{"2012-10-17", "2008-10-17"}[rng.IntN(6)/5],
		"Statement": list{object{
			"Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": conditions,
			"Principal": object{"Federated": "arn:" + []string{"aws", "aws", "aws", "aws-cn"}[rng.IntN(4)] +
				":iam::123456789012:oidc-provider/" + s.host},
		}}})
	return document
}

// requests are the stranger's tokens.
func (s *stranger) requests() []trust.Request {
	requests := make([]trust.Request, len(s.subs))
	for i, subject := range s.subs {
		claims := map[string]any{"aud": "sts.amazonaws.com", "sub": subject}
		for _, claim := range slices.Sorted(maps.Keys(s.keys)) {
			values := s.keys[claim]
			claims[claim] = values[1]
		}
		requests[i] = trust.Request{Issuer: s.host, Claims: claims}
	}
	return requests
}

// randomPolicy is a policy of several statements: that of randomTrust, with conditions on the call, and others that
// allow and refuse.
func (s *stranger) randomPolicy(rng *rand.Rand) []byte {
	var first struct{ Statement []map[string]any }
	if err := json.Unmarshal(s.randomTrust(rng), &first); err != nil {
		panic(err)
	}
	allow := first.Statement[0]
	conditions, _ := allow["Condition"].(map[string]any)
	switch rng.IntN(4) {
	case 0:
		conditions["IpAddress"] = object{"aws:SourceIp": []string{"10.0.0.0/8", "192.0.2.0/24"}[rng.IntN(2)]}
	case 1:
		conditions["StringEqualsIgnoreCase"] = object{"sts:RoleSessionName": "Deploy"}
	}
	statements := list{allow}
	for range 1 + rng.IntN(2) {
		operator := []string{"StringNotLike", "StringLike", "StringNotEquals", "StringLikeIfExists"}[rng.IntN(4)]
		pattern := s.ours[rng.IntN(len(s.ours))]
		if rng.IntN(3) > 0 {
			pattern = citest.Distort(rng, pattern)
		}
		tested := object{s.host + ":sub": pattern}
		for _, claim := range slices.Sorted(maps.Keys(s.keys)) {
			if rng.IntN(10) > 0 {
				continue
			}
			value := s.keys[claim][rng.IntN(2)]
			if strings.HasPrefix(operator, "StringNot") { // all others are refused: who is named so is no stranger
				value = s.keys[claim][0]
			}
			tested[s.host+":"+claim] = value
		}
		refused := object{operator: tested}
		if rng.IntN(4) == 0 {
			refused["NotIpAddress"] = object{"aws:SourceIp": "10.0.0.0/8"}
		}
		statements = append(statements, object{
			"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRoleWithWebIdentity", "Condition": refused,
		})
	}
	document, _ := json.Marshal(object{"Version": "2012-10-17", "Statement": statements})
	return document
}
