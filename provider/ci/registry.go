package ci

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Registry is a set of CI systems that know which issuers are another one's.
type Registry struct {
	systems []System
	hosts   func() []owned // those of all systems, made at the first use: an audit asks for them role by role
	claims  sync.Map       // the forms of claims, each made once
}

// An owned is a host with the system that it is of.
type owned struct {
	system  System
	host    Host
	pattern string // the host as SameHost writes it
}

// NewRegistry returns a registry of systems, each of another section.
func NewRegistry(systems ...System) *Registry {
	r := &Registry{systems: slices.Clone(systems)}
	slices.SortFunc(r.systems, func(a, b System) int { return strings.Compare(a.Section(), b.Section()) })
	r.hosts = sync.OnceValue(func() []owned {
		var hosts []owned
		for _, s := range r.systems {
			for _, known := range s.Issuer().Hosts {
				if known.Title == "" {
					known.Title = s.Title()
				}
				hosts = append(hosts, owned{s, known, SameHost(known.Host)})
			}
		}
		return hosts
	})
	return r
}

// ClaimForm is the form of the texts of a claim that a host declares. Its only field is the claim.
func (r *Registry) ClaimForm(claim Field) *Form {
	key := strings.Join(append([]string{claim.Name, claim.Texts, claim.Sample, claim.Other}, claim.Choices...), "\x00")
	if form, made := r.claims.Load(key); made {
		return form.(*Form)
	}
	if claim.Texts == "" {
		claim.Texts = `(?s:.+)`
	}
	claim.Key = ""
	form, _ := r.claims.LoadOrStore(key, NewForm("{"+claim.Name+"}", claim))
	return form.(*Form)
}

// Systems are all CI systems, by section.
func (r *Registry) Systems() []System { return slices.Clone(r.systems) }

// System is the system of a section; nil where there is none.
func (r *Registry) System(section string) System {
	for _, s := range r.systems {
		if s.Section() == section {
			return s
		}
	}
	return nil
}

// Rules are the findings of all systems, by id.
func (r *Registry) Rules() map[string]Rule {
	rules := map[string]Rule{}
	for _, s := range r.systems {
		for _, rule := range s.Rules() {
			rules[rule.ID] = rule
		}
	}
	return rules
}

// An Auditor is a CI system with findings that only an audit reports.
type Auditor interface {
	// AuditRules are the findings that an audit of the system's issuers can report.
	AuditRules() []Rule
}

// Read understands all sections of the component's input, and refuses findings that are risky and not accepted.
func (r *Registry) Read(root input.Value, account Account, problems *input.Problems) []Trust {
	accepted := r.readAcceptedRisks(root, problems)
	var trusts []Trust
	var names []string
	given := false
	for _, s := range r.systems {
		section := root.Field(s.Section())
		names = append(names, s.Section())
		if !section.Present {
			continue
		}
		given = true
		if !section.Known {
			problems.Add(section,
				"is not known at preview; whether the section is there decides which resources exist, "+
					"so the section itself must be a plain value: what stands inside it may be an output")
			trusts = append(trusts, Trust{Property: s.Section(), Section: s.Section(), Input: section})
			continue
		}
		for _, trust := range s.Read(section, account, problems) {
			trust.label(s, section)
			trust.useHandedOn(root.Field("providerArns"), account, problems)
			r.refuseForeignIssuer(&trust, problems)
			r.leaveOutImplied(&trust)
			refuseRisks(trust, trust.Input, accepted, problems)
			trusts = append(trusts, trust)
		}
	}
	if beside := readAdditional(root, account.Partition, problems); beside != nil {
		beside.judge(root, trusts, account, accepted, problems)
		list := root.Field(AdditionalProperty)
		for i := range trusts {
			t := &trusts[i]
			t.additional = beside
			t.FullyKnown, t.HasSecret = t.FullyKnown && list.FullyKnown(), t.HasSecret || list.HasSecret()
		}
	}
	refuseSameIssuer(trusts, problems)
	if !given {
		problems.Add(root.Field("github"), "nobody is trusted: give at least one section of "+strings.Join(names, ", "))
	}
	return trusts
}

// refuseSameIssuer reports sections that are about one issuer: AWS has one provider for each, and one section can say
// all that is trusted of it. Letter case or a slash at the end alone make no other issuer.
func refuseSameIssuer(trusts []Trust, problems *input.Problems) {
	first := map[string]*Trust{}
	for i := range trusts {
		t := &trusts[i]
		issuer := SameHost(t.issuer)
		if issuer == "" {
			continue
		}
		other, again := first[issuer]
		if !again {
			first[issuer] = t
			continue
		}
		at := t.Input
		at.Secret = t.HasSecret || other.HasSecret
		problems.Add(at, "has the issuer of "+other.Input.Path+
			": AWS allows one OIDC provider per issuer URL and account. Write everything that is "+
			"trusted of this issuer in one of the two", "("+t.issuer+")")
	}
}

// acceptedRisks are the ids the user listed; all is set while the list is not fully known yet.
type acceptedRisks struct {
	ids map[string]bool
	all bool
}

// readAcceptedRisks reads acceptRisks. An id that no finding has, or none about a section that is there, would lie in
// the list unnoticed and accept the risk of a section that is added later, so it is an error. An id of several systems
// is accepted if one of them has a section. While a section is not known, it counts as there.
func (r *Registry) readAcceptedRisks(root input.Value, problems *input.Problems) acceptedRisks {
	list := root.Field("acceptRisks")
	accepted := acceptedRisks{ids: map[string]bool{}, all: !list.FullyKnown()}
	owners, all, possible := map[string][]string{}, []string{}, []string{}
	for _, s := range r.systems {
		for _, rule := range s.Rules() {
			owners[rule.ID] = append(owners[rule.ID], s.Title()+", section "+s.Section())
			all = append(all, rule.ID)
			if root.Field(s.Section()).Present {
				possible = append(possible, rule.ID)
			}
		}
	}
	for _, rule := range PermissionRules() { // of whatever section there is
		owners[rule.ID] = append(owners[rule.ID], "what the role may do")
		if all = append(all, rule.ID); len(possible) > 0 {
			possible = append(possible, rule.ID)
		}
	}
	for _, rule := range AdditionalRules() {
		owners[rule.ID] = append(owners[rule.ID], "additional statements, property "+AdditionalProperty)
		if root.Field(AdditionalProperty).Present {
			all, possible = append(all, rule.ID), append(possible, rule.ID)
		}
	}
	for _, rule := range append(ProviderRules(), NotProved) { // of whatever section there is
		owners[rule.ID] = append(owners[rule.ID], "the component")
		if all = append(all, rule.ID); len(possible) > 0 {
			possible = append(possible, rule.ID)
		}
	}
	for _, ids := range []*[]string{&all, &possible} {
		slices.Sort(*ids)
		*ids = slices.Compact(*ids)
	}
	ofAll := listedOnce("; the ids are ", all)
	ofPossible := listedOnce("; the ids of the sections that are there are ", possible)
	for i, id := range list.Texts() {
		accepted.ids[id.Text()] = true
		found, guess := input.Got(id), meant
		if i >= mostGuessed {
			guess = func(string, ...[]string) string { return "" }
		}
		switch of := owners[id.Text()]; {
		case len(of) == 0:
			problems.Add(id, "is not the id of a finding"+ofAll(id), found+guess(id.Text(), possible, all))
		case len(possible) > 0 && !slices.Contains(possible, id.Text()):
			problems.Add(id, "is the id of a finding about a section that is not there, so it accepts nothing"+
				ofPossible(id),
				strings.TrimSuffix(found, ")")+", of "+strings.Join(of, " and ")+")"+guess(id.Text(), possible))
		}
	}
	return accepted
}

// mostGuessed is for how many ids it is asked which was meant: more than a message shows.
const mostGuessed = 50

// listedOnce lists the ids at the first place that asks, and points there from the others.
func listedOnce(introduction string, ids []string) func(at input.Value) string {
	first := ""
	return func(at input.Value) string {
		if first == "" {
			first = at.Path
			return introduction + strings.Join(ids, ", ")
		}
		return "; " + first + " has them"
	}
}

// meant asks whether the id in one of some lists was meant that an id is most like: as it is written, or without the
// system's name at its beginning. The first list that has one decides.
func meant(id string, lists ...[]string) string {
	tail := func(id string) string { return id[strings.Index(id, "-")+1:] }
	for _, ids := range lists {
		nearest := spelling.Nearest(id, ids)
		if nearest == "" {
			tails := make([]string, len(ids))
			for i, id := range ids {
				tails[i] = tail(id)
			}
			if at := slices.Index(tails, spelling.Nearest(tail(id), tails)); at >= 0 {
				nearest = ids[at]
			}
		}
		if nearest != "" {
			return "; did you mean " + nearest + "?"
		}
	}
	return ""
}

func refuseRisks(trust Trust, section input.Value, accepted acceptedRisks, problems *input.Problems) {
	secret := section.HasSecret() // once: a section may be large
	for _, f := range trust.Findings {
		if !f.IsRefused() || accepted.all || accepted.ids[f.ID] {
			continue
		}
		at := input.Value{Path: f.Path, Secret: secret}
		problems.Add(at, refusal(f), "("+f.Detail+")")
	}
}

// refusal says why a finding is refused, what to do instead, and how to accept it. It quotes nothing of the input.
func refusal(f Finding) string {
	return fmt.Sprintf("%s. %s To accept the risk, add %s to acceptRisks.", strings.TrimSuffix(f.Summary, "."),
		f.Remediation, f.ID)
}

// Installed is the system on a host of the user's own that an issuer's subjects are of: the only one whose subjects
// begin as one of them does, or, where none does, the only one that has all of them among its forms. It is nil where
// there is none, or more than one.
func (r *Registry) Installed(issuer string, subjects []trust.Value) (System, *Host) {
	type candidate struct {
		System
		known Host
	}
	var all []candidate
	for _, s := range r.systems {
		of := s.Issuer()
		if of.Installed == nil || of.Any {
			continue
		}
		known := *of.Installed
		if known.Recognises != nil && !known.Recognises(issuer, subjects) {
			continue
		}
		if len(known.Forms) == 0 {
			known.Forms = s.Forms()
		}
		if known.Title == "" {
			known.Title = s.Title()
		}
		all = append(all, candidate{s, known})
	}
	for _, fits := range []func(Host) bool{
		func(known Host) bool { return known.beginLike(issuer, subjects) },
		func(known Host) bool {
			fixed := 3
			if known.Recognises != nil {
				fixed = 0
			}
			return meetAll(known.Forms, subjects, fixed)
		},
	} {
		var some []candidate
		for _, c := range all {
			if fits(c.known) {
				some = append(some, c)
			}
		}
		if len(some) > 1 { // that begin alike: a value says whose it is behind that
			some = slices.DeleteFunc(some, func(c candidate) bool { return !meetAll(c.known.Forms, subjects, 0) })
		}
		switch len(some) {
		case 0:
		case 1:
			return some[0].System, &some[0].known
		default:
			return nil, nil
		}
	}
	return nil, nil
}

// beginLike reports that a subject begins with the fixed text of a form, or with the field before it that the issuer
// names and the text behind that.
func (h *Host) beginLike(issuer string, subjects []trust.Value) bool {
	var fixed map[string]string
	if h.Fixes != nil {
		fixed = h.Fixes(issuer)
	}
	return slices.ContainsFunc(subjects, func(v trust.Value) bool {
		return slices.ContainsFunc(h.Forms, func(f *Form) bool {
			begin := f.between[0]
			if begin == "" && fixed[f.Fields[0].Name] != "" {
				begin = fixed[f.Fields[0].Name] + f.between[1]
			}
			return len(begin) > 2 && strings.HasPrefix(v.Literal(), begin)
		})
	})
}

// meetAll reports that each subject meets a form with so many characters of fixed text, and has some of its own.
func meetAll(forms []*Form, subjects []trust.Value, fixed int) bool {
	return len(subjects) > 0 && !slices.ContainsFunc(subjects, func(v trust.Value) bool {
		return OnlyWild(v.Pattern) || !slices.ContainsFunc(forms, func(f *Form) bool {
			m, err := f.Meet(Demand{Fit: []trust.Value{v}}, nil)
			return f.fixed() >= fixed && err == nil && !m.Dead()
		})
	})
}

// Unknown is what is known of an issuer that belongs to no system: the system that any issuer can be, and its Installed
// host; nil where no system is for any issuer, or nothing is said of it.
func (r *Registry) Unknown() (System, *Host) {
	for _, s := range r.systems {
		if issuer := s.Issuer(); issuer.Any && issuer.Installed != nil {
			return s, issuer.Installed
		}
	}
	return nil, nil
}

// SystemRules are the rules that readings can have: the general ones, those of the systems, and those that only an
// audit reports.
func (r *Registry) SystemRules() []Rule {
	rules := []Rule{
		NoSubject, TenantNotPinned, PrefixCollision, OrganizationWide, AnyRef, ProjectPrefix,
		refFolder, refName, WildcardBeforeDecision,
	}
	for _, s := range r.systems {
		rules = append(rules, s.Rules()...)
		if auditor, ok := s.(Auditor); ok {
			rules = append(rules, auditor.AuditRules()...)
		}
	}
	return rules
}
