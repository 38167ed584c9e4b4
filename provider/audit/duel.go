package audit

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A duel is two policies and the tokens of one provider.
type duel struct {
	issuer   *issuer
	policies [2]*trust.Policy
	outlines [2][]outline
	trials   []*question
	subjects []trust.Value // that both policies name
	steps    [2]int        // that are left for what each policy admits alone
	sampling int           // steps that are left for what both have in common: which texts there are
	keys     map[string]*dimension
	forms    map[read]*dimension
}

// A read is a form, and whether its subjects are read exactly.
type read struct {
	form  *ci.Form
	exact bool
}

// An outline is a statement that may hold for a token of the provider: it does where all questions are answered with
// yes.
type outline struct {
	number               int
	deny                 bool
	applies, tags, names bool // its action covers assuming the role, tagging the session, naming the source identity
	questions            []int
}

// A question is a condition, of one policy or both: it has the same answer for the same token in each place.
type question struct {
	statement *trust.Statement
	clause    trust.Clause
	key       string
	compares  bool // its operator compares texts, and all of its values are known
	variable  bool // a value has a policy variable, or a wildcard that is meant literally
}

// newDuel takes both policies apart as they concern a provider.
func newDuel(registry *ci.Registry, arn string, policies ...*trust.Policy) *duel {
	d := &duel{
		policies: [2]*trust.Policy(policies), steps: [2]int{mostSteps, mostSteps}, sampling: mostSteps,
		keys: map[string]*dimension{}, forms: map[read]*dimension{},
	}
	for _, p := range policies {
		for i := range p.Statements {
			for _, c := range p.Statements[i].Clauses(arn) {
				if c.Claim == "sub" && !c.Negated && p.Statements[i].Names(arn) {
					d.subjects = append(d.subjects, c.Values...)
				}
			}
		}
	}
	a := &auditor{registry: registry}
	d.issuer = a.newIssuer(arn, d.subjects)
	known := map[string]int{}
	for side, p := range policies {
		for i := range p.Statements {
			s := &p.Statements[i]
			if !s.Names(arn) {
				continue
			}
			o := outline{number: i + 1, deny: s.Effect == "Deny", applies: s.AboutWebIdentity(), tags: s.AboutTags(),
				names: s.AboutSourceIdentity()}
			if (o.applies || o.tags || o.names) && d.ask(&o, s, known) {
				d.outlines[side] = append(d.outlines[side], o)
			}
		}
	}
	return d
}

// ask notes the questions of a statement; false if it holds for no token.
func (d *duel) ask(o *outline, s *trust.Statement, known map[string]int) bool {
	base := d.issuer.request(trust.Role{})
	for _, c := range s.Clauses(d.issuer.arn) {
		q := &question{statement: s, clause: c, compares: strings.Contains(c.Operator, "String")}
		for i, v := range c.Values {
			hard := v.Fold && strings.ContainsAny(v.Text, "σςΣ")
			q.variable = q.variable || s.HasVariable(c.Number, i) || v.Pattern != v.Text || hard
		}
		for i := range c.Condition.Values {
			q.variable = q.variable || s.HasVariable(c.Number, i)
		}
		if c.About == trust.AboutNothing || c.About == trust.AboutProvider {
			switch s.Holds(c.Number, base) {
			case trust.Allowed:
				continue
			case trust.Denied:
				if !q.variable {
					return false
				}
			}
		}
		q.key = strings.ToLower(c.Key)
		if c.About == trust.AboutToken {
			q.key = "claim " + c.Claim
		}
		id := q.id()
		n, again := known[id]
		if !again {
			n = len(d.trials)
			known[id] = n
			d.trials = append(d.trials, q)
		}
		o.questions = append(o.questions, n)
	}
	return true
}

// id is the same for conditions that ask the same.
func (q *question) id() string {
	values := slices.Clone(q.clause.Condition.Values)
	slices.Sort(values)
	id := append([]string{q.clause.Operator, q.key}, slices.Compact(values)...)
	if q.variable || strings.Contains(q.clause.Operator, "Arn") {
		id = append(id, q.statement.Effect)
		for _, v := range q.clause.Values {
			id = append(id, v.Pattern)
		}
	}
	return strings.Join(id, "\x00")
}

// An answer is what is known of a question.
type answer int8

const (
	open answer = iota
	yes
	no
)

func both(a, b answer) answer {
	switch {
	case a == no || b == no:
		return no
	case a == open || b == open:
		return open
	}
	return yes
}

func not(a answer) answer { return [...]answer{open: open, yes: no, no: yes}[a] }

func either(a, b answer) answer { return not(both(not(a), not(b))) }

// Questions that no condition asks: whether the token carries session tags, and a source identity. They stand behind
// the conditions.
func (d *duel) carriesTags() int   { return len(d.trials) }
func (d *duel) carriesSource() int { return len(d.trials) + 1 }

// admits says whether a policy admits a token, as far as the answers say.
func (d *duel) admits(side int, answers []answer) answer {
	result := d.decides(side, answers, func(o *outline) bool { return o.applies })
	if result != no && answers[d.carriesTags()] != no {
		tagged := d.decides(side, answers, func(o *outline) bool { return o.tags })
		result = both(result, either(not(answers[d.carriesTags()]), tagged))
	}
	if result != no && answers[d.carriesSource()] != no {
		named := d.decides(side, answers, func(o *outline) bool { return o.names })
		result = both(result, either(not(answers[d.carriesSource()]), named))
	}
	return result
}

func (d *duel) decides(side int, answers []answer, concerns func(*outline) bool) answer {
	allowed, denied := no, no
	for i := range d.outlines[side] {
		o := &d.outlines[side][i]
		if !concerns(o) {
			continue
		}
		if o.deny {
			denied = either(denied, o.holds(answers))
		} else {
			allowed = either(allowed, o.holds(answers))
		}
	}
	return both(allowed, not(denied))
}

func (o *outline) holds(answers []answer) answer {
	result := yes
	for _, n := range o.questions {
		switch answers[n] {
		case no:
			return no
		case open:
			result = open
		}
	}
	return result
}
