package verb

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/advice"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Question is a trust policy and a token, and what else is known.
type Question struct {
	TrustPolicy []byte
	Claims      []byte   // the token's claims as JSON, all of them unless Partial is set, or
	Token       string   // the token itself
	JWKS        []byte   // the issuer's keys; without them the token's signature is not checked
	ClientIDs   []string // the provider's client ids; without them the audience is not held against them
	RoleArn     string
	// Partial says that there are only some of the token's claims, as a CloudTrail event has them. What is missing is
	// unknown, and whether STS takes the token is not asked.
	Partial bool
	// IgnoreExpiry asks about a token that has expired as if it had not.
	IgnoreExpiry bool
	// Event is the call of which the claims are, as CloudTrail tells it; nil for none. Then Claims and Token are empty.
	Event *Event
	// Now is when the token is used; the zero time means now.
	Now time.Time
}

// An Evaluation is the answer, as --json prints it.
type Evaluation struct {
	Allowed  bool   `json:"allowed"`
	Decision string `json:"-"` // "allowed", "denied" or "undecided"
	// Code is STS's own where it refuses the token before it looks at the policy, such as "ExpiredTokenException".
	Code        string      `json:"code,omitempty"`
	Explanation []string    `json:"explanation"`
	Statements  []Statement `json:"statements"`
	// Advice is what would let a refused token in; nil where nothing is said of that.
	Advice *Advice `json:"advice,omitempty"`
	// Event is the call that was asked about, where CloudTrail tells of it.
	Event *Event `json:"event,omitempty"`
}

// An Advice is what would let a refused token in. Explanation has it, too.
type Advice struct {
	Section   string `json:"section,omitempty"`   // of CiOidcTrust, as YAML
	Condition string `json:"condition,omitempty"` // of an Allow that names the provider, as JSON
	Provider  string `json:"provider"`
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
		e.Explanation[i] = Visible(redact(line))
	}
	return e, nil
}

// Visible writes control characters, and others that nobody sees, as escapes: Sids, keys and issuers may have them, and
// a terminal obeys them.
func Visible(text string) string {
	var b strings.Builder
	for _, r := range text {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
		}
	}
	return b.String()
}

func evaluate(q Question) (*Evaluation, error) {
	q, recognised, err := q.recognise()
	if err != nil {
		return nil, err
	}
	document, err := q.policy()
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
	notes = append(recognised, notes...)
	roleArn := q.RoleArn
	if roleArn == "" {
		roleArn = document.RoleArn
	}
	request, more, err := q.request(policy, claims, roleArn)
	if err != nil {
		return nil, err
	}
	notes = append(notes, more...)
	decision := policy.Evaluate(request)
	e := &Evaluation{Allowed: decision.Allowed, Decision: decision.Answer.String(), Explanation: decision.Explanation,
		Event: q.Event}
	if decision.Answer == trust.Denied {
		e.advise(advice.For(all.Registry(), policy, &request, &decision))
	}
	for _, s := range decision.Statements {
		e.Statements = append(e.Statements, statement(s))
	}
	at := q.Now
	if at.IsZero() {
		at = time.Now()
	}
	refusal := request.Refused(at, q.ClientIDs)
	if refusal != nil && refusal.Code == trust.ExpiredToken && q.IgnoreExpiry {
		notes = append(notes, refusal.Reason+"; that was left out of account, as asked")
		refusal = nil
	}
	switch {
	case refusal != nil:
		e.Explanation = append([]string{
			fmt.Sprintf("STS refuses the token before it looks at the policy: %s (%s)", refusal.Reason, refusal.Code),
			"were it not for that, the answer would be " + e.Decision + ":",
		}, e.Explanation...)
		e.Allowed, e.Decision, e.Code = false, trust.Denied.String(), refusal.Code
	case e.Allowed && request.RoleARN == "" && claims[rolesClaim] != nil:
		e.Allowed, e.Decision = false, trust.Undecided.String()
		notes = append(notes, "the token lists the roles that it is meant for ("+rolesClaim+"), "+
			"and STS refuses it for any other one; give the role's ARN")
	}
	if q.Partial {
		notes = append(notes, "the claims are some of the token's: what they lack was taken for unknown, "+
			"and the token for one that STS accepts and that carries no session tags and no source "+
			"identity beyond them")
	}
	e.Explanation = append(e.Explanation, notes...)
	return e, nil
}

// advise puts what is said of a refused token into the answer, with what would let it in line by line.
func (e *Evaluation) advise(a *advice.Advice) {
	e.Explanation = a.Lines
	section, condition := redact(a.Section), redact(a.Condition)
	if section == "" && condition == "" {
		return
	}
	e.Advice = &Advice{Section: section, Condition: condition, Provider: a.Provider}
	before := "to let it in, write as the Condition of an Allow for " + a.Provider + ":"
	if section != "" {
		e.Explanation = append(e.Explanation, "to let it in, write in CiOidcTrust, or add it to what stands there:")
		for line := range strings.SplitSeq(section, "\n") {
			e.Explanation = append(e.Explanation, "  "+line)
		}
		for _, risk := range a.Risks {
			e.Explanation = append(e.Explanation, "that takes "+risk)
		}
		before = "or, in a policy written by hand, as the Condition of an Allow for " + a.Provider + ":"
	}
	if condition != "" {
		e.Explanation = append(e.Explanation, before, "  "+condition)
	}
}

// rolesClaim lists the roles that a token is meant for.
const rolesClaim = "https://aws.amazon.com/roles"

// claims are the token's claims, and what has to be said about how they were got.
func (q Question) claims() (map[string]any, []string, error) {
	switch {
	case q.Event != nil:
		return q.Event.claims(), nil, nil
	case (q.Token == "") == (len(q.Claims) == 0):
		return nil, nil, errors.New("give either the token's claims or the token")
	case q.Partial && q.Token != "":
		return nil, nil, errors.New("partial: a token has all of its claims; " +
			"give some of them as claims, or leave partial out")
	case len(q.JWKS) > 0 && q.Token == "":
		return nil, nil,
			errors.New("jwks: keys check the signature of a token, and there are only claims; give the token")
	case q.Token == "":
		claims, err := trust.ParseClaims(q.Claims)
		if err != nil {
			return nil, nil, fmt.Errorf("claims: %w", err)
		}
		return claims, nil, nil
	}
	parsed, err := jwt.ParseSigned(strings.TrimSpace(q.Token), algorithms)
	if err != nil {
		return nil, nil, errors.New("the token is no JWT that STS accepts: expected three parts separated by dots, " +
			"signed with RS256, RS384, RS512, ES256, ES384 or ES512")
	}
	var payload json.RawMessage
	notes := []string{"the token's signature was not checked: that needs the issuer's keys (jwks)"}
	if len(q.JWKS) > 0 {
		var keys jose.JSONWebKeySet
		var wrong *json.SyntaxError
		switch err := json.Unmarshal(q.JWKS, &keys); {
		case errors.As(err, &wrong):
			return nil, nil, fmt.Errorf("jwks: expected a JSON Web Key Set, an object with a list keys: %w",
				trust.Syntax(q.JWKS, err))
		case err != nil || len(keys.Keys) == 0:
			return nil, nil, errors.New("jwks: expected a JSON Web Key Set, an object with a list keys")
		}
		if err := parsed.Claims(keys, &payload); err != nil {
			return nil, nil, errors.New("the token's signature does not verify with the given keys; STS would answer " +
				"InvalidIdentityToken")
		}
		notes = []string{"the token's signature was checked with the given keys"}
	} else if err := parsed.UnsafeClaimsWithoutVerification(&payload); err != nil {
		return nil, nil, errors.New("the token's payload is no JSON object; give the token as the CI system hands " +
			"it out")
	}
	claims, err := trust.ParseClaims(payload)
	if err != nil {
		return nil, nil, errors.New("the token's payload is no JSON object; give the token as the CI system hands " +
			"it out")
	}
	return claims, notes, nil
}

// request finds the provider for the token's issuer among the policy's principals, as STS finds it in the account.
func (q Question) request(
	policy *trust.Policy, claims map[string]any, roleArn string,
) (r trust.Request, notes []string, err error) {
	issuer, _ := claims["iss"].(string)
	providers := providersOf(policy)
	host := strings.TrimPrefix(issuer, "https://")
	r = trust.Request{Issuer: host, Partition: "aws", Claims: claims, Partial: q.Partial, RoleARN: roleArn}
	if q.Event != nil {
		r.RoleSessionName, r.Context = q.Event.SessionName, q.Event.context()
	}
	if issuer == "" {
		switch {
		case len(providers) == 1:
			_, host, _ = strings.Cut(providers[0], ":oidc-provider/")
			if host == "" {
				host = providers[0]
			}
			r.Issuer = host
			notes = append(notes, "the claims have no iss; they were judged as a token of https://"+host)
		case q.Partial:
			return r, nil, fmt.Errorf("claims: there is no iss, and the policy names %d providers; "+
				"add the issuer's URL as iss", len(providers))
		default:
			return r, nil, nil // STS refuses it
		}
	}
	var elsewhere string
	for _, arn := range providers {
		switch {
		case arn != host && !strings.HasSuffix(arn, ":oidc-provider/"+host):
		case arn != host && accountOf(roleArn) != "" && accountOf(arn) != accountOf(roleArn):
			elsewhere = arn
		case r.Provider == "":
			r.Provider = arn
		}
	}
	if r.Provider == "" {
		prefix := accountOf(roleArn)
		if prefix == "" {
			prefix = "arn:aws:iam::" + ci.PlaceholderAccount
		}
		r.Provider = prefix + ":oidc-provider/" + host
		switch near := nearProvider(providers, host); {
		case elsewhere != "":
			notes = append(notes, fmt.Sprintf("the policy names %s, which is not in the account of the role; a role "+
				"trusts only providers of its own account: write %s", elsewhere, r.Provider))
		case near != "":
			notes = append(notes, fmt.Sprintf("the token's issuer is %s and the policy names %s; AWS compares "+
				"issuers letter by letter, a trailing slash included", issuer, near))
		}
	}
	if parts := strings.SplitN(r.Provider, ":", 3); len(parts) == 3 {
		r.Partition = parts[1]
	}
	return r, notes, nil
}

// accountOf is the beginning of an IAM ARN, up to the account's id; "" when the text is none.
func accountOf(arn string) string { return accountForm.FindString(arn) }

var accountForm = regexp.MustCompile(`^arn:[a-z-]+:iam::[0-9]{12}`)

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

func statement(s trust.StatementResult) Statement {
	out := Statement{
		Statement:  s.Number,
		Sid:        s.Sid,
		Effect:     s.Effect,
		Applies:    yesNo(s.Answer),
		Reason:     s.Reason,
		Conditions: []Condition{},
	}
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
