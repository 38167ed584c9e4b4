package verb

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// A Document is a trust policy as it was found, with what was told of its role.
type Document struct {
	Policy   []byte
	RoleName string
	RoleArn  string
}

// TrustPolicy takes a trust policy out of what people have: the document itself, the answer of `aws iam get-role`, and
// either URL-encoded, as IAM's API returns documents.
func TrustPolicy(raw []byte) (Document, error) {
	text := strings.TrimSpace(string(raw))
	if text == "" {
		return Document{}, errors.New("the trust policy is empty; expected a JSON object")
	}
	if strings.HasPrefix(text, "%7B") || strings.HasPrefix(text, "%7b") {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			return Document{}, fmt.Errorf("the trust policy looks URL-encoded and is not: %w", err)
		}
		text = decoded
	}
	var answer struct {
		Role *roleDetail
	}
	if err := json.Unmarshal([]byte(text), &answer); err == nil && answer.Role != nil {
		return answer.Role.document()
	}
	var role roleDetail
	if err := json.Unmarshal([]byte(text), &role); err == nil && len(role.AssumeRolePolicyDocument) > 0 {
		return role.document()
	}
	return Document{Policy: []byte(text)}, nil
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
	policy, err := unquote(r.AssumeRolePolicyDocument)
	return Document{Policy: policy, RoleName: r.RoleName, RoleArn: r.Arn}, err
}

// unquote takes a document out of a JSON string, URL-encoded or not, when it is in one.
func unquote(raw json.RawMessage) ([]byte, error) {
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return raw, nil
	}
	if strings.HasPrefix(text, "%") {
		decoded, err := url.PathUnescape(text)
		if err != nil {
			return nil, fmt.Errorf("AssumeRolePolicyDocument is no URL-encoded document: %w", err)
		}
		text = decoded
	}
	return []byte(text), nil
}
