package verb

import (
	"cmp"
	"fmt"
	"regexp"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// A Rendering is what the component would make of its sections, as --json prints it.
type Rendering struct {
	TrustPolicy     string            `json:"trustPolicy"`
	Grants          []string          `json:"grants"`
	Findings        []Finding         `json:"findings"`
	PipelineConfigs map[string]string `json:"pipelineConfigs"`
	// PipelineVariables are the variables of each section: name -> value.
	PipelineVariables map[string]map[string]string `json:"pipelineVariables"`
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	region    = regexp.MustCompile(`^[a-z]{2,}(-[a-z]+)+-[0-9]+$`)
	rolePath  = regexp.MustCompile(`^([!-.0-~]+/)*[\w+=,.@-]{1,64}$`)
)

// regions are regions to write into a pipeline where nobody named one: a role of a partition can be used in its own
// regions alone.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
var regions = map[string]string{
	"aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1", "aws-eusc": "eusc-de-east-1", "aws-iso": "us-iso-east-1",
	"aws-iso-b": "us-isob-east-1", "aws-iso-e": "eu-isoe-west-1", "aws-iso-f": "us-isof-south-1",
}

// Render gives what the component would make of its sections, by the component's own code, without creating anything.
// It returns nil where problems were found.
func Render(root input.Value, problems *input.Problems) (*Rendering, error) {
	account := ci.Account{
		Partition: root.Field("partition").Text(), Region: root.Field("region").Text(),
		ID: root.Field("accountId").Text(),
	}
	if account.Region == "" {
		account.Region = cmp.Or(regions[account.Partition], "us-east-1")
	}
	for _, rule := range []struct {
		property string
		form     *regexp.Regexp
		text     string
	}{
		{"accountId", accountID, "must be the AWS account's id, twelve digits"},
		{"region", region, "must be an AWS region, such as eu-central-1"},
		{"roleName", rolePath, "must be the role's name, with its path if it has one, such as deploy or ci/deploy"},
	} {
		if v := root.Field(rule.property); v.HasText() && !rule.form.MatchString(v.Text()) {
			problems.Add(v, rule.text, input.Got(v))
		}
	}
	refuseUnknown(root, problems)
	trusts := all.Registry().Read(root, account, problems)
	if problems.Len() > 0 {
		return nil, nil
	}
	if err := ci.Check(trusts, account, root.Field("trustPolicyMaxLength"), problems); err != nil ||
		problems.Len() > 0 {
		return nil, err
	}
	rendering := &Rendering{
		TrustPolicy: ci.Compile(trusts, account, nil).JSON(), Grants: ci.Sentences(trusts), Findings: []Finding{},
		PipelineConfigs: map[string]string{}, PipelineVariables: map[string]map[string]string{},
	}
	for _, f := range ci.Findings(trusts) {
		rendering.Findings = append(rendering.Findings,
			Finding{ID: f.ID, Severity: string(f.Severity), Message: f.Message(), Remediation: f.Remediation,
				Source: f.Source})
	}
	name := "ROLE_NAME"
	if v := root.Field("roleName"); v.HasText() {
		name = v.Text()
	}
	role := ci.Role{
		ARN:    fmt.Sprintf("arn:%s:iam::%s:role/%s", account.Partition, account.ID, name),
		Region: account.Region, Duration: duration(root),
	}
	for _, t := range trusts {
		rendering.PipelineConfigs[t.Section] = t.Pipeline(role)
		rendering.PipelineVariables[t.Section] = t.PipelineVariables(role)
	}
	return rendering, nil
}

// duration is the length of a session, in seconds.
func duration(root input.Value) int {
	seconds, _ := root.Field("maxSessionDuration").Scalar.(float64)
	return int(seconds)
}

// refuseUnknown reports arguments that are not known: nothing could be said of the policy.
func refuseUnknown(v input.Value, problems *input.Problems) {
	if !v.Known && v.Present && !v.Refused {
		problems.Add(v, "is not known yet, and a trust policy is rendered from plain values alone; write one")
	}
	for _, item := range v.List {
		refuseUnknown(item, problems)
	}
	for _, f := range v.Fields {
		refuseUnknown(f, problems)
	}
}
