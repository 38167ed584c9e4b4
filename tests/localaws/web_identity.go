package localaws

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

const (
	shortestSession = 900
	longestSession  = 43200
	defaultSession  = 3600
)

type webIdentityResult struct {
	SubjectFromWebIdentityToken string
	Audience                    string
	AssumedRoleUser             struct {
		AssumedRoleID string `xml:"AssumedRoleId"`
		Arn           string
	}
	Credentials struct {
		AccessKeyID     string `xml:"AccessKeyId"`
		SecretAccessKey string
		SessionToken    string
		Expiration      timestamp
	}
	Provider       string
	SourceIdentity string `xml:",omitempty"`
}

// webIdentityRequest holds the parameters, checked for their form.
type webIdentityRequest struct {
	token, roleARN, sessionName string
	seconds                     int
	context                     map[string][]string
}

// assumeRoleWithWebIdentity trades a token for credentials, in the order in which AWS was seen to object:
// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func assumeRoleWithWebIdentity(c *call) (any, error) {
	request, err := c.webIdentityRequest()
	if err != nil {
		return nil, err
	}
	token, err := parseToken(request.token)
	if err != nil {
		return nil, err
	}
	from, err := c.account.providerOf(token, c.now)
	if err != nil {
		return nil, err
	}
	if err := token.verify(c, token.claims["iss"].(string), c.server.issuers.client(from.thumbprints)); err != nil {
		return nil, err
	}
	audience, err := naive.CheckClaims(token.claims, c.now)
	if err != nil {
		return nil, refusal(err)
	}
	if !from.builtIn && !slices.Contains(from.clientIDs, audience) {
		return nil, errTokenNotValidated()
	}
	if err := naive.CheckRoles(token.claims, request.roleARN); err != nil {
		return nil, refusal(err)
	}
	if err := naive.CheckExpiry(token.claims, c.now); err != nil {
		return nil, refusal(err)
	}
	subject, _ := naive.Subject(token.claims)
	session, err := c.account.admit(c.now, from, token.claims, request)
	c.server.trail.record(c, from, audience, subject, request, err)
	if err != nil {
		return nil, err
	}

	key := c.server.keys.mint(session, c.now.Add(time.Duration(request.seconds)*time.Second))
	var result webIdentityResult
	result.SubjectFromWebIdentityToken = subject
	result.Audience = audience
	result.AssumedRoleUser.AssumedRoleID, result.AssumedRoleUser.Arn = session.userID, session.arn
	result.Credentials.AccessKeyID, result.Credentials.SecretAccessKey = key.id, key.secret
	result.Credentials.SessionToken, result.Credentials.Expiration = key.token, timestamp(key.expires)
	result.Provider = from.principal
	result.SourceIdentity, _ = token.claims[claimSourceIdentity].(string)
	return result, nil
}

var sessionName = regexp.MustCompile(`^[A-Za-z0-9_+=,.@-]*$`)

func (c *call) webIdentityRequest() (r webIdentityRequest, err error) {
	if r.roleARN, err = c.form.sized("RoleArn", 20, 2048); err != nil {
		return r, err
	}
	if r.sessionName, err = c.form.sized("RoleSessionName", 2, 64); err != nil {
		return r, err
	}
	if !sessionName.MatchString(r.sessionName) {
		return r,
			validation("1 validation error detected: Value '%s' at 'roleSessionName' failed to satisfy constraint: "+
				`Member must satisfy regular expression pattern: [\w+=,.@-]*`, r.sessionName)
	}
	if r.token, err = c.form.sized("WebIdentityToken", 4, 20000); err != nil {
		return r, err
	}
	r.seconds, err = c.form.number("DurationSeconds", defaultSession, shortestSession, longestSession)
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
	r.context = map[string][]string{
		"aws:sourceip":        {c.sourceIP},
		"aws:securetransport": {"true"},
		"aws:requestedregion": {c.server.options.Region},
		"aws:currenttime":     {c.now.UTC().Format(time.RFC3339)},
		"aws:epochtime":       {strconv.FormatInt(c.now.Unix(), 10)},
	}
	return r, err
}

// tokenSource is the provider a token comes from, as far as STS needs it.
type tokenSource struct {
	principal   string // what a trust policy names: the provider's ARN, or the name of a built-in one
	url         string
	clientIDs   []string
	thumbprints []string
	builtIn     bool
}

// google needs no IAM provider, and AWS leaves the audience to the trust policy:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc.html
var google = tokenSource{principal: "accounts.google.com", url: "accounts.google.com", builtIn: true}

// providerOf finds the provider for a token's issuer, which must be the same to the letter: case and trailing slash
// too.
func (a *account) providerOf(token *webToken, now time.Time) (tokenSource, error) {
	issuer, ok := token.claims["iss"].(string)
	if !ok {
		return tokenSource{}, invalidToken("Missing a required claim: iss")
	}
	url, https := strings.CutPrefix(issuer, "https://")
	if https && url == google.url {
		return google, nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	p := a.providers[a.arn("oidc-provider", "/", url)]
	if !https || p == nil || now.Before(p.visible) {
		return tokenSource{}, invalidToken("No OpenIDConnect provider found in your account for %s", issuer)
	}
	return tokenSource{
		principal: p.arn, url: p.url, clientIDs: slices.Clone(p.clientIDs), thumbprints: slices.Clone(p.thumbprints),
	}, nil
}

// admit lets a verified token into the role, or not. A role that is not there and a role that does not trust the token
// get one answer.
func (a *account) admit(
	now time.Time, from tokenSource, claims map[string]any, request webIdentityRequest,
) (principal, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.roleByARN(request.roleARN)
	if r == nil || now.Before(r.visible) {
		return principal{}, notAuthorized(assumption)
	}
	document := r.trustAt(now)
	asked := naive.Request{
		Provider: from.principal, Issuer: from.url, Partition: a.partition,
		Claims: claims, RoleARN: r.arn, RoleSessionName: request.sessionName, Context: request.context,
	}
	for _, action := range neededActions(claims) {
		allowed, err := trusts(document, asked, action)
		if err != nil {
			return principal{}, err
		}
		if !allowed {
			return principal{}, notAuthorized(action)
		}
	}
	if request.seconds > r.maxSession {
		return principal{},
			validation("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	r.lastUsed = now
	return principal{
		arn:     "arn:" + a.partition + ":sts::" + a.id + ":assumed-role/" + r.name + "/" + request.sessionName,
		userID:  r.id + ":" + request.sessionName,
		session: true,
		role:    r.name,
	}, nil
}

func notAuthorized(action string) error { return accessDenied("Not authorized to perform %s", action) }

func (a *account) roleByARN(arn string) *role {
	for _, r := range a.roles {
		if r.arn == arn {
			return r
		}
	}
	return nil
}
