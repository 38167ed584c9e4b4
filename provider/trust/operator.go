package trust

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
)

// A family is what an operator compares.
type family int

const (
	stringEquals family = iota
	stringEqualsIgnoreCase
	stringLike
	numeric
	date
	boolean
	binary
	address
	arn
	null
)

// A relation is how an operator of the numeric and date families compares.
type relation int

const (
	equal relation = iota
	less
	lessOrEqual
	greater
	greaterOrEqual
)

// A quantifier says how an operator treats a key with several values.
// Source:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
type quantifier int

const (
	single quantifier = iota
	forAnyValue
	forAllValues
)

// An operator of a condition, taken apart.
type operator struct {
	family     family
	relation   relation
	negated    bool
	ifExists   bool
	quantifier quantifier
}

// operators are all that AWS documents.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
var operators = map[string]operator{
	"StringEquals":              {family: stringEquals},
	"StringNotEquals":           {family: stringEquals, negated: true},
	"StringEqualsIgnoreCase":    {family: stringEqualsIgnoreCase},
	"StringNotEqualsIgnoreCase": {family: stringEqualsIgnoreCase, negated: true},
	"StringLike":                {family: stringLike},
	"StringNotLike":             {family: stringLike, negated: true},
	"NumericEquals":             {family: numeric},
	"NumericNotEquals":          {family: numeric, negated: true},
	"NumericLessThan":           {family: numeric, relation: less},
	"NumericLessThanEquals":     {family: numeric, relation: lessOrEqual},
	"NumericGreaterThan":        {family: numeric, relation: greater},
	"NumericGreaterThanEquals":  {family: numeric, relation: greaterOrEqual},
	"DateEquals":                {family: date},
	"DateNotEquals":             {family: date, negated: true},
	"DateLessThan":              {family: date, relation: less},
	"DateLessThanEquals":        {family: date, relation: lessOrEqual},
	"DateGreaterThan":           {family: date, relation: greater},
	"DateGreaterThanEquals":     {family: date, relation: greaterOrEqual},
	"Bool":                      {family: boolean},
	"BinaryEquals":              {family: binary},
	"IpAddress":                 {family: address},
	"NotIpAddress":              {family: address, negated: true},
	"ArnEquals":                 {family: arn},
	"ArnNotEquals":              {family: arn, negated: true},
	"ArnLike":                   {family: arn},
	"ArnNotLike":                {family: arn, negated: true},
	"Null":                      {family: null},
}

// meantOperator ends a message about an operator that IAM does not know with the nearest one. What stands before and
// behind the operator itself stays.
func meantOperator(name string) string {
	before, base := "", name
	if at := strings.Index(name, ":"); at >= 0 {
		before, base = name[:at+1], name[at+1:]
		if quantifier := spelling.Nearest(before, []string{"ForAnyValue:", "ForAllValues:"}); quantifier != "" {
			before = quantifier
		}
	}
	base, ifExists := strings.CutSuffix(base, "IfExists")
	nearest := spelling.Nearest(base, slices.Sorted(maps.Keys(operators)))
	switch {
	case nearest == "":
		return ""
	case nearest == "Null" && ifExists:
		return "; Null takes no IfExists"
	case ifExists:
		nearest += "IfExists"
	}
	return "; did you mean " + before + nearest + "?"
}

// parseOperator takes an operator's name apart: a quantifier before it, IfExists behind it.
func parseOperator(name string) (operator, bool) {
	q := single
	if base, ok := strings.CutPrefix(name, "ForAnyValue:"); ok {
		name, q = base, forAnyValue
	} else if base, ok := strings.CutPrefix(name, "ForAllValues:"); ok {
		name, q = base, forAllValues
	}
	base, ifExists := strings.CutSuffix(name, "IfExists")
	o, known := operators[base]
	if !known || o.family == null && ifExists {
		return operator{}, false
	}
	o.quantifier, o.ifExists = q, ifExists
	return o, true
}
