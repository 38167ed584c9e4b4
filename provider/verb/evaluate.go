package verb

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Question is a trust policy and a token, and what else is known.
type Question struct {
	TrustPolicy []byte
	Claims      []byte   // the token's claims as JSON, or
	Token       string   // the token itself
	JWKS        []byte   // the issuer's keys; without them the token's signature is not checked
	ClientIDs   []string // the provider's client ids; without them the audience is not held against them
	RoleArn     string
}

// An Evaluation is the answer, as --json prints it.
type Evaluation struct {
	Allowed     bool        `json:"allowed"`
	Decision    string      `json:"-"` // "allowed", "denied" or "undecided"
	Explanation []string    `json:"explanation"`
	Statements  []Statement `json:"statements"`
}

// A Statement is what one statement of the policy says of the token.
type Statement struct {
	Statement  int         `json:"statement"`
	Sid        string      `json:"sid,omitempty"`
	Effect     string      `json:"effect"`
	Applies    string      `json:"applies"` // "yes", "no" or "undecided"
	Reason     string      `json:"reason,omitempty"`
	Conditions []Condition `json:"conditions"`
}

// A Condition is what one condition says of the token.
type Condition struct {
	Operator string   `json:"operator"`
	Key      string   `json:"key"`
	Wanted   []string `json:"wanted"`
	Seen     []string `json:"seen"`
	Holds    string   `json:"holds"` // "yes", "no" or "undecided"
	Reason   string   `json:"reason,omitempty"`
}

// algorithms are those that STS accepts.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
var algorithms = []jose.SignatureAlgorithm{jose.RS256, jose.RS384, jose.RS512, jose.ES256, jose.ES384, jose.ES512}

// tokenForm is a JWT: its header is a JSON object, and "{" followed by a quotation mark begins with "eyJ" in base64.
var tokenForm = regexp.MustCompile(`^eyJ[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$`)

// Evaluate answers a question as STS would. An error means that the question is no good; no error quotes the token.
func Evaluate(q Question) (*Evaluation, error) {
	e, err := evaluate(q)
	if err != nil {
		return nil, refuse(err)
	}
	for i, line := range e.Explanation {
		e.Explanation[i] = redact(line)
	}
	return e, nil
}

func evaluate(q Question) (*Evaluation, error) {
	document, err := TrustPolicy(q.TrustPolicy)
	if err != nil {
		return nil, err
	}
	policy, err := trust.ParsePolicy(document.Policy)
	if err != nil {
		return nil, fmt.Errorf("trust policy: %w", err)
	}
	claims, notes, err := q.claims()
	if err != nil {
		return nil, err
	}
	roleArn := q.RoleArn
	if roleArn == "" {
		roleArn = document.RoleArn
	}
	request, more, err := request(policy, claims, roleArn)
	if err != nil {
		return nil, err
	}
	notes = append(notes, more...)
	decision := policy.EvaluateWith(request, all.Registry().Advise)
	e := &Evaluation{Allowed: decision.Allowed, Decision: decision.Answer.String(), Explanation: decision.Explanation}
	for _, s := range decision.Statements {
		e.Statements = append(e.Statements, statement(s))
	}
	refusal := refusedBefore(request, q.ClientIDs)
	if missing := missingClaim(claims); refusal == "" && q.Token != "" && missing != "" {
		refusal = "it has no " + missing + ", and STS wants iss, sub, aud, iat and exp in every token"
	}
	if refusal != "" {
		e.Allowed, e.Decision = false, trust.Denied.String()
		e.Explanation = append([]string{"STS refuses the token before it looks at the policy: " + refusal + " (InvalidIdentityToken)"}, e.Explanation...)
	}
	e.Explanation = append(e.Explanation, notes...)
	return e, nil
}

// claims are the token's claims, and what has to be said about how they were got.
func (q Question) claims() (map[string]any, []string, error) {
	switch {
	case (q.Token == "") == (len(q.Claims) == 0):
		return nil, nil, errors.New("give either the token's claims or the token")
	case len(q.JWKS) > 0 && q.Token == "":
		return nil, nil, errors.New("jwks: keys check the signature of a token, and there are only claims; give the token")
	case q.Token == "":
		if tokenForm.Match(bytes.TrimSpace(q.Claims)) {
			return nil, nil, errors.New("claims: expected the claims of a token, a JSON object, found a token (JWT); give it as the token")
		}
		claims, err := trust.ParseClaims(q.Claims)
		if err != nil {
			return nil, nil, fmt.Errorf("claims: %w", err)
		}
		return claims, nil, nil
	}
	parsed, err := jwt.ParseSigned(strings.TrimSpace(q.Token), algorithms)
	if err != nil {
		return nil, nil, errors.New("the token is no JWT that STS accepts: expected three parts separated by dots, signed with RS256, RS384, RS512, ES256, ES384 or ES512")
	}
	var payload json.RawMessage
	notes := []string{"the token's signature was not checked: that needs the issuer's keys (jwks)"}
	if len(q.JWKS) > 0 {
		var keys jose.JSONWebKeySet
		if err := json.Unmarshal(q.JWKS, &keys); err != nil || len(keys.Keys) == 0 {
			return nil, nil, errors.New("jwks: expected a JSON Web Key Set, an object with a list keys")
		}
		if err := parsed.Claims(keys, &payload); err != nil {
			return nil, nil, errors.New("the token's signature does not verify with the given keys; STS would answer InvalidIdentityToken")
		}
		notes = []string{"the token's signature was checked with the given keys"}
	} else if err := parsed.UnsafeClaimsWithoutVerification(&payload); err != nil {
		return nil, nil, errors.New("the token's payload is no JSON object")
	}
	claims, err := trust.ParseClaims(payload)
	if err != nil {
		return nil, nil, errors.New("the token's payload is no JSON object in which every name stands once")
	}
	if expiry, ok := claims["exp"].(json.Number); ok {
		if seconds, err := expiry.Float64(); err == nil && float64(time.Now().Unix()) > seconds {
			notes = append(notes, "the token has expired, for which alone STS would refuse it now; it was judged as if it had not")
		}
	}
	return claims, notes, nil
}

// request finds the provider for the token's issuer among the policy's principals, as STS finds it in the account.
func request(policy *trust.Policy, claims map[string]any, roleArn string) (trust.Request, []string, error) {
	issuer, _ := claims["iss"].(string)
	providers := providersOf(policy)
	host := strings.TrimPrefix(issuer, "https://")
	var notes []string
	if issuer == "" {
		if len(providers) != 1 {
			return trust.Request{}, nil, fmt.Errorf("claims: there is no iss, and the policy names %d providers; add the issuer's URL as iss", len(providers))
		}
		_, host, _ = strings.Cut(providers[0], ":oidc-provider/")
		if host == "" {
			host = providers[0]
		}
		notes = append(notes, "the claims have no iss; they were judged as a token of https://"+host)
	}
	r := trust.Request{Issuer: host, Partition: "aws", Claims: claims, RoleARN: roleArn}
	var elsewhere string
	for _, arn := range providers {
		switch {
		case arn != host && !strings.HasSuffix(arn, ":oidc-provider/"+host):
		case arn != host && account(roleArn) != "" && account(arn) != account(roleArn):
			elsewhere = arn
		case r.Provider == "":
			r.Provider = arn
		}
	}
	if r.Provider == "" {
		prefix := account(roleArn)
		if prefix == "" {
			prefix = "arn:aws:iam::" + ci.PlaceholderAccount
		}
		r.Provider = prefix + ":oidc-provider/" + host
		switch near := nearProvider(providers, host); {
		case elsewhere != "":
			notes = append(notes, fmt.Sprintf("the policy names %s, which is not in the account of the role; a role trusts only providers of its own account", elsewhere))
		case near != "":
			notes = append(notes, fmt.Sprintf("the token's issuer is %s and the policy names %s; AWS compares issuers letter by letter, a trailing slash included", issuer, near))
		}
	}
	if parts := strings.SplitN(r.Provider, ":", 3); len(parts) == 3 {
		r.Partition = parts[1]
	}
	return r, notes, nil
}

// account is the beginning of an IAM ARN, up to the account's id; "" when the text is none.
func account(arn string) string { return accountForm.FindString(arn) }

var accountForm = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}`)

// missingClaim is a claim that STS wants in every token and that is not there, or "".
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
func missingClaim(claims map[string]any) string {
	for _, name := range []string{"iss", "sub", "aud", "iat", "exp"} {
		if claims[name] == nil {
			return name
		}
	}
	return ""
}

func nearProvider(providers []string, host string) string {
	for _, arn := range providers {
		_, name, _ := strings.Cut(arn, ":oidc-provider/")
		if strings.EqualFold(strings.TrimSuffix(name, "/"), strings.TrimSuffix(host, "/")) {
			return arn
		}
	}
	return ""
}

// providersOf are the identity providers that a policy names, each once.
func providersOf(policy *trust.Policy) []string {
	var providers []string
	for _, s := range policy.Statements {
		for _, arn := range s.Principals.ByType["Federated"] {
			if !slices.Contains(providers, arn) {
				providers = append(providers, arn)
			}
		}
	}
	return providers
}

// refusedBefore is why STS refuses a token before it looks at the trust policy, or "".
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func refusedBefore(r trust.Request, clientIDs []string) string {
	authorized, _ := r.Claims["azp"].(string)
	audience := authorized
	if audience == "" {
		switch aud := r.Claims["aud"].(type) {
		case string:
			audience = aud
		case []any:
			if len(aud) > 1 {
				return "it has more than one audience and no azp"
			}
			if len(aud) == 1 {
				audience, _ = aud[0].(string)
			}
		}
	}
	if len(clientIDs) > 0 && !slices.Contains(clientIDs, audience) {
		if audience == "" {
			return "it has no audience, and the provider's client ids are " + strings.Join(clientIDs, ", ")
		}
		return fmt.Sprintf("its audience %s is not among the provider's client ids %s", audience, strings.Join(clientIDs, ", "))
	}
	return ""
}

func statement(s trust.StatementResult) Statement {
	out := Statement{Statement: s.Number, Sid: s.Sid, Effect: s.Effect, Applies: yesNo(s.Answer), Reason: s.Reason, Conditions: []Condition{}}
	for _, c := range s.Conditions {
		seen := c.Seen
		if seen == nil {
			seen = []string{}
		}
		out.Conditions = append(out.Conditions, Condition{c.Operator, c.Key, c.Wanted, seen, yesNo(c.Answer), c.Reason})
	}
	return out
}

func yesNo(a trust.Answer) string { return [...]string{"no", "yes", "undecided"}[a] }
