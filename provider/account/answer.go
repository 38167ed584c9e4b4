package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
)

// An answer is any JSON object, as far as it can hold roles. It is decoded in one pass, because an account is large.
type answer struct {
	// Of get-account-authorization-details and list-roles.
	// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
	RoleDetailList []*detail
	Roles          json.RawMessage
	Policies       json.RawMessage
	IsTruncated    json.RawMessage
	// NextToken is what the AWS CLI prints in the place of IsTruncated where --max-items cut the answer off.
	// Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-pagination.html
	NextToken json.RawMessage

	// Of get-role, and a role of any of them.
	Role json.RawMessage
	detail

	// Of what render prints as JSON, and of a policy.
	TrustPolicy json.RawMessage
	Statement   json.RawMessage

	// Of terraform show -json.
	PlannedValues json.RawMessage `json:"planned_values"`
	Values        json.RawMessage `json:"values"`

	// Of a CloudFormation template, or of a state file of Terraform.
	Resources        json.RawMessage
	TerraformVersion json.RawMessage `json:"terraform_version"`
}

// A detail is a role as IAM answers with it.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html
type detail struct {
	RoleName                 string
	Arn                      string
	AssumeRolePolicyDocument json.RawMessage
	AttachedManagedPolicies  []struct{ PolicyName, PolicyArn string }
	RolePolicyList           []struct {
		PolicyName     string
		PolicyDocument json.RawMessage
	}
	PermissionsBoundary *struct{ PermissionsBoundaryArn string }
}

// managed is a managed policy of get-account-authorization-details.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_ManagedPolicyDetail.html
type managed struct {
	PolicyName, Arn   string
	PolicyVersionList []struct {
		Document         json.RawMessage
		IsDefaultVersion bool
	}
}

// errNoTrust says that a role's detail lacks what it is about.
var errNoTrust = errors.New("the role has no AssumeRolePolicyDocument; expected a trust policy or the answer of aws " +
	"iam get-role")

// role is the role of a detail. whole says that its policies are shown with it.
func (d *detail) role(whole bool) Role {
	r := Role{Name: d.RoleName, Arn: d.Arn, Complete: whole}
	if len(d.AssumeRolePolicyDocument) == 0 || string(d.AssumeRolePolicyDocument) == "null" {
		r.Err = errNoTrust
	} else {
		r.Trust, r.Err = Unquote(d.AssumeRolePolicyDocument)
	}
	for _, p := range d.AttachedManagedPolicies {
		r.Policies = append(r.Policies, Policy{Name: p.PolicyName, Arn: p.PolicyArn})
	}
	for _, p := range d.RolePolicyList {
		r.Policies = append(r.Policies, Policy{Name: p.PolicyName, Document: permissions(p.PolicyDocument)})
	}
	if b := d.PermissionsBoundary; b != nil && b.PermissionsBoundaryArn != "" {
		r.Boundary = &Policy{Name: "permissions boundary", Arn: b.PermissionsBoundaryArn}
	}
	return r
}

// permissions is a permission policy as JSON, as far as it can be told; nil for none.
func permissions(raw json.RawMessage) []byte {
	document, err := Unquote(raw)
	if err != nil || len(document) == 0 {
		return nil
	}
	return document
}

// shows reports that the detail is one of a role.
func (d *detail) shows() bool { return len(d.AssumeRolePolicyDocument) > 0 }

// whole reports that the detail lists the role's policies, as an account's does and get-role does not.
func (d *detail) whole() bool { return d.AttachedManagedPolicies != nil || d.RolePolicyList != nil }

// iam reads what IAM answers; ok is false for anything else.
func (f *Found) iam(a *answer) (ok bool, err error) {
	list := a.RoleDetailList != nil
	for _, d := range a.RoleDetailList {
		if d == nil {
			d = &detail{}
		}
		f.Roles = append(f.Roles, d.role(true))
	}
	if isList(a.Roles) {
		var roles []*detail
		if err := json.Unmarshal(a.Roles, &roles); err != nil {
			return true, WrongType(a.Roles, err, "Roles", IAM)
		}
		list = true
		for _, d := range roles {
			if d == nil {
				d = &detail{}
			}
			f.Roles = append(f.Roles, d.role(d.whole()))
		}
	}
	if list || isList(a.Policies) {
		if err := f.policies(a.Policies); err != nil {
			return true, err
		}
	}
	if list {
		f.Several = true
		next, _ := text(a.NextToken)
		f.truncated = string(a.IsTruncated) == "true" || next != ""
		return true, nil
	}
	if isObject(a.Role) {
		var d detail
		if err := json.Unmarshal(a.Role, &d); err != nil {
			return true, WrongType(a.Role, err, "Role", IAM)
		}
		f.Roles = append(f.Roles, d.role(d.whole()))
		return true, nil
	}
	if a.shows() {
		f.Roles = append(f.Roles, a.role(a.whole()))
		return true, nil
	}
	return f.managed != nil, nil
}

// policies notes the account's managed policies, in the version that is in force.
func (f *Found) policies(raw json.RawMessage) error {
	if !isList(raw) {
		return nil
	}
	var policies []managed
	if err := json.Unmarshal(raw, &policies); err != nil {
		return WrongType(raw, err, "Policies", IAM)
	}
	for _, p := range policies {
		at := slices.IndexFunc(p.PolicyVersionList, func(v struct {
			Document         json.RawMessage
			IsDefaultVersion bool
		}) bool {
			return v.IsDefaultVersion
		})
		if at >= 0 && p.Arn != "" {
			f.manage(p.Arn, permissions(p.PolicyVersionList[at].Document))
		}
	}
	return nil
}

func (f *Found) manage(arn string, document []byte) {
	if f.managed == nil {
		f.managed = map[string][]byte{}
	}
	if document != nil {
		f.managed[arn] = document
	}
}

// Attach gives the attached policies and boundaries of all roles the documents that were found.
func (f *Found) Attach() {
	for i := range f.Roles {
		r := &f.Roles[i]
		for j := range r.Policies {
			if p := &r.Policies[j]; p.Document == nil && p.Arn != "" {
				p.Document = f.managed[p.Arn]
			}
		}
		if r.Boundary != nil && r.Boundary.Document == nil {
			r.Boundary.Document = f.managed[r.Boundary.Arn]
		}
	}
}

func isList(raw json.RawMessage) bool   { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("[")) }
func isObject(raw json.RawMessage) bool { return bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) }
