package trust

import (
	"slices"
	"strings"
)

// What a clause is about.
const (
	// AboutNothing is a key that AWS does not fill for the provider's tokens.
	AboutNothing About = iota
	// AboutToken is a claim of the token.
	AboutToken
	// AboutTags is what the token asks for beside: session tags, a source identity, the roles it is meant for.
	AboutTags
	// AboutCall describes the call and not the token: the address, the time, the name of the session; or what else is
	// the same for all tokens and not known: the role's tags, the organization.
	AboutCall
	// AboutProvider says the same of all tokens of the provider: its ARN, the account.
	AboutProvider
)

// About says what decides whether a clause holds.
type About int

// A Clause is one condition of a statement, taken apart as it concerns the tokens of one provider.
type Clause struct {
	*Condition
	Number int // its place among the statement's conditions
	About  About
	Claim  string // AboutToken: "sub", "repository_id"
	// Issuer is the key's issuer, where the key has the form of one of an issuer's: also of another one, or of one for
	// which AWS fills no such key. Name is what stands behind it.
	Issuer, Name string
	// Values are what a clause on a claim names, where Text says that its operator compares texts.
	Values []Value
	// Sure are the values without policy variables. A value with one stands for more than it accepts in the end.
	Sure    []Value
	Text    bool
	Negated bool
	// Null says that the clause asks whether the key is there.
	Null bool
	// Absent says that it holds for a token that lacks the claim.
	Absent bool
	// Unrecorded says, of a clause AboutCall, that nobody recorded whether STS fills the key for a web identity.
	Unrecorded bool
}

// Clauses are the conditions of a statement as they concern the tokens of a provider.
func (s *Statement) Clauses(provider string) []Clause {
	host, partition := HostAndPartition(provider)
	clauses := make([]Clause, len(s.Conditions))
	for i := range s.Conditions {
		t := &s.tests[i]
		c := Clause{Condition: &s.Conditions[i], Number: i, Issuer: t.key.issuer, Name: t.key.claim}
		c.About, c.Claim = t.key.about(host, partition)
		c.Unrecorded = t.key.unrecorded
		switch t.key.kind {
		case audienceKey:
			c.Name = "aud"
		case originalAudKey:
			c.Name = "oaud"
		}
		c.Negated, c.Null = t.operator.negated, t.operator.family == null
		c.Text = t.comparesTexts(c.Condition.Values)
		operands, unresolved := t.operands, false
		if t.variables {
			operands, unresolved, _ = t.resolve(&Request{}, noText)
		}
		if c.About != AboutCall {
			c.Absent = t.judge(seen{}, operands, unresolved) == Allowed
		}
		if c.Text {
			c.Values = make([]Value, len(c.Condition.Values))
			for j, text := range c.Condition.Values {
				c.Values[j] = valueOf(t, j, text)
				if !s.HasVariable(i, j) {
					c.Sure = append(c.Sure, c.Values[j])
				}
			}
		}
		clauses[i] = c
	}
	return clauses
}

// comparesTexts reports that the condition asks whether the claim's text fits its values. Ids are compared as numbers,
// too, and what is true or false as a Boolean.
func (t *test) comparesTexts(values []string) bool {
	switch t.operator.family {
	case stringEquals, stringEqualsIgnoreCase, stringLike:
		return true
	case numeric:
		return t.operator.relation == equal && !slices.ContainsFunc(values, func(value string) bool {
			return value == "" || digits(value) != len(value) || len(value) > 1 && value[0] == '0'
		})
	case boolean:
		return !slices.ContainsFunc(values, func(value string) bool { return value != "true" })
	}
	return false
}

// about says what a key is about for the tokens of an issuer, and which claim it is.
func (k *keyRef) about(host, partition string) (About, string) {
	switch k.kind {
	case claimKey, audienceKey, originalAudKey:
		if !strings.EqualFold(k.issuer, host) || k.awsOnly && partition != "aws" {
			return AboutNothing, ""
		}
		switch k.kind {
		case audienceKey:
			return AboutToken, "aud"
		case originalAudKey:
			return AboutToken, "oaud"
		}
		return AboutToken, k.claim
	case requestKey, sessionNameKey:
		return AboutCall, ""
	case requestTagKey, tagKeysKey, transitiveKey, sourceIdentityKey, byIdpKey:
		return AboutTags, ""
	case federatedKey, accountKey, principalTypeKey, userIDKey:
		return AboutProvider, ""
	}
	return AboutNothing, ""
}

// HasVariable reports that a value of the condition has a policy variable that stands for something of the request.
func (s *Statement) HasVariable(condition, value int) bool {
	return slices.ContainsFunc(s.tests[condition].operands[value].variable, func(part segment) bool {
		return part.key != nil
	})
}

// Holds reports whether one condition of the statement holds for a request.
func (s *Statement) Holds(condition int, r *Request) Answer { return s.tests[condition].holds(r) }

// AboutWebIdentity reports that the statement's action covers sts:AssumeRoleWithWebIdentity.
func (s *Statement) AboutWebIdentity() bool { return s.applies }

// Names reports that the statement is about callers with a token of the provider.
func (s *Statement) Names(provider string) bool { return s.names(provider) }

// Satisfied reports that AWS stores the statement as far as the control is concerned.
func (c Control) Satisfied(s *Statement, host string) bool { return c.satisfied(s, host) }

// AsAllow is a Deny as if it were an Allow: whom that let in, the Deny refuses.
func (s *Statement) AsAllow() *Statement {
	turned := *s
	turned.Effect, turned.tests = "Allow", slices.Clone(s.tests)
	turned.compile()
	return &turned
}

// Place is where a statement stands in its document, counted from 1, in characters.
func (s *Statement) Place(document []byte) (line, column int) {
	return lineAndColumn(document, s.offset)
}

// ActionPlace is where one of the statement's actions stands in its document.
func (s *Statement) ActionPlace(document []byte, action int) (line, column int) {
	return lineAndColumn(document, s.actions[action])
}

// KeyPlace is where the condition's key stands in its document.
func (c *Condition) KeyPlace(document []byte) (line, column int) {
	return lineAndColumn(document, c.key)
}

// ValuePlace is where a value of the condition stands in its document.
func (c *Condition) ValuePlace(document []byte, value int) (line, column int) {
	return lineAndColumn(document, c.values[value])
}

// HostAndPartition are the issuer without its scheme and the partition of a provider's ARN. A provider that AWS knows
// without a resource, such as accounts.google.com, is its own host.
func HostAndPartition(provider string) (host, partition string) {
	before, host, found := strings.Cut(provider, ":oidc-provider/")
	if !found {
		return provider, "aws"
	}
	if parts := strings.Split(before, ":"); len(parts) > 1 {
		return host, parts[1]
	}
	return host, "aws"
}

// AboutTags reports that the statement's action covers sts:TagSession, which a token with session tags needs besides.
func (s *Statement) AboutTags() bool { return s.tags }

// AboutSourceIdentity reports that the statement's action covers sts:SetSourceIdentity, which a token with a source
// identity needs besides.
func (s *Statement) AboutSourceIdentity() bool { return s.source }
