package trust

import (
	"bytes"
	"encoding/json"
	"strings"
)

const (
	// policyVersion is the current policy language; without it policy variables are plain text.
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
	policyVersion = "2012-10-17"

	assumeRole     = "sts:AssumeRoleWithWebIdentity"
	assumeWithSAML = "sts:AssumeRoleWithSAML"
	setContext     = "sts:SetContext"
	// tagSession is needed besides for a token that carries session tags.
	// Source:
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_adding-assume-role-idp
	tagSession = "sts:TagSession"
	// setSourceIdentity is needed besides for a token that carries a source identity.
	// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
	setSourceIdentity = "sts:SetSourceIdentity"
)

// Actions are all that a trust policy can allow or refuse: those of STS that take a role.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecuritytokenservice.html
var Actions = []string{callAssumeRole, assumeWithSAML, assumeRole, setContext, setSourceIdentity, tagSession}

// A Policy is a role trust policy, parsed and ready to decide. Make one with ParsePolicy or Compile.
type Policy struct {
	Version    string // "2012-10-17", "2008-10-17" or "" for a document without one, which means 2008-10-17
	ID         string
	Statements []Statement
}

// A Statement of a trust policy.
type Statement struct {
	Sid        string
	Effect     string // "Allow" or "Deny"
	Principals Principals
	Actions    []string // the Action element, or NotAction when NotAction is set
	NotAction  bool
	Conditions []Condition

	offset  int64   // where it stands in its document
	actions []int64 // where each of its actions does
	tests   []test  // Conditions, compiled
	applies bool    // the action element covers sts:AssumeRoleWithWebIdentity
	tags    bool    // it covers sts:TagSession
	source  bool    // it covers sts:SetSourceIdentity
}

// Principals is the Principal element of a statement. NotPrincipal does not exist in trust policies.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
type Principals struct {
	Everyone bool                // "Principal": "*"
	ByType   map[string][]string // "Federated", "AWS", "Service", "CanonicalUser" -> values
}

// A Condition is one operator applied to one key.
type Condition struct {
	Operator string   // as written: "StringLike", "ForAnyValue:StringEqualsIfExists", ...
	Key      string   // as written: "token.actions.githubusercontent.com:sub"
	Values   []string // booleans and numbers as their JSON text

	key    int64   // where the key stands in the document
	values []int64 // where each value does
}

// JSON is the policy's canonical text: fixed element order, keys sorted, one value as a string and several as a list,
// no white space, no escapes beyond those JSON demands.
func (p *Policy) JSON() string {
	statements := make([]any, len(p.Statements))
	for i := range p.Statements {
		statements[i] = p.Statements[i].document()
	}
	var document ordered
	if p.Version != "" {
		document = append(document, field{"Version", p.Version})
	}
	if p.ID != "" {
		document = append(document, field{"Id", p.ID})
	}
	document = append(document, field{"Statement", statements})
	return encode(document)
}

// JSON is the statement's canonical text, as it stands in that of its policy.
func (s *Statement) JSON() string { return encode(s.document()) }

func (s *Statement) document() ordered {
	var o ordered
	if s.Sid != "" {
		o = append(o, field{"Sid", s.Sid})
	}
	o = append(o, field{"Effect", s.Effect})
	if s.Principals.Everyone {
		o = append(o, field{"Principal", "*"})
	} else {
		byType := map[string]any{}
		for kind, values := range s.Principals.ByType {
			byType[kind] = oneOrMany(values)
		}
		o = append(o, field{"Principal", byType})
	}
	name := "Action"
	if s.NotAction {
		name = "NotAction"
	}
	o = append(o, field{name, oneOrMany(s.Actions)})
	if len(s.Conditions) > 0 {
		conditions := map[string]any{}
		for _, c := range s.Conditions {
			keys, ok := conditions[c.Operator].(map[string]any)
			if !ok {
				keys = map[string]any{}
				conditions[c.Operator] = keys
			}
			keys[c.Key] = oneOrMany(c.Values)
		}
		o = append(o, field{"Condition", conditions})
	}
	return o
}

func oneOrMany(values []string) any {
	if len(values) == 1 {
		return values[0]
	}
	return values
}

// ordered is a JSON object whose names keep their order; encoding/json sorts those of a map.
type ordered []field

type field struct {
	name  string
	value any
}

func (o ordered) MarshalJSON() ([]byte, error) {
	var b strings.Builder
	b.WriteByte('{')
	for i, f := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(encode(f.name))
		b.WriteByte(':')
		b.WriteString(encode(f.value))
	}
	b.WriteByte('}')
	return []byte(b.String()), nil
}

// encode is json.Marshal without the escapes that exist for HTML only: each would cost five characters of the quota.
func encode(v any) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic(err) // strings, lists and maps of strings always encode
	}
	return strings.TrimSuffix(b.String(), "\n")
}
