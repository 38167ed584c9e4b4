package verb

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
)

const (
	importedPolicy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":` +
		`"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},` +
		`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{` +
		`"token.actions.githubusercontent.com:aud":"sts.amazonaws.com",` +
		`"token.actions.githubusercontent.com:repository_id":"89012345",` +
		`"token.actions.githubusercontent.com:repository_owner_id":"1234567",` +
		`"token.actions.githubusercontent.com:sub":["repo:acme/web:ref:refs/heads/main",` +
		`"repo:acme@1234567/web@89012345:ref:refs/heads/main"]}}}]}`
	gotRole = `{"Role":{"Path":"/ci/","RoleName":"deploy","Arn":"arn:aws:iam::123456789012:role/ci/deploy",` +
		`"Description":"Deploys","MaxSessionDuration":7200,"AssumeRolePolicyDocument":` + importedPolicy + `}}`
	gotAttached = `{"AttachedPolicies":[{"PolicyName":"A","PolicyArn":"arn:aws:iam::aws:policy/A"}]}`
	gotNames    = `{"PolicyNames":["site"]}`
	gotPolicy   = `{"RoleName":"deploy","PolicyName":"site","PolicyDocument":{"Version":"2012-10-17","Statement":[]}}`
	allOfIt     = gotRole + gotAttached + gotNames + gotPolicy
)

func TestAnImportHasAllThatTheRoleHas(t *testing.T) {
	made, err := ImportRole([]byte(allOfIt+`{"Tags":[{"Key":"team","Value":"web"},{"Key":"aws:x","Value":"y"}]}`),
		ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	inputs, _ := json.Marshal(made.Inputs)
	if want := `{"description":"Deploys","github":{"existingProvider":true,"repositories":[{"branches":["main"],` +
		`"repository":"acme@1234567/web@89012345"}]},"inlinePolicies":{"site":"{\"Version\":\"2012-10-17\",` +
		`\"Statement\":[]}"},"maxSessionDuration":7200,"path":"/ci/","policyArns":["arn:aws:iam::aws:policy/A"],` +
		`"roleName":"deploy","tags":{"team":"web"}}`; string(inputs) != want {
		t.Errorf("%s\nwanted\n%s", inputs, want)
	}
	var ids []string
	for _, r := range made.File.Resources {
		ids = append(ids, r.ID)
	}
	if !slices.Equal(ids, []string{"", "deploy", "deploy/arn:aws:iam::aws:policy/A", "deploy:site"}) {
		t.Error(ids)
	}
	if len(made.Changes) > 0 || len(made.Lost) != 1 || !strings.Contains(made.Lost[0], "the tag aws:x") {
		t.Error(made.Changes, made.Lost)
	}
	for _, language := range program.Languages {
		if text, err := made.Program(language); err != nil || !strings.Contains(text, "89012345") {
			t.Error(language, err, text)
		}
	}
}

func TestAnAccountsDetailsAreReadWithTheRolesDescription(t *testing.T) {
	dump := `{"UserDetailList":[],"Policies":[],"RoleDetailList":[{"RoleName":"other","Arn":` +
		`"arn:aws:iam::123456789012:role/other","AssumeRolePolicyDocument":` + importedPolicy + `,` +
		`"RolePolicyList":[],"AttachedManagedPolicies":[]},{"RoleName":"deploy","Path":"/ci/","Arn":` +
		`"arn:aws:iam::123456789012:role/ci/deploy","AssumeRolePolicyDocument":` + importedPolicy + `,` +
		`"RolePolicyList":[{"PolicyName":"site","PolicyDocument":{"Statement":[]}}],` +
		`"AttachedManagedPolicies":[{"PolicyName":"A","PolicyArn":"arn:aws:iam::aws:policy/A"}],` +
		`"PermissionsBoundary":{"PermissionsBoundaryArn":` +
		`"arn:aws:iam::aws:policy/B"},"Tags":[]}]}`
	if _, err := ImportRole([]byte(dump), ImportOptions{Role: "deploy"}); err == nil ||
		!strings.Contains(err.Error(), "aws iam get-role --role-name deploy") {
		t.Error(err)
	}
	if _, err := ImportRole([]byte(dump), ImportOptions{}); err == nil || !strings.Contains(err.Error(), "--role") {
		t.Error(err)
	}
	made, err := ImportRole([]byte(dump+gotRole), ImportOptions{
		Role: "arn:aws:iam::123456789012:role/ci/deploy", OwnProviders: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	if made.Inputs["permissionsBoundary"] != "arn:aws:iam::aws:policy/B" || made.Inputs["description"] != "Deploys" {
		t.Error(made.Inputs)
	}
	if section := made.Inputs["github"].(map[string]any); section["existingProvider"] != true ||
		!strings.Contains(strings.Join(made.Notes, ""), "other roles trust it") {
		t.Error("a provider that another role trusts became this role's:", section, made.Notes)
	}
}

func TestAnAnswerOfAnotherTypeIsNamedByItsPart(t *testing.T) {
	for text, want := range map[string]string{
		`{"Role":"deploy"}`: "answer 1: line 1, column 9: Role: expected an object as IAM answers, found a " +
			"JSON string",
		gotRole + "\n{\"Tags\":{}}": "answer 2: line 2, column 9: Tags: expected an array as IAM answers, found a " +
			"JSON object",
		gotRole + "\n\n{\"terraform_version\":\"1.9.0\",\n \"resources\":[{\"instances\":[{}, 5]}]}": "answer 2: " +
			"line 4, " +
			"column 33: resources.instances: expected an object as a state of Terraform has it, found a JSON number",
		gotRole + "\n{\"deployment\":{\"resources\":[{\"urn\":true}]}}": "answer 2: line 2, column 36: deployment." +
			"resources.urn: expected a string as pulumi stack export prints it, found a JSON bool; give it as it " +
			"was printed",
		gotRole + ` [1]`:            ": the document: expected an object as IAM answers, found a JSON array",
		"{\n\"Role\": {,}}":         "line 2, column 10",
		gotRole + "\n{\"Role\": 1]": "line 2, column 11",
	} {
		_, err := ImportRole([]byte(text), ImportOptions{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestAProviderIsTakenOverOnlyWhereThatIsAsked(t *testing.T) {
	made, err := ImportRole([]byte(allOfIt+`{"Url":"token.actions.githubusercontent.com",`+
		`"ClientIDList":["sts.amazonaws.com"],"ThumbprintList":[]}`), ImportOptions{OwnProviders: true, Name: "web"})
	if err != nil {
		t.Fatal(err)
	}
	last := made.File.Resources[len(made.File.Resources)-1]
	if last.Name != "web-github" || last.Parent != made.File.Resources[0].Name ||
		made.File.Resources[0].LogicalName != "web" ||
		last.ID != "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" {
		t.Error(last)
	}
	section := made.Inputs["github"].(map[string]any)
	if section["retainProvider"] != true || section["existingProvider"] != nil || len(made.Notes) > 0 {
		t.Error(section, made.Notes)
	}
}

// What is left out of the answers would be on the role, and nobody would manage it.
func TestAnAnswerThatIsMissingIsNamedWithItsCommand(t *testing.T) {
	for given, missing := range map[string]string{
		gotRole + gotNames + gotPolicy:   "aws iam list-attached-role-policies --role-name deploy",
		gotRole + gotAttached:            "aws iam list-role-policies --role-name deploy",
		gotRole + gotAttached + gotNames: "aws iam get-role-policy --policy-name site --role-name deploy",
		gotAttached + gotNames:           "that of aws iam get-role is missing",
		``:                               "there are no answers",
		gotRole + `{"AttachedPolicies":[],"IsTruncated":true}`: "one page of several",
		gotRole + `{"AttachedPolicies":[],"NextToken":"eyJN"}`: "one page of several",
		gotRole + `{`: "are not JSON",
		`{"Role":{"RoleName":"deploy","Arn":"arn:aws:iam::123456789012:role/aws-service-role/x/deploy",` +
			`"AssumeRolePolicyDocument":{"Statement":[]}}}` + gotAttached + `{"PolicyNames":[]}`: "made by AWS",
	} {
		if _, err := ImportRole([]byte(given), ImportOptions{}); err == nil || !strings.Contains(err.Error(), missing) {
			t.Errorf("%s: %v, wanted %q", given, err, missing)
		}
	}
}

func TestWhatManagesTheRoleNowLetsGoOfItFirst(t *testing.T) {
	const provider = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
	stack := `{"version":3,"deployment":{"resources":[` +
		`{"urn":"urn:pulumi:dev::x::aws:iam/openIdConnectProvider:OpenIdConnectProvider::github",` +
		`"type":"aws:iam/openIdConnectProvider:OpenIdConnectProvider","id":"` + provider + `"},` +
		`{"urn":"urn:pulumi:dev::x::aws:iam/role:Role::it's","type":"aws:iam/role:Role","id":"deploy"},` +
		`{"urn":"urn:pulumi:dev::x::aws:iam/role:Role::other","type":"aws:iam/role:Role","id":"other"},` +
		`{"urn":"urn:pulumi:dev::x::aws:iam/rolePolicy:RolePolicy::p","type":"aws:iam/rolePolicy:RolePolicy",` +
		`"id":"deploy:p","inputs":{"role":"deploy"}}]}}`
	made, err := ImportRole([]byte(allOfIt+stack), ImportOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{
		`pulumi state delete 'urn:pulumi:dev::x::aws:iam/rolePolicy:RolePolicy::p' --yes`,
		`pulumi state delete 'urn:pulumi:dev::x::aws:iam/role:Role::it'\''s' --yes`,
	}; !slices.Equal(made.Commands[:2], want) || !strings.HasPrefix(made.Commands[2], "pulumi import ") {
		t.Error(strings.Join(made.Commands, "\n"))
	}
	if notes := strings.Join(made.Notes, "\n"); !strings.Contains(notes, provider+" may stay") ||
		!strings.Contains(notes, "OpenIdConnectProvider::github' --yes") {
		t.Error(notes)
	}
	state := `{"version":4,"terraform_version":"1.9.0","resources":[{"module":"module.ci","mode":"managed",` +
		`"type":"aws_iam_role","name":"deploy","instances":[{"index_key":"a b","attributes":{"name":"deploy"}}]},` +
		`{"mode":"data","type":"aws_iam_role","name":"deploy","instances":[{"attributes":{"name":"deploy"}}]},` +
		`{"mode":"managed","type":"aws_iam_role_policies_exclusive","name":"all","instances":[{"index_key":0,` +
		`"attributes":{"role_name":"deploy"}}]},{"mode":"managed","type":"aws_iam_role_policy","name":"other",` +
		`"instances":[{"attributes":{"role":"other"}}]}]}`
	if made, err = ImportRole([]byte(allOfIt+state), ImportOptions{}); err != nil {
		t.Fatal(err)
	}
	if want := []string{
		`terraform state rm 'module.ci.aws_iam_role.deploy["a b"]'`,
		`terraform state rm 'aws_iam_role_policies_exclusive.all[0]'`,
	}; !slices.Equal(made.Commands[:2], want) {
		t.Error(strings.Join(made.Commands, "\n"))
	}
}
