// Package generate makes random pairs of a trust policy and a request for it.
package generate

import (
	"encoding/json"
	"math/rand"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

// Operators are all condition operators, without qualifier and suffix.
var Operators = []string{
	"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
	"StringNotLike", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals",
	"NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan",
	"DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress",
	"NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
}

// Pair makes a policy and a request for it, with a token that STS takes, that AWS's documentation or a recorded answer
// of AWS is clear about.
func Pair(r *rand.Rand) (policy []byte, req naive.Request) { return pair(r, false) }

// PairSilent makes a pair that may also touch what both leave open (see the list in package naive), and whose token STS
// may refuse.
func PairSilent(r *rand.Rand) (policy []byte, req naive.Request) { return pair(r, true) }

type rawNumber string

func (n rawNumber) MarshalJSON() ([]byte, error) { return []byte(n), nil }

func pair(r *rand.Rand, silent bool) ([]byte, naive.Request) {
	d := newDraft(r, silent)
	policy := map[string]any{}
	variables := d.chance(0.85)
	switch {
	case variables:
		policy["Version"] = "2012-10-17"
	case d.chance(0.5):
		policy["Version"] = "2008-10-17"
	}
	statements := []any{d.statement("Allow", variables)}
	if d.chance(0.25) {
		statements = append(statements, d.statement("Allow", variables))
	}
	if d.chance(0.3) {
		statements = append(statements, d.statement("Deny", variables))
	}
	d.Shuffle(len(statements), func(i, j int) { statements[i], statements[j] = statements[j], statements[i] })
	policy["Statement"] = statements
	if len(statements) == 1 && d.chance(0.5) {
		policy["Statement"] = statements[0]
	}
	out, err := json.Marshal(policy)
	if err != nil {
		panic(err) // nothing here fails to marshal
	}
	return out, d.req
}

func (d *draft) statement(effect string, variables bool) any {
	s := map[string]any{"Effect": effect}
	d.principal(s, effect)
	d.action(s)
	condition := map[string]map[string]any{}
	for range 1 + d.Intn(2) {
		d.element(condition, variables)
	}
	if d.chance(0.95) {
		s["Condition"] = condition
	}
	return s
}

func (d *draft) principal(s map[string]any, effect string) {
	hit, names := d.chance(0.93), misses
	if effect == "Allow" || d.silent {
		names = starMisses
	}
	if hit {
		names = hits
	}
	if d.silent && d.chance(0.2) {
		names = silentMisses
		if hit {
			names = silentHits
		}
	}
	s["Principal"] = pick(d, names)(d.req.Provider)
}

const otherProvider = "arn:aws:iam::111122223333:oidc-provider/other.example.com"

type object = map[string]any

// What names a provider, and what does not.
var (
	hits = []func(p string) any{
		func(p string) any { return object{"Federated": p} },
		func(p string) any { return object{"Federated": p} },
		func(p string) any { return object{"Federated": []any{p}} },
		func(p string) any { return object{"Federated": []any{otherProvider, p}} },
		func(p string) any { return object{"Federated": p, "AWS": "arn:aws:iam::111122223333:root"} },
		func(p string) any { return object{"Federated": p, "Service": []any{"ec2.amazonaws.com"}} },
	}
	misses = []func(p string) any{
		func(string) any { return object{"Federated": otherProvider} },
		func(p string) any { return object{"Federated": strings.ToUpper(p)} },
		func(p string) any { return object{"Federated": strings.TrimSuffix(p, p[len(p)-1:]) + "*"} },
		func(p string) any { return object{"AWS": p} },
		func(string) any { return object{"Service": "ec2.amazonaws.com"} },
		func(string) any { return object{"CanonicalUser": "79a59df900b949e5"} },
		func(string) any { return object{"Federated": []any{otherProvider}, "AWS": []any{"111122223333"}} },
	}
	starMisses = append(slices.Clone(misses),
		func(string) any { return "*" },
		func(string) any { return object{"AWS": "*"} },
	)
	silentHits = []func(p string) any{
		func(string) any { return object{"Federated": "*"} },
		func(string) any { return object{"Federated": []any{}, "AWS": "*"} },
		func(string) any { return "*" },
	}
	silentMisses = []func(p string) any{
		func(string) any { return object{} },
		func(string) any { return object{"AWS": []any{otherProvider}} },
	}
)

// carriesMore reports that the token has session tags or a source identity, which take actions of their own.
func (d *draft) carriesMore() bool {
	for name := range d.req.Claims {
		if strings.HasPrefix(name, "https://aws.amazon.com/") {
			return true
		}
	}
	return false
}

func (d *draft) action(s map[string]any) {
	hits := []any{
		"sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithWebIdentity", "sts:assumerolewithwebidentity", "sts:*", "*",
		"STS:AssumeRole*", "sts:AssumeRoleWith???Identity", []any{"sts:TagSession", "sts:AssumeRoleWithWebIdentity"},
		"s?s:*Web*", []any{"sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"},
	}
	misses := []any{"sts:AssumeRole", "sts:AssumeRoleWithSAML", "s3:*", []any{"sts:TagSession", "sts:AssumeRole"},
		"sts:AssumeRole?", "sts"}
	hit := d.chance(0.95)
	name := "Action"
	if d.chance(0.1) {
		name, hit = "NotAction", !hit
	}
	s[name] = pick(d, misses)
	switch {
	case hit && d.carriesMore() && d.chance(0.9):
		s[name] = pick(d,
			[]any{"sts:*", "*", []any{"sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity"}})
	case hit:
		s[name] = pick(d, hits)
	}
}
