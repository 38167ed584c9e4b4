package advice

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A pin is a demand on who the tenant is.
type pin struct {
	place  string
	id     bool // nobody can take it when it has become free
	known  bool // the token says what stands there
	agrees bool
	folded bool // it would agree in another letter case
}

// isID reports that a field or claim holds an id, which is never given to anybody else.
func isID(name string, f ci.Field) bool {
	return f.Length > 0 || endsInID(f.Key) || endsInID(name)
}

func endsInID(name string) bool {
	return strings.HasSuffix(name, "_id") || strings.HasSuffix(name, "-id") || strings.HasSuffix(name, " id")
}

// pinned are what a reading demands of the tenant in the subject. Where a system's subjects do not name the tenant by
// itself, its projects stand for it: by their ids, or by what stands before the first slash of their path.
func (a *adviser) pinned(m *meeting, form *ci.Form) []pin {
	var pins []pin
	decides := a.tenantIn()
	for _, field := range form.Fields {
		if field.Decides != decides {
			continue
		}
		span := m.span(field.Name, nil)
		seen, known := a.job.Texts[field.Name]
		id := isID(field.Name, field)
		if decides == ci.Project && !id {
			group, _, path := strings.Cut(span.Text, "/")
			if !path {
				continue
			}
			theirs := ci.UpTo(seen, "/")
			pins = append(pins, pin{field.Name, false, known, theirs == group, strings.EqualFold(theirs, group)})
			continue
		}
		if span.Kind == ci.Exact {
			pins = append(pins, pin{field.Name, id, known, seen == span.Text, strings.EqualFold(seen, span.Text)})
		}
	}
	return pins
}

// keyed are the differences in fields that condition keys repeat, and what the keys demand of the tenant.
func (a *adviser) keyed(number int) (differences []ci.Difference, pins []pin) {
	s := &a.policy.Statements[number]
	for _, c := range s.Clauses(a.request.Provider) {
		if c.About != trust.AboutToken || c.Claim == "sub" || !c.Text || c.Negated {
			continue
		}
		condition := &a.decision.Statements[number].Conditions[c.Number]
		field, declared := a.field(c.Claim)
		_, tenant := a.tenants()[c.Claim]
		seen, known := "", len(condition.Seen) > 0
		agrees := condition.Answer == trust.Allowed
		switch {
		case known:
			seen = condition.Seen[0]
		case declared: // the subject says what the key repeats, of which an event says nothing
			if seen, known = a.job.Texts[field.Name]; known {
				agrees = slices.ContainsFunc(c.Values, func(v trust.Value) bool { return v.Admits(seen) })
			}
		}
		exact := !slices.ContainsFunc(c.Values, trust.Value.Wild)
		if (declared && (field.Decides == ci.Tenant || field.Decides == a.tenantIn()) || tenant) && exact {
			folded := slices.ContainsFunc(c.Values, func(v trust.Value) bool { return strings.EqualFold(v.Text, seen) })
			place := c.Claim
			if declared {
				place = field.Name
			}
			pins = append(pins, pin{place, isID(c.Claim, field) || c.Claim == "aud", known, agrees, folded})
		}
		if declared && !agrees && known && condition.Answer != trust.Allowed {
			d := ci.Difference{Field: field.Name, Decides: field.Decides, Seen: seen}
			for _, v := range c.Values {
				d.Wanted = append(d.Wanted, spanOf(v))
			}
			differences = append(differences, d)
		}
	}
	return differences, pins
}

func spanOf(v trust.Value) ci.Span {
	switch {
	case v.Exact():
		return ci.Span{Kind: ci.Exact, Text: v.Pattern}
	case v.Literal() != "":
		return ci.Span{Kind: ci.Prefix, Text: v.Literal()}
	}
	return ci.Span{Kind: ci.Open}
}

// field is the field that a claim's key repeats.
func (a *adviser) field(claim string) (ci.Field, bool) {
	for _, form := range a.forms {
		for _, field := range form.Fields {
			if field.Key == claim {
				return field, true
			}
		}
	}
	return ci.Field{}, false
}

// tenantIn is what tells the tenant in subjects: the project where no field does by itself.
func (a *adviser) tenantIn() ci.Decision {
	for _, form := range a.forms {
		if slices.ContainsFunc(form.Fields, func(f ci.Field) bool { return f.Decides == ci.Tenant }) {
			return ci.Tenant
		}
	}
	return ci.Project
}

// tenants are the claims that tell the tenants of a shared issuer apart.
func (a *adviser) tenants() map[string]bool {
	claims := map[string]bool{}
	if a.known == nil {
		return claims
	}
	for _, field := range a.known.Claims {
		if field.Decides == ci.Tenant {
			claims[field.Name] = true
		}
	}
	return claims
}

// Whose a token is, as far as the policy says.
const (
	unsure    belonging = iota // it does not follow from token and policy
	ours                       // of a tenant that the policy trusts
	strangers                  // of none
)

type belonging int

// belongs says whether the policy trusts the tenant of the token already. An id decides before a name: a name that has
// become free can be registered by somebody else.
func (a *adviser) belongs() belonging {
	var named, pinned, byID, againstID, byName, againstName, doubt bool
	for _, c := range a.candidates {
		if !c.named {
			continue
		}
		named = true
		for _, r := range c.readings {
			if swapped(r.differences) {
				return ours
			}
			id := slices.ContainsFunc(r.pins, func(p pin) bool { return p.id })
			all := len(r.pins) > 0
			pinned = pinned || all
			for _, p := range r.pins {
				agrees := p.known && p.agrees || r.excused(p)
				all = all && agrees
				// without its id a token of that name may be anybody's, and of another name it is somebody else's
				doubt = doubt || !p.known && namesAgree(r.pins) || !agrees && p.known && p.folded
			}
			switch {
			case len(r.pins) == 0:
				doubt = true
			case all && id:
				byID = true
			case all:
				byName = true
			default:
				againstID = againstID || id && namesAgree(r.pins)
				againstName = true
			}
		}
	}
	switch {
	case !named:
		return unsure
	case byID, !a.shared() && (!pinned || a.tenantIn() == ci.Project && a.bareIDs()):
		return ours
	case againstID:
		if doubt {
			return unsure
		}
		return strangers
	case byName:
		return ours
	case againstName && !doubt:
		return strangers
	}
	return unsure
}

// excused reports that a name is another one and the id of the same thing agrees: it was renamed.
func (r *reading) excused(name pin) bool {
	return !name.id && slices.ContainsFunc(r.pins, func(p pin) bool {
		return p.id && p.known && p.agrees && (p.place == name.place+" id" || p.place == name.place+"_id")
	})
}

// bareIDs reports that the subjects of an issuer of one tenant name projects by ids alone, which say nothing of the
// tenant.
func (a *adviser) bareIDs() bool {
	return !slices.ContainsFunc(a.forms, func(f *ci.Form) bool {
		return slices.ContainsFunc(f.Fields, func(field ci.Field) bool {
			return field.Decides == ci.Project && !isID(field.Name, field)
		})
	})
}

// namesAgree reports that no name of a reading's tenant is known to be another one than the token's.
func namesAgree(pins []pin) bool {
	return !slices.ContainsFunc(pins, func(p pin) bool { return !p.id && p.known && !p.agrees && !p.folded })
}
