package account

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// looksLikeYAML tells a template in YAML from JSON and from what is neither.
func looksLikeYAML(text []byte) bool {
	if len(text) == 0 || bytes.IndexByte([]byte(`{["%`), text[0]) >= 0 {
		return false
	}
	return bytes.HasPrefix(text, []byte("Resources:")) || bytes.Contains(text, []byte("\nResources:"))
}

// maxTemplate bounds a template in YAML: CloudFormation takes 1 MB.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const maxTemplate = 4 << 20

// yaml reads a CloudFormation template in YAML.
func (f *Found) yaml(text []byte) error {
	if len(text) > maxTemplate {
		return fmt.Errorf("the template has more than %d bytes; is it the right file?", maxTemplate)
	}
	var root yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	err := decoder.Decode(&root)
	if errors.Is(err, io.EOF) {
		return ErrNoRole
	}
	if err == nil {
		if err = decoder.Decode(&yaml.Node{}); err == nil {
			return errors.New("it has several YAML documents, and a template is one; write each into a file of its own")
		}
	}
	if !errors.Is(err, io.EOF) {
		return fmt.Errorf("expected a CloudFormation template: %s", strings.TrimPrefix(err.Error(), "yaml: "))
	}
	r := yamlReader{left: mostYAML, lines: map[string]int{}}
	value, err := r.value(&root, 0)
	if err != nil {
		return fmt.Errorf("the template: %w", err)
	}
	document, ok := value.(map[string]any)
	if !ok {
		return ErrNoRole
	}
	return f.resources(document, r.lines)
}

// template reads a CloudFormation template in JSON.
func (f *Found) template(text []byte) error {
	var document map[string]any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&document); err != nil {
		return err
	}
	return f.resources(document, nil)
}

// resources reads the roles of a template. lines are those of the logical ids.
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
func (f *Found) resources(document map[string]any, lines map[string]int) error {
	resources, _ := document["Resources"].(map[string]any)
	s := newStack(document, resources)
	f.Several = true
	roles := map[string]int{} // by name and by logical id
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		if r, ok := macro(id, resources[id]); ok {
			r.Line = lines[id]
			f.Roles = append(f.Roles, r)
		}
		kind, properties := resource(resources[id])
		if kind != "AWS::IAM::Role" {
			continue
		}
		r := s.role(id, properties)
		r.Line = lines[id]
		roles[id] = len(f.Roles)
		if r.Name != "" {
			roles[r.Name] = len(f.Roles)
		}
		f.Roles = append(f.Roles, r)
	}
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		kind, properties := resource(resources[id])
		switch kind {
		case "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy":
		default:
			continue
		}
		p := s.permissions(id, properties["PolicyDocument"])
		if kind == "AWS::IAM::ManagedPolicy" {
			f.manage(s.policyArn(id), p.Document)
			p.Arn = s.policyArn(id)
		}
		var unknown []string
		for _, property := range []string{"Roles", "RoleName"} {
			for _, name := range list(s.resolve(properties[property], &unknown, 0)) {
				if at, ok := roles[fmt.Sprint(name)]; ok {
					f.Roles[at].attach(p)
				}
			}
		}
		if len(unknown) > 0 { // it may be for any role
			f.incomplete(roles)
		}
	}
	if slices.ContainsFunc(slices.Collect(maps.Keys(resources)), isMacro) {
		f.incomplete(roles)
	}
	return nil
}

// incomplete notes that the template may give roles other policies than it shows.
func (f *Found) incomplete(roles map[string]int) {
	for _, at := range roles {
		f.Roles[at].Complete = false
	}
}

// isMacro reports that a member of Resources is none, but makes some: Fn::ForEach::NAME or Fn::Transform.
// Source:
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
func isMacro(id string) bool { return strings.HasPrefix(id, "Fn::") }

// macro stands for the roles that a macro makes; false if it makes none.
func macro(id string, v any) (Role, bool) {
	if !isMacro(id) || id != "Fn::Transform" && !strings.Contains(fmt.Sprint(v), "AWS::IAM::Role") {
		return Role{}, false
	}
	return Role{Address: id, Made: true, Unknown: []string{"the roles that " + id + " makes"}}, true
}

// role is an AWS::IAM::Role.
func (s *stack) role(id string, properties map[string]any) Role {
	r := Role{Address: id, Complete: true, Made: true}
	if name, ok := properties["RoleName"]; ok {
		r.Name, _ = s.text(name, nil)
	}
	var unknown []string
	if trust, ok := properties["AssumeRolePolicyDocument"]; !ok {
		r.Err = errors.New("the role has no AssumeRolePolicyDocument, which CloudFormation demands; write it")
	} else if r.Trust = s.document(trust, &unknown); r.Trust == nil {
		unknown = append(unknown, "AssumeRolePolicyDocument")
	}
	r.Perhaps = len(unknown) > 0 && s.names("Federated", properties["AssumeRolePolicyDocument"], r.Trust)
	slices.Sort(unknown)
	r.Unknown = slices.Compact(unknown)
	for i, item := range list(properties["Policies"]) {
		p := Policy{Name: fmt.Sprintf("policy %d", i+1)}
		if inline, ok := item.(map[string]any); ok {
			if name, known := s.text(inline["PolicyName"], nil); known {
				p.Name = name
			}
			p = s.permissions(p.Name, inline["PolicyDocument"])
		}
		r.Policies = append(r.Policies, p)
	}
	for _, item := range list(properties["ManagedPolicyArns"]) {
		arn, _ := s.text(item, nil)
		r.attach(Policy{Name: last(arn), Arn: arn})
	}
	if boundary, ok := properties["PermissionsBoundary"]; ok {
		arn, _ := s.text(boundary, nil)
		r.Boundary = &Policy{Name: "permissions boundary", Arn: arn}
	}
	return r
}

// names reports that a trust policy has a kind of principal, or may have it: whatever the template's conditions choose.
func (s *stack) names(kind string, v any, document []byte) bool {
	s.otherwise = true
	other := s.document(v, nil)
	s.otherwise = false
	return bytes.Contains(document, []byte(`"`+kind+`"`)) || bytes.Contains(other, []byte(`"`+kind+`"`))
}

// permissions is a permission policy. One of which a condition of the template decides what it allows is not read.
func (s *stack) permissions(name string, v any) Policy {
	var unknown []string
	p := Policy{Name: name, Document: s.document(v, &unknown)}
	at := slices.IndexFunc(unknown, func(what string) bool { return strings.HasPrefix(what, ofCondition) })
	if at < 0 {
		return p
	}
	s.otherwise = true
	other := s.document(v, nil)
	s.otherwise = false
	if !bytes.Equal(p.Document, other) {
		p.Document, p.Unread = nil, "what it allows depends on the "+unknown[at]+" of the template"
	}
	return p
}

// document is a policy of a template as JSON, with what is known put in. nil says that it is not in the template.
func (s *stack) document(v any, unknown *[]string) []byte {
	resolved := s.resolve(v, unknown, 0)
	if text, ok := resolved.(string); ok {
		if document, err := Unquote([]byte(text)); err == nil && len(document) > 0 && document[0] == '{' {
			return document
		}
		return nil
	}
	if _, ok := resolved.(map[string]any); !ok {
		return nil
	}
	document, err := json.Marshal(resolved)
	if err != nil {
		return nil
	}
	return document
}

func resource(v any) (kind string, properties map[string]any) {
	r, _ := v.(map[string]any)
	kind, _ = r["Type"].(string)
	properties, _ = r["Properties"].(map[string]any)
	return kind, properties
}

func list(v any) []any {
	switch v := v.(type) {
	case nil:
		return nil
	case []any:
		return v
	}
	return []any{v}
}
