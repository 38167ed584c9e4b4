package citest

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A mutant is a compiled policy with one mistake in it.
type mutant struct {
	Name   string
	Policy *trust.Policy
}

// A site is one condition of a decoded policy: where a mistake can be made.
type site struct {
	statement     int
	operator, key string
	values        []string
}

func decode(t *testing.T, text string) map[string]any {
	t.Helper()
	var document map[string]any
	if err := json.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	return document
}

func statement(document map[string]any, i int) map[string]any {
	return document["Statement"].([]any)[i].(map[string]any)
}

func sites(document map[string]any) []site {
	var all []site
	for i := range document["Statement"].([]any) {
		conditions := statement(document, i)["Condition"].(map[string]any)
		for _, operator := range slices.Sorted(maps.Keys(conditions)) {
			keys := conditions[operator].(map[string]any)
			for _, key := range slices.Sorted(maps.Keys(keys)) {
				s := site{statement: i, operator: operator, key: key}
				switch v := keys[key].(type) {
				case string:
					s.values = []string{v}
				case []any:
					s.values = Texts(v)
				}
				all = append(all, s)
			}
		}
	}
	return all
}

// onTheCall are conditions on what the token does not decide: whoever calls STS fulfils them, or the job does not
// always.
var onTheCall = []struct{ name, operator, key, value string }{
	{"an address of the caller", "IpAddress", "aws:SourceIp", "0.0.0.0/1"},
	{"the session's name", "StringLike", "sts:RoleSessionName", "acme-*"},
	{"a date", "DateLessThan", "aws:CurrentTime", "2099-01-01T00:00:00Z"},
	{"a region", "StringEquals", "aws:RequestedRegion", "eu-west-1"},
	{"the session's duration", "NumericLessThanEquals", "sts:DurationSeconds", "3600"},
}

// Mutants are all policies that differ from the compiled one by one mistake.
func Mutants(t *testing.T, text string) []mutant {
	t.Helper()
	var all []mutant
	add := func(name string, change func(document map[string]any)) {
		document := decode(t, text)
		change(document)
		changed, err := json.Marshal(document)
		if err != nil {
			t.Fatal(err)
		}
		policy, err := trust.ParsePolicy(changed)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, mutant{name, policy})
	}
	original := decode(t, text)
	for i := range original["Statement"].([]any) {
		for _, call := range onTheCall {
			add(call.name, func(d map[string]any) {
				conditions := statement(d, i)["Condition"].(map[string]any)
				keys, _ := conditions[call.operator].(map[string]any)
				if keys == nil {
					keys = map[string]any{}
					conditions[call.operator] = keys
				}
				keys[call.key] = call.value
			})
			for _, effect := range []string{"Allow", "Deny"} {
				add(effect+" by nothing but "+call.name, func(d map[string]any) {
					added := maps.Clone(statement(d, i))
					added["Effect"], added["Condition"] = effect,
						map[string]any{call.operator: map[string]any{call.key: call.value}}
					delete(added, "Sid")
					d["Statement"] = append(d["Statement"].([]any), added)
				})
			}
		}
		if len(original["Statement"].([]any)) > 1 {
			add("drop statement", func(d map[string]any) {
				d["Statement"] = slices.Delete(d["Statement"].([]any), i, i+1)
			})
		}
		add, opposite := add, "Deny"
		if statement(original, i)["Effect"] == "Deny" {
			add, opposite = inDeny(add), "Allow"
		}
		add("the opposite effect", func(d map[string]any) { statement(d, i)["Effect"] = opposite })
		if _, several := statement(original, i)["Action"].([]any); several {
			add("no session tags", func(d map[string]any) {
				statement(d, i)["Action"] = "sts:AssumeRoleWithWebIdentity"
			})
		} else {
			add("session tags for all", func(d map[string]any) {
				statement(d, i)["Action"] = []string{"sts:AssumeRoleWithWebIdentity", "sts:TagSession"}
			})
		}
		add("another action", func(d map[string]any) { statement(d, i)["Action"] = "sts:TagSession" })
		add("any provider", func(d map[string]any) { statement(d, i)["Principal"] = map[string]any{"Federated": "*"} })
		add("another provider", func(d map[string]any) {
			p := statement(d, i)["Principal"].(map[string]any)
			p["Federated"] = p["Federated"].(string) + "-evil"
		})
		add("no conditions", func(d map[string]any) { delete(statement(d, i), "Condition") })
	}
	for _, s := range sites(original) {
		add := add
		if statement(original, s.statement)["Effect"] == "Deny" {
			add = inDeny(add)
		}
		claim := s.key[strings.IndexByte(s.key, ':')+1:]
		conditions := func(d map[string]any) map[string]any {
			return statement(d, s.statement)["Condition"].(map[string]any)
		}
		rewrite := func(d map[string]any, operator, key string, values []string) {
			all := conditions(d)
			delete(all[s.operator].(map[string]any), s.key)
			if all[operator] == nil {
				all[operator] = map[string]any{}
			}
			all[operator].(map[string]any)[key] = values
			maps.DeleteFunc(all, func(_ string, keys any) bool { return len(keys.(map[string]any)) == 0 })
		}
		add("drop "+claim, func(d map[string]any) { delete(conditions(d)[s.operator].(map[string]any), s.key) })
		for _, operator := range []string{"IfExists", "Not", "ForAllValues:", "IgnoreCase"} {
			name := map[string]string{"IfExists": s.operator + "IfExists",
				"Not":           strings.Replace(s.operator, "String", "StringNot", 1),
				"ForAllValues:": "ForAllValues:" + s.operator, "IgnoreCase": "StringEqualsIgnoreCase"}[operator]
			if operator != "IgnoreCase" || s.operator == "StringEquals" {
				add(operator+" "+claim, func(d map[string]any) { rewrite(d, name, s.key, s.values) })
			}
		}
		add("mistaken key of "+claim, func(d map[string]any) { rewrite(d, s.operator, s.key+"x", s.values) })
		for i, value := range s.values {
			if len(s.values) > 1 {
				add("drop a value of "+claim, func(d map[string]any) {
					rewrite(d, s.operator, s.key, slices.Delete(slices.Clone(s.values), i, i+1))
				})
			}
			for what, mistaken := range mistakes(value) {
				if same(value, mistaken) {
					continue
				}
				add(what+" in "+claim, func(d map[string]any) {
					values := slices.Clone(s.values)
					values[i] = mistaken
					rewrite(d, "StringLike", s.key, values)
				})
			}
		}
	}
	return all
}

// inDeny names the mistakes of a Deny apart from those of an Allow: what changes nothing in one may let somebody in by
// the other.
func inDeny(add func(string, func(map[string]any))) func(string, func(map[string]any)) {
	return func(name string, change func(map[string]any)) { add("in the Deny: "+name, change) }
}

// Prepared are the cases of a proof, made once for many policies. Whether a near miss is excused does not depend on the
// policy either.
func Prepared(trusts []ci.Trust, account ci.Account) []trust.Case {
	cases := slices.Collect(ci.Proof(trusts, account, func(*ci.Grant, []ci.Token) {}))
	for i := range cases {
		if cases[i].Excused != nil {
			cases[i].Excused = sync.OnceValue(cases[i].Excused)
		}
	}
	return cases
}

// FirstWrong is the first wrong answer of a policy, nil if there is none.
func FirstWrong(policy *trust.Policy, cases []trust.Case) *trust.ProofError {
	for wrong := range trust.Wrong(policy, slices.Values(cases)) {
		return wrong
	}
	return nil
}

// same reports that two values mean the same: a second "*" beside the first adds nothing.
func same(value, other string) bool { return strings.ReplaceAll(other, "**", "*") == value }

// questionMarks stand for an id of their number of characters.
var questionMarks = regexp.MustCompile(`\?{3,}`)

var digits = regexp.MustCompile(`[0-9]+`)

// mistakes are values that stand for more than a value does, or for something else.
func mistakes(value string) map[string]string {
	all := map[string]string{
		"anything": "*", "anything behind": value + "*", "anything before": "*" + value,
		"one more character": value + "?", "the last character open": value[:len(value)-1] + "?",
		"the first character open": "?" + value[1:], "a character less": value[:len(value)-1],
		"letter case": ci.SwapCase(value),
	}
	if run := questionMarks.FindString(value); run != "" {
		all["any text in the place of an id"] = strings.Replace(value, run, "*", 1)
		all["an id too short"] = strings.Replace(value, run, run[1:], 1)
		all["an id too long"] = strings.Replace(value, run, run+"?", 1)
	}
	for _, separator := range []string{":", "/", "@"} {
		parts := strings.Split(value, separator)
		for i := range parts {
			if len(parts) == 1 || strings.Trim(parts[i], "*?") == "" {
				continue
			}
			for what, instead := range map[string]string{
				"any":         "*",
				"more behind": parts[i] + "*",
				"more before": "*" + parts[i],
			} {
				changed := slices.Clone(parts)
				changed[i] = instead
				all[fmt.Sprintf("%s part %d at %s", what, i, separator)] = strings.Join(changed, separator)
			}
		}
	}
	for i, at := range digits.FindAllStringIndex(value, -1) {
		swapped := value[:at[0]] + digits.ReplaceAllString(value[at[0]:at[1]], "77") + value[at[1]:]
		if swapped != value && strings.ContainsAny(value[:at[0]], "@-") {
			all[fmt.Sprintf("another id, %d", i)] = swapped
		}
	}
	return all
}

// answers are those of a policy to the suite's jobs.
func (s Suite) answers(trusts []ci.Trust, account ci.Account) func(*trust.Policy) []trust.Answer {
	if s.Jobs == nil {
		return func(*trust.Policy) []trust.Answer { return nil }
	}
	jobs := s.Jobs(account)
	return func(policy *trust.Policy) []trust.Answer {
		answers := make([]trust.Answer, len(jobs))
		for i, job := range jobs {
			request := trusts[0].Request(job, account)
			answers[i] = policy.Decide(&request)
		}
		return answers
	}
}

func (s Suite) mistakes(t *testing.T) {
	count, killed := 0, 0
	survivors := map[string]int{}
	for _, written := range s.Matrix {
		for _, account := range s.Accounts(written, InAWS, InGov) {
			trusts := s.MustRead(t, written, account)
			policy, cases := ci.Compile(trusts, account, nil), Prepared(trusts, account)
			text, answers := policy.JSON(), s.answers(trusts, account)
			right := answers(policy)
			for _, m := range Mutants(t, text) {
				count++
				first := FirstWrong(m.Policy, cases)
				if first == nil && s.Jobs != nil && slices.Equal(answers(m.Policy), right) {
					continue
				}
				if first == nil {
					survivors[m.Name]++
					continue
				}
				killed++
				if first.Case.Token == "" || !strings.Contains(first.Error(), first.Case.Token) ||
					!strings.Contains(first.Error(), first.Case.Grant) {
					t.Errorf("%s: the error does not name the token: %v", m.Name, first)
				}
			}
		}
	}
	t.Logf("%d mutants, %d killed", count, killed)
	for name, n := range survivors {
		if s.Harmless[name] == "" {
			t.Errorf("%d times not found: the mistake %q in the policy, because no token of a grant gets another "+
				"answer by it. Make up one that does (Others of the ci.Subject, or a field's Other); or, if the "+
				"issuer can write no such token, say why in Harmless of the suite", n, name)
		}
	}
	for name := range s.Harmless {
		if survivors[name] == 0 {
			t.Errorf("%s is found every time; the reason is not needed", name)
		}
	}
}
