package recipe

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/permission"
)

type object = map[string]any

const keyOfBucket = "arn:aws:kms:eu-west-1:123456789012:key/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11"

// write writes the policy of some recipes, by the schema's own check, and returns the problems as lines.
func write(t *testing.T, recipes object) (string, []string) {
	t.Helper()
	schema, err := check.Package()
	if err != nil {
		t.Fatal(err)
	}
	var problems input.Problems
	given := object{"accountId": "123456789012", "region": "eu-west-1"}
	for name, value := range recipes {
		given[name] = value
	}
	policy, err := Policy(schema.Function("ci-oidc-trust:index:permissions", given, &problems), &problems)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return policy, lines
}

func judge(t *testing.T, recipes object) permission.Judgement {
	t.Helper()
	policy, problems := write(t, recipes)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return permission.Judge(permission.Role{Policies: []permission.Policy{{Name: "p", Document: policy}}})
}

func terraform(more object) object {
	recipe := object{"bucket": "acme-state", "key": "web.tfstate", "mode": "plan"}
	for name, value := range more {
		recipe[name] = value
	}
	return object{"terraformState": recipe}
}

func stack(more object) object {
	recipe := object{"bucket": "acme-pulumi", "project": "web", "stack": "prod", "mode": "preview"}
	for name, value := range more {
		recipe[name] = value
	}
	return object{"pulumiState": recipe}
}

func TestWhatAPlanOrAPreviewNeedsIsNotWriting(t *testing.T) {
	for name, recipe := range map[string]object{
		"a lock file":           terraform(object{}),
		"a lock file and a key": terraform(object{"kmsKeyArn": keyOfBucket}),
		"a lock table":          terraform(object{"lockTable": "locks"}),
		"a preview":             stack(object{}),
		"a preview and a key":   stack(object{"kmsKeyArn": keyOfBucket}),
	} {
		j := judge(t, recipe)
		if len(j.Writes) > 0 {
			t.Errorf("%s: %v", name, j.Writes)
		}
		if len(j.Secrets) == 0 {
			t.Errorf("%s: a state holds secrets, and nothing says so", name)
		}
	}
}

func TestAnApplyAnUpdateAndASiteWrite(t *testing.T) {
	for name, recipe := range map[string]object{
		"apply": terraform(object{"mode": "apply"}), "up": stack(object{"mode": "up"}),
		"a site": {"s3Site": object{"bucket": "acme-site"}},
	} {
		if len(judge(t, recipe).Writes) == 0 {
			t.Errorf("%s writes, and counts as reading", name)
		}
	}
}

func TestEveryStatementIsHeldToTheAccountAndNamesItsResources(t *testing.T) {
	for _, recipes := range []object{
		{
			"terraformState": terraform(object{"mode": "apply", "kmsKeyArn": keyOfBucket})["terraformState"],
			"pulumiState":    stack(object{"mode": "up", "kmsKeyArn": keyOfBucket})["pulumiState"],
			"s3Site":         object{"bucket": "acme-site", "distribution": "E1A2B3C4D5E6F7"},
		},
		terraform(object{"lockTable": "locks"}), stack(object{}),
	} {
		policy, problems := write(t, recipes)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		var document struct{ Statement []statement }
		if err := json.Unmarshal([]byte(policy), &document); err != nil {
			t.Fatal(err)
		}
		sids := map[string]bool{}
		for _, s := range document.Statement {
			if s.Condition["StringEquals"]["aws:ResourceAccount"] != "123456789012" {
				t.Errorf("%s is not held to the account", s.Sid)
			}
			if sids[s.Sid] {
				t.Errorf("the Sid %s stands twice, and IAM refuses that", s.Sid)
			}
			sids[s.Sid] = true
			for _, action := range s.Action {
				for _, word := range []string{"*", "Acl", "Policy", "Versioning", "DeleteBucket", "PutBucket"} {
					if strings.Contains(action, word) {
						t.Errorf("%s allows %s", s.Sid, action)
					}
				}
			}
			for _, resource := range s.Resource {
				if open := strings.TrimSuffix(resource, "/*"); strings.ContainsAny(open, "*?$") || len(open) < 20 {
					t.Errorf("%s is about %s", s.Sid, resource)
				}
			}
		}
	}
}

func TestAPlanNeverTouchesTheDigest(t *testing.T) {
	plan, _ := write(t, terraform(object{"lockTable": "locks"}))
	apply, _ := write(t, terraform(object{"lockTable": "locks", "mode": "apply"}))
	if strings.Contains(plan, "-md5") || !strings.Contains(apply, `"acme-state/web.tfstate-md5"`) {
		t.Errorf("plan: %s\napply: %s", plan, apply)
	}
}

func TestARecipeIsOfItsPartition(t *testing.T) {
	key := strings.Replace(strings.Replace(keyOfBucket, "aws", "aws-cn", 1), "eu-west-1", "cn-north-1", 1)
	recipes := terraform(object{"lockTable": "locks", "kmsKeyArn": key})
	recipes["partition"], recipes["region"] = "aws-cn", "cn-north-1"
	recipes["s3Site"] = object{"bucket": "acme-site", "distribution": "E1A2B3C4D5E6F7"}
	policy, problems := write(t, recipes)
	if len(problems) > 0 || strings.Contains(policy, "arn:aws:") {
		t.Errorf("%v\n%s", problems, policy)
	}
	for _, want := range []string{
		"arn:aws-cn:dynamodb:cn-north-1:123456789012:table/locks", "arn:aws-cn:s3:::acme-state/web.tfstate",
		"s3.cn-north-1.amazonaws.com.cn", "arn:aws-cn:cloudfront::123456789012:distribution/E1A2B3C4D5E6F7",
	} {
		if !strings.Contains(policy, `"`+want+`"`) {
			t.Errorf("expected %s in %s", want, policy)
		}
	}
}

func TestAllProblemsOfRecipesAreReportedAtOnce(t *testing.T) {
	_, problems := write(t, object{
		"accountId": "12345", "region": "nowhere",
		"terraformState": object{"bucket": "arn:aws:s3:::x", "key": "web/*", "lockTable": "x", "mode": "destroy",
			"kmsKeyArn": "arn:aws:kms:eu-west-1:123456789012:alias/x"},
		"pulumiState": object{"bucket": "10.0.0.1", "project": "../x", "stack": "a/b", "mode": "up"},
		"s3Site":      object{"bucket": "a..b", "distribution": "x"},
	})
	for _, path := range []string{
		"accountId", "pulumiState.bucket", "pulumiState.project", "pulumiState.stack", "region", "s3Site.bucket",
		"s3Site.distribution", "terraformState.bucket", "terraformState.key", "terraformState.kmsKeyArn",
		"terraformState.lockTable", "terraformState.mode",
	} {
		if !slices.ContainsFunc(problems, func(line string) bool { return strings.HasPrefix(line, path+": ") }) {
			t.Errorf("nothing is said of %s in\n%s", path, strings.Join(problems, "\n"))
		}
	}
}

func TestWhatWouldOpenMoreThanOneStateIsRefused(t *testing.T) {
	for name, recipe := range map[string]object{
		"a key that is the lock file of another state": terraform(object{"key": "web.tfstate.tflock"}),
		"a key that is the digest of another state":    terraform(object{"key": "web.tfstate-md5"}),
		"a key with a variable":                        terraform(object{"key": "${aws:PrincipalTag/x}"}),
		"a key with a wildcard":                        terraform(object{"key": "web?.tfstate"}),
		"a key that is a folder":                       terraform(object{"key": "web/"}),
		"a key with an empty folder":                   terraform(object{"key": "a//b"}),
		"a lock table without its region": {"region": nil,
			"terraformState": terraform(object{"lockTable": "locks"})["terraformState"]},
		"a lock table of another account": terraform(object{
			"lockTable": "arn:aws:dynamodb:eu-west-1:210987654321:table/locks"}),
		"a key of another account":    terraform(object{"kmsKeyArn": strings.Replace(keyOfBucket, "1234", "4321", 1)}),
		"a key of another partition":  terraform(object{"kmsKeyArn": strings.Replace(keyOfBucket, "aws", "aws-cn", 1)}),
		"a stack with its project":    stack(object{"stack": "web/prod"}),
		"every stack":                 stack(object{"stack": "*"}),
		"a stack that is a folder up": stack(object{"stack": ".."}),
		"no mode":                     {"terraformState": object{"bucket": "acme-state", "key": "web"}},
		"no recipe":                   {},
		"a distribution of another account": {"s3Site": object{"bucket": "acme-site",
			"distribution": "arn:aws:cloudfront::210987654321:distribution/E1A2B3C4D5E6F7"}},
		"a recipe that is not known": {"terraformState": input.Unknown{}},
	} {
		if policy, problems := write(t, recipe); policy != "" || len(problems) == 0 {
			t.Errorf("%s: %s", name, policy)
		}
	}
}
