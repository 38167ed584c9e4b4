package provider

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Rules of IAM for what a role is made of.
// Sources: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html,
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html
var (
	roleName    = regexp.MustCompile(`^[\w+=,.@-]{1,64}$`)
	policyName  = regexp.MustCompile(`^[\w+=,.@-]{1,128}$`)
	rolePath    = regexp.MustCompile(`^/$|^/[!-~]{1,510}/$`)
	description = regexp.MustCompile(`^[\t\n\r\x20-\x7E\x{A1}-\x{FF}]*$`)
	policyArn   = regexp.MustCompile(`^arn:([a-z-]+):iam::(aws|[0-9]{12}):policy/[!-~]{1,512}$`)
	tagText     = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$`)
)

const (
	descriptionLength  = 1000
	inlinePolicyLength = 10240
	tagCount           = 50
)

// readInputs holds raw inputs of a component against the schema.
func readInputs(token string, raw map[string]any, problems *input.Problems) (input.Value, map[string]any, error) {
	parsed, err := check.Package()
	if err != nil {
		return input.Value{}, nil, err
	}
	tree, clean := parsed.Component(token, raw, problems)
	return tree, clean, nil
}

// checkRole holds the role's own inputs against the rules of IAM.
func checkRole(root input.Value, partition string, problems *input.Problems) {
	checkText(root.Field("roleName"), roleName, "must have 1 to 64 letters, digits or _+=,.@-", problems)
	checkText(root.Field("path"), rolePath, "must be / or begin and end with /, at most 512 characters, such as /ci/",
		problems)
	if v := root.Field("description"); v.HasText() && len([]rune(v.Text())) > descriptionLength {
		problems.Add(v, fmt.Sprintf("has %d characters, and IAM takes %d", len([]rune(v.Text())), descriptionLength))
	} else {
		checkText(v, description,
			"has a character that IAM does not take: it takes printable Latin-1, tabs and line ends", problems)
	}
	checkPolicyArn(root.Field("permissionsBoundary"), partition, problems)
	checkPolicyArns(root.Field("policyArns"), partition, problems)
	checkInlinePolicies(root.Field("inlinePolicies"), problems)
	checkTags(root.Field("tags"), problems)
}

func checkText(v input.Value, form *regexp.Regexp, rule string, problems *input.Problems) {
	if v.HasText() && !form.MatchString(v.Text()) {
		problems.Add(v, rule, input.Got(v))
	}
}

func checkPolicyArn(v input.Value, partition string, problems *input.Problems) {
	if !v.HasText() {
		return
	}
	switch parts := policyArn.FindStringSubmatch(v.Text()); {
	case parts == nil:
		problems.Add(v, "must be the ARN of a managed policy, arn:PARTITION:iam::ACCOUNT-OR-aws:policy/NAME, such as "+
			"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", input.Got(v))
	case partition != "" && parts[1] != partition:
		problems.Add(v, "lies in another partition than the role, which is in "+partition, input.Got(v))
	}
}

// attachedPolicies is how many managed policies IAM attaches to one role after AWS has raised the quota, and
// policiesAtFirst is how many before.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	policiesAtFirst  = 10
	attachedPolicies = 20
)

func checkPolicyArns(list input.Value, partition string, problems *input.Problems) {
	if n := len(list.List); n > attachedPolicies {
		problems.Add(list, fmt.Sprintf("has %d policies, and IAM attaches at most %d to one role; put several into "+
			"one managed policy, or use inlinePolicies", n, attachedPolicies))
	}
	first := map[string]string{}
	for _, v := range list.Texts() {
		checkPolicyArn(v, partition, problems)
		if path, twice := first[v.Text()]; twice {
			problems.Add(v, "stands at "+path+" already; each policy is attached once", input.Got(v))
			continue
		}
		first[v.Text()] = v.Path
	}
}

func checkInlinePolicies(policies input.Value, problems *input.Problems) {
	size := 0
	for _, name := range policies.Names() {
		v := policies.Fields[name]
		if !policyName.MatchString(name) {
			problems.Add(v, "an inline policy's name has 1 to 128 letters, digits or _+=,.@-")
		}
		if !v.HasText() {
			continue
		}
		size += trust.Size(v.Text())
		var document map[string]any
		switch err := json.Unmarshal([]byte(v.Text()), &document); {
		case err != nil || document == nil:
			problems.Add(v, `must be a policy document as a JSON object, such as {"Version":"2012-10-17",`+
				`"Statement":[...]}`, input.Got(v))
		case !hasStatement(document):
			problems.Add(v, "is a JSON object without a Statement; a policy document needs at least one")
		}
	}
	if size > inlinePolicyLength {
		problems.Add(policies,
			fmt.Sprintf("have %d characters without white space, and IAM takes %d on one role; use managed policies "+
				"(policyArns) for some", size, inlinePolicyLength))
	}
}

// hasStatement reports that a policy document has at least one statement; IAM takes one as an object, or a list of
// them.
func hasStatement(document map[string]any) bool {
	switch statement := document["Statement"].(type) {
	case map[string]any:
		return true
	case []any:
		return len(statement) > 0
	}
	return false
}

func checkTags(tags input.Value, problems *input.Problems) {
	names := tags.Names()
	first := map[string]string{}
	for _, name := range names {
		v := tags.Fields[name]
		lower := strings.ToLower(name)
		if path, twice := first[lower]; twice {
			problems.Add(v, "differs from "+path+" in letter case alone, which IAM takes for the same key")
		}
		first[lower] = v.Path
		switch {
		case strings.HasPrefix(lower, ourTags):
			problems.Add(v, "is a tag that is written here on each OIDC provider that is created; choose another key")
		case name == "" || len([]rune(name)) > 128 || strings.HasPrefix(lower, "aws:") || !tagText.MatchString(name):
			problems.Add(v, "a tag's key has 1 to 128 letters, digits, spaces or _.:/=+-@ and does not begin with aws:")
		case len([]rune(v.Text())) > 256 || !tagText.MatchString(v.Text()):
			problems.Add(v, "a tag's value has at most 256 letters, digits, spaces or _.:/=+-@", input.Got(v))
		}
	}
}
