package audit

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// maxCalls bounds how many calls are tried for one token.
const maxCalls = 4096

// usual are texts of a key of the call, tried before those that the policy suggests: addresses are those of the
// documentation.
var usual = map[string][]string{
	"aws:sourceip":        {"192.0.2.1", "2001:db8::1"},
	"sts:rolesessionname": {"mallory"},
	"aws:currenttime":     {"2026-01-01T00:00:00.000Z"},
	"aws:epochtime":       {"1767225600"},
	"aws:securetransport": {"true"},
}

// always are the keys that every call has.
var always = []string{
	"aws:sourceip", "sts:rolesessionname", "aws:currenttime", "aws:epochtime", "aws:securetransport",
	"aws:requestedregion",
}

// A callKey is a key of the call that the policy tests, with the texts that are tried.
type callKey struct {
	name  string // as written
	lower string
	texts []string
}

// callKeys are the keys of the call that the policy tests. complete says that a call which is none of those tried is
// judged like one of them.
func (a *auditor) callKeys(provider string) (keys []callKey, complete bool) {
	complete = true
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		if !s.AboutWebIdentity() || !s.Names(provider) {
			continue
		}
		for _, c := range s.Clauses(provider) {
			if c.About != trust.AboutCall {
				continue
			}
			lower := strings.ToLower(c.Key)
			at := slices.IndexFunc(keys, func(k callKey) bool { return k.lower == lower })
			if at < 0 {
				at = len(keys)
				keys = append(keys, callKey{c.Key, lower, slices.Clone(usual[lower])})
			}
			texts, all := s.Tries(c.Number)
			keys[at].texts, complete = append(keys[at].texts, texts...), complete && all
		}
	}
	for i := range keys {
		var texts []string
		for _, text := range keys[i].texts {
			if !slices.Contains(texts, text) && (keys[i].lower != "sts:rolesessionname" || isSession(text)) {
				texts = append(texts, text)
			}
		}
		keys[i].texts = texts
	}
	return keys, complete
}

// isSession reports that a text can be the name of a session.
// Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
func isSession(text string) bool {
	return len(text) >= 2 && len(text) <= 64 && strings.Trim(text,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-") == ""
}

// settle chooses the call in favour of the token: what the policy says of the token then, and what the call is in
// words.
func (a *auditor) settle(request *trust.Request) (answer trust.Answer, words string) {
	answer = a.policy.Decide(request)
	if answer != trust.Undecided {
		return answer, ""
	}
	keys, complete := a.callKeys(request.Provider)
	tries := 0
	request.Context = map[string][]string{}
	var walk func(depth int) bool
	walk = func(depth int) bool {
		if depth == len(keys) {
			tries++
			return a.policy.Decide(request) == trust.Allowed
		}
		k := keys[depth]
		for _, text := range k.texts {
			request.Context[k.lower] = []string{text}
			if walk(depth + 1) {
				return true
			}
			if tries > maxCalls {
				return false
			}
		}
		if slices.Contains(always, k.lower) {
			delete(request.Context, k.lower)
			return false
		}
		request.Context[k.lower] = nil
		if walk(depth + 1) {
			return true
		}
		delete(request.Context, k.lower)
		return false
	}
	if walk(0) {
		return trust.Allowed, a.callWords(request, keys)
	}
	request.Context = nil
	if complete && tries <= maxCalls {
		return trust.Denied, ""
	}
	return trust.Undecided, ""
}

// callWords say what a call is like, as far as the policy asks.
func (a *auditor) callWords(request *trust.Request, keys []callKey) string {
	var words []string
	for _, k := range keys {
		values, given := request.Context[k.lower]
		switch {
		case !given:
		case len(values) == 0:
			words = append(words, "without "+k.name)
		case k.lower == "aws:sourceip":
			words = append(words, "called from "+values[0])
		case k.lower == "sts:rolesessionname":
			words = append(words, "the session is named "+values[0])
		case k.lower == "aws:currenttime":
			words = append(words, "called at "+values[0])
		default:
			words = append(words, k.name+" is "+values[0])
		}
	}
	return strings.Join(words, " and ")
}
