package localaws

import (
	"maps"
	"slices"
	"strings"
)

const (
	maxRoles          = 1000
	shortestMaximum   = 3600
	longestMaximum    = 43200
	defaultMaxSession = 3600
)

type oneRole struct {
	Role roleXML
}

// createRole: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
func createRole(c *call) (any, error) {
	r := &role{id: newID("AROA"), inline: map[string]string{}, created: c.now}
	var err error
	if r.name, err = c.form.name("RoleName", 64); err != nil {
		return nil, err
	}
	if r.path, err = c.form.path(); err != nil {
		return nil, err
	}
	if r.description, err = c.form.description(); err != nil {
		return nil, err
	}
	r.maxSession, err = c.form.number("MaxSessionDuration", defaultMaxSession, shortestMaximum, longestMaximum)
	if err != nil {
		return nil, err
	}
	document, err := c.trustDocument("AssumeRolePolicyDocument")
	if err != nil {
		return nil, err
	}
	tags, err := c.form.tags()
	if err != nil {
		return nil, err
	}
	if err := r.tag(tags); err != nil {
		return nil, err
	}
	if boundary := c.form.text("PermissionsBoundary"); boundary != "" {
		if err := c.account.setBoundary(r, boundary); err != nil {
			return nil, err
		}
	}
	if c.account.roles[strings.ToLower(r.name)] != nil || c.server.faults.pretendsExistence(c.action) {
		return nil, alreadyExists("Role with name %s already exists.", r.name)
	}
	if len(c.account.roles) >= maxRoles {
		return nil, limitExceeded("Cannot exceed quota for RolesPerAccount: %d", maxRoles)
	}
	r.arn = c.account.arn("role", r.path, r.name)
	r.visible = c.now.Add(c.server.faults.propagationDelay())
	r.setTrust(document, r.visible)
	c.account.roles[strings.ToLower(r.name)] = r
	return oneRole{r.shown(c.server.options.Region)}, nil
}

func getRole(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	return oneRole{r.shown(c.server.options.Region)}, nil
}

func listRoles(c *call) (any, error) {
	var roles []roleXML
	for _, key := range slices.Sorted(maps.Keys(c.account.roles)) {
		if r := c.account.roles[key]; strings.HasPrefix(r.path, c.form.text("PathPrefix")) {
			roles = append(roles, r.listed())
		}
	}
	roles, p, err := cut(c, roles)
	if err != nil {
		return nil, err
	}
	return struct {
		Roles []roleXML `xml:"Roles>member"`
		page
	}{roles, p}, nil
}

func updateRole(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	seconds, err := c.form.number("MaxSessionDuration", r.maxSession, shortestMaximum, longestMaximum)
	if err != nil {
		return nil, err
	}
	description := r.description
	if c.form.given("Description") {
		if description, err = c.form.description(); err != nil {
			return nil, err
		}
	}
	r.maxSession, r.description = seconds, description
	return struct{}{}, nil
}

func updateRoleDescription(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	description, err := c.form.description()
	if err != nil {
		return nil, err
	}
	r.description = description
	return oneRole{r.shown(c.server.options.Region)}, nil
}

func updateAssumeRolePolicy(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	document, err := c.trustDocument("PolicyDocument")
	if err != nil {
		return nil, err
	}
	r.setTrust(document, c.now.Add(c.server.faults.propagationDelay()))
	return nil, nil
}

// deleteRole refuses while policies hang on the role:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRole.html
func deleteRole(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	if len(r.attached) > 0 {
		return nil, deleteConflict("Cannot delete entity, must detach all policies first.")
	}
	if len(r.inline) > 0 {
		return nil, deleteConflict("Cannot delete entity, must delete policies first.")
	}
	delete(c.account.roles, strings.ToLower(r.name))
	return nil, nil
}

func tagRole(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	tags, err := c.form.tags()
	if err != nil {
		return nil, err
	}
	return nil, r.tag(tags)
}

func untagRole(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	r.untag(c.form.list("TagKeys"))
	return nil, nil
}

func listRoleTags(c *call) (any, error) {
	r, err := c.role()
	if err != nil {
		return nil, err
	}
	return r.list(c)
}

// listInstanceProfiles is always empty; deleting a role asks for it first.
func listInstanceProfiles(c *call) (any, error) {
	if _, err := c.role(); err != nil {
		return nil, err
	}
	return struct {
		InstanceProfiles struct{}
		page
	}{}, nil
}
