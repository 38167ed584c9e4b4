package localaws

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// policy is a customer managed policy. It has one version, v1: the product never makes another.
type policy struct {
	tagged
	arn         string
	id          string
	name        string
	path        string
	description string
	document    string
	created     time.Time
}

const maxPolicySize = 6144

type policyXML struct {
	PolicyName                    string
	PolicyID                      string `xml:"PolicyId"`
	Arn                           string
	Path                          string
	DefaultVersionID              string `xml:"DefaultVersionId"`
	AttachmentCount               int
	PermissionsBoundaryUsageCount int
	IsAttachable                  bool
	Description                   string `xml:",omitempty"`
	CreateDate                    timestamp
	UpdateDate                    timestamp
	Tags                          []tag `xml:"Tags>member"`
}

type onePolicy struct {
	Policy policyXML
}

func createPolicy(c *call) (any, error) {
	p := &policy{id: newID("ANPA"), created: c.now}
	var err error
	if p.name, err = c.form.name("PolicyName", 128); err != nil {
		return nil, err
	}
	if p.path, err = c.form.path(); err != nil {
		return nil, err
	}
	if p.description, err = c.form.description(); err != nil {
		return nil, err
	}
	if p.document, err = c.permissionDocument(); err != nil {
		return nil, err
	}
	if countedLength(p.document) > maxPolicySize {
		return nil, limitExceeded("Cannot exceed quota for PolicySize: %d", maxPolicySize)
	}
	tags, err := c.form.tags()
	if err != nil {
		return nil, err
	}
	if err := p.tag(tags); err != nil {
		return nil, err
	}
	taken := func(other *policy) bool { return strings.EqualFold(other.name, p.name) }
	if slices.ContainsFunc(slices.Collect(maps.Values(c.account.policies)), taken) ||
		c.server.faults.pretendsExistence(c.action) {
		return nil, alreadyExists("A policy called %s already exists. Duplicate names are not allowed.", p.name)
	}
	p.arn = c.account.arn("policy", p.path, p.name)
	c.account.policies[p.arn] = p
	created := c.account.policyListed(p)
	created.Tags = p.tags
	return onePolicy{created}, nil
}

func getPolicy(c *call) (any, error) {
	p, err := c.policy()
	if err != nil {
		return nil, err
	}
	return onePolicy{c.account.policyShown(p)}, nil
}

type versionXML struct {
	Document         string `xml:",omitempty"`
	VersionID        string `xml:"VersionId"`
	IsDefaultVersion bool
	CreateDate       timestamp
}

func getPolicyVersion(c *call) (any, error) {
	p, err := c.policy()
	if err != nil {
		return nil, err
	}
	version, err := c.form.required("VersionId")
	if err != nil {
		return nil, err
	}
	if version != "v1" {
		return nil, noSuchEntity("Policy %s version %s does not exist or is not attachable.", p.arn, version)
	}
	return struct {
		PolicyVersion versionXML
	}{versionXML{encodeDocument(p.document), version, true, timestamp(p.created)}}, nil
}

func listPolicyVersions(c *call) (any, error) {
	p, err := c.policy()
	if err != nil {
		return nil, err
	}
	return struct {
		Versions []versionXML `xml:"Versions>member"`
		page
	}{Versions: []versionXML{{VersionID: "v1", IsDefaultVersion: true, CreateDate: timestamp(p.created)}}}, nil
}

// listPolicies lists the customer's, which is what Scope=Local asks for.
func listPolicies(c *call) (any, error) {
	var all []policyXML
	for _, arn := range slices.Sorted(maps.Keys(c.account.policies)) {
		all = append(all, c.account.policyListed(c.account.policies[arn]))
	}
	all, p, err := cut(c, all)
	if err != nil {
		return nil, err
	}
	return struct {
		Policies []policyXML `xml:"Policies>member"`
		page
	}{all, p}, nil
}

// deletePolicy: https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html
func deletePolicy(c *call) (any, error) {
	p, err := c.policy()
	if err != nil {
		return nil, err
	}
	if c.account.policies[p.arn] == nil {
		return nil, accessDenied("User: %s is not authorized to perform: iam:DeletePolicy on resource: policy %s",
			c.caller.arn, p.arn)
	}
	if attachments, boundaries := c.account.uses(p.arn); attachments+boundaries > 0 {
		return nil, deleteConflict("Cannot delete a policy attached to entities.")
	}
	delete(c.account.policies, p.arn)
	return nil, nil
}

func (c *call) policy() (*policy, error) {
	arn, err := c.form.required("PolicyArn")
	if err != nil {
		return nil, err
	}
	if err := c.account.checkPolicyARN(arn); err != nil {
		return nil, err
	}
	if p, ok := c.account.policies[arn]; ok {
		return p, nil
	}
	if name, document, ok := c.account.awsPolicy(arn); ok {
		return &policy{
			arn:      arn,
			id:       "ANPA" + strings.Repeat("I", 17),
			name:     name,
			path:     "/",
			document: document,
		}, nil
	}
	return nil, noSuchEntity("Policy %s was not found.", arn)
}

// policyListed is a policy as ListPolicies shows it: "resource-listing operations return a subset of the available
// attributes", https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListPolicies.html, and the description is "not
// included in the response to the ListPolicies operation",
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Policy.html Nor is it in the answer of CreatePolicy, by the
// examples of
// https://docs.aws.amazon.com/cli/latest/reference/iam/create-policy.html
func (a *account) policyListed(p *policy) policyXML {
	attachments, boundaries := a.uses(p.arn)
	return policyXML{
		PolicyName: p.name, PolicyID: p.id, Arn: p.arn, Path: p.path, DefaultVersionID: "v1",
		AttachmentCount: attachments, PermissionsBoundaryUsageCount: boundaries, IsAttachable: true,
		CreateDate: timestamp(p.created), UpdateDate: timestamp(p.created),
	}
}

// policyShown is a policy as GetPolicy shows it.
func (a *account) policyShown(p *policy) policyXML {
	x := a.policyListed(p)
	x.Description, x.Tags = p.description, p.tags
	return x
}

func (a *account) uses(arn string) (attachments, boundaries int) {
	for _, r := range a.roles {
		if slices.Contains(r.attached, arn) {
			attachments++
		}
		if r.boundary == arn {
			boundaries++
		}
	}
	return attachments, boundaries
}

func (a *account) policyExists(arn string) bool {
	_, _, ofAWS := a.awsPolicy(arn)
	return ofAWS || a.policies[arn] != nil
}

var policyARN = regexp.MustCompile(`^arn:([a-z-]+):iam::(aws|\d{12}):policy/[\x21-\x7E]+$`)

func (a *account) checkPolicyARN(arn string) error {
	if match := policyARN.FindStringSubmatch(arn); match == nil || match[1] != a.partition {
		return invalidInput("ARN %s is not valid.", arn)
	}
	return nil
}
