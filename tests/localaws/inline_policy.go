package localaws

import (
	"maps"
	"slices"
)

// maxInline is the quota for all inline policies of a role together:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
const maxInline = 10240

func putRolePolicy(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	name, err := c.form.name("PolicyName", 128)
	if err != nil {
		return nil, err
	}
	document, err := c.permissionDocument()
	if err != nil {
		return nil, err
	}
	total := countedLength(document)
	for other, text := range r.inline {
		if other != name {
			total += countedLength(text)
		}
	}
	if total > maxInline {
		return nil, limitExceeded("Maximum policy size of %d bytes exceeded for role %s", maxInline, r.name)
	}
	r.inline[name] = document
	return nil, nil
}

func getRolePolicy(c *call) (any, error) {
	r, name, err := c.inlinePolicy()
	if err != nil {
		return nil, err
	}
	return struct {
		RoleName       string
		PolicyName     string
		PolicyDocument string
	}{r.name, name, encodeDocument(r.inline[name])}, nil
}

func deleteRolePolicy(c *call) (any, error) {
	r, name, err := c.inlinePolicy()
	if err != nil {
		return nil, err
	}
	delete(r.inline, name)
	return nil, nil
}

func listRolePolicies(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	names, p, err := cut(c, slices.Sorted(maps.Keys(r.inline)))
	if err != nil {
		return nil, err
	}
	return struct {
		PolicyNames []string `xml:"PolicyNames>member"`
		page
	}{names, p}, nil
}

func (c *call) inlinePolicy() (*role, string, error) {
	r, err := c.role()
	if err != nil {
		return nil, "", err
	}
	name, err := c.form.name("PolicyName", 128)
	if err != nil {
		return nil, "", err
	}
	if _, ok := r.inline[name]; !ok {
		return nil, "", noSuchEntity("The role policy with name %s cannot be found.", name)
	}
	return r, name, nil
}
