package advice

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A value is one that a condition on sub names, as it was meant: with wildcards where the operator takes them
// literally.
type value struct{ trust.Value }

// A reading is one way to fit a statement's conditions on sub, held against the token.
type reading struct {
	values      []string // as they are written
	form        *ci.Form // nil where no subject of the issuer fits
	mended      string   // what may have been meant, where no subject fits what stands there
	differences []ci.Difference
	pins        []pin
}

// A pin is a demand on who the tenant is.
type pin struct {
	place  string
	id     bool // nobody can take it when it has become free
	known  bool // the token says what stands there
	agrees bool
	folded bool // it would agree in another letter case
}

// mostReadings bounds the ways through the conditions on sub, and mostMet those that are met by an automaton: a policy
// has a few. What lies beyond is not looked at, and so never comes closest.
const (
	mostReadings = 2000
	mostMet      = 200
	mostSubjects = 20 // that tell the system of an issuer on a host of the user's own
)

// hostile reports that a value is more than somebody writes to name jobs: with a policy's largest size in mind, and
// with what it costs to meet it.
func (v value) hostile() bool {
	const longest, mostStars = 1024, 16
	return len(v.Pattern) > longest || strings.Count(v.Pattern, "*") > mostStars
}

// lists are the values of each condition of a statement that demands a subject.
func (a *adviser) lists(number int) [][]value {
	var lists [][]value
	s := &a.policy.Statements[number]
	for _, c := range s.Clauses(a.request.Provider) {
		if c.About != trust.AboutToken || c.Claim != "sub" || !c.Text || c.Negated || s.Effect != "Allow" {
			continue
		}
		list := make([]value, len(c.Values))
		for i, v := range c.Values {
			v.Like = v.Like || trust.HasWildcard(v.Pattern)
			list[i] = value{Value: v}
		}
		lists = append(lists, list)
	}
	return lists
}

// read holds every way through a statement's conditions on sub against the token.
func (a *adviser) read(number int) []reading {
	keyed, keyPins := a.keyed(number)
	ways := [][]value{nil}
	for _, list := range a.lists(number) {
		var longer [][]value
		for _, way := range ways {
			for _, v := range list {
				if len(longer) < mostReadings {
					longer = append(longer, append(slices.Clip(way), v))
				}
			}
		}
		ways = longer
	}
	var readings []reading
	met := 0
	for _, way := range ways {
		found := a.against(way, &met)
		if len(found) == 0 {
			found = a.mend(way, &met)
		}
		if len(found) == 0 {
			found = []reading{{values: written(way)}}
		}
		for _, r := range found {
			r.differences = withKeyed(r.differences, keyed)
			r.pins = append(r.pins, keyPins...)
			readings = append(readings, r)
		}
	}
	return readings
}

// withKeyed adds the differences in fields that keys repeat. A key says more of its field than a subject in which the
// field is open, or not there.
func withKeyed(differences, keyed []ci.Difference) []ci.Difference {
	for _, d := range keyed {
		at := slices.IndexFunc(differences, func(other ci.Difference) bool { return other.Field == d.Field })
		switch {
		case at < 0:
			differences = append(differences, d)
		case !slices.ContainsFunc(differences[at].Wanted, func(s ci.Span) bool { return s.Kind == ci.Exact }):
			differences[at] = d
		}
	}
	return differences
}

func written(way []value) []string {
	texts := make([]string, len(way))
	for i, v := range way {
		texts[i] = v.Text
	}
	return texts
}

// against compares the token with the subjects of each form that fit a way.
func (a *adviser) against(way []value, met *int) []reading {
	var readings []reading
	for _, form := range a.forms {
		if r, ok := a.compare(way, form, met); ok {
			r.values = written(way)
			readings = append(readings, r)
		}
	}
	return readings
}

// mend tries what may have been meant by a value that no subject fits. Each is held against the forms before it is
// said.
func (a *adviser) mend(way []value, met *int) []reading {
	if len(way) != 1 {
		return nil
	}
	v := way[0]
	if v.hostile() {
		return nil
	}
	tries := []string{strings.TrimSpace(v.Pattern), strings.Trim(v.Pattern, `"'`)}
	if mender, ok := a.system.(ci.Mender); ok {
		tries = append(tries, mender.Mend(v.Pattern)...)
	}
	for _, text := range append(tries, v.Pattern+":*", v.Pattern+"*", strings.ToLower(v.Pattern)) {
		if text == v.Pattern {
			continue
		}
		meant := value{trust.Value{Text: v.Text, Pattern: text, Like: true}}
		if found := a.against([]value{meant}, met); len(found) > 0 {
			for i := range found {
				found[i].mended = text
			}
			return found
		}
	}
	return nil
}

// compare says in which fields of a form the token is none of the subjects that fit a way; ok is false where no subject
// of the form does.
func (a *adviser) compare(way []value, form *ci.Form, met *int) (r reading, ok bool) {
	r.form = form
	m, ok := a.meet(way, form, met)
	if !ok {
		return r, false
	}
	fitting := map[string]string{}
	for _, decision := range []ci.Decision{ci.Tenant, ci.Project, ci.RefOf, ci.Event, ci.Nothing} {
		for _, field := range form.Fields {
			if field.Decides != decision {
				continue
			}
			seen, known := a.job.Texts[field.Name]
			trial := maps.Clone(fitting)
			trial[field.Name] = seen
			if known && m.admits(trial) {
				fitting = trial
				continue
			}
			if decision == ci.Nothing {
				continue
			}
			if span := m.span(field.Name, fitting); known || span.Kind != ci.Open {
				r.differences = append(r.differences, ci.Difference{Field: field.Name, Decides: decision,
					Wanted: []ci.Span{span}, Seen: seen})
			}
		}
	}
	if a.job.Form != nil && a.job.Form != form {
		for _, field := range a.job.Form.Fields {
			if field.Decides == ci.Nothing || slices.ContainsFunc(form.Fields, func(f ci.Field) bool {
				return f.Name == field.Name
			}) {
				continue
			}
			r.differences = append(r.differences,
				ci.Difference{Field: field.Name, Decides: field.Decides, Seen: a.job.Texts[field.Name]})
		}
	}
	r.pins = a.pinned(m, form)
	return r, true
}

// A meeting is the subjects of a form that fit a way: one of which the texts are known, or those of an automaton.
type meeting struct {
	form  *ci.Form
	texts []string
	wild  *ci.Meeting
	way   []trust.Value
}

func (a *adviser) meet(way []value, form *ci.Form, met *int) (*meeting, bool) {
	m := &meeting{form: form}
	for _, v := range way {
		m.way = append(m.way, v.Value)
	}
	exact := slices.IndexFunc(way, func(v value) bool { return v.Exact() && !v.Fold })
	if exact >= 0 {
		texts, ok := form.Parse(way[exact].Pattern)
		m.texts = texts
		return m, ok && !slices.ContainsFunc(way, func(v value) bool { return !v.Admits(way[exact].Pattern) })
	}
	if *met++; *met > mostMet*len(a.forms) || slices.ContainsFunc(way, value.hostile) {
		return nil, false
	}
	wild, err := form.Meet(ci.Demand{Fit: m.way}, nil)
	m.wild = wild
	return m, err == nil && !wild.Dead()
}

func (m *meeting) admits(fields map[string]string) bool {
	if m.wild == nil {
		for i, field := range m.form.Fields {
			if text, wanted := fields[field.Name]; wanted && text != m.texts[i] {
				return false
			}
		}
		return true
	}
	_, ok := m.wild.Witness(fields)
	return ok
}

// span sums up what the subjects with some texts in some fields have in another one.
func (m *meeting) span(field string, fields map[string]string) ci.Span {
	if m.wild == nil {
		at := slices.IndexFunc(m.form.Fields, func(f ci.Field) bool { return f.Name == field })
		return ci.Span{Kind: ci.Exact, Text: m.texts[at]}
	}
	demands := map[string]ci.Demand{}
	for name, text := range fields {
		demands[name] = ci.Demand{Fit: []trust.Value{{Text: text, Pattern: text}}}
	}
	narrower, err := m.form.Meet(ci.Demand{Fit: m.way}, demands)
	if err != nil || narrower.Dead() {
		return m.wild.Field(field)
	}
	return narrower.Field(field)
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
		if known {
			seen = condition.Seen[0]
		}
		exact := !slices.ContainsFunc(c.Values, trust.Value.Wild)
		if (declared && (field.Decides == ci.Tenant || field.Decides == a.tenantIn()) || tenant) && exact {
			folded := slices.ContainsFunc(c.Values, func(v trust.Value) bool { return strings.EqualFold(v.Text, seen) })
			place := c.Claim
			if declared {
				place = field.Name
			}
			pins = append(pins, pin{place, isID(c.Claim, field) || c.Claim == "aud", known,
				condition.Answer == trust.Allowed, folded})
		}
		if declared && condition.Answer == trust.Denied && known {
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

// swapped reports that two ids stand in each other's place, and nothing else is wrong with tenant and project.
func swapped(differences []ci.Difference) bool {
	differences = slices.DeleteFunc(slices.Clone(differences), func(d ci.Difference) bool {
		return d.Decides != ci.Tenant && d.Decides != ci.Project
	})
	if len(differences) != 2 {
		return false
	}
	for i, d := range differences {
		for _, other := range differences[i+1:] {
			if d.Seen != "" && other.Seen != "" && d.Seen != other.Seen && d.Wants(other.Seen) && other.Wants(d.Seen) &&
				endsInID(d.Field) && endsInID(other.Field) {
				return true
			}
		}
	}
	return false
}

// A rank says how far a statement is from letting a token in: the less the closer, the first number that differs
// decides. The numbers are: whether it names another provider, differences in the tenant, in the project, and all
// others.
type rank [4]int

func (r rank) compare(other rank) int { return slices.Compare(r[:], other[:]) }

// rankOf ranks a statement by its closest readings, and keeps those.
func (a *adviser) rankOf(c *candidate) rank {
	if !c.named {
		return rank{1}
	}
	failing := 0
	for _, clause := range a.policy.Statements[c.number].Clauses(a.request.Provider) {
		if _, declared := a.field(clause.Claim); clause.Claim == "sub" || declared {
			continue
		}
		if a.decision.Statements[c.number].Conditions[clause.Number].Answer == trust.Denied {
			failing++
		}
	}
	var best rank
	var closest []reading
	for i := range c.readings {
		now := a.rank(&c.readings[i])
		order := -1
		if len(closest) > 0 {
			order = now.compare(best)
		}
		switch {
		case order < 0:
			best, closest = now, []reading{c.readings[i]}
		case order == 0:
			closest = append(closest, c.readings[i])
		}
	}
	c.closest = closest
	best[3] += failing
	return best
}

// rank counts the differences of a reading in tenant, project and the rest. Names do not count where the id agrees, and
// neither does what one of the two does not have.
func (a *adviser) rank(r *reading) rank {
	var n rank
	if r.form == nil && len(a.forms) > 0 && len(r.values) > 0 {
		return rank{0, 1, 1, 0}
	}
	agrees := func(decides ci.Decision) bool {
		return r.form != nil && slices.ContainsFunc(r.form.Fields, func(f ci.Field) bool {
			_, known := a.job.Texts[f.Name]
			return known && f.Decides == decides && isID(f.Name, f) &&
				!slices.ContainsFunc(r.differences, func(d ci.Difference) bool { return d.Field == f.Name })
		})
	}
	for _, d := range r.differences {
		both := d.Seen != "" && len(d.Wanted) > 0
		switch {
		case both && d.Decides == ci.Tenant && !agrees(ci.Tenant):
			n[1]++
		case both && d.Decides == ci.Project && !agrees(ci.Project):
			n[2]++
		default:
			n[3]++
		}
	}
	if swapped(r.differences) {
		n[1], n[2] = 0, 0
	}
	if r.mended != "" {
		n[3]++
	}
	return n
}
