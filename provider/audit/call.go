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
	sessionName:           {"mallory"},
	"aws:currenttime":     {"2026-01-01T00:00:00.000Z"},
	"aws:epochtime":       {"1767225600"},
	"aws:securetransport": {"true"},
}

// always are the keys that every call has.
var always = []string{
	"aws:sourceip", sessionName, "aws:currenttime", "aws:epochtime", "aws:securetransport",
	"aws:requestedregion",
}

// A callKey is a key of the call that the policy tests, with the texts that are tried.
type callKey struct {
	name  string // as written
	lower string
	texts []string
	// folded says that a condition takes its texts for the same in another case, cased that another does not.
	folded, cased bool
}

// sessionName is the key of the session's name, in lower case.
const sessionName = "sts:rolesessionname"

// callKeys are the keys of the call that the policy tests, or puts into a value as a policy variable. complete says
// that a call which is none of those tried is judged like one of them.
func (a *auditor) callKeys(request *trust.Request) (keys []callKey, complete bool) {
	complete = true
	place := func(name string) *callKey {
		lower := strings.ToLower(name)
		at := slices.IndexFunc(keys, func(k callKey) bool { return k.lower == lower })
		if at < 0 {
			at = len(keys)
			keys = append(keys, callKey{name: name, lower: lower, texts: slices.Clone(usual[lower])})
		}
		return &keys[at]
	}
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		if !s.Concerns(request) || !s.Names(request.Provider) {
			continue
		}
		for _, c := range s.Clauses(request.Provider) {
			variables, all := s.CallVariables(c.Number, request)
			complete = complete && all
			for _, key := range sorted(variables) {
				k := place(key)
				k.texts = append(k.texts, variables[key]...)
			}
			if c.About != trust.AboutCall {
				continue
			}
			k := place(c.Key)
			texts, all := s.Tries(c.Number)
			k.texts, complete = append(k.texts, texts...), complete && all
			if strings.Contains(c.Operator, "IgnoreCase") {
				k.folded = true
			} else {
				k.cased = true
			}
		}
	}
	for i := range keys {
		keys[i].settle()
		complete = complete && !(keys[i].folded && keys[i].cased) // more cases of a letter than are tried
	}
	return keys, complete
}

// linked reports that a value of the policy names something of the call by a policy variable: which call lets a token
// in then depends on the token.
func (a *auditor) linked(request *trust.Request) bool {
	for i := range a.policy.Statements {
		s := &a.policy.Statements[i]
		if !s.Concerns(request) || !s.Names(request.Provider) {
			continue
		}
		for c := range s.Conditions {
			if s.HasCallVariable(c) {
				return true
			}
		}
	}
	return false
}

// settle leaves each text once that the key can have, and adds one that the policy does not name.
func (k *callKey) settle() {
	unnamed := "mallory"
	for slices.ContainsFunc(k.texts, func(text string) bool { return strings.EqualFold(text, unnamed) }) {
		unnamed += "-7"
	}
	var texts []string
	for _, text := range append(k.texts, unnamed) {
		if !slices.Contains(texts, text) && (k.lower != sessionName || isSession(text)) {
			texts = append(texts, text)
		}
	}
	k.texts = texts
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
	keys, complete := a.callKeys(request)
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
		case k.lower == sessionName:
			words = append(words, "the session is named "+values[0])
		case k.lower == "aws:currenttime":
			words = append(words, "called at "+values[0])
		default:
			words = append(words, k.name+" is "+values[0])
		}
	}
	return strings.Join(words, " and ")
}
