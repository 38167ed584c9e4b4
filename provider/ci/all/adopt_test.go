package all

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/adopt"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// adopted is what is found for a policy.
func adopted(t *testing.T, document []byte) (*trust.Policy, *adopt.Result) {
	t.Helper()
	policy, err := trust.ParsePolicy(document)
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	return policy, adopt.Policy(Registry(), policy)
}

// rendered is the policy that the component makes of what was found; nil where a placeholder stands in it.
func rendered(t *testing.T, r *adopt.Result) *trust.Policy {
	t.Helper()
	document, err := json.Marshal(r.Inputs)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(document), `\u003c`) {
		return nil
	}
	var inputs map[string]any
	if err := json.Unmarshal(document, &inputs); err != nil {
		t.Fatal(err)
	}
	account := r.Account
	account.Region = "eu-west-1"
	trusts, lines := citest.ReadBy(Registry(), inputs, account)
	if len(lines) > 0 {
		t.Fatalf("%s has problems:\n%s", document, strings.Join(lines, "\n"))
	}
	var problems input.Problems
	limit := input.Value{Known: true, Scalar: inputs["trustPolicyMaxLength"]}
	if err := ci.Check(trusts, account, limit, &problems); err != nil || problems.Len() > 0 {
		t.Fatalf("%s: %v %v", document, err, problems.Sorted())
	}
	return ci.Compile(trusts, account, nil)
}

func TestTheExamplesOfAllSystemsAreAdopted(t *testing.T) {
	for _, s := range Registry().Systems() {
		stack, err := citest.ReadStack(filepath.Join("..", strings.ToLower(s.Section())))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range slices.Sorted(maps.Keys(stack.Examples)) {
			written := maps.Clone(stack.Examples[name])
			written["acceptRisks"] = citest.RisksOf(Registry(), written)
			trusts, lines := citest.ReadBy(Registry(), written, citest.InAWS)
			if len(lines) > 0 {
				t.Fatalf("%s: %s", name, strings.Join(lines, "\n"))
			}
			document := ci.Compile(trusts, citest.InAWS, nil).JSON()
			if policy, r := adopted(t, []byte(document)); !r.Same() {
				t.Errorf("%s: %s %v\n%s", name, r.Verdict, r.Why, document)
			} else if again := rendered(t, r); again != nil && !audit.Compare(Registry(), policy, again).Same() {
				t.Errorf("%s: %s\nis rendered as %s", name, document, again.JSON())
			}
		}
	}
}

// The policies of the findings' pages are of people, wrong and mended.
func TestWhatPeopleWriteIsAdoptedAsItIsOrWithTheReason(t *testing.T) {
	verdicts := map[adopt.Verdict]int{}
	for _, s := range Registry().Systems() {
		examples, err := page.Examples(filepath.Join("..", strings.ToLower(s.Section()), "testdata", "findings.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range examples {
			for _, written := range []any{e.Policy, e.Mended} {
				if e.Section != nil || written == nil {
					continue
				}
				document, err := json.Marshal(written)
				if err != nil {
					t.Fatal(err)
				}
				policy, r := adopted(t, document)
				verdicts[r.Verdict]++
				if r.Same() != (len(r.Why) == 0) {
					t.Errorf("%s: %s for %v\n%s", e.ID, r.Verdict, r.Why, document)
				}
				if !r.Same() {
					continue
				}
				if again := rendered(t, r); again != nil && !audit.Compare(Registry(), policy, again).Same() {
					t.Errorf("%s: %s\nis rendered as %s", e.ID, document, again.JSON())
				}
			}
		}
	}
	t.Log(verdicts)
	if verdicts[adopt.Same] < 60 || verdicts[adopt.Undecided] > 0 {
		t.Errorf("%v", verdicts)
	}
}

// Two items of one project say each what they say: neither takes on a demand of the other, nor its form.
func TestTrustsThatStandTogetherAreAdoptedEachAsItStands(t *testing.T) {
	type object = map[string]any
	type list = []any
	web := object{"repository": "acme@1234567/web@89012345"}
	with := func(item object, more object) object {
		both := maps.Clone(item)
		maps.Copy(both, more)
		return both
	}
	uuid := func(last string) string { return "{0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c" + last + "}" }
	project := object{"path": "acme/platform/web", "id": "4657335"}
	workflow := object{"workflows": list{"acme/ci/.github/workflows/deploy.yml@refs/heads/main"}}
	everything := object{
		"branches": list{"main"}, "tags": list{"v1"}, "environments": list{"main"}, "pullRequests": true,
	}
	for name, section := range map[string]object{
		"an actor beside none": {"github": object{"repositories": list{
			with(web, with(workflow, object{"branches": list{"main"}})),
			with(web, with(workflow, object{"environments": list{"prod"}, "actors": list{"5550001"}})),
		}}},
		"pull requests before an environment of that name": {"github": object{"repositories": list{
			with(everything, object{"repository": "acme@1234567/we@5"}),
			with(web, with(everything, object{"environments": list{"main", "pull_request"}})),
		}}},
		"protected refs beside others": {"gitlab": object{"projects": list{
			with(project, object{"branches": list{"ma*"}, "protectedRefs": true}),
			with(project, object{"branches": list{"main"}}),
			object{"id": "4657335", "tags": list{"*"}},
		}}},
		"groups with ids beside a project without": {"gitlab": object{
			"groups": list{
				object{"path": "acme", "id": "684135", "branches": list{"main"}},
				object{"path": "corp/tools", "id": "684137", "branches": list{"main"}},
			},
			"projects": list{object{"path": "acme/platform/web", "branches": list{"main"}}},
		}},
		"projects with names and ids beside an id alone": {"gitlab": object{"projects": list{
			with(project, object{"branches": list{"main"}}),
			object{"path": "acme/web", "id": "465733", "branches": list{"main"}},
			object{"id": "4657335", "tags": list{"*"}},
		}}},
		"any environment beside one": {"bitbucket": object{
			"workspace": "acme", "workspaceUuid": "{6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11}",
			"repositories": list{
				object{"uuid": uuid("70"), "environments": list{uuid("75")}},
				object{"uuid": uuid("70"), "environments": list{"*"}},
				object{"uuid": uuid("71"), "environments": list{uuid("75")}, "stepsWithoutEnvironment": true},
			},
		}},
		"any branch and any tag, which is not any ref": {"buildkite": object{
			"organization": "acme",
			"pipelines":    list{object{"slug": "web", "branches": list{"*"}, "tags": list{"*"}}},
		}},
		"any ref": {"buildkite": object{"organization": "acme", "pipelines": list{object{"slug": "web"}}}},
	} {
		section["acceptRisks"] = citest.RisksOf(Registry(), section)
		for _, compacted := range []bool{false, true} {
			trusts, lines := citest.ReadBy(Registry(), section, citest.InAWS)
			if len(lines) > 0 {
				t.Fatalf("%s: %s", name, strings.Join(lines, "\n"))
			}
			readable := trust.Size(ci.Compile(trusts, citest.InAWS, nil).JSON())
			trusts[0].Compacted = compacted
			made := ci.Compile(trusts, citest.InAWS, nil)
			foreign := compacted && trust.Size(made.JSON()) >= readable // then the component writes the readable one
			policy, r := adopted(t, []byte(made.JSON()))
			if !r.Same() && foreign && r.Verdict == adopt.Different {
				continue
			}
			if !r.Same() {
				t.Errorf("%s, compacted %t: %s %v\n%s", name, compacted, r.Verdict, r.Why, made.JSON())
			} else if again := rendered(t, r); again != nil {
				if !audit.Compare(Registry(), policy, again).Same() {
					t.Errorf("%s: %s\nis rendered as %s", name, made.JSON(), again.JSON())
				}
				if name == "any branch and any tag, which is not any ref" && again.JSON() != made.JSON() {
					t.Errorf("%s: %s\nis rendered as %s", name, made.JSON(), again.JSON())
				}
			}
		}
	}
}

// The component writes projects that it trusts alike in one statement, which admits each name with each id. A policy
// that has them in statements of their own is not the same, and the tokens that show it are all of that kind.
func TestProjectsTrustedAlikeInStatementsApartAreSaidToDiffer(t *testing.T) {
	const host = "token.actions.githubusercontent.com"
	statement := func(name, id string) string {
		return strings.NewReplacer("NAME", name, "ID", id, "KEY", host).Replace(`{"Effect":"Allow",
			"Action":"sts:AssumeRoleWithWebIdentity",
			"Principal":{"Federated":"arn:aws:iam::123456789012:oidc-provider/KEY"},"Condition":{"StringEquals":{
			"KEY:aud":"sts.amazonaws.com","KEY:repository_owner_id":"1234567","KEY:repository_id":"ID",
			"KEY:sub":["repo:acme/NAME:ref:refs/heads/main","repo:acme@1234567/NAME@ID:ref:refs/heads/main"]}}}`)
	}
	_, r := adopted(t, []byte(`{"Version":"2012-10-17","Statement":[`+
		statement("web", "4")+`,`+statement("api", "5")+`]}`))
	if r.Verdict != adopt.Different || len(r.Why) == 0 {
		t.Fatalf("%s %v", r.Verdict, r.Why)
	}
	for _, why := range r.Why {
		sub, id := ci.TextOf(why.Witness["sub"]), ci.TextOf(why.Witness["repository_id"])
		isWeb := strings.HasPrefix(sub, "repo:acme/web:") || strings.HasPrefix(sub, "repo:acme@1234567/web@4:")
		if !strings.HasPrefix(why.Text, "the section lets in, and the policy does not: ") || isWeb == (id == "4") {
			t.Errorf("%s: sub %s, repository_id %s", why.Text, sub, id)
		}
	}
}
