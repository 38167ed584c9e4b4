package localaws

import (
	"slices"
	"strings"
)

// maxAttached is the default quota of managed policies per role:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entities
const maxAttached = 10

// attachRolePolicy succeeds for a policy that is attached already.
func attachRolePolicy(c *call) (any, error) {
	r, arn, err := c.attachment()
	if err != nil {
		return nil, err
	}
	if !c.account.policyExists(arn) {
		return nil, noSuchEntity("Policy %s does not exist or is not attachable.", arn)
	}
	if slices.Contains(r.attached, arn) {
		return nil, nil
	}
	if len(r.attached) >= maxAttached {
		return nil, limitExceeded("Cannot exceed quota for PoliciesPerRole: %d", maxAttached)
	}
	r.attached = append(r.attached, arn)
	return nil, nil
}

func detachRolePolicy(c *call) (any, error) {
	r, arn, err := c.attachment()
	if err != nil {
		return nil, err
	}
	at := slices.Index(r.attached, arn)
	if at < 0 {
		return nil, noSuchEntity("Policy %s was not found.", arn)
	}
	r.attached = slices.Delete(r.attached, at, at+1)
	return nil, nil
}

func listAttachedRolePolicies(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	type attached struct {
		PolicyName string
		PolicyArn  string
	}
	var all []attached
	for _, arn := range r.attached {
		all = append(all, attached{arn[strings.LastIndex(arn, "/")+1:], arn})
	}
	all, p, err := cut(c, all)
	if err != nil {
		return nil, err
	}
	return struct {
		AttachedPolicies []attached `xml:"AttachedPolicies>member"`
		page
	}{all, p}, nil
}

func (c *call) attachment() (*role, string, error) {
	r, err := c.role()
	if err != nil {
		return nil, "", err
	}
	arn, err := c.form.required("PolicyArn")
	if err != nil {
		return nil, "", err
	}
	return r, arn, c.account.checkPolicyARN(arn)
}
