package trust

import "slices"

// Decide answers a request as STS would. A token that carries session tags or a source identity needs the action for
// that besides. It allocates nothing for a policy without policy variables.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
func (p *Policy) Decide(r *Request) Answer {
	answer := p.decide(r, assumeRole)
	if answer != Denied && r.carriesTags() {
		answer = and(answer, p.decide(r, tagSession))
	}
	if answer != Denied && r.carriesSourceIdentity() {
		answer = and(answer, p.decide(r, setSourceIdentity))
	}
	return answer
}

// decide answers for one action.
func (p *Policy) decide(r *Request, action string) Answer {
	allowed, denied := Denied, Denied
	for i := range p.Statements {
		s := &p.Statements[i]
		if !s.concerns(action) {
			continue
		}
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

func (s *Statement) concerns(action string) bool {
	switch action {
	case tagSession:
		return s.tags
	case setSourceIdentity:
		return s.source
	}
	return s.applies
}

// and joins what is needed together: one that is refused decides.
func and(a, b Answer) Answer {
	if a == Denied || b == Denied {
		return Denied
	}
	return max(a, b)
}

// or joins alternatives: one that is certain decides.
func or(a, b Answer) Answer {
	if a == Allowed || b == Allowed {
		return Allowed
	}
	return max(a, b)
}

// holds reports whether a statement's principal and conditions apply to the request, whatever its effect and action.
func (s *Statement) holds(r *Request) Answer {
	if !s.names(r.Provider) {
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
