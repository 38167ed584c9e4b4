package trust

import (
	"fmt"
	"slices"
	"strings"
)

// Decide answers a request as STS would. It allocates nothing for a policy without policy variables.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func (p *Policy) Decide(r *Request) Answer {
	allowed, denied := Denied, Denied
	for i := range p.Statements {
		s := &p.Statements[i]
		result := s.holds(r)
		if s.Effect == "Deny" {
			denied = or(denied, result)
		} else {
			allowed = or(allowed, result)
		}
	}
	switch {
	case denied == Allowed || allowed == Denied:
		return Denied
	case denied == Undecided || allowed == Undecided:
		return Undecided
	}
	return Allowed
}

// or joins alternatives: one that is certain decides.
func or(a, b Answer) Answer {
	if a == Allowed || b == Allowed {
		return Allowed
	}
	return max(a, b)
}

// holds reports whether a statement applies to the request, whatever its effect.
func (s *Statement) holds(r *Request) Answer {
	if !s.applies || !s.names(r.Provider) {
		return Denied
	}
	result := Allowed
	for i := range s.tests {
		switch s.tests[i].holds(r) {
		case Denied:
			return Denied
		case Undecided:
			result = Undecided
		}
	}
	return result
}

// names reports whether the statement's principals include a caller with a token of the provider. "*" and {"AWS": "*"}
// do not let a web identity in, but they do keep it out.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
func (s *Statement) names(provider string) bool {
	federated := s.Principals.ByType["Federated"]
	if slices.Contains(federated, provider) || slices.Contains(federated, "*") {
		return true
	}
	return s.Effect == "Deny" && (s.Principals.Everyone || slices.Contains(s.Principals.ByType["AWS"], "*"))
}

// A Decision is an Answer with its reasons.
type Decision struct {
	Answer  Answer
	Allowed bool // Answer == Allowed
	// Explanation says in sentences what decided, statement by statement.
	Explanation []string
}

// Evaluate decides as Decide does and explains itself.
func (p *Policy) Evaluate(r Request) Decision {
	d := Decision{Answer: p.Decide(&r)}
	d.Allowed = d.Answer == Allowed
	for i := range p.Statements {
		s := &p.Statements[i]
		d.Explanation = append(d.Explanation, fmt.Sprintf("statement %d (%s): %s", i+1, s.Effect, s.explain(&r)))
	}
	return d
}

func (s *Statement) explain(r *Request) string {
	switch {
	case !s.applies:
		return "does not apply: its action does not cover " + assumeRole
	case !s.names(r.Provider):
		return "does not apply: its principal is not " + r.Provider
	}
	var reasons []string
	for i, c := range s.Conditions {
		t := &s.tests[i]
		if result := t.holds(r); result != Allowed {
			reasons = append(reasons, t.explain(c, r, result))
		}
	}
	if len(reasons) == 0 {
		return "applies"
	}
	return "does not apply: " + strings.Join(reasons, "; ")
}

func (t *test) explain(c Condition, r *Request, result Answer) string {
	value := r.lookup(&t.key)
	has := "the token has none"
	switch {
	case result == Undecided:
		return fmt.Sprintf("%s is not known; it must satisfy %s %s", c.Key, c.Operator, list(c.Values))
	case value.state == present:
		has = "it is " + list(value.texts())
	case t.key.kind == neverFilled || t.key.awsOnly && r.Partition != "aws":
		has = "AWS never fills this key for the issuer"
	}
	return fmt.Sprintf("%s must satisfy %s %s, %s", c.Key, c.Operator, list(c.Values), has)
}

func list(values []string) string { return strings.Join(values, " or ") }
