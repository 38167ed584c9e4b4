package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const renderToken = "ci-oidc-trust:index:renderTrust"

// rendered are the arguments of renderTrust for one branch of a repository.
func rendered(repository resource.PropertyValue) args {
	return args{
		"accountId": text("123456789012"), "region": text("eu-central-1"), "roleName": text("deploy"),
		"github": resource.NewObjectProperty(args{"repositories": resource.NewArrayProperty([]resource.PropertyValue{
			resource.NewObjectProperty(args{
				"repository": repository,
				"branches":   resource.NewArrayProperty([]resource.PropertyValue{text("main")}),
			}),
		})}),
	}
}

func TestRenderTrustGivesTheVariablesAndTheLengthOfASession(t *testing.T) {
	written := rendered(text("acme@1234567/web@89012345"))
	written["maxSessionDuration"] = resource.NewNumberProperty(7200)
	result, failures, err := invoke(t, renderToken, written)
	if err != nil || len(failures) > 0 {
		t.Fatal(err, failures)
	}
	variables := result["pipelineVariables"].ObjectValue()["github"].ObjectValue().Mappable()
	if len(variables) != 3 || variables["AWS_ROLE_ARN"] != "arn:aws:iam::123456789012:role/deploy" ||
		variables["AWS_REGION"] != "eu-central-1" || variables["AWS_DEFAULT_REGION"] != "eu-central-1" {
		t.Error(variables)
	}
	config := result["pipelineConfigs"].ObjectValue()["github"].StringValue()
	if !strings.Contains(config, "role-duration-seconds: 7200\n") {
		t.Error(config)
	}
	written["maxSessionDuration"] = resource.NewNumberProperty(900)
	if _, failures, err := invoke(t, renderToken, written); err != nil || len(failures) != 1 {
		t.Errorf("a session of fifteen minutes: %v %v", failures, err)
	}
}

func TestRenderTrustGivesThePolicyThatAdmitsTheJobAndNoOther(t *testing.T) {
	result, failures, err := invoke(t, renderToken, rendered(text("acme@1234567/web@89012345")))
	if err != nil || len(failures) > 0 {
		t.Fatal(err, failures)
	}
	policy, err := trust.ParsePolicy([]byte(result["trustPolicy"].StringValue()))
	if err != nil {
		t.Fatal(err)
	}
	for sub, want := range map[string]trust.Answer{
		"repo:acme@1234567/web@89012345:ref:refs/heads/main": trust.Allowed,
		"repo:acme@1234567/web@89012345:pull_request":        trust.Denied,
	} {
		r := trust.Request{Provider: "arn:aws:iam::123456789012:oidc-provider/" + githubKey, Issuer: githubKey,
			Partition: "aws",
			Claims: map[string]any{
				"sub":                 sub,
				"aud":                 "sts.amazonaws.com",
				"repository_id":       "89012345",
				"repository_owner_id": "1234567",
			}}
		if got := policy.Decide(&r); got != want {
			t.Errorf("%s: %v", sub, got)
		}
	}
	config := result["pipelineConfigs"].ObjectValue()["github"].StringValue()
	if !strings.Contains(config, "arn:aws:iam::123456789012:role/deploy") || !strings.Contains(config, "eu-central-1") {
		t.Error(config)
	}
	if grants := result["grants"].ArrayValue(); len(grants) != 1 ||
		grants[0].StringValue() != "GitHub Actions: acme/web on branch main" {
		t.Error(grants)
	}
	if len(result["findings"].ArrayValue()) == 0 {
		t.Error("a trusted branch has the finding github-pull-request-target")
	}
}

func TestRenderTrustRefusesWhatTheComponentRefusesWithEveryPath(t *testing.T) {
	given := rendered(text("acme/web"))
	given["accountId"], given["partition"] = text("12"), text("gcp")
	_, failures, err := invoke(t, renderToken, given)
	if err != nil {
		t.Fatal(err)
	}
	var paths []string
	for _, f := range failures {
		paths = append(paths, f.GetProperty())
	}
	if got := strings.Join(paths, " "); got != "accountId github.repositories[0].repository partition" {
		t.Errorf("%s: %v", got, failures)
	}
}

func TestRenderTrustKeepsASecretRepositorySecret(t *testing.T) {
	result, _, err := invoke(t, renderToken, rendered(resource.MakeSecret(text("acme@1234567/"+hidden+"@89012345"))))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range result {
		if !value.IsSecret() {
			t.Errorf("%s is in clear: %v", name, value)
		}
	}
	_, failures, err := invoke(t, renderToken, rendered(resource.MakeSecret(text("acme/"+hidden))))
	if err != nil || len(failures) == 0 {
		t.Fatal(err, failures)
	}
	for _, f := range failures {
		if strings.Contains(f.GetReason()+f.GetProperty(), hidden) {
			t.Errorf("the secret is shown: %v", f)
		}
	}
}

func TestAMisspeltWordIsOneProblemWithTheWordThatWasMeant(t *testing.T) {
	stack := resource.PropertyMap{
		"project": text("web"), "name": text("prod"),
		"operations": resource.NewProperty([]resource.PropertyValue{text("updat")}),
	}
	_, failures, err := invoke(t, renderToken, resource.PropertyMap{
		"accountId": text("123456789012"), "partition": text("aws-gov"),
		"pulumiCloud": resource.NewProperty(resource.PropertyMap{
			"organization": text("acme"),
			"stacks":       resource.NewProperty([]resource.PropertyValue{resource.NewProperty(stack)}),
		}),
		"vercel": resource.NewProperty(resource.PropertyMap{
			"team": text("acme"), "issuerMode": text("Team"), "projects": resource.NewProperty([]resource.PropertyValue{
				resource.NewProperty(resource.PropertyMap{
					"name":         text("web"),
					"environments": resource.NewProperty([]resource.PropertyValue{text("production")}),
				}),
			}),
		}),
	})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range failures {
		lines = append(lines, f.GetProperty()+": "+f.GetReason())
	}
	want := []string{
		"partition: must be aws, aws-cn, aws-eusc, aws-iso, aws-iso-b, aws-iso-e, aws-iso-f or aws-us-gov " +
			`(found "aws-gov"); did you mean aws-us-gov?`,
		"pulumiCloud.stacks[0].operations[0]: must be preview, update, refresh or destroy " +
			`(found "updat"); did you mean update?`,
		`vercel.issuerMode: must be team or global (found "Team"); did you mean team?`,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("\n got %q\nwant %q", lines, want)
	}
}
