package trust

import "slices"

// A test is a Condition, compiled.
type test struct {
	operator  operator
	key       keyRef
	operands  []operand
	variables bool // a value has policy variables
	deny      bool // the statement is a Deny
}

// An Answer is what a policy says of a request.
type Answer int

const (
	// Denied means that STS answers AccessDenied.
	Denied Answer = iota
	// Allowed means that STS hands out credentials.
	Allowed
	// Undecided means that it depends on something of the call that is not known, such as the caller's address.
	Undecided
)

func (a Answer) String() string { return [...]string{"denied", "allowed", "undecided"}[a] }

func answer(b bool) Answer {
	if b {
		return Allowed
	}
	return Denied
}

func compileTest(c *Condition, op operator, version string) test {
	t := test{operator: op, key: resolveKey(c.Key), operands: make([]operand, len(c.Values))}
	for i, value := range c.Values {
		t.operands[i] = compileOperand(op.family, value, version == policyVersion)
		t.variables = t.variables || t.operands[i].variable != nil
	}
	return t
}

// holds evaluates one condition.
//
// A variable of which nothing is known is tried without a value, with a text that stands nowhere else, and with every
// text at once. The last is more than any request can have, so that a single answer from all three is certain.
func (t *test) holds(r *Request) Answer {
	value := r.lookup(&t.key)
	if !t.variables {
		return t.judge(value, t.operands, false)
	}
	operands, unresolved, guessed := t.resolve(r, noText)
	first := t.judge(value, operands, unresolved)
	if !guessed {
		return first
	}
	for _, g := range []guess{freshText, everyText} {
		operands, unresolved, _ = t.resolve(r, g)
		if t.judge(value, operands, unresolved) != first {
			return Undecided
		}
	}
	return first
}

// judge compares what the request says of the key with the condition's values. A missing key fails positive operators
// and ForAnyValue, and satisfies negated ones, IfExists and ForAllValues. A key that holds a set never satisfies an
// operator without a quantifier, be it negated or IfExists, whatever is in the set; without anything in it, it
// satisfies ForAllValues alone. unresolved says that a variable has no value: positive operators then fail whatever
// their other values, and to negated ones that value equals nothing.
//
// Recorded: condition_sets.json, rows 0 to 63 (sets), 70 to 78 (empty texts), 79 to 90 (variables).
//
// Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (t *test) judge(value seen, operands []operand, unresolved bool) Answer {
	op := t.operator
	switch {
	case op.family == null:
		return t.judgeNull(value)
	case value.state == unknown:
		return t.judgeUnknown(operands, unresolved)
	case value.state == absent && op.ifExists:
		return Allowed
	case op.quantifier != single && value.count() == 0:
		return answer(op.quantifier == forAllValues)
	case value.state == absent:
		return answer(op.negated)
	case value.set && op.quantifier == single, unresolved && !op.negated:
		return Denied
	}
	all := op.quantifier == forAllValues
	for i := range value.count() {
		fits, broken := satisfies(op, operands, value.value(i))
		if broken {
			return answer(t.deny)
		}
		if fits != all {
			return answer(!all)
		}
	}
	return answer(all)
}

// judgeNull asks whether the key is missing; an empty text is there. The quantifiers make a constant of it.
//
// Recorded: condition_sets.json, rows 64 to 69.
//
// Sources:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition_examples-multi-valued-context-keys.html,
// https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
func (t *test) judgeNull(value seen) Answer {
	if t.operator.quantifier != single {
		return answer(t.operator.quantifier == forAllValues)
	}
	wants := func(missing bool) bool {
		return slices.ContainsFunc(t.operands, func(o operand) bool { return o.truth == missing })
	}
	if value.state != unknown {
		return answer(wants(value.state == absent))
	}
	if wants(true) != wants(false) {
		return Undecided
	}
	return answer(wants(true))
}

// judgeUnknown is judge for a key of which nothing is known: it may be missing or have any values.
func (t *test) judgeUnknown(operands []operand, unresolved bool) Answer {
	op := t.operator
	match := slices.ContainsFunc(operands, func(o operand) bool { return !o.invalid })
	miss := op.family != stringLike || !coverAll(operands)
	if op.negated {
		match, miss = miss, match
	} else if unresolved {
		match, miss = false, true
	}
	if op.family == address || op.family == arn {
		// A value that is none matches nothing, but AWS fills the keys of a call with nothing but such values.
		broken := op.family == arn && slices.ContainsFunc(operands, func(o operand) bool { return o.invalid })
		match, miss = match || broken && t.deny, miss || broken || t.key.ofToken()
	}
	if op.quantifier == single {
		// A set satisfies nothing, and a claim may turn out to have several values.
		match, miss = match && !t.key.set, miss || t.key.set || t.key.ofToken()
	}
	// What a missing key adds.
	switch {
	case op.quantifier == forAllValues:
		match = true
	case op.quantifier == forAnyValue:
		match, miss = match || op.ifExists, true
	case op.ifExists || op.negated:
		match = true
	default:
		miss = true
	}
	if match && miss {
		return Undecided
	}
	return answer(match)
}

// satisfies applies an operator to one value of the key: values of a condition are alternatives, tried in their order,
// and a negated operator wants none of them. An ARN that cannot be read breaks the condition if it is reached: an Allow
// then does not apply and a Deny does.
//
// Recorded: condition_values.json, rows 195 to 202, 215 to 222, 255 to 258 and 267 to 282 (ARNs); condition_ip.json,
// rows 200 to 215 (another kind of value that cannot be read is passed over).
func satisfies(op operator, operands []operand, value string) (fits, broken bool) {
	if !op.family.readable(value) {
		return false, false
	}
	for i := range operands {
		if op.family == arn && operands[i].invalid {
			return false, true
		}
		if operands[i].matches(op, value) {
			return !op.negated, false
		}
	}
	return op.negated, false
}

// resolve fills in policy variables. unresolved says that one had no value; its operand is left out. guessed says that
// the guess stands for one of which nothing is known.
func (t *test) resolve(r *Request, g guess) (resolved []operand, unresolved, guessed bool) {
	resolved = make([]operand, 0, len(t.operands))
	for i := range t.operands {
		o := &t.operands[i]
		if o.variable == nil {
			resolved = append(resolved, *o)
			continue
		}
		filled, found, open := o.resolve(t.operator.family, r, g)
		guessed = guessed || open
		if !found {
			unresolved = true
			continue
		}
		resolved = append(resolved, filled)
	}
	return resolved, unresolved, guessed
}
