package verb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
)

// A Document is a trust policy as it was found, with what was told of its role.
type Document struct {
	Policy   []byte
	RoleName string
	RoleArn  string
}

// TrustPolicy takes a trust policy out of what people have: the document itself, the answer of `aws iam get-role`, or a
// role of it, what render prints as JSON, and each of them URL-encoded, as IAM's API returns documents, or as a JSON
// string.
func TrustPolicy(raw []byte) (Document, error) {
	text := bytes.TrimSpace(raw)
	if len(text) == 0 {
		return Document{}, errors.New("the trust policy is empty; expected a JSON object")
	}
	text, err := unquote(text)
	if err != nil {
		return Document{}, err
	}
	var answer struct {
		Role        *roleDetail
		TrustPolicy json.RawMessage // of a rendering
		roleDetail
	}
	if json.Unmarshal(text, &answer) == nil {
		switch {
		case answer.Role != nil:
			return answer.Role.document()
		case len(answer.AssumeRolePolicyDocument) > 0:
			return answer.document()
		case len(answer.TrustPolicy) > 0:
			policy, err := unquote(answer.TrustPolicy)
			return Document{Policy: policy}, err
		}
	}
	return Document{Policy: text}, nil
}

// roleDetail is a role as get-role, list-roles and get-account-authorization-details show it.
// Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_RoleDetail.html
type roleDetail struct {
	RoleName                 string
	Arn                      string
	AssumeRolePolicyDocument json.RawMessage
	AttachedManagedPolicies  []struct{ PolicyArn string }
	RolePolicyList           []struct{ PolicyDocument json.RawMessage }
}

func (r *roleDetail) document() (Document, error) {
	if len(r.AssumeRolePolicyDocument) == 0 {
		return Document{}, errors.New("the role has no AssumeRolePolicyDocument; expected a trust policy or the " +
			"answer of aws iam get-role")
	}
	policy, err := unquote(r.AssumeRolePolicyDocument)
	return Document{Policy: policy, RoleName: r.RoleName, RoleArn: r.Arn}, err
}

// unquote takes a document out of a JSON string and out of URL encoding, where it is in one. A document has quotation
// marks, and an encoded one has none.
func unquote(raw []byte) ([]byte, error) {
	var text string
	if raw[0] == '"' && json.Unmarshal(raw, &text) == nil {
		raw = bytes.TrimSpace([]byte(text))
	}
	if !bytes.Contains(raw, []byte("%22")) || bytes.IndexByte(raw, '"') >= 0 {
		return raw, nil
	}
	decoded, err := url.PathUnescape(string(raw))
	if err != nil {
		return nil, fmt.Errorf("the trust policy looks URL-encoded and is not: %w", err)
	}
	return []byte(decoded), nil
}
