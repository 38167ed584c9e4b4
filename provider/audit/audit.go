// Package audit judges any trust policy, whoever wrote it.
//
// It reads each Allow against the forms of the issuer's subjects, has the CI system judge each reading, and shows every
// finding that somebody gets in by a token that the whole policy admits. Its silence is proved, too: what it cannot
// read to the end is the finding not-judged.
//
// What is outside of the trust policy is not seen: the policies of the organization (service and resource control
// policies), permissions boundaries, session policies and the policies of other resources.
package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// Audit reads a trust policy with what is known of CI systems, and returns the findings, worst first. The error is that
// of trust.ParsePolicy; a name that stands twice in an object is a finding and no error.
func Audit(registry *ci.Registry, document []byte, role trust.Role) ([]ci.Finding, error) {
	examined, err := Examine(registry, document, role)
	if err != nil {
		return nil, err
	}
	return examined.Findings, nil
}

// An Examination is what an audit found out about a trust policy.
type Examination struct {
	Findings []ci.Finding // worst first
	Policy   *trust.Policy
	auditor  *auditor
}

// WebIdentity reports that the policy says something of who may assume the role with a token of a CI system or of the
// web.
func (e *Examination) WebIdentity() bool {
	return slices.ContainsFunc(e.Policy.Statements, func(s trust.Statement) bool {
		return s.Effect == "Allow" && s.AboutWebIdentity() && len(s.Principals.ByType["Federated"]) > 0
	})
}

// Unjudged is the finding that something cannot be judged, because the document does not tell it.
func Unjudged(detail string) ci.Finding { return ci.Finding{Rule: notJudged, Detail: detail} }

// Examine is Audit with what else it found out.
func Examine(registry *ci.Registry, document []byte, role trust.Role) (*Examination, error) {
	policy, twice, err := trust.ParseLoosely(document)
	if err != nil {
		return nil, err
	}
	a := &auditor{registry: registry, document: document, policy: policy, role: role, work: most}
	if twice != nil {
		f := ci.Finding{Rule: duplicateKey, Detail: twice.Error()}
		var at *trust.DocumentError
		if errors.As(twice, &at) {
			f.Line, f.Column = at.Line, at.Column
		}
		a.add(f)
	}
	for i := range policy.Statements {
		s := &policy.Statements[i]
		a.sameKeys(i+1, s)
		if s.Effect == "Allow" {
			a.allow(i+1, s)
		}
	}
	a.voids()
	a.principals()
	a.denies()
	a.nobody()
	a.whole()
	a.findings = ci.Permitted(a.findings, role.May)
	for i := range a.findings {
		a.findings[i].Role = role.Arn
	}
	trust.SortFindings(a.findings)
	return &Examination{a.findings, policy, a}, nil
}

// sameKeys says that a key stands twice under one operator, in another letter case: keys ignore that, and nobody
// recorded whether both conditions count then, or which of them.
func (a *auditor) sameKeys(number int, s *trust.Statement) {
	first := map[string]string{}
	for _, c := range s.Clauses("") {
		same := c.Operator + " " + strings.ToLower(c.Key)
		if other, again := first[same]; again {
			a.add(a.atKey(a.at(number, s), &c, duplicateKey, other+" and "+c.Key+" under "+c.Operator+
				" are one key to AWS, which ignores letter case there"))
			return
		}
		first[same] = c.Key
	}
}

// most bounds how often forms are met in one audit, so that a hostile policy is answered quickly.
const most = 20_000

type auditor struct {
	registry *ci.Registry
	document []byte
	policy   *trust.Policy
	role     trust.Role
	findings []ci.Finding
	work     int // how many more meetings there may be
	trials   map[tried]*trial
	shared   map[string][]*ci.Reading // by provider: the readings of all Allows

	allows int // how many pairs of an Allow and a provider there are
	closed int // of these, how many a Deny shuts
}

func (a *auditor) add(f ci.Finding) { a.findings = append(a.findings, f) }

// whole judges the policy as a whole.
func (a *auditor) whole() {
	if size := trust.Size(a.policy.JSON()); size > trust.DefaultMaxLength {
		a.add(ci.Finding{Rule: overQuota, Detail: fmt.Sprintf("%d characters", size)})
	}
	if a.role.Name == "GitHubActions" {
		a.add(ci.Finding{Rule: roleNamedGitHubActions})
	}
}

// nobody says that a Deny shuts all that the Allows open.
func (a *auditor) nobody() {
	if a.allows > 0 && a.closed == a.allows {
		a.add(ci.Finding{Rule: admitsNobody})
	}
}

// allow judges a statement that lets tokens in.
func (a *auditor) allow(number int, s *trust.Statement) {
	if !s.AboutWebIdentity() {
		return
	}
	var seen []string
	for _, arn := range s.Principals.ByType["Federated"] {
		switch {
		case slices.Contains(seen, arn):
		case arn == "*":
			a.anyProvider(number, s)
		default:
			a.trial(number, s, arn).run()
		}
		seen = append(seen, arn)
	}
}

// anyProvider judges a statement whose principal is every provider of the account: a token of any issuer shows it, and
// where the conditions test the provider or claims of one issuer, a token of that one. Where none is found it is not
// judged: the account may have providers that nobody thinks of here.
func (a *auditor) anyProvider(number int, s *trust.Statement) {
	for _, arn := range everyProvider(s, a.role.Arn) {
		t := a.newTrial(number, s, arn)
		if t.plan(); len(t.causes) > 0 {
			continue
		}
		var readings []*reading
		for chosen := range t.choices() {
			readings = append(readings, t.read(chosen)...)
		}
		for _, reading := range readings {
			if token, _ := t.token(reading, ci.Verdict{}); token != nil {
				f := t.at.finding(federatedWildcard, "")
				f.Witness = t.witness(reading, ci.Verdict{}, token)
				a.add(f)
				return
			}
		}
	}
	a.add(a.at(number, s).finding(notJudged, "the principal is every identity provider of the account, and of which "+
		"of them the tokens get in was not found out"))
}

// a spot is where a finding is reported.
type spot struct {
	statement    int
	line, column int
}

func (a *auditor) at(number int, s *trust.Statement) spot {
	line, column := s.Place(a.document)
	return spot{number, line, column}
}

func (s spot) finding(rule ci.Rule, detail string) ci.Finding {
	path := fmt.Sprintf("statement %d", s.statement)
	f := ci.Finding{Rule: rule, Path: path, Detail: path, Statement: s.statement, Line: s.line, Column: s.column}
	if detail != "" {
		f.Detail += ", " + detail
	}
	return f
}

// atKey is the finding about a condition's key.
func (a *auditor) atKey(at spot, c *trust.Clause, rule ci.Rule, detail string) ci.Finding {
	f := at.finding(rule, detail)
	f.Key = c.Key
	f.Line, f.Column = c.KeyPlace(a.document)
	return f
}

// atValue is the finding about a value of a condition.
func (a *auditor) atValue(at spot, c *trust.Clause, value int, rule ci.Rule, detail string) ci.Finding {
	f := a.atKey(at, c, rule, detail)
	f.Value = c.Condition.Values[value]
	f.Line, f.Column = c.ValuePlace(a.document, value)
	return f
}

// quoted lists texts in quotation marks, at most five of them.
func quoted(texts []string) string {
	var some []string
	for i, text := range texts {
		if i == 5 {
			return strings.Join(some, ", ") + fmt.Sprintf(" and %d more", len(texts)-5)
		}
		some = append(some, input.Quote(text))
	}
	return strings.Join(some, ", ")
}
