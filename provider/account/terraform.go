package account

import (
	"encoding/json"
	"slices"
	"strings"
)

// A module is one of `terraform show -json`, with those below it.
// Source: https://developer.hashicorp.com/terraform/internals/json-format
type module struct {
	Resources    []terraformResource
	ChildModules []module `json:"child_modules"`
}

// A terraformResource is one of a module, with its values if it says something of a role.
type terraformResource struct {
	Address, Mode, Type string
	Values              resourceValues
}

// ofRoles are the types of resources that say something of a role. Others have arguments of the same names and other
// types: the inline_policy of aws_ssoadmin_permission_set_inline_policy is a text.
var ofRoles = []string{
	"aws_iam_role", "aws_iam_policy", "aws_iam_role_policy", "aws_iam_role_policy_attachment",
	"aws_iam_policy_attachment",
}

// UnmarshalJSON reads the values of managed resources of IAM, and of no others.
func (r *terraformResource) UnmarshalJSON(raw []byte) error {
	var one struct {
		Address, Mode, Type string
		Values              json.RawMessage
	}
	if err := json.Unmarshal(raw, &one); err != nil {
		return WrongType(raw, err, "a resource", Terraform)
	}
	r.Address, r.Mode, r.Type = one.Address, one.Mode, one.Type
	if !r.managed() || len(one.Values) == 0 {
		return nil
	}
	if err := json.Unmarshal(one.Values, &r.Values); err != nil {
		return WrongType(one.Values, err, strings.TrimLeft(one.Address+".values", "."), Terraform)
	}
	return nil
}

// managed reports that the resource is one of IAM that says something of a role, and no data source.
func (r *terraformResource) managed() bool {
	return r.Mode != "data" && slices.Contains(ofRoles, r.Type)
}

// resourceValues are the arguments and attributes of resources of IAM that say something of a role. What a plan does
// not know yet is not there.
type resourceValues struct {
	Name                string
	Arn                 string
	ID                  string
	AssumeRolePolicy    *string  `json:"assume_role_policy"`
	ManagedPolicyArns   []string `json:"managed_policy_arns"`
	PermissionsBoundary *string  `json:"permissions_boundary"`
	InlinePolicy        []struct {
		Name   string
		Policy *string
	} `json:"inline_policy"`

	Policy    json.RawMessage
	Role      json.RawMessage // of a policy, or of what attaches one: the role's name
	Roles     []string
	PolicyArn string `json:"policy_arn"`
}

// terraform reads what `terraform show -json` prints of a plan or of a state.
func (f *Found) terraform(a *answer) error {
	raw, within := a.PlannedValues, "planned_values"
	if len(raw) == 0 {
		raw, within = a.Values, "values"
	}
	var values struct {
		RootModule *module `json:"root_module"`
	}
	if err := json.Unmarshal(raw, &values); err != nil {
		return WrongType(raw, err, within, Terraform)
	}
	if values.RootModule == nil {
		return ErrNoRole
	}
	f.Several = true
	t := &plan{byName: map[string][]int{}}
	t.roles(values.RootModule)
	t.policies(values.RootModule)
	f.Roles = append(f.Roles, t.found...)
	for arn, document := range t.managed {
		f.manage(arn, document)
	}
	return nil
}

type plan struct {
	found   []Role
	byName  map[string][]int // roles by name
	managed map[string][]byte
}

func (t *plan) roles(m *module) {
	for i := range m.Resources {
		r := &m.Resources[i]
		if r.Type != "aws_iam_role" || !r.managed() {
			continue
		}
		v := &r.Values
		role := Role{Name: v.Name, Arn: v.Arn, Address: r.Address, Complete: true}
		switch {
		case v.AssumeRolePolicy == nil:
			role.Unknown = []string{"assume_role_policy, which is known after apply"}
		default:
			role.Trust = []byte(*v.AssumeRolePolicy)
		}
		for _, p := range v.InlinePolicy {
			if p.Policy != nil {
				role.Policies = append(role.Policies, Policy{Name: p.Name, Document: permissions([]byte(*p.Policy))})
			} else if p.Name != "" {
				role.Policies = append(role.Policies, Policy{Name: p.Name})
			}
		}
		for _, arn := range v.ManagedPolicyArns {
			role.attach(Policy{Name: last(arn), Arn: arn})
		}
		if b := v.PermissionsBoundary; b != nil && *b != "" {
			role.Boundary = &Policy{Name: "permissions boundary", Arn: *b}
		}
		if v.Name != "" {
			t.byName[v.Name] = append(t.byName[v.Name], len(t.found))
		}
		t.found = append(t.found, role)
	}
	for i := range m.ChildModules {
		t.roles(&m.ChildModules[i])
	}
}

// policies attaches what other resources give to the roles.
func (t *plan) policies(m *module) {
	for i := range m.Resources {
		r := &m.Resources[i]
		v := &r.Values
		if !r.managed() {
			continue
		}
		switch r.Type {
		case "aws_iam_policy":
			if document, ok := text(v.Policy); ok && v.Arn != "" {
				if t.managed == nil {
					t.managed = map[string][]byte{}
				}
				t.managed[v.Arn] = permissions([]byte(document))
			}
		case "aws_iam_role_policy":
			p := Policy{Name: v.Name}
			if document, ok := text(v.Policy); ok {
				p.Document = permissions([]byte(document))
			}
			t.give(v.Role, p)
		case "aws_iam_role_policy_attachment":
			t.give(v.Role, Policy{Name: last(v.PolicyArn), Arn: v.PolicyArn})
		case "aws_iam_policy_attachment":
			for _, role := range v.Roles {
				t.giveTo(role, Policy{Name: last(v.PolicyArn), Arn: v.PolicyArn})
			}
		}
	}
	for i := range m.ChildModules {
		t.policies(&m.ChildModules[i])
	}
}

// give gives a policy to the role that a resource names. If the plan does not know its name yet, it may be any role
// whose name it does not know: that role's policies are then not all known.
func (t *plan) give(raw json.RawMessage, p Policy) {
	if name, ok := text(raw); ok {
		t.giveTo(name, p)
		return
	}
	for i := range t.found {
		if t.found[i].Arn == "" {
			t.found[i].Complete = false
		}
	}
}

func (t *plan) giveTo(role string, p Policy) {
	for _, i := range t.byName[last(role)] {
		t.found[i].attach(p)
	}
}

// attach adds a policy once.
func (r *Role) attach(p Policy) {
	if p.Arn == "" || !slices.ContainsFunc(r.Policies, func(q Policy) bool { return q.Arn == p.Arn }) {
		r.Policies = append(r.Policies, p)
	}
}

func text(raw json.RawMessage) (string, bool) {
	var text *string
	if json.Unmarshal(raw, &text) != nil || text == nil {
		return "", false
	}
	return *text, true
}

// last is the name at the end of an ARN.
func last(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }
