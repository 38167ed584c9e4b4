package trust

import "slices"

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
