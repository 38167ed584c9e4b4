package permission

import (
	"strings"
	"testing"
	"time"
)

func document(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func inline(statements ...string) Role {
	return Role{Policies: []Policy{{Name: "the inline policy p", Document: document(statements...)}}}
}

func bounded(role Role, statements ...string) Role {
	role.Boundary = &Policy{Name: "the boundary", Document: document(statements...)}
	return role
}

func allow(action, resource string) string {
	return `{"Effect":"Allow","Action":` + action + `,"Resource":` + resource + `}`
}

func deny(action, resource string) string {
	return `{"Effect":"Deny","Action":` + action + `,"Resource":` + resource + `}`
}

const lockCondition = `"Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":["acme-state/web.tfstate"]}}}`

func TestWhatARoleMayDoBeyondReading(t *testing.T) {
	everything := allow(`"*"`, `"*"`)
	const table = `"arn:aws:dynamodb:eu-west-1:123456789012:table/locks"`
	cases := []struct {
		name   string
		role   Role
		writes string // the first action, or ""
	}{
		{"reading by name", inline(allow(`["s3:GetObject","s3:List*","ec2:Describe*"]`, `"*"`)), ""},
		{"reading in another letter case", inline(allow(`"S3:getobject"`, `"*"`)), ""},
		{"an action that writes", inline(allow(`["s3:GetObject","s3:PutObject"]`, `"*"`)), "s3:PutObject"},
		{"everything", inline(everything), "iam:AttachRolePolicy"},
		{"everything of a service", inline(allow(`"iam:*"`, `"*"`)), "iam:AttachRolePolicy"},
		{"PassRole", inline(allow(`"iam:PassRole"`, `"*"`)), "iam:PassRole"},
		{"a wildcard inside a name", inline(allow(`"iam:P?ssRole"`, `"*"`)), "iam:PassRole"},
		{"a beginning that more than reading has", inline(allow(`"madeup:G*"`, `"*"`)), "madeup:G*"},
		{"an action that nobody knows", inline(allow(`"madeup:Frobnicate"`, `"*"`)), "madeup:Frobnicate"},
		{"a name like reading that hands out credentials", inline(allow(`"sts:GetFederationToken"`, `"*"`)),
			"sts:GetFederationToken"},
		{"NotAction leaves the rest", inline(
			`{"Effect":"Allow","NotAction":["iam:*","sso:*","organizations:*"],"Resource":"*"}`), "sts:AssumeRole"},
		{"NotAction of all is nothing", inline(`{"Effect":"Allow","NotAction":"*","Resource":"*"}`), ""},
		{"NotResource leaves the rest", inline(
			`{"Effect":"Allow","Action":"s3:PutObject","NotResource":"arn:aws:s3:::a/*"}`), "s3:PutObject"},
		{"NotResource of all is nothing", inline(
			`{"Effect":"Allow","Action":"s3:PutObject","NotResource":"*"}`), ""},
		{"a Deny takes it away", inline(allow(`["s3:Get*","s3:PutObject"]`, `"*"`), deny(`"s3:Put*"`, `"*"`)), ""},
		{"a Deny of another resource does not", inline(allow(`"s3:PutObject"`, `"arn:aws:s3:::a/*"`),
			deny(`"s3:Put*"`, `"arn:aws:s3:::b/*"`)), "s3:PutObject"},
		{"a Deny of a part of the resources does not", inline(allow(`"s3:PutObject"`, `"arn:aws:s3:::a/*"`),
			deny(`"s3:Put*"`, `"arn:aws:s3:::a/x*"`)), "s3:PutObject"},
		{"two Denies that leave nothing", inline(allow(`"s3:PutObject"`, `["arn:aws:s3:::a","arn:aws:s3:::b"]`),
			deny(`"*"`, `"arn:aws:s3:::a"`), deny(`"s3:P*"`, `"arn:aws:s3:::b"`)), ""},
		{"a Deny by NotAction leaves reading alone", inline(everything,
			`{"Effect":"Deny","NotAction":["s3:Get*","s3:List*"],"Resource":"*"}`), ""},
		{"a Deny by NotAction that leaves a write", inline(everything,
			`{"Effect":"Deny","NotAction":["s3:Get*","s3:PutObject"],"Resource":"*"}`), "s3:PutObject"},
		{"a Deny by NotResource leaves one bucket", inline(everything,
			`{"Effect":"Deny","Action":"*","NotResource":"arn:aws:s3:::a/*"}`), "iam:AttachRolePolicy"},
		{"a Deny under a condition does not count", inline(allow(`"s3:PutObject"`, `"*"`),
			`{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`),
			"s3:PutObject"},
		{"an Allow under a condition counts",
			inline(`{"Effect":"Allow","Action":"s3:PutObject","Resource":"*",` +
				`"Condition":{"StringEquals":{"a:b":"c"}}}`),
			"s3:PutObject"},
		{"a Deny in another policy counts", Role{Policies: []Policy{
			{Name: "a", Document: document(allow(`"s3:PutObject"`, `"*"`))},
			{Name: "b", Document: document(deny(`"s3:PutObject"`, `"*"`))}}}, ""},
		{"a variable in a Deny may stand for something else",
			inline(allow(`"s3:PutObject"`, `"*"`), deny(`"s3:PutObject"`, `"arn:aws:s3:::${aws:PrincipalTag/x}"`)),
			"s3:PutObject"},
		{"a boundary of reading", bounded(inline(everything), allow(`["s3:Get*","s3:List*"]`, `"*"`)), ""},
		{"a boundary that allows a write of it",
			bounded(inline(everything), allow(`["s3:Get*","s3:P*"]`, `"*"`)), "s3:PutObject"},
		{"a boundary allows nothing by itself",
			bounded(inline(allow(`"s3:GetObject"`, `"*"`)), everything), ""},
		{"a boundary of other resources", bounded(inline(allow(`"s3:PutObject"`, `"arn:aws:s3:::a/*"`)),
			allow(`"s3:PutObject"`, `"arn:aws:s3:::b/*"`)), ""},
		{"a boundary that denies", bounded(inline(allow(`"s3:PutObject"`, `"*"`)), everything,
			deny(`"s3:PutObject"`, `"*"`)), ""},
		{"a boundary that could not be read does not help", Role{
			Policies: inline(everything).Policies, Boundary: &Policy{Name: "b"}}, "iam:AttachRolePolicy"},
		{"a policy that could not be read", Role{Policies: []Policy{
			{Name: "arn:aws:iam::123456789012:policy/x", Arn: "arn:aws:iam::123456789012:policy/x"}}}, "anything"},
		{"a policy that could not be read, and a Deny of all", Role{Policies: append(
			inline(deny(`"*"`, `"*"`)).Policies, Policy{Name: "x"})}, ""},
		{"a policy that could not be read, and a boundary of reading",
			bounded(Role{Policies: []Policy{{Name: "x"}}}, allow(`"s3:Get*"`, `"*"`)), ""},
		{"a well-known policy that could not be read",
			Role{Policies: []Policy{{Arn: "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"}}}, ""},
		{"a policy of the account with a well-known name",
			Role{Policies: []Policy{{Arn: "arn:aws:iam::123456789012:policy/ReadOnlyAccess"}}}, "anything"},
		{"what is named like an ARN of AWS", Role{Policies: []Policy{{
			Arn: "arn:aws:iam::123456789012:policy/::aws:policy/ReadOnlyAccess"}}}, "anything"},
		{"a name that stands twice", Role{Policies: []Policy{{Name: "x", Document: `{"Statement":[{"Effect":"Allow",` +
			`"Action":"*","Action":"s3:GetObject","Resource":"*"}]}`}}}, "anything"},
		{"an element in another letter case", Role{Policies: []Policy{{Name: "x", Document: `{"Statement":[{` +
			`"Effect":"Allow","action":"s3:GetObject","Resource":"*"}]}`}}}, "anything"},
		{"no JSON", Role{Policies: []Policy{{Name: "x", Document: `{"Statement":`}}}, "anything"},
		{"no policies", Role{}, ""},

		{"the lock item", inline(`{"Effect":"Allow","Action":["dynamodb:GetItem","dynamodb:PutItem",` +
			`"dynamodb:DeleteItem"],"Resource":` + table + `,` + lockCondition), ""},
		{"the lock table without the item", inline(allow(`"dynamodb:PutItem"`, table)), "dynamodb:PutItem"},
		{"the digest beside the lock", inline(`{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":` + table +
			`,` + strings.Replace(lockCondition, "web.tfstate", "web.tfstate-md5", 1)), "dynamodb:PutItem"},
		{"the lock item of every table", inline(`{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":"*",` +
			lockCondition), "dynamodb:PutItem"},
		{"items that begin like the lock", inline(`{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":` + table +
			`,` + strings.Replace(strings.Replace(lockCondition, "Equals", "Like", 1), "web.tfstate", "*", 1)),
			"dynamodb:PutItem"},
		{"any items beside the lock", inline(`{"Effect":"Allow","Action":"dynamodb:PutItem","Resource":` + table +
			`,` + strings.Replace(lockCondition, "ForAll", "ForAny", 1)), "dynamodb:PutItem"},
		{"an update of the table beside the lock", inline(`{"Effect":"Allow","Action":["dynamodb:PutItem",` +
			`"dynamodb:UpdateItem"],"Resource":` + table + `,` + lockCondition), "dynamodb:UpdateItem"},
		{"all of the table under the lock's condition", inline(`{"Effect":"Allow","Action":"dynamodb:*","Resource":` +
			table + `,` + lockCondition), "dynamodb:PutResourcePolicy"},
		{"the lock file", inline(allow(`["s3:PutObject","s3:DeleteObject"]`,
			`"arn:aws:s3:::acme-state/web.tfstate.tflock"`)), ""},
		{"all lock files of a bucket", inline(allow(`"s3:PutObject"`, `"arn:aws:s3:::acme-state/*.tflock"`)),
			"s3:PutObject"},
		{"the state beside its lock file", inline(allow(`"s3:PutObject"`,
			`["arn:aws:s3:::acme-state/web.tfstate.tflock","arn:aws:s3:::acme-state/web.tfstate"]`)), "s3:PutObject"},
		{"the lock file's ACL", inline(allow(`"s3:PutObjectAcl"`, `"arn:aws:s3:::acme-state/web.tfstate.tflock"`)),
			"s3:PutObjectAcl"},
		{"a lookup role", inline(allow(`"sts:AssumeRole"`,
			`"arn:aws:iam::123456789012:role/cdk-hnb659fds-lookup-role-123456789012-eu-west-1"`)), ""},
		{"any lookup role", inline(allow(`"sts:AssumeRole"`, `"arn:aws:iam::123456789012:role/cdk-*-lookup-role-*"`)),
			"sts:AssumeRole"},
		{"a deploy role", inline(allow(`"sts:AssumeRole"`,
			`"arn:aws:iam::123456789012:role/cdk-hnb659fds-deploy-role-123456789012-eu-west-1"`)), "sts:AssumeRole"},
		{"a role that begins like a lookup role", inline(allow(`"sts:AssumeRole"`,
			`"arn:aws:iam::123456789012:role/cdk-hnb659fds-lookup-role-123456789012-eu-west-1-x"`)), "sts:AssumeRole"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := Judge(c.role).Writes
			first := ""
			if len(got) > 0 {
				first = got[0].Action
			}
			if first != c.writes {
				t.Errorf("got %v, expected %q", got, c.writes)
			}
		})
	}
}

func TestWhatMayBeASecret(t *testing.T) {
	for name, c := range map[string]struct {
		role    Role
		secrets string
	}{
		"a secret": {inline(allow(`"secretsmanager:GetSecretValue"`, `"*"`)),
			"secretsmanager:GetSecretValue"},
		"secrets in batches": {inline(allow(`"secretsmanager:Batch*"`, `"*"`)),
			"secretsmanager:BatchGetSecretValue"},
		"parameters":            {inline(allow(`"ssm:GetParameter*"`, `"*"`)), "ssm:GetParameter"},
		"a parameter's history": {inline(allow(`"ssm:GetParameterHistory"`, `"*"`)), "ssm:GetParameterHistory"},
		"the names of them":     {inline(allow(`"ssm:DescribeParameters"`, `"*"`)), ""},
		"a key": {inline(allow(`"kms:Decrypt"`, `"arn:aws:kms:eu-west-1:123456789012:key/x"`)),
			"kms:Decrypt"},
		"every object":       {inline(allow(`"s3:GetObject"`, `"*"`)), "s3:GetObject"},
		"every bucket":       {inline(allow(`"s3:Get*"`, `"arn:aws:s3:::*/*"`)), "s3:GetObject"},
		"the objects of one": {inline(allow(`"s3:GetObject"`, `"arn:aws:s3:::acme-site/*"`)), ""},
		"a state":            {inline(allow(`"s3:GetObject"`, `"arn:aws:s3:::acme-x/web.tfstate"`)), "s3:GetObject"},
		"a state of Pulumi": {inline(allow(`"s3:GetObject"`, `"arn:aws:s3:::acme-x/.pulumi/stacks/*"`)),
			"s3:GetObject"},
		"a state by another key": {inline(allow(`["s3:GetObject"]`, `"arn:aws:s3:::acme-x/web"`),
			allow(`"s3:PutObject"`, `"arn:aws:s3:::acme-x/web.tflock"`)), "s3:GetObject"},
		"a table": {inline(allow(`"dynamodb:Query"`, `"arn:aws:dynamodb:eu-west-1:123456789012:table/t"`)),
			"dynamodb:Query"},
		"the lock item": {inline(`{"Effect":"Allow","Action":"dynamodb:GetItem","Resource":` +
			`"arn:aws:dynamodb:eu-west-1:123456789012:table/locks",` + lockCondition), ""},
		"functions":       {inline(allow(`"lambda:GetFunction*"`, `"*"`)), "lambda:GetFunction"},
		"task definition": {inline(allow(`"ecs:DescribeTaskDefinition"`, `"*"`)), "ecs:DescribeTaskDefinition"},
		"user data":       {inline(allow(`"ec2:Describe*"`, `"*"`)), "ec2:DescribeInstanceAttribute"},
		"logs":            {inline(allow(`"logs:GetLogEvents"`, `"*"`)), "logs:GetLogEvents"},
		"a database":      {inline(allow(`"rds-db:connect"`, `"*"`)), "rds-db:connect"},
		"a warehouse":     {inline(allow(`"redshift:GetClusterCredentials"`, `"*"`)), "redshift:GetClusterCredentials"},
		"denied": {inline(allow(`"*"`, `"*"`), deny(`["secretsmanager:*","ssm:*","kms:*","s3:*","dynamodb:*",`+
			`"lambda:*","ecs:*","ec2:*","autoscaling:*","lightsail:*","logs:*","rds-db:*","redshift*"]`, `"*"`)), ""},
		"ReadOnlyAccess, not read": {Role{Policies: []Policy{{Arn: "arn:aws:iam::aws:policy/ReadOnlyAccess"}}},
			"reading of all kinds"},
		"ViewOnlyAccess, not read": {Role{Policies: []Policy{{
			Arn: "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"}}}, ""},
		"all but one": {inline(`{"Effect":"Allow","NotAction":"secretsmanager:*","Resource":"*"}`), "ssm:GetParameter"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Judge(c.role).Secrets
			first := ""
			if len(got) > 0 {
				first = got[0].Action
			}
			if first != c.secrets {
				t.Errorf("got %v, expected %q", got, c.secrets)
			}
		})
	}
}

func TestAUseNamesItsPolicyStatementAndResource(t *testing.T) {
	j := Judge(inline(allow(`"s3:GetObject"`, `"arn:aws:s3:::site/*"`), allow(`"*"`, `"arn:aws:s3:::site/*"`)))
	want := "s3:PutObject on arn:aws:s3:::site/* (the inline policy p, statement 2): " +
		"replaces what something else runs or trusts"
	if len(j.Writes) == 0 || j.Writes[0].String() != want {
		t.Errorf("got %v", j.Writes)
	}
	roles := `["arn:aws:iam::123456789012:role/a","arn:aws:iam::123456789012:role/b"]`
	assumed := Judge(inline(allow(`"sts:*"`, roles))).Assumes
	if len(assumed) != 2 || assumed[1].Resource != "arn:aws:iam::123456789012:role/b" {
		t.Errorf("assumes %v", assumed)
	}
}

func TestAHostilePolicyIsAnsweredQuicklyAndCountsAsWriting(t *testing.T) {
	var stars, denies []string
	for i := range 200 {
		stars = append(stars, `"`+strings.Repeat("*a*b?", i%40+1)+`"`)
		denies = append(denies, deny(`"*`+strings.Repeat("c*", i%30+1)+`"`, `"*`+strings.Repeat("d*", i%30+1)+`"`))
	}
	role := inline(append(denies, allow("["+strings.Join(stars, ",")+"]", `"*"`))...)
	began := time.Now()
	if j := Judge(role); len(j.Writes) == 0 {
		t.Errorf("nothing was found: %+v", j)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}
