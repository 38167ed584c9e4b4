package account_test

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf16"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
)

const policy = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":` +
	`"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},` +
	`"Action":"sts:AssumeRoleWithWebIdentity"}]}`

const reading = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// found lists label, trust policy and error of each role.
func found(t *testing.T, text string) (*account.Found, string) {
	t.Helper()
	f, err := account.Read([]byte(text))
	if err != nil {
		t.Fatalf("%v in %.300s", err, text)
	}
	var list []string
	for _, r := range f.Roles {
		entry := r.Label()
		switch {
		case r.Err != nil:
			entry += "!"
		case string(r.Trust) == policy:
		default:
			entry += "?"
		}
		list = append(list, entry)
	}
	return f, strings.Join(list, " ")
}

func TestRolesAreFoundInAllThatPeopleHave(t *testing.T) {
	role := func(name, trust string) string {
		return `{"RoleName":"` + name + `","AssumeRolePolicyDocument":` + trust + `}`
	}
	for name, c := range map[string]struct{ text, want string }{
		"a policy":             {policy, "(no name)"},
		"an encoded policy":    {url.PathEscape(policy), "(no name)"},
		"a policy in a string": {quoted(policy), "(no name)"},
		"a rendering":          {`{"trustPolicy":` + quoted(policy) + `,"grants":[]}`, "(no name)"},
		"get-role":             {`{"Role":` + role("a", policy) + `}`, "a"},
		"a role":               {role("a", quoted(url.PathEscape(policy))), "a"},
		"list-roles":           {`{"Roles":[` + role("a", policy) + `,` + role("b", policy) + `]}`, "a b"},
		"account details":      {`{"RoleDetailList":[` + role("a", policy) + `,null]}`, "a (no name)!"},
		"an array of roles":    {`[` + role("a", policy) + `,` + role("b", policy) + `]`, "a b"},
		"an array of answers": {`[{"Role":` + role("a", policy) + `},{"Roles":[` + role("b", policy) +
			`]}]`, "a b"},
		"an array of policies":   {`[` + policy + `,` + quoted(policy) + `]`, "item 1 item 2"},
		"JSON lines":             {role("a", policy) + "\n\n" + policy + "\n{}\n", "a line 3"},
		"lines, one of them bad": {role("a", policy) + "\n{\"b\":\n" + role("c", policy), "a line 2! c"},
		"values without a line":  {policy + policy, "line 1 line 1"},
		"pages of an account": {`[{"RoleDetailList":[],"IsTruncated":true},{"RoleDetailList":[` +
			role("a", policy) + `]}]`, "a"},
		"what --max-items cut off": {`{"Roles":[` + role("a", policy) + `],"NextToken":"eyJNYXJr"}`, "a (more)!"},
		"no further page":          {`{"Roles":[` + role("a", policy) + `],"NextToken":null}`, "a"},
		"a page of an account":     {`{"RoleDetailList":[` + role("a", policy) + `],"IsTruncated":true}`, "a (more)!"},
		"a role without a policy":  {`{"RoleDetailList":[{"RoleName":"a"}]}`, "a!"},
	} {
		if _, got := found(t, c.text); got != c.want {
			t.Errorf("%s: expected %q, got %q", name, c.want, got)
		}
	}
}

func TestWhatHoldsNoTrustPolicyIsToldFromWhatDoesNotParse(t *testing.T) {
	for _, text := range []string{"{}", "[]", "[1,2]", "3", `"text"`, "null", reading,
		`{"name":"web","version":"1.0.0"}`,
		`{"version":4,"terraform_version":"1.9.0","resources":[]}`, `{"values":{}}`,
		`{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`} {
		f, err := account.Read([]byte(text))
		if err == nil && len(f.Roles) > 0 || err != nil && !errors.Is(err, account.ErrNoRole) {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
	}
	for text, want := range map[string]string{
		"{":                          "line 1, column 2: expected more JSON, the document ends here",
		"{\n  \"a\": 1,\n  \"b\" 2}": "line 3, column 7: expected JSON",
		"":                           "is empty",
		"hello":                      "line 1, column 1: expected JSON",
		`{"RoleDetailList":[{"RoleName":5}]}`: "line 1, column 32: RoleDetailList.RoleName: expected a string as " +
			"IAM answers, found a JSON number; give it as it was printed",
		"{\n \"Role\": {\"Arn\": [\"x\\\"\"]}}": "line 2, column 18: Role.Arn: expected a string as IAM answers",
		"{\n \"Roles\": [{\"Arn\": \"a\"},\n  {\"RoleName\": true}]}": "line 3, column 16: Roles.RoleName: " +
			"expected a string as IAM answers, found a JSON bool",
		"{\"RoleDetailList\":\n  \"a\\\"b\"}": "line 2, column 3: RoleDetailList: expected an array as IAM answers",
		`{"planned_values": 5}`: "line 1, column 20: planned_values: expected an object as terraform " +
			"show -json",
		"{\"values\":{\"root_module\":{\"resources\":[\n{\"type\":\"aws_iam_role\",\"address\":7}]}}}": "line 2, " +
			"column 34: a resource.Address: expected a string as terraform show",
		"Resources:\n  a: [": "line",
	} {
		if _, err := account.Read([]byte(text)); err == nil || errors.Is(err, account.ErrNoRole) ||
			!strings.Contains(err.Error(), want) {
			t.Errorf("%q: expected %q, got %v", text, want, err)
		}
	}
}

func TestUTF16AndByteOrderMarksAreRead(t *testing.T) {
	units := utf16.Encode([]rune(strings.Replace(policy, `"Version"`, `"Id":"ü😀","Version"`, 1)))
	for name, order := range map[string]binary.AppendByteOrder{"little": binary.LittleEndian, "big": binary.BigEndian} {
		var text []byte
		for _, unit := range units {
			text = order.AppendUint16(text, unit)
		}
		mark := order.AppendUint16(nil, 0xfeff)
		for _, raw := range [][]byte{text, append(mark, text...)} {
			f, err := account.Read(raw)
			if err != nil || len(f.Roles) != 1 || !strings.Contains(string(f.Roles[0].Trust), `"ü😀"`) {
				t.Errorf("%s endian: %v %+v", name, err, f)
			}
		}
	}
	if f, err := account.Read([]byte("\ufeff" + policy)); err != nil || string(f.Roles[0].Trust) != policy {
		t.Error(err)
	}
}

func TestPoliciesAndBoundariesOfTheAccountAreReadInTheirDefaultVersion(t *testing.T) {
	const own, boundary = "arn:aws:iam::123456789012:policy/own", "arn:aws:iam::123456789012:policy/limit"
	f, _ := found(t, `{"RoleDetailList":[{"RoleName":"a","AssumeRolePolicyDocument":`+policy+`,
		"PermissionsBoundary":{"PermissionsBoundaryType":"Policy","PermissionsBoundaryArn":"`+boundary+`"},
		"AttachedManagedPolicies":[{"PolicyName":"own","PolicyArn":"`+own+`"},
			{"PolicyName":"ReadOnlyAccess","PolicyArn":"arn:aws:iam::aws:policy/ReadOnlyAccess"}],
		"RolePolicyList":[{"PolicyName":"in","PolicyDocument":`+quoted(url.PathEscape(reading))+`}]}],
		"Policies":[{"PolicyName":"own","Arn":"`+own+`","PolicyVersionList":[
			{"VersionId":"v2","IsDefaultVersion":false,"Document":{"old":true}},
			{"VersionId":"v1","IsDefaultVersion":true,"Document":`+quoted(url.PathEscape(reading))+`}]},
			{"PolicyName":"limit","Arn":"`+boundary+`","PolicyVersionList":[
			{"IsDefaultVersion":true,"Document":`+reading+`}]}]}`)
	r := f.Roles[0]
	if !r.Complete || len(r.Policies) != 3 || string(r.Policies[0].Document) != reading ||
		r.Policies[1].Document != nil || string(r.Policies[2].Document) != reading {
		t.Errorf("%+v", r)
	}
	if r.Boundary == nil || string(r.Boundary.Document) != reading {
		t.Errorf("%+v", r.Boundary)
	}
}

func TestTerraformPlansAndStatesAreReadThroughTheirModules(t *testing.T) {
	resources := `"resources":[{"address":"aws_iam_role.deploy","mode":"managed","type":"aws_iam_role","name":"deploy",
		"values":{"name":"deploy","assume_role_policy":` + quoted(policy) + `,"inline_policy":[{"name":"in","policy":` +
		quoted(reading) + `}],"managed_policy_arns":["arn:aws:iam::aws:policy/ReadOnlyAccess"]}},
		{"address":"data.aws_iam_role.other","mode":"data","type":"aws_iam_role","values":{"name":"other"}},
		{"address":"aws_iam_role_policy.more","mode":"managed","type":"aws_iam_role_policy","values":{"name":"more",
		"role":"deploy","policy":` + quoted(reading) + `}},
		{"address":"aws_s3_bucket.b","mode":"managed","type":"aws_s3_bucket","values":{"policy":{"a":1},"name":"b"}}]`
	child := `"child_modules":[{"address":"module.ci","resources":[],"child_modules":[{"resources":[
		{"address":"module.ci.module.role[\"x\"].aws_iam_role.this","mode":"managed","type":"aws_iam_role",
		"values":{"name":"inner"}}]}]}]`
	for _, values := range []string{"planned_values", "values"} {
		f, got := found(t, `{"format_version":"1.2","`+values+`":{"root_module":{`+resources+`,`+child+`}}}`)
		if got != "deploy inner?" || len(f.Roles[0].Policies) != 3 || !f.Roles[0].Complete {
			t.Errorf("%s: %q %+v", values, got, f.Roles)
		}
		if u := f.Roles[1].Unknown; len(u) != 1 || f.Roles[1].Trust != nil {
			t.Errorf("a trust policy that is known after apply: %v", u)
		}
	}
}

func TestAResourceOfAnotherServiceWithNamesOfIAMLeavesThePlanReadable(t *testing.T) {
	role := `{"address":"aws_iam_role.deploy","mode":"managed","type":"aws_iam_role","values":{"name":"deploy",` +
		`"assume_role_policy":` + quoted(policy) + `}}`
	for name, other := range map[string]string{
		"a text for a list":   `"aws_ssoadmin_permission_set_inline_policy","values":{"inline_policy":"{}"}`,
		"a list for a text":   `"aws_ssoadmin_permissions_boundary_attachment","values":{"permissions_boundary":[{}]}`,
		"objects for texts":   `"example_group","values":{"roles":[{"name":"a"}],"name":7,"arn":[]}`,
		"a data source":       `"aws_iam_policy","mode":"data","values":{"policy_arn":1,"arn":[]}`,
		"values that are not": `"example_group","values":null`,
	} {
		_, got := found(t, `{"planned_values":{"root_module":{"resources":[{"type":`+other+`},`+role+`]}}}`)
		if got != "deploy" {
			t.Errorf("%s: %q", name, got)
		}
	}
	_, err := account.Read([]byte(`{"values":{"root_module":{"resources":[{"type":"aws_iam_role","values":` +
		`{"assume_role_policy":{}}}]}}}`))
	if want := "line 1, column 94: values.assume_role_policy: expected a string as terraform show -json prints it, " +
		"found a JSON object"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("a role whose policy is no text: %v", err)
	}
}

func TestARoleInTheDeepestModuleIsFound(t *testing.T) {
	const depth = 1000
	module := `{"resources":[{"address":"r","type":"aws_iam_role","values":{"name":"deep","assume_role_policy":` +
		quoted(policy) + `}}]}`
	_, got := found(t, `{"values":{"root_module":`+strings.Repeat(`{"child_modules":[`, depth)+module+
		strings.Repeat("]}", depth)+"}}")
	if got != "deep" {
		t.Errorf("got %q", got)
	}
}

const template = `AWSTemplateFormatVersion: 2010-09-09
Parameters:
  Org: {Type: String, Default: acme}
  Repo: {Type: String}
Resources:
  Provider:
    Type: AWS::IAM::OIDCProvider
    Properties: {Url: https://token.actions.githubusercontent.com, ClientIdList: [sts.amazonaws.com]}
  Bucket: {Type: AWS::S3::Bucket}
  Deploy:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Sub "${AWS::StackName}-deploy"
      ManagedPolicyArns: [!Sub "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess", !Ref Own]
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Principal: {Federated: !GetAtt Provider.Arn}
            Action: sts:AssumeRoleWithWebIdentity
            Condition:
              StringEquals: {token.actions.githubusercontent.com:aud: sts.amazonaws.com}
              StringLike:
                token.actions.githubusercontent.com:sub:
                  !Join [":", [repo, !Sub "${Org}/${Repo}", "ref:refs/heads/main"]]
  Own:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement: {Effect: Allow, Action: "s3:GetObject", Resource: !GetAtt Bucket.Arn}
  More:
    Type: AWS::IAM::Policy
    Properties: {PolicyName: more, Roles: [!Ref Deploy], PolicyDocument: {Statement: []}}
`

func TestTemplatesOfCloudFormationAreReadWithTheirShortTags(t *testing.T) {
	f, _ := found(t, template)
	if len(f.Roles) != 1 {
		t.Fatalf("%+v", f.Roles)
	}
	r := f.Roles[0]
	for _, want := range []string{
		`"Federated":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"`,
		`"repo:acme/Repo:ref:refs/heads/main"`, `"Version":"2012-10-17"`} {
		if !strings.Contains(string(r.Trust), want) {
			t.Errorf("expected %s in %s", want, r.Trust)
		}
	}
	if r.Name != "stack-deploy" || r.Address != "Deploy" || r.Line != 10 || len(r.Policies) != 3 ||
		r.Policies[1].Document == nil || strings.Join(r.Unknown, ",") != "parameter Repo" {
		t.Errorf("%+v", r)
	}
}

func TestATemplateInJSONIsReadAsOneInYAMLIs(t *testing.T) {
	f, got := found(t, `{"Resources":{"A":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":`+
		strings.Replace(policy, `"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"`,
			`{"Fn::Sub":["arn:aws:iam::${AWS::AccountId}:oidc-provider/${Host}",`+
				`{"Host":"token.actions.githubusercontent.com"}]}`, 1)+`}},
			"B":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Ref":"Missing"}}},
			"C":{"Type":"AWS::IAM::Role"}}}`)
	if got != "A? B? C!" || len(f.Roles[0].Unknown) > 0 || len(f.Roles[1].Unknown) == 0 ||
		!strings.Contains(string(f.Roles[0].Trust), "123456789012:oidc-provider/token.actions") {
		t.Errorf("%q %s %v", got, f.Roles[0].Trust, f.Roles[1].Unknown)
	}
}

func TestATemplateThatRefersToItselfEnds(t *testing.T) {
	role := func(properties string) string {
		return "Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties: " + properties + "\n"
	}
	aliases := "Resources:\n  A0: &a0 [x,x,x,x,x,x,x,x]\n"
	for i := range 8 {
		again := strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i), 8), ",")
		aliases += fmt.Sprintf("  A%d: &a%d [%s]\n", i+1, i+1, again)
	}
	for name, text := range map[string]string{
		"a role's name":   role("{RoleName: !GetAtt A.Arn, AssumeRolePolicyDocument: !GetAtt A.Arn}"),
		"doubled":         role("{RoleName: !Sub '${A}${A}${A}${A}', AssumeRolePolicyDocument: !Ref A}"),
		"aliases":         aliases,
		"an alias inside": "Resources: &r\n  A: *r\n",
		"deep lists":      "Resources:\n  A: " + strings.Repeat("[", 1<<17),
	} {
		began := time.Now()
		_, _ = account.Read([]byte(text))
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestAFolderSkipsWithALineAndFailsByName(t *testing.T) {
	f, err := account.Folder(fstest.MapFS{
		"a.json":               {Data: []byte(policy)},
		"b/c.json":             {Data: []byte("{")},
		"b/package.json":       {Data: []byte(`{"name":"web"}`)},
		"notes.txt":            {Data: []byte("hello")},
		"ci.yaml":              {Data: []byte("on: push\njobs: {}\n")},
		"roles.yaml":           {Data: []byte(template)},
		"node_modules/x.json":  {Data: []byte(policy)},
		"lines.jsonl":          {Data: []byte(policy + "\n" + policy)},
		"permissions/own.json": {Data: []byte(reading)},
	})
	if err != nil {
		t.Fatal(err)
	}
	var roles, skipped []string
	for _, r := range f.Roles {
		mark := ""
		if r.Err != nil {
			mark = "!"
		}
		roles = append(roles, r.File+mark)
	}
	for _, s := range f.Skipped {
		skipped = append(skipped, s.File)
	}
	if got := strings.Join(roles, " "); got != "a.json b/c.json! lines.jsonl lines.jsonl roles.yaml" {
		t.Errorf("roles: %s", got)
	}
	if got := strings.Join(skipped, " "); got != "b/package.json ci.yaml node_modules notes.txt permissions/own.json" {
		t.Errorf("skipped: %s", got)
	}
}
