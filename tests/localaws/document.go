package localaws

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"unicode"
)

// element is one member of a JSON object.
type element struct {
	name  string
	value json.RawMessage
}

var errNotPolicyJSON = errors.New("not the JSON of a policy")

// parseObject reads a JSON object. A name that occurs twice is an error: "Individual elements must not contain multiple
// instances of the same key", https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
func parseObject(raw []byte) ([]element, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if token, err := d.Token(); err != nil || token != json.Delim('{') {
		return nil, errNotPolicyJSON
	}
	var elements []element
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, errNotPolicyJSON
		}
		name, ok := token.(string)
		if !ok || seen[name] {
			return nil, errNotPolicyJSON
		}
		seen[name] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, errNotPolicyJSON
		}
		elements = append(elements, element{name, value})
	}
	return elements, nil
}

// parseValues reads a scalar or a list of scalars, as text.
func parseValues(raw json.RawMessage) ([]string, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var decoded any
	if err := d.Decode(&decoded); err != nil {
		return nil, errNotPolicyJSON
	}
	list, ok := decoded.([]any)
	if !ok {
		list = []any{decoded}
	}
	values := make([]string, 0, len(list))
	for _, item := range list {
		switch v := item.(type) {
		case string:
			values = append(values, v)
		case json.Number:
			values = append(values, v.String())
		case bool:
			values = append(values, map[bool]string{true: "true", false: "false"}[v])
		default:
			return nil, errNotPolicyJSON
		}
	}
	return values, nil
}

func parseText(raw json.RawMessage) (string, error) {
	var s string
	if err := json.Unmarshal(raw, &s); err != nil || bytes.Equal(bytes.TrimSpace(raw), []byte("null")) {
		return "", errNotPolicyJSON
	}
	return s, nil
}

// document reads a policy parameter and checks its characters: \u0009\u000A\u000D\u0020-\u00FF.
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
func (p parameters) document(name string) (string, error) {
	text, err := p.required(name)
	if err != nil {
		return "", err
	}
	if len(text) > 131072 {
		return "", tooLong(wireName(name), 131072)
	}
	for _, r := range text {
		if r != '\t' && r != '\n' && r != '\r' && (r < ' ' || r > 0xFF) {
			return "", constraint(wireName(name),
				`Member must satisfy regular expression pattern: [\u0009\u000A\u000D\u0020-\u00FF]+`)
		}
	}
	return text, nil
}

// countedLength is the length IAM holds against its quotas: "IAM doesn't count white space",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-entity-length
func countedLength(document string) int {
	n := 0
	for _, r := range document {
		if !unicode.IsSpace(r) {
			n++
		}
	}
	return n
}

// encodeDocument encodes a policy as IAM returns it: "URL-encoded JSON, compliant with RFC 3986",
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html
func encodeDocument(document string) string {
	return strings.ReplaceAll(url.QueryEscape(document), "+", "%20")
}
