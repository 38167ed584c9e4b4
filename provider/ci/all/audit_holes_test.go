package all

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/github"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// The promise of the audit: whenever STS would let a stranger in, it says so with a high finding, or that it could not
// judge. There is no silent hole. What a stranger's token can hold is written down here from the CI systems'
// documentation, without the audit's code.

func TestNoPolicyThatAdmitsAStrangerPassesTheAuditWithoutAHighFinding(t *testing.T) {
	const policies, seed = 1500, 7
	for _, s := range strangers() {
		t.Run(s.host, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, uint64(len(s.host))))
			n, open, unjudged, clean := policies, 0, 0, 0
			requests := s.requests()
			for range n {
				document := s.randomTrust(rng)
				policy, err := trust.ParsePolicy(document)
				if err != nil {
					continue
				}
				findings, err := audit.Audit(Registry(), document, trust.Role{})
				if err != nil {
					t.Fatal(err)
				}
				admitted(t, document, policy, findings)
				if citest.HasHigh(findings) {
					open++
					continue
				}
				if slices.Contains(citest.Ids(findings), "not-judged") {
					unjudged++
					continue
				}
				clean++
				arn := policy.Statements[0].Principals.ByType["Federated"][0]
				for _, r := range requests {
					r.Provider, r.Partition = arn, strings.Split(arn, ":")[1]
					if policy.Decide(&r) != trust.Denied {
						t.Fatalf("a stranger's token gets in and the audit has no high finding\nsub:    "+
							"%s\npolicy: %s\nfindings: %v", r.Claims["sub"], document, citest.Ids(findings))
					}
				}
			}
			if clean < n/100 || open < n/20 || unjudged > n/3 {
				t.Errorf("of %d policies the audit calls %d open, %d clean and %d it did not judge; the test needs "+
					"more of the first two, and fewer of the last", n, open, clean, unjudged)
			}
		})
	}
}

// admitted fails where the policy does not admit the witness of a finding.
func admitted(t *testing.T, document []byte, policy *trust.Policy, findings []ci.Finding) {
	t.Helper()
	for _, f := range findings {
		if f.Witness == nil {
			continue
		}
		arn := policy.Statements[f.Statement-1].Principals.ByType["Federated"][0]
		host, partition := trust.HostAndPartition(arn)
		r := trust.Request{Provider: arn, Issuer: host, Partition: partition, Claims: f.Witness.Claims}
		if answer := policy.Decide(&r); answer == trust.Denied || answer == trust.Undecided && f.Witness.Call == "" {
			t.Errorf("the policy does not admit the witness of %s: %v\npolicy: %s", f.ID, f.Witness.Claims, document)
		}
	}
}

// Several statements with Deny, several conditions, keys, addresses and the names of sessions: what gets in by them is
// said as well, and the call is the stranger's to choose.
func TestNoPolicyWithDenyStatementsAndConditionsOnTheCallAdmitsAStrangerInSilence(t *testing.T) {
	const policies, seed = 400, 11
	calls := []map[string][]string{
		{}, {"aws:sourceip": {"192.0.2.1"}, "sts:rolesessionname": {"deploy"}},
		{"aws:sourceip": {"10.1.2.3"}, "sts:rolesessionname": {"mallory"}},
	}
	for _, s := range strangers() {
		t.Run(s.host, func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(seed, uint64(len(s.host))))
			open, shut := 0, 0
			requests := s.requests()
			for range policies {
				document := s.randomPolicy(rng)
				policy, err := trust.ParsePolicy(document)
				if err != nil {
					continue
				}
				findings, err := audit.Audit(Registry(), document, trust.Role{})
				if err != nil {
					t.Fatal(err)
				}
				admitted(t, document, policy, findings)
				if citest.HasHigh(findings) || slices.Contains(citest.Ids(findings), "not-judged") {
					open++
					continue
				}
				shut++
				arn := policy.Statements[0].Principals.ByType["Federated"][0]
				for i, r := range requests {
					r.Provider, r.Partition, r.Context = arn, strings.Split(arn, ":")[1], calls[i%len(calls)]
					if policy.Decide(&r) == trust.Allowed {
						t.Fatalf("a stranger's token gets in and the audit has no high finding\nsub:    "+
							"%s\ncall: %v\npolicy: %s\nfindings: %v", r.Claims["sub"], r.Context, document,
							citest.Ids(findings))
					}
				}
			}
			if open < policies/20 || shut < policies/20 {
				t.Errorf("of %d policies the audit calls %d open and %d shut; the test needs both", policies,
					open, shut)
			}
		})
	}
}

// uninvited are tokens that a policy of acme's for one branch of one repository is not meant for.
func uninvited(host string) []string {
	subs := []string{}
	for _, s := range strangers() {
		if s.host == host {
			subs = append(subs, s.subs...)
		}
	}
	crafted := "refs/heads/x/vcs-origin/" + origin + "/vcs-ref/refs/heads/main"
	switch host {
	case github.Host:
		for _, r := range []string{"acme/web-evil", "acme/evil-web", "acme@1234567/web@890123456", "acme/web",
			"acme@1234567/web@89012345"} {
			for _, c := range []string{"ref:refs/heads/mallory", "ref:refs/heads/x/prod", "ref:refs/tags/mallory",
				"pull_request", "environment:x-prod", "ref:refs/heads/main",
				"environment:x:job_workflow_ref:acme/x@refs/heads/main"} {
				if c != "ref:refs/heads/main" || strings.Contains(r, "evil") || strings.HasSuffix(r, "6") {
					subs = append(subs, "repo:"+r+":"+c)
				}
			}
		}
		// a customised one
		subs = append(subs, "repo:acme@1234567/web@89012345:environment:mallory:ref:refs/heads/main")
	case "app.terraform.io":
		subs = append(subs, "organization:mallory:project:web:workspace:prod:run_phase:apply")
	case "gitlab.com":
		subs = append(subs, "project_path:acme/web-evil:ref_type:branch:ref:main",
			"project_path:acme/web:ref_type:branch:ref:mallory",
			"project_path:acme/web:ref_type:branch:ref:mallory/main")
	case "agent.buildkite.com":
		subs = append(subs, "organization:acme:pipeline:web-evil:ref:refs/heads/main:commit:a:step:b",
			"organization:acme:pipeline:web:ref:refs/heads/mallory:commit:a:step:b")
	case "identity.depot.dev":
		subs = append(subs,
			"spiffe://identity.depot.dev/org/a1b2c3d4e5/ci/github/acme/web/ref/refs/heads/mallory/sandbox/snd_1")
	case "oidc.circleci.com/org/" + organization:
		for _, p := range []string{project, otherProject} {
			for _, from := range []string{origin, otherOrigin, "github.com/acme/mallory"} {
				for _, ref := range []string{"refs/heads/mallory", crafted, "refs/heads/mallory/main",
					"refs/heads/" + strings.Repeat("y", 30) + crafted[len("refs/heads/x"):]} {
					subs = append(subs, circleCISubject(organization, p, user, from, ref))
				}
			}
		}
		for length := range 60 { // for runs of ? of a given length
			subs = append(subs, circleCISubject(organization, project, user, "github.com/mallory/web",
				"refs/heads/"+strings.Repeat("y", length)+crafted[len("refs/heads/x"):]))
		}
	}
	return subs
}

func TestAHighFindingOfAVectorComesWithATokenThatGetsIn(t *testing.T) {
	checked := 0
	for _, file := range readFindingVectors(t) {
		if !slices.Contains([]string{"tenant-not-pinned", "prefix-collision", "no-subject", "any-ref",
			"wildcard-before-decision", "circleci-any-ref"}, file.Rule) {
			continue
		}
		for _, v := range file.Vectors {
			policy, err := trust.ParsePolicy(v.Policy)
			if err != nil {
				t.Fatal(err)
			}
			arn := policy.Statements[0].Principals.ByType["Federated"][0]
			_, host, _ := strings.Cut(arn, ":oidc-provider/")
			if len(uninvited(host)) == 0 {
				continue
			}
			findings, err := audit.Audit(Registry(), v.Policy, trust.Role{})
			if err != nil {
				t.Fatal(err)
			}
			in := ""
			for _, sub := range uninvited(host) {
				if in == "" && gets(policy, arn, host, sub) {
					in = sub
				}
			}
			shown := slices.ContainsFunc(findings, func(f ci.Finding) bool {
				return f.ID == file.Rule && f.Witness != nil
			})
			if checked++; v.Has && in == "" && !shown {
				t.Errorf("%s/%s: nobody gets in, and the finding says somebody does", file.Rule, v.Name)
			}
			for _, s := range strangers() {
				for _, sub := range s.subs {
					if s.host == host && !citest.HasHigh(findings) && gets(policy, arn, host, sub) {
						t.Errorf("%s/%s: %s gets in, and no high finding says so", file.Rule, v.Name, sub)
					}
				}
			}
		}
	}
	if checked < 60 {
		t.Errorf("%d vectors checked only", checked)
	}
}

// gets reports whether a token with the subject and otherwise pleasing claims gets in.
func gets(policy *trust.Policy, arn, host, sub string) bool {
	claims := map[string]any{
		"sub":        sub,
		"aud":        "sts.amazonaws.com",
		"repository": strings.TrimPrefix(strings.SplitN(sub, ":ref:", 2)[0], "repo:"),
		"actor":      "mallory",
	}
	for issuer, aud := range map[string]string{
		"gitlab.com":                            "https://gitlab.com",
		"app.terraform.io":                      "aws.workload.identity",
		"oidc.circleci.com/org/" + organization: organization,
	} {
		if host == issuer {
			claims["aud"] = aud
		}
	}
	if strings.Contains(sub, "/project/"+project+"/") {
		claims["oidc.circleci.com/project-id"] = project
	}
	request := trust.Request{Provider: arn, Issuer: host, Partition: strings.Split(arn, ":")[1], Claims: claims}
	return policy.Decide(&request) == trust.Allowed
}

// The component's own policies: what it accepts without a high finding, the audit accepts as well.
func TestTheComponentsPoliciesHaveNoHighFindingThatTheComponentDoesNotReport(t *testing.T) {
	words := []object{
		{"branches": list{"main"}}, {"branches": list{"main", "release/*"}}, {"tags": list{"v*"}},
		{"environments": list{"production"}}, {"environments": list{"prod*", "a:b"}}, {"pullRequests": true},
		{"branches": list{"main"}, "environments": list{"production"}, "tags": list{"v1"}}, {"branches": list{"*"}},
		{"tags": list{"*"}}, {"environments": list{"*"}}, {"branches": list{"feature/x*"}},
	}
	circle := []object{
		{"vcsOrigin": origin, "branches": list{"main"}},
		{"vcsOrigin": origin, "branches": list{"release/*"}, "tags": list{"v1"}}, {"vcsOrigin": origin}, {},
		{"vcsOrigin": origin, "branches": list{"*"}}, {"vcsOrigin": "bitbucket.org/acme/web", "tags": list{"v*"}},
	}
	n := 0
	compact := false
	check := func(written object, account ci.Account) {
		trusts := mustRead(t, written, account)
		for i := range trusts {
			trusts[i].Compacted = compact
		}
		policy := ci.Compile(trusts, account, nil).JSON()
		audit, err := audit.Audit(Registry(), []byte(policy), trust.Role{})
		if err != nil {
			t.Fatal(err)
		}
		if n++; citest.HasHigh(audit) && !citest.HasHigh(ci.Findings(trusts)) {
			t.Errorf("%v in %s: the component reports %v, the audit %v\n%s", written, account.Partition,
				citest.FindingIDs(trusts), citest.Ids(audit), policy)
		}
		for _, f := range audit {
			if slices.Contains([]string{"no-audience", "audience-wildcard", "audience-like", "literal-wildcard",
				"vacuous-condition", "unfilled-key",
				"misspelt-key", "issuer-slash", "provider-not-listed", "providers-mixed", "required-claim",
				"duplicate-json-key"}, f.ID) {
				t.Errorf("%v in %s: a policy of the component has %s\n%s", written, account.Partition, f.ID, policy)
			}
		}
	}
	for _, account := range []ci.Account{citest.InAWS, citest.InChina, citest.InGov} {
		for _, repository := range []string{repository, "acme/web"} {
			for _, w := range words {
				check(gitHub(repository, w), account)
				for _, c := range circle {
					both := gitHub(repository, w)
					both["circleci"] = circleCI(c)["circleci"]
					check(both, account)
				}
			}
		}
		for _, c := range circle {
			check(circleCI(c), account)
		}
		var many list
		for i := range 60 {
			many = append(many,
				object{"repository": fmt.Sprintf("acme@1234567/app%d@89012%d", i, 100+i), "branches": list{"main"}})
		}
		// Outside the aws partition the id behind the "*" stands in the subject, and a Deny keeps the "*" to a name. An
		// audit that reads each Allow by itself does not see that.
		for _, compact = range []bool{account.Partition == "aws", false} {
			check(object{"github": object{"repositories": many}}, account)
		}
	}
	if n < 400 {
		t.Errorf("%d inputs only", n)
	}
}
