package naive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// webIdentity is the action Decide answers for.
const webIdentity = "sts:AssumeRoleWithWebIdentity"

// Request is what STS knows of one call of AssumeRoleWithWebIdentity.
type Request struct {
	Provider        string         // ARN of the OIDC provider found for the token's issuer
	Issuer          string         // provider URL without https://: prefix of its condition keys
	Partition       string         // aws, aws-cn, aws-us-gov
	Claims          map[string]any // JSON-decoded (json.Number for numbers)
	RoleARN         string
	RoleSessionName string
	Context         map[string][]string // other request keys that are known; absent keys here are absent
}

// Decide says whether the trust policy lets r call sts:AssumeRoleWithWebIdentity, with the session tags and the source
// identity that its token asks for. The error is for a malformed document.
func Decide(policy []byte, r Request) (bool, error) {
	d, err := Read(policy)
	if err != nil {
		return false, err
	}
	return d.Decide(r)
}

// A Document is the JSON of a policy, for several requests.
type Document struct{ content any }

// Read reads the JSON of a policy. What is wrong with the policy itself, the first decision says.
func Read(policy []byte) (*Document, error) {
	document, err := decode(policy)
	return &Document{document}, err
}

// Decide is the function Decide for a policy that is read already.
func (d *Document) Decide(r Request) (bool, error) {
	keys := Keys(r)
	for _, action := range needed(r.Claims) {
		allowed, err := answer(d.content, r, keys, action)
		if err != nil || !allowed {
			return false, err
		}
	}
	return true, nil
}

// needed are the actions that a call with the claims takes.
func needed(claims map[string]any) []string {
	actions := []string{webIdentity}
	for name, value := range claims {
		if name == "https://aws.amazon.com/tags" && value != nil ||
			strings.HasPrefix(name, "https://aws.amazon.com/tags/principal_tags/") {
			actions = append(actions, "sts:TagSession")
		}
		if name == "https://aws.amazon.com/source_identity" && value != nil {
			actions = append(actions, "sts:SetSourceIdentity")
		}
	}
	return actions
}

// DecideAction is Decide for another action, for example sts:TagSession, which a
// token with session tags needs as well.
func DecideAction(policy []byte, r Request, action string) (bool, error) {
	doc, err := decode(policy)
	if err != nil {
		return false, err
	}
	return answer(doc, r, Keys(r), action)
}

func answer(doc any, r Request, keys map[string][]string, action string) (bool, error) {
	top, ok := doc.(map[string]any)
	if !ok {
		return false, errors.New("the policy is not a JSON object")
	}
	if err := onlyElements(top, "Version", "Id", "Statement"); err != nil {
		return false, err
	}
	version := "2008-10-17"
	if v, ok := top["Version"]; ok {
		if v != "2008-10-17" && v != "2012-10-17" {
			return false, fmt.Errorf("unknown Version %v", v)
		}
		version = v.(string)
	}
	if err := optionalString(top, "Id"); err != nil {
		return false, err
	}
	var statements []any
	switch s := top["Statement"].(type) {
	case map[string]any:
		statements = []any{s}
	case []any:
		statements = s
	}
	if len(statements) == 0 {
		return false, errors.New("the policy has no Statement")
	}

	allowed, denied := false, false
	for i, s := range statements {
		effect, matches, err := statement(s, r, action, version == "2012-10-17", keys)
		if err != nil {
			return false, fmt.Errorf("statement %d: %w", i, err)
		}
		allowed = allowed || matches && effect == "Allow"
		denied = denied || matches && effect == "Deny"
	}
	return allowed && !denied, nil
}

// statement returns the effect of one statement, and whether it applies to the request.
func statement(s any, r Request, action string, variables bool, keys map[string][]string) (string, bool, error) {
	m, ok := s.(map[string]any)
	if !ok {
		return "", false, errors.New("not a JSON object")
	}
	if err := onlyElements(m, "Sid", "Effect", "Principal", "Action", "NotAction", "Condition"); err != nil {
		return "", false, err
	}
	if err := optionalString(m, "Sid"); err != nil {
		return "", false, err
	}
	effect, _ := m["Effect"].(string)
	if effect != "Allow" && effect != "Deny" {
		return "", false, fmt.Errorf("Effect is %v, not Allow or Deny", m["Effect"])
	}
	principalOK, err := principal(m, effect, r)
	if err != nil {
		return "", false, err
	}
	actionOK, err := actions(m, action)
	if err != nil {
		return "", false, err
	}
	conditionOK, err := condition(m, variables, effect == "Deny", keys)
	if err != nil {
		return "", false, err
	}
	return effect, principalOK && actionOK && conditionOK, nil
}

func principal(m map[string]any, effect string, r Request) (bool, error) {
	p, has := m["Principal"]
	if !has {
		return false, errors.New("needs a Principal")
	}
	// A star as an AWS principal refuses everybody, but lets no web identity in.
	return names(p, r, effect == "Deny")
}

// names says whether a principal element names the token's OIDC provider. starIsAll
// tells whether "*" and {"AWS": "*"} stand for web identities as well.
func names(p any, r Request, starIsAll bool) (bool, error) {
	if p == "*" {
		return starIsAll, nil
	}
	m, ok := p.(map[string]any)
	if !ok {
		return false, fmt.Errorf("principal %v is not * nor an object", p)
	}
	named := false
	for kind, v := range m {
		if !slices.Contains([]string{"AWS", "Federated", "Service", "CanonicalUser"}, kind) {
			return false, fmt.Errorf("unknown principal type %q", kind)
		}
		ids, err := stringList(v)
		if err != nil {
			return false, fmt.Errorf("principal %s: %w", kind, err)
		}
		for _, id := range ids {
			if kind == "Federated" && (id == "*" || id == r.Provider) {
				named = true
			}
			if kind == "AWS" && id == "*" && starIsAll {
				named = true
			}
		}
	}
	return named, nil
}

func actions(m map[string]any, action string) (bool, error) {
	a, has := m["Action"]
	n, hasNot := m["NotAction"]
	if has == hasNot {
		return false, errors.New("needs one of Action and NotAction")
	}
	if hasNot {
		a = n
	}
	list, err := stringList(a)
	if err != nil {
		return false, fmt.Errorf("action: %w", err)
	}
	listed := false
	for _, pattern := range list {
		if like(plain(strings.ToLower(pattern)), strings.ToLower(action)) {
			listed = true
		}
	}
	return listed != hasNot, nil
}

func onlyElements(m map[string]any, known ...string) error {
	for k := range m {
		if !slices.Contains(known, k) {
			return fmt.Errorf("element %q does not belong here", k)
		}
	}
	return nil
}

func optionalString(m map[string]any, name string) error {
	if v, ok := m[name]; ok {
		if _, isString := v.(string); !isString {
			return fmt.Errorf("%s is not a string", name)
		}
	}
	return nil
}

func stringList(v any) ([]string, error) {
	if s, ok := v.(string); ok {
		return []string{s}, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, fmt.Errorf("%v is not a string nor a list of strings", v)
	}
	var out []string
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			return nil, fmt.Errorf("%v is not a string", e)
		}
		out = append(out, s)
	}
	return out, nil
}

// decode reads one JSON value, keeping numbers as written and refusing an object
// that has the same key twice.
func decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	v, err := value(d)
	if err != nil {
		return nil, fmt.Errorf("JSON: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("JSON: something follows the policy")
	}
	return v, nil
}

func value(d *json.Decoder) (any, error) {
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t {
	case json.Delim('{'):
		m := map[string]any{}
		for d.More() {
			k, err := d.Token()
			if err != nil {
				return nil, err
			}
			name := k.(string)
			if _, dup := m[name]; dup {
				return nil, fmt.Errorf("key %q is there twice", name)
			}
			if m[name], err = value(d); err != nil {
				return nil, err
			}
		}
		_, err = d.Token()
		return m, err
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := value(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err = d.Token()
		return list, err
	}
	return t, nil
}
