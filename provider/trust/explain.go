package trust

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Decision is an Answer with its reasons.
type Decision struct {
	Answer  Answer
	Allowed bool // Answer == Allowed
	// Explanation says in sentences what decided: what allows or denies, or which statement came closest and what to
	// change.
	Explanation []string
	Statements  []StatementResult
}

// A StatementResult is what one statement says of a request.
type StatementResult struct {
	Number     int // from 1
	Sid        string
	Effect     string
	Answer     Answer // Allowed: the statement applies
	Reason     string // why it does not apply at all, "" when its conditions decide
	Conditions []ConditionResult
}

// A ConditionResult is what one condition says of a request.
type ConditionResult struct {
	Operator string
	Key      string
	Wanted   []string
	Seen     []string // empty when the key is missing
	Answer   Answer
	Reason   string // a sentence, unless the condition holds
	// Hint is what the operator makes of the values, "" where there is nothing to say: StringEquals takes * literally.
	Hint string
}

// Evaluate decides as Decide does and explains itself.
func (p *Policy) Evaluate(r Request) Decision {
	d := Decision{Answer: p.Decide(&r)}
	d.Allowed = d.Answer == Allowed
	for i := range p.Statements {
		d.Statements = append(d.Statements, p.Statements[i].result(i+1, &r))
	}
	if missing := p.missingActions(&r); d.Answer == Denied && p.decide(&r, assumeRole) != Denied {
		d.say("the token carries %s, and the policy does not allow it besides: whoever is let in must "+
			"be allowed that, too", strings.Join(missing, " and "))
		return d
	}
	d.explain()
	return d
}

// missingActions are the actions that what the token carries takes besides the assumption, and that are refused.
func (p *Policy) missingActions(r *Request) []string {
	var missing []string
	if r.carriesTags() && p.decide(r, tagSession) == Denied {
		missing = append(missing, "session tags, which take "+tagSession)
	}
	if r.carriesSourceIdentity() && p.decide(r, setSourceIdentity) == Denied {
		missing = append(missing, "a source identity, which takes "+setSourceIdentity)
	}
	return missing
}

func (s *Statement) result(number int, r *Request) StatementResult {
	result := StatementResult{Number: number, Sid: s.Sid, Effect: s.Effect, Answer: s.holds(r)}
	switch {
	case !s.applies:
		result.Answer, result.Reason = Denied, "its action does not cover "+assumeRole
	case !s.names(r.Provider):
		result.Reason = s.principalReason(r)
	}
	for i, c := range s.Conditions {
		t := &s.tests[i]
		condition := ConditionResult{
			Operator: c.Operator,
			Key:      c.Key,
			Wanted:   c.Values,
			Seen:     r.lookup(&t.key).texts(),
			Answer:   t.holds(r),
		}
		if condition.Answer != Allowed {
			condition.Hint = t.hint(c, condition.Seen)
			condition.Reason = t.reason(c, r, condition)
		}
		result.Conditions = append(result.Conditions, condition)
	}
	return result
}

func (s *Statement) principalReason(r *Request) string {
	if federated := s.Principals.ByType["Federated"]; len(federated) > 0 {
		return fmt.Sprintf("its principal is %s, and the token is from the issuer %s", strings.Join(federated, " or "),
			r.Issuer)
	}
	return "its principal is no identity provider, and only Federated lets a web identity in"
}

// reason says why a condition does not hold.
func (t *test) reason(c Condition, r *Request, result ConditionResult) string {
	name := c.Key
	if t.key.claim != "" || t.key.kind == audienceKey || t.key.kind == originalAudKey {
		name = nameOf(c.Key)
	}
	wanted := fmt.Sprintf("%s must %s", name, t.phrase(c))
	switch {
	case result.Answer == Undecided:
		return wanted + ", which is not known before the call"
	case len(result.Seen) == 0 && t.key.awsOnly && r.Partition != "aws":
		return fmt.Sprintf("%s, and AWS fills this key in the partition aws only, not in %s", wanted, r.Partition)
	case len(result.Seen) == 0 && t.key.kind == neverFilled:
		has := ""
		if _, carried := r.Claims[t.key.claim]; carried {
			has = " even though the token has the claim"
		}
		return fmt.Sprintf("%s, and AWS never fills this key for the issuer%s: the condition can never hold",
			wanted, has)
	case len(result.Seen) == 0 && t.key.issuer != "" && !strings.EqualFold(t.key.issuer, r.Issuer):
		return fmt.Sprintf("%s, and this is a key of the issuer %s, the token is from %s", wanted, t.key.issuer,
			r.Issuer)
	}
	if r.lookup(&t.key).set && t.operator.quantifier == single && t.operator.family != null {
		return wanted + ", and this key holds a set of values, of which no operator says anything " +
			"without ForAnyValue: or ForAllValues: before it"
	}
	has := "the token has none"
	if len(result.Seen) > 0 {
		has = "the token has " + Quoted(result.Seen, "and")
	}
	text := fmt.Sprintf("%s, %s", wanted, has)
	if result.Hint != "" {
		text += ": " + result.Hint
	}
	return text
}

// phrase says what a condition wants.
func (t *test) phrase(c Condition) string {
	values := Quoted(c.Values, "or")
	switch t.operator {
	case operator{family: stringEquals}:
		return "be " + values
	case operator{family: stringLike}:
		return "be like " + values
	}
	return "satisfy " + c.Operator + " " + values
}

// explain writes the sentences.
func (d *Decision) explain() {
	var allows, denies, open []StatementResult
	for _, s := range d.Statements {
		switch {
		case s.Answer == Denied:
		case s.Answer == Undecided:
			open = append(open, s)
		case s.Effect == "Deny":
			denies = append(denies, s)
		default:
			allows = append(allows, s)
		}
	}
	switch {
	case len(denies) > 0:
		for _, s := range denies {
			d.say("%s denies this token, whatever other statements allow: %s", s.Name(), s.met())
		}
	case d.Allowed:
		d.say("%s allows this token: %s", allows[0].Name(), allows[0].held())
	case d.Answer == Undecided:
		for _, s := range open {
			verb := "allowed"
			if s.Effect == "Deny" {
				verb = "denied"
			}
			d.say("%s if %s, which is not known before the call: %s", verb, strings.Join(s.wishes(), " and "), s.Name())
		}
		for _, s := range allows {
			d.say("otherwise %s allows this token: %s", s.Name(), s.held())
		}
	default:
		d.closest()
	}
}

func (d *Decision) say(format string, args ...any) {
	d.Explanation = append(d.Explanation, fmt.Sprintf(format, args...))
}

// closest names the statement that would have allowed the token with the fewest changes, and then the others. Package
// advice, which knows the CI systems, says it better.
func (d *Decision) closest() {
	var candidates []StatementResult
	for _, s := range d.Statements {
		if s.Effect == "Allow" {
			candidates = append(candidates, s)
		}
	}
	slices.SortStableFunc(candidates, func(a, b StatementResult) int { return a.distance() - b.distance() })
	for i, s := range candidates {
		reasons := s.reasons(Denied)
		if s.Reason != "" {
			reasons = []string{s.Reason}
		}
		if i == 0 && len(candidates) > 1 {
			d.say("%s came closest: %s", s.Name(), strings.Join(reasons, "; "))
		} else {
			d.say("%s: %s", s.Name(), strings.Join(reasons, "; "))
		}
	}
	if len(candidates) == 0 {
		d.say("no statement allows anything")
	}
}

// distance counts what would have to change; a statement for another provider is far away.
func (s *StatementResult) distance() int {
	n := len(s.reasons(Denied))
	if s.Reason != "" {
		n += 1000
	}
	return n
}

// Name is what sentences call the statement: by its number, and its Sid where it has one.
func (s *StatementResult) Name() string {
	if s.Sid != "" {
		return fmt.Sprintf("statement %d (%s)", s.Number, s.Sid)
	}
	return fmt.Sprintf("statement %d", s.Number)
}

func (s *StatementResult) reasons(a Answer) []string {
	var reasons []string
	for _, c := range s.Conditions {
		if c.Answer == a {
			reasons = append(reasons, c.Reason)
		}
	}
	return reasons
}

// wishes are the conditions that are open, in words.
func (s *StatementResult) wishes() []string {
	var wishes []string
	for _, c := range s.Conditions {
		if values := Quoted(c.Wanted, "or"); c.Answer == Undecided {
			switch c.Operator {
			case "StringEquals":
				wishes = append(wishes, c.Key+" is "+values)
			case "StringLike":
				wishes = append(wishes, c.Key+" is like "+values)
			default:
				wishes = append(wishes, c.Key+" satisfies "+c.Operator+" "+values)
			}
		}
	}
	return wishes
}

// held says which conditions let a token in.
func (s *StatementResult) held() string {
	if len(s.Conditions) == 0 {
		return "it has no conditions"
	}
	var held []string
	for _, c := range s.Conditions {
		if len(c.Seen) == 0 {
			held = append(held, fmt.Sprintf("%s is missing and %s accepts that", nameOf(c.Key), c.Operator))
		} else {
			held = append(held, fmt.Sprintf("%s is %s", nameOf(c.Key), Quoted(c.Seen, "and")))
		}
	}
	return strings.Join(held, ", ")
}

// met says which conditions of a Deny a token meets, with what they ask for: the audience, which every token of the
// provider has, last.
func (s *StatementResult) met() string {
	if len(s.Conditions) == 0 {
		return "it has no conditions"
	}
	var met, audience []string
	for _, c := range s.Conditions {
		text := fmt.Sprintf("%s is %s, which meets %s %s", nameOf(c.Key), Quoted(c.Seen, "and"), c.Operator,
			Quoted(c.Wanted, "or"))
		if len(c.Seen) == 0 {
			text = fmt.Sprintf("%s is missing, which meets %s %s", nameOf(c.Key), c.Operator, Quoted(c.Wanted, "or"))
		}
		if nameOf(c.Key) == "aud" {
			audience = append(audience, text)
		} else {
			met = append(met, text)
		}
	}
	return strings.Join(append(met, audience...), " and ")
}

// nameOf is a condition key without its issuer.
func nameOf(key string) string { return key[strings.IndexByte(key, ':')+1:] }

// mostShown is how many of a condition's values a sentence has.
const mostShown = 5

// Quoted joins values for a sentence, each between quotation marks, so that white space at an end shows, and with
// escapes for control characters. The first few are enough.
func Quoted(values []string, joint string) string {
	var texts []string
	for _, value := range values[:min(len(values), mostShown)] {
		texts = append(texts, strconv.Quote(value))
	}
	if more := len(values) - mostShown; more > 0 {
		texts = append(texts, fmt.Sprintf("%d more", more))
	}
	return strings.Join(texts, " "+joint+" ")
}
