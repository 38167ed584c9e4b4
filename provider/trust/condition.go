package trust

// A test is a Condition, compiled.
type test struct {
	operator operator
	key      keyRef
	operands []operand
}

// An Answer is what a policy says of a request.
type Answer int

const (
	// Denied: STS answers AccessDenied.
	Denied Answer = iota
	// Allowed: STS hands out credentials.
	Allowed
	// Undecided: it depends on something of the call that is not known, such as the caller's address.
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
	}
	return t
}

// holds evaluates one condition. Missing keys: positive operators fail, negated ones and IfExists hold, ForAllValues
// holds vacuously, ForAnyValue fails.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func (t *test) holds(r *Request) Answer {
	value := r.lookup(&t.key)
	if value.state == unknown {
		return Undecided
	}
	op := t.operator
	if op.family == null {
		for i := range t.operands {
			if o := &t.operands[i]; !o.invalid && o.truth == (value.state == absent) {
				return Allowed
			}
		}
		return Denied
	}
	if value.state == absent {
		switch {
		case op.ifExists || op.quantifier == forAllValues:
			return Allowed
		case op.quantifier == forAnyValue:
			return Denied
		}
		return answer(op.negated)
	}
	operands := t.operands
	for i := range operands {
		if operands[i].variable == nil {
			continue
		}
		resolved, state := t.resolve(r)
		if state == unknown {
			return Undecided
		}
		if operands = resolved; len(operands) == 0 {
			return Denied
		}
		break
	}
	count := value.count()
	switch {
	case op.quantifier == forAllValues:
		for i := range count {
			if !satisfies(op, operands, value.value(i)) {
				return Denied
			}
		}
		return Allowed
	case op.quantifier == single && op.negated:
		// Without a quantifier a key with several values is matched as a whole: a negated operator wants none to match.
		for i := range count {
			if !satisfies(op, operands, value.value(i)) {
				return Denied
			}
		}
		return Allowed
	}
	for i := range count {
		if satisfies(op, operands, value.value(i)) {
			return Allowed
		}
	}
	return Denied
}

// satisfies applies an operator to one value of the key: values of a condition are alternatives, and a negated operator
// wants none of them.
func satisfies(op operator, operands []operand, value string) bool {
	for i := range operands {
		match, comparable := operands[i].matches(op, value)
		if !comparable {
			return false
		}
		if match {
			return !op.negated
		}
	}
	return op.negated
}

// resolve fills in policy variables. An operand whose variable has no value is dropped; when none is left the condition
// does not hold, negated or not.
func (t *test) resolve(r *Request) ([]operand, presence) {
	var resolved []operand
	for _, o := range t.operands {
		if o.variable != nil {
			filled, state := o.resolve(t.operator.family, r)
			switch state {
			case unknown:
				return nil, unknown
			case absent:
				continue
			}
			o = filled
		}
		resolved = append(resolved, o)
	}
	return resolved, present
}
