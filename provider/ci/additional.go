package ci

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/principal"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// AdditionalProperty is the property of the component for statements of the user's own.
const AdditionalProperty = "additionalTrustStatements"

// additional are the statements of the user's own that stand beside those of the sections, in canonical order.
type additional struct {
	statements []trust.Statement
	written    []input.Value // where each statement was written
	findings   []Finding
	onCall     bool // a Deny depends on the call
}

// AdditionalRules are the findings that additional statements can have, and those of any other policy.
func AdditionalRules() []Rule { return principal.Rules() }

const (
	// longestAdditional bounds what is read of one text: it is more than the longest trust policy there is.
	longestAdditional = 16_384
	statementStart    = `{"Version":"2012-10-17","Statement":` + "\n"
	statementEnd      = "\n}"
)

// readAdditional reads the user's statements. Those that are not known yet are passed over.
func readAdditional(root input.Value, partition string, problems *input.Problems) *additional {
	list := root.Field(AdditionalProperty)
	if !list.Present {
		return nil
	}
	type one struct {
		text string
		at   input.Value
	}
	var all []one
	sids := map[string]input.Value{}
	for _, v := range list.Texts() {
		policy := parseAdditional(v, problems)
		if policy == nil {
			continue
		}
		for i := range policy.Statements {
			s := &policy.Statements[i]
			r := reader{at: v, where: "statement", partition: partition, problems: problems}
			if len(policy.Statements) > 1 {
				r.where = fmt.Sprintf("statement %d", i+1)
			}
			r.check(s)
			if first, twice := sids[s.Sid]; twice && s.Sid != "" {
				r.refuse("has a Sid that stands at "+first.Path+" already; IAM wants each one once", s.Sid)
			}
			sids[s.Sid] = v
			all = append(all, one{canonical(s), v})
		}
	}
	slices.SortStableFunc(all, func(a, b one) int { return strings.Compare(a.text, b.text) })
	all = slices.CompactFunc(all, func(a, b one) bool { return a.text == b.text })
	a := &additional{}
	if len(all) == 0 {
		return a
	}
	texts := make([]string, len(all))
	for i := range all {
		texts[i] = all[i].text
		a.written = append(a.written, all[i].at)
	}
	if size := trust.Size(strings.Join(texts, "")); size > quotas[len(quotas)-1] {
		problems.Add(list, fmt.Sprintf("have %d characters without white space, and no trust policy may have more "+
			"than %d", size, quotas[len(quotas)-1]))
		return &additional{}
	}
	policy, err := trust.ParsePolicy([]byte(statementStart + "[" + strings.Join(texts, ",") + "]" + statementEnd))
	if err != nil {
		problems.Add(list, "cannot be written down as one policy", "("+err.Error()+")")
		return a
	}
	a.statements = policy.Statements
	return a
}

// parseAdditional reads one text: a statement, or a list of them.
func parseAdditional(v input.Value, problems *input.Problems) *trust.Policy {
	const form = `; write a statement as JSON, such as {"Effect":"Allow","Principal":{"AWS":` +
		`"arn:aws:iam::123456789012:role/break-glass"},"Action":"sts:AssumeRole"}, or a list of statements`
	text := v.Text()
	var value any
	switch err := json.Unmarshal([]byte(text), &value); {
	case len(text) > longestAdditional:
		problems.Add(v, fmt.Sprintf("has %d characters, which is more than any trust policy may have", len(text)))
		return nil
	case err != nil:
		_, err = trust.ParsePolicy([]byte(text)) // which says where
		problems.Add(v, "is no JSON"+form, reasonAt(err, 0))
		return nil
	}
	switch found := value.(type) {
	case map[string]any:
		if _, whole := found["Statement"]; whole {
			problems.Add(v, "is a whole policy; write its statements alone: what stands in Statement")
			return nil
		}
	case []any:
		if len(found) == 0 {
			problems.Add(v, "has no statement"+form)
			return nil
		}
	default:
		problems.Add(v, "is no statement"+form)
		return nil
	}
	if hasMember(value, "Federated") {
		problems.Add(v, "has a federated principal. Whoever comes in with a token is named by the sections, where it "+
			"is proved: write a section, or custom for an issuer that has none")
		return nil
	}
	policy, err := trust.ParsePolicy([]byte(statementStart + text + statementEnd))
	if err != nil {
		problems.Add(v, "is no statement of a trust policy"+form, reasonAt(err, 1))
		return nil
	}
	return policy
}

// reasonAt is an error about a document, less the lines that stand before what the user wrote.
func reasonAt(err error, before int) string {
	var at *trust.DocumentError
	if errors.As(err, &at) {
		moved := *at
		moved.Line -= before
		return "(" + moved.Error() + ")"
	}
	return "(" + err.Error() + ")"
}

// hasMember reports that an object in a JSON value has a member of a name, in any letter case.
func hasMember(value any, name string) bool {
	switch v := value.(type) {
	case map[string]any:
		for member, inside := range v {
			if strings.EqualFold(member, name) || hasMember(inside, name) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(inside any) bool { return hasMember(inside, name) })
	}
	return false
}

// canonical is a statement's text, the same whatever the order of its lists.
func canonical(s *trust.Statement) string {
	c := trust.Statement{Sid: s.Sid, Effect: s.Effect, Principals: trust.Principals{ByType: map[string][]string{}}}
	c.Actions = sortedOnce(s.Actions)
	for kind, values := range s.Principals.ByType {
		c.Principals.ByType[kind] = sortedOnce(values)
	}
	if s.Principals.Everyone { // IAM takes no bare "*" in a trust policy, and means the same by this
		c.Principals.ByType["AWS"] = []string{"*"}
	}
	for _, condition := range s.Conditions {
		condition.Values = sortedOnce(condition.Values)
		c.Conditions = append(c.Conditions, condition)
	}
	return c.JSON()
}

func sortedOnce(texts []string) []string {
	sorted := slices.Clone(texts)
	slices.Sort(sorted)
	return slices.Compact(sorted)
}

// A reader holds one statement against what an additional one may say.
type reader struct {
	at        input.Value
	where     string
	partition string // "" while it is not known
	problems  *input.Problems
}

func (r *reader) refuse(rule string, found ...string) {
	detail := "(" + r.where
	if len(found) > 0 {
		detail += ": " + input.Quote(strings.Join(found, ", "))
	}
	r.problems.Add(r.at, rule, detail+")")
}

var (
	statementID  = regexp.MustCompile(`^[0-9A-Za-z]*$`)
	awsPrincipal = regexp.MustCompile(`^([0-9]{12}|` +
		`arn:[a-z-]+:iam::[0-9]{12}:(root|(role|user)/[\x21-\x29\x2b-\x3e\x40-\x7e]+)|` +
		`arn:[a-z-]+:sts::[0-9]{12}:assumed-role/[\w+=,.@-]+/[\w+=,.@-]+)$`)
	servicePrincipal = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)*\.amazonaws\.com(\.cn)?$`)
)

// ownSid begins the Sid of statements that the component keeps for itself.
const ownSid = "cioidctrust"

func (r *reader) check(s *trust.Statement) {
	switch {
	case strings.HasPrefix(strings.ToLower(s.Sid), ownSid):
		r.refuse("has a Sid that begins with CiOidcTrust, as the component's own may; give it another", s.Sid)
	case !statementID.MatchString(s.Sid):
		r.refuse("has a Sid that IAM does not take: it has letters and digits alone", s.Sid)
	}
	if s.NotAction {
		r.refuse("has NotAction, which covers actions that nobody thought of; name the actions with Action")
	}
	r.principals(s)
	r.actions(s)
	if s.Effect == "Allow" {
		r.allow(s)
	}
}

// actions refuses actions that an Allow may not have, or that IAM takes in no trust policy.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
func (r *reader) actions(s *trust.Statement) {
	if s.NotAction {
		return
	}
	for _, action := range s.Actions {
		switch before, _, wild := strings.Cut(strings.ReplaceAll(action, "?", "*"), "*"); {
		case s.Effect == "Allow":
			if !slices.Contains(callers, action) {
				r.refuse("allows an action that is none of "+strings.Join(callers, ", ")+
					", each written in full: who comes in with a token is named by the sections", action)
			}
		case !slices.ContainsFunc(trust.Actions, func(known string) bool {
			return known == action || wild && len(before) > len("sts:") && strings.HasPrefix(known, before) &&
				trust.Match(action, known)
		}):
			r.refuse("denies an action that IAM takes in no trust policy; it takes "+strings.Join(trust.Actions, ", ")+
				", and wildcards behind their first letters", action)
		}
	}
}

// principals refuses principals that are none, or that IAM would refuse.
func (r *reader) principals(s *trust.Statement) {
	if !s.Principals.Everyone && len(s.Principals.ByType) == 0 {
		r.refuse("names no principal")
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Principals.ByType)) {
		for _, name := range s.Principals.ByType[kind] {
			switch {
			case kind == "CanonicalUser":
				r.refuse("names a canonical user; write the account or the user by its ARN", name)
			case kind == "Service" && !servicePrincipal.MatchString(name):
				r.refuse("names a service that is none; it is written as ecs-tasks.amazonaws.com", name)
			case kind == "AWS" && name != "*" && !awsPrincipal.MatchString(name):
				r.refuse("names an AWS principal that is none. It is an account's id, or the ARN of an account's "+
					"root, of a user, a role or a session of a role, without wildcards: for those write the "+
					"account and demand aws:PrincipalArn", name)
			case kind == "AWS" && r.partition != "" && strings.HasPrefix(name, "arn:") &&
				!strings.HasPrefix(name, "arn:"+r.partition+":"):
				r.refuse("names a principal of another partition than the role's, which is "+r.partition, name)
			}
		}
	}
}

// callers are the actions that an additional Allow may have.
var callers = []string{"sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"}

func (r *reader) allow(s *trust.Statement) {
	for _, c := range s.Conditions {
		if strings.HasPrefix(c.Operator, "ForAllValues:") || strings.HasSuffix(c.Operator, "IfExists") ||
			strings.Contains(c.Operator, "Not") {
			r.refuse("has a condition in an Allow that holds for whoever lacks the key: Not..., ...IfExists and "+
				"ForAllValues demand nothing. Write what must be there with a plain operator", c.Operator+" "+c.Key)
		}
	}
	if s.Everyone() && !principal.Narrowed(s) {
		r.refuse("lets everyone in: name the principals, or demand aws:PrincipalOrgID, aws:PrincipalAccount or " +
			"aws:PrincipalArn, whose values name the organization or the account before any wildcard or variable")
	}
}

// judge finds what a careful reviewer would say, and what is risky and not accepted.
func (a *additional) judge(root input.Value, trusts []Trust, account Account, accepted acceptedRisks,
	problems *input.Problems,
) {
	self := principal.Self{Account: account.ID}
	if account.ID != "" && account.Partition != "" {
		name := principal.SomeRole
		if v := root.Field("roleName"); v.HasText() {
			name = v.Text()
		}
		path := "/"
		if root.Field("path").HasText() {
			path = root.Field("path").Text()
		}
		self.Arn = fmt.Sprintf("arn:%s:iam::%s:role%s%s", account.Partition, account.ID, path, name)
	}
	for i := range trusts {
		self.Providers = append(self.Providers, trusts[i].ArnIn(account))
	}
	for _, v := range principal.Judge(&trust.Policy{Statements: a.statements}, self) {
		at := a.written[v.Statement]
		detail := v.Detail
		if detail == "" {
			detail = at.Path
		}
		a.findings = append(a.findings, Finding{Rule: v.Rule, Path: at.Path, Detail: detail})
		a.onCall = a.onCall || principal.OnCall(v.Rule)
	}
	refuseRisks(Trust{Findings: a.findings}, root.Field(AdditionalProperty), accepted, problems)
}

// refusing reports each Deny that refuses a job of the sections.
func (a *additional) refusing(policy *trust.Policy, trusts []Trust, account Account, problems *input.Problems) {
	own := policy.Statements[:len(policy.Statements)-len(a.statements)]
	for i := range a.statements {
		if a.statements[i].Effect != "Deny" {
			continue
		}
		with := &trust.Policy{Version: policy.Version, Statements: append(slices.Clone(own), a.statements[i])}
		jobs := func(yield func(trust.Case) bool) {
			for c := range Proof(trusts, account, func(*Grant, []Token) {}) {
				if c.Admit && !yield(c) {
					return
				}
			}
		}
		for wrong := range trust.Wrong(with, jobs) {
			key := unrecorded(&a.statements[i], wrong.Case.Request.Provider)
			if wrong.Answer != trust.Denied && key == "" {
				continue
			}
			reason := "denies a job that a section lets in, so the role would be of no use to it; narrow the Deny, " +
				"or take the job out of the section"
			if wrong.Answer != trust.Denied {
				reason = "denies a job that a section lets in, as far as anybody knows: whether AWS fills " + key +
					" for a token is recorded nowhere. Deny sts:AssumeRole alone, which is what principals of AWS " +
					"call, or demand aws:PrincipalAccount"
			}
			at := a.written[i]
			at.Secret = at.Secret || slices.ContainsFunc(trusts, func(t Trust) bool { return t.HasSecret })
			problems.Add(at, reason, "("+wrong.Case.Grant+": "+wrong.Case.Token+")")
			break
		}
	}
}

// unrecorded is the key of which nobody knows whether AWS fills it, where the Deny depends on nothing else of the call;
// "" where it does not, or depends on something that is known to be there.
func unrecorded(s *trust.Statement, provider string) string {
	key := ""
	for _, c := range s.Clauses(provider) {
		switch {
		case c.About != trust.AboutCall:
		case !c.Unrecorded:
			return ""
		default:
			key = c.Key
		}
	}
	return key
}

// besides are the statements that stand beside those of the sections; nil where there are none.
func besides(trusts []Trust) *additional {
	if len(trusts) == 0 {
		return nil
	}
	return trusts[0].additional
}

// tolerated drops from a proof's wrong answers those of jobs that get in or not as the call is, where a Deny of the
// user's depends on the call: the finding says so.
func (a *additional) tolerated(err error) error {
	var wrong trust.ProofErrors
	if a == nil || !a.onCall || !errors.As(err, &wrong) {
		return err
	}
	wrong = slices.DeleteFunc(wrong, func(e *trust.ProofError) bool {
		return e.Case.Admit && e.Answer == trust.Undecided
	})
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}
