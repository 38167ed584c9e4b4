// Package recipe writes least-privilege permission policies for what CI jobs do most: keep the state of Terraform or
// OpenTofu or of Pulumi in a bucket, and publish a site.
//
// Every statement is held to the account by aws:ResourceAccount, so that a bucket of the same name in somebody else's
// account gets nothing, and names its resources exactly.
package recipe

import (
	"encoding/json"
	"regexp"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// Properties of the function permissions, each a recipe.
const (
	terraformStateProperty = "terraformState"
	pulumiStateProperty    = "pulumiState"
	s3SiteProperty         = "s3Site"
)

// A place is where the role and its resources are.
type place struct {
	partition, account string
	region             string // "" if nobody wrote it
}

// arn is the ARN of something of a service; s3 has neither region nor account in its own.
func (p place) arn(service, region, resource string) string {
	account := p.account
	if service == "s3" {
		account = ""
	}
	return "arn:" + p.partition + ":" + service + ":" + region + ":" + account + ":" + resource
}

// A statement is one Allow.
type statement struct {
	Sid       string
	Effect    string
	Action    []string
	Resource  []string
	Condition map[string]map[string]any
}

func (p place) allow(sid string, actions, resources []string) statement {
	return statement{sid, "Allow", actions, resources, map[string]map[string]any{
		"StringEquals": {"aws:ResourceAccount": p.account},
	}}
}

// with adds a condition.
func (s statement) with(operator, key string, values any) statement {
	if s.Condition[operator] == nil {
		s.Condition[operator] = map[string]any{}
	}
	s.Condition[operator][key] = values
	return s
}

// Policy is the policy document of the recipes that are given, as JSON; "" if there are problems.
func Policy(root input.Value, problems *input.Problems) (string, error) {
	refuseUnknown(root, problems)
	at := readPlace(root, problems)
	var statements []statement
	given := false
	for _, r := range []struct {
		property string
		read     func(place, input.Value, *input.Problems) []statement
	}{
		{terraformStateProperty, terraformState}, {pulumiStateProperty, pulumiState}, {s3SiteProperty, s3Site},
	} {
		if v := root.Field(r.property); v.Present {
			given = true
			statements = append(statements, r.read(at, v, problems)...)
		}
	}
	if !given {
		problems.Add(root.Field(terraformStateProperty), "is missing, and pulumiState and s3Site too: give at least "+
			"one of the three recipes")
	}
	if problems.Len() > 0 {
		return "", nil
	}
	document, err := json.Marshal(struct {
		Version   string
		Statement []statement
	}{"2012-10-17", statements})
	return string(document), err
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	region    = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
)

func readPlace(root input.Value, problems *input.Problems) place {
	at := place{partition: root.Field("partition").Text()}
	if at.partition == "" {
		at.partition = "aws"
	}
	at.account = form(root.Field("accountId"), accountID, "must be the AWS account's id, twelve digits", problems)
	at.region = form(root.Field("region"), region, "must be an AWS region, such as eu-central-1", problems)
	return at
}

// form reads a text of a certain form; "" if it is none, or not there.
func form(v input.Value, is *regexp.Regexp, rule string, problems *input.Problems) string {
	if !v.HasText() {
		return ""
	}
	if !is.MatchString(v.Text()) {
		problems.Add(v, rule, input.Got(v))
		return ""
	}
	return v.Text()
}

// refuseUnknown reports arguments that are not known: nothing could be said of the policy.
func refuseUnknown(v input.Value, problems *input.Problems) {
	if !v.Known && v.Present && !v.Refused {
		problems.Add(v, "is not known yet, and a policy is written from plain values alone; write one")
	}
	for _, item := range v.List {
		refuseUnknown(item, problems)
	}
	for _, f := range v.Fields {
		refuseUnknown(f, problems)
	}
}
