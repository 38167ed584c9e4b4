package generate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand"
	"strconv"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/naive"
)

// kind is the type of a condition key's values.
type kind int

const (
	kString kind = iota
	kNumber
	kDate
	kBool
	kBinary
	kIP
	kARN
	kinds
)

var issuers = []struct {
	name    string
	strings []string // claims that AWS knows as keys
	numbers []string
	bools   []string
	ignored []string // claims of the token that are no keys
}{
	{"token.actions.githubusercontent.com", []string{"ref", "repository", "environment", "job_workflow_ref"},
		[]string{"repository_id", "actor_id"}, nil, []string{"event_name", "repository_owner"}},
	{"token.actions.githubusercontent.com/acme", []string{"ref", "workflow"}, []string{"repository_owner_id"}, nil,
		[]string{"runner_environment"}},
	{"gitlab.com", []string{"user_login", "pipeline_source"}, []string{"project_id", "namespace_id"},
		[]string{"ref_protected"}, []string{"environment", "project_path"}},
	{"gitlab.example.com", nil, nil, nil, []string{"project_id", "user_login"}},
	{"agent.buildkite.com", []string{"pipeline_slug", "build_branch"}, nil, nil, []string{"step_key"}},
	{"oidc.circleci.com/org/b1a2", []string{"oidc.circleci.com/project-id"}, nil, nil,
		[]string{"oidc.circleci.com/ssh-rerun"}},
	{"app.terraform.io", nil, nil, nil, []string{"terraform_run_phase"}},
}

// draft is a request in the making, with the names of the keys a policy may ask for.
type draft struct {
	*rand.Rand
	req     naive.Request
	single  [kinds][]string // names of keys with one value at most, by kind; present or not
	several [kinds][]string // names of keys with any number of values
	claims  []string        // names that look like keys and never are
	keys    map[string][]string
	silent  bool // also what AWS's documentation leaves open
}

func (d *draft) chance(p float64) bool { return d.Float64() < p }

func pick[T any](d *draft, list []T) T { return list[d.Intn(len(list))] }

func newDraft(r *rand.Rand, silent bool) *draft {
	d := &draft{Rand: r, silent: silent}
	is := pick(d, issuers)
	partition := "aws"
	if d.chance(0.15) {
		partition = pick(d, []string{"aws-cn", "aws-us-gov"})
	}
	d.req = naive.Request{
		Provider:        "arn:" + partition + ":iam::111122223333:oidc-provider/" + is.name,
		Issuer:          is.name,
		Partition:       partition,
		Claims:          map[string]any{"iss": "https://" + is.name, "sub": d.word(), "aud": d.word()},
		RoleARN:         "arn:" + partition + ":iam::111122223333:role/ci",
		RoleSessionName: d.word(),
		Context:         map[string][]string{},
	}
	claims := d.req.Claims
	d.times(claims)
	key := func(claim string) string { return is.name + ":" + claim }
	d.single[kString] = append(d.single[kString], key("sub"), key("aud"), key("oaud"), key("email"),
		"sts:RoleSessionName")
	if d.chance(0.2) {
		claims["aud"] = []any{d.word()}
	}
	if d.chance(0.3) {
		claims["azp"] = d.word()
	}
	if d.chance(0.6) {
		claims["email"] = d.word()
	}
	d.several[kString] = append(d.several[kString], key("amr"), "aws:TagKeys")
	if d.chance(0.75) {
		amr := []any{}
		for _, w := range d.list(kString) {
			amr = append(amr, w)
		}
		claims["amr"] = amr
		if d.chance(0.06) {
			claims["amr"] = []any{} // a set without members is there all the same
		}
	}
	for _, c := range is.strings {
		d.single[kString] = append(d.single[kString], key(c))
		d.maybe(claims, c, d.word())
	}
	for _, c := range is.numbers {
		d.single[kNumber] = append(d.single[kNumber], key(c))
		n := strconv.Itoa(d.Intn(30))
		if d.chance(0.5) {
			d.maybe(claims, c, n) // as GitHub and GitLab send them
		} else {
			d.maybe(claims, c, json.Number(n))
		}
	}
	for _, c := range is.bools {
		d.single[kBool] = append(d.single[kBool], key(c))
		var v any = d.chance(0.5)
		if d.chance(0.5) {
			v = fmt.Sprint(v)
		}
		d.maybe(claims, c, v)
	}
	for _, c := range is.ignored {
		d.claims = append(d.claims, key(c))
		d.maybe(claims, c, d.word())
	}
	d.rolesAndTags()
	d.context()
	if silent && d.chance(0.5) {
		d.odd()
	}
	d.keys = naive.Keys(d.req)
	return d
}

func (d *draft) maybe(claims map[string]any, name string, v any) {
	if d.chance(0.8) {
		claims[name] = v
	}
}

func (d *draft) rolesAndTags() {
	claims := d.req.Claims
	d.single[kBool] = append(d.single[kBool], "sts:RoleAuthorizedByIdp")
	if d.chance(0.4) {
		claims["https://aws.amazon.com/roles"] = []any{d.req.RoleARN}
		if d.chance(0.5) {
			claims["https://aws.amazon.com/roles"] = "arn:aws:iam::444455556666:role/x; " + d.req.RoleARN
		}
	}
	tags := map[string]any{}
	for _, t := range []string{"Team", "Stage"} {
		d.single[kString] = append(d.single[kString], "aws:RequestTag/"+t)
		if d.chance(0.5) {
			tags[t] = []any{d.word()}
		}
	}
	if len(tags) > 0 {
		claims["https://aws.amazon.com/tags"] = map[string]any{"principal_tags": tags}
	}
	if len(tags) > 0 && d.chance(0.3) { // the same in the flat form
		delete(claims, "https://aws.amazon.com/tags")
		for name, value := range tags {
			claims["https://aws.amazon.com/tags/principal_tags/"+name] = value.([]any)[0]
		}
	}
	d.single[kString] = append(d.single[kString], "aws:PrincipalAccount", "aws:PrincipalType", "aws:userid",
		"aws:PrincipalArn")
}

// context fills keys of every kind that no token can fill.
func (d *draft) context() {
	one := func(k kind, name string) {
		d.single[k] = append(d.single[k], name)
		if d.chance(0.8) {
			d.req.Context[name] = []string{d.value(k)}
		}
	}
	one(kNumber, "aws:MultiFactorAuthAge")
	one(kDate, "aws:CurrentTime")
	one(kDate, "aws:EpochTime")
	one(kBool, "aws:SecureTransport")
	one(kBinary, "example:Digest")
	one(kIP, "aws:SourceIp")
	one(kIP, "aws:VpcSourceIp")
	one(kARN, "aws:SourceArn")
	d.single[kARN] = append(d.single[kARN], "aws:FederatedProvider")
	for k, name := range []string{"example:Texts", "example:Numbers", "example:Dates", "example:Flags",
		"example:Digests", "example:Addresses", "example:Arns"} {
		d.several[k] = append(d.several[k], name)
		if d.chance(0.8) {
			d.req.Context[name] = d.list(kind(k))
		}
	}
}

func (d *draft) list(k kind) []string {
	var out []string
	for range 1 + d.Intn(3) {
		out = append(out, d.value(k))
	}
	return out
}

// value makes a request's value of a kind.
func (d *draft) value(k kind) string {
	switch k {
	case kNumber:
		return pick(d,
			[]string{strconv.Itoa(d.Intn(20)), strconv.Itoa(d.Intn(20)) + ".5", "-" + strconv.Itoa(d.Intn(5))})
	case kDate:
		return d.dateText(1_767_225_600 + int64(d.Intn(5))*86_400)
	case kBool:
		return pick(d, []string{"true", "false"})
	case kBinary:
		return base64.StdEncoding.EncodeToString([]byte(d.word()))
	case kIP:
		if d.chance(0.4) {
			return fmt.Sprintf("2001:db8:%x::%x", d.Intn(3), d.Intn(4))
		}
		return fmt.Sprintf("203.0.%d.%d", d.Intn(3), d.Intn(256))
	case kARN:
		return fmt.Sprintf("arn:aws:%s:%s:%012d:%s", pick(d, []string{"s3", "sns", "sqs"}),
			pick(d, []string{"", "eu-west-1", "us-east-1"}),
			d.Intn(3), pick(d, []string{"topic", "role/a", "role/a/b", "x:y", "x:y:z"}))
	}
	return d.word()
}

const letters = "aaabbcABC:/-"

// word is a short string of a small alphabet, now and then with a character that is
// special in a policy.
func (d *draft) word() string {
	n := 1 + d.Intn(6)
	b := make([]byte, n)
	for i := range b {
		b[i] = letters[d.Intn(len(letters))]
	}
	if d.chance(0.06) {
		b[d.Intn(n)] = "*?$"[d.Intn(3)]
	}
	if d.silent && d.chance(0.05) {
		return ""
	}
	if d.chance(0.1) {
		return d.letters()
	}
	return string(b)
}

// glyphs are where comparing letter case, and counting characters, goes wrong.
var glyphs = []string{
	"\U00010400", "\U00010428", "\U0001F600", "ß", "ẞ", "SS", "ss", "Σ", "σ", "ς", "ΟΣ", "ος", "οσ", "İ", "i\u0307",
	"ı", "I", "i", "\u212a", "K", "k", "ſ", "s", "é", "É", "e\u0301", "E\u0301", "ﬁ", "FI", "ǅ", "ǆ", "日", "a", "B",
	"-",
}

// letters is a short text of them.
func (d *draft) letters() string {
	var text string
	for range 1 + d.Intn(3) {
		text += pick(d, glyphs)
	}
	return text
}

// dateText writes an instant in one of the forms AWS takes.
func (d *draft) dateText(unix int64) string {
	t := time.Unix(unix, 0).UTC()
	switch {
	case d.chance(0.3):
		return strconv.FormatInt(unix, 10)
	case d.chance(0.2):
		return t.In(time.FixedZone("", 5400)).Format(time.RFC3339)
	case unix%86_400 == 0 && d.chance(0.4):
		return t.Format("2006-01-02")
	case unix%60 == 0 && d.chance(0.2):
		return t.Format("2006-01-02T15:04Z07:00")
	}
	return t.Format(time.RFC3339)
}
