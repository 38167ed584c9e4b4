package localaws

import (
	"strings"
	"time"
)

// role is an IAM role with everything that hangs on it.
type role struct {
	tagged
	arn         string
	id          string
	name        string
	path        string
	description string
	maxSession  int
	boundary    string // ARN of a policy, or empty
	inline      map[string]string
	attached    []string // ARNs in the order of attachment
	created     time.Time
	visible     time.Time // when STS sees it
	lastUsed    time.Time

	trust        string
	earlierTrust string // what STS goes by until trustFrom
	trustFrom    time.Time
}

// setTrust replaces the trust policy; STS goes by the earlier one until the new one has reached it.
func (r *role) setTrust(document string, from time.Time) {
	r.earlierTrust, r.trust, r.trustFrom = r.trust, document, from
}

// trustAt is the trust policy STS goes by.
func (r *role) trustAt(now time.Time) string {
	if now.Before(r.trustFrom) {
		return r.earlierTrust
	}
	return r.trust
}

// role finds the role a call names. Names are compared exactly; only new names must differ by more than case.
func (c *call) role() (*role, error) {
	name, err := c.form.name("RoleName", 64)
	if err != nil {
		return nil, err
	}
	r, ok := c.account.roles[strings.ToLower(name)]
	if !ok || r.name != name {
		return nil, noSuchEntity("The role with name %s cannot be found.", name)
	}
	return r, nil
}

type boundaryXML struct {
	PermissionsBoundaryType string
	PermissionsBoundaryArn  string
}

type lastUsedXML struct {
	LastUsedDate timestamp
	Region       string
}

type roleXML struct {
	Path                     string
	RoleName                 string
	RoleID                   string `xml:"RoleId"`
	Arn                      string
	CreateDate               timestamp
	AssumeRolePolicyDocument string
	Description              string `xml:",omitempty"`
	MaxSessionDuration       int
	PermissionsBoundary      *boundaryXML
	Tags                     []tag `xml:"Tags>member"`
	RoleLastUsed             *lastUsedXML
}

// listed is a role as ListRoles shows it, without tags, boundary and last use:
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListRoles.html
func (r *role) listed() roleXML {
	return roleXML{
		Path:                     r.path,
		RoleName:                 r.name,
		RoleID:                   r.id,
		Arn:                      r.arn,
		CreateDate:               timestamp(r.created),
		AssumeRolePolicyDocument: encodeDocument(r.trust),
		Description:              r.description,
		MaxSessionDuration:       r.maxSession,
	}
}

// shown is a role as GetRole shows it.
func (r *role) shown(region string) roleXML {
	x := r.listed()
	x.Tags = r.tags
	if r.boundary != "" {
		x.PermissionsBoundary = &boundaryXML{"Policy", r.boundary}
	}
	if !r.lastUsed.IsZero() {
		x.RoleLastUsed = &lastUsedXML{timestamp(r.lastUsed), region}
	}
	return x
}
