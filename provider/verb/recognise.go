package verb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
)

// recognise takes what people have for what they were asked for: a token or an event of CloudTrail where claims were
// asked for. The notes say so.
func (q Question) recognise() (Question, []string, error) {
	if q.Event != nil {
		q.Partial = true
		if q.RoleArn == "" {
			q.RoleArn = q.Event.RoleArn
		}
		return q, nil, nil
	}
	if q.Token != "" || len(q.Claims) == 0 {
		return q, nil, nil
	}
	if token := tokenIn(q.Claims); token != "" {
		q.Token, q.Claims, q.Partial = token, nil, false
		return q, []string{"the claims are a token (JWT) and were read as one"}, nil
	}
	if IsCloudTrail(q.Claims) {
		events, err := Events(q.Claims)
		if err != nil {
			return q, nil, fmt.Errorf("claims: %w", err)
		}
		if role := q.RoleArn; role != "" {
			events = ForRole(events, role)
		} else if document, err := TrustPolicy(q.TrustPolicy); err == nil && document.RoleArn != "" {
			events = ForRole(events, document.RoleArn)
		}
		if len(events) == 0 {
			return q, nil, errors.New("claims: no event of CloudTrail is about that role; give events of its calls")
		}
		notes := []string{"the claims are those of an event of CloudTrail, which has iss, aud and sub alone"}
		if len(events) > 1 {
			notes = append(notes, fmt.Sprintf("there are %d events, and the last was taken; ci-oidc-trust evaluate "+
				"--cloudtrail takes all", len(events)))
		}
		q.Event, q.Claims = events[len(events)-1], nil
		q, _, err = q.recognise()
		return q, notes, err
	}
	var decoded struct{ Header, Payload json.RawMessage }
	if json.Unmarshal(q.Claims, &decoded) == nil && bytes.HasPrefix(decoded.Header, []byte("{")) &&
		bytes.HasPrefix(decoded.Payload, []byte("{")) {
		q.Claims = decoded.Payload
	}
	return q, nil, nil
}

// tokenIn is the token in a text: by itself, in quotation marks, behind Bearer, or as the value of an answer with the
// token. GitHub's is {"value": TOKEN}.
func tokenIn(raw []byte) string {
	text := strings.TrimSpace(string(bytes.TrimSpace(raw)))
	if len(text) > 0 && text[0] == '{' {
		var answer struct{ Value, Token string }
		if json.Unmarshal(raw, &answer) != nil {
			return ""
		}
		text = answer.Value + answer.Token
	}
	var quoted string
	if strings.HasPrefix(text, `"`) && json.Unmarshal([]byte(text), &quoted) == nil {
		text = strings.TrimSpace(quoted)
	}
	if before, after, found := strings.Cut(text, " "); found && strings.EqualFold(before, "Bearer") {
		text = strings.TrimSpace(after)
	}
	if tokenForm.MatchString(text) {
		return text
	}
	return ""
}

// policy is the trust policy in the document, or that of the role asked about where the document has several roles, as
// list-roles and get-account-authorization-details print them.
func (q Question) policy() (Document, error) {
	found, err := account.Read(q.TrustPolicy)
	if err != nil || !found.Several || len(found.Roles) == 0 {
		return TrustPolicy(q.TrustPolicy)
	}
	roles := found.Roles
	if len(roles) == 1 && (q.RoleArn == "" || roles[0].Arn == q.RoleArn) {
		return documentOf(&roles[0])
	}
	for i := range roles {
		if q.RoleArn != "" && roles[i].Arn == q.RoleArn {
			return documentOf(&roles[i])
		}
	}
	return Document{}, fmt.Errorf("trust policy: there are %d roles; give the ARN of the one that is meant as the "+
		"role's ARN", len(roles))
}
