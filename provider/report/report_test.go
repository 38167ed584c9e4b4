package report_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/report"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// github is a trust policy for subjects of GitHub, each in a statement of its own.
func github(subjects ...string) []byte {
	var statements []string
	for _, subject := range subjects {
		value, _ := json.Marshal(subject)
		statements = append(statements, `{"Effect":"Allow","Principal":{"Federated":`+
			`"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"},`+
			`"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":`+
			`{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"},"StringLike":`+
			`{"token.actions.githubusercontent.com:sub":`+string(value)+`}}}`)
	}
	return []byte(`{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`)
}

func role(name string, subjects ...string) account.Role {
	return account.Role{Name: name, Arn: "arn:aws:iam::123456789012:role/" + name, File: "roles.json", Line: 7,
		Trust: github(subjects...)}
}

func made(roles ...account.Role) *report.Report {
	return report.New(verb.AuditRoles(roles), nil, false)
}

func rules() []ci.Rule { return audit.Rules(all.Registry()) }

// printed is a report in each format.
func printed(t *testing.T, r *report.Report) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for format, write := range map[string]func(*bytes.Buffer) error{
		"text":   func(b *bytes.Buffer) error { return r.Text(b, false) },
		"json":   func(b *bytes.Buffer) error { return r.JSON(b) },
		"sarif":  func(b *bytes.Buffer) error { return r.SARIF(b, rules(), "1.2.3") },
		"github": func(b *bytes.Buffer) error { return r.GitHub(b) },
		"csv":    func(b *bytes.Buffer) error { return r.CSV(b) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		texts[format] = b.String()
	}
	return texts
}

const evil = "=cmd|' /C calc'!A1\x1b]0;owned\x07\r\n::add-mask::x\n##[group]x%0A::error::y,file=z:" +
	"<script>alert(1)</script>" +
	"[x](http://evil.example.com){0}\u202e\u2028\u009b2J"

// hostile is a report in which a stranger has written all that a document lets them write.
func hostile() *report.Report {
	f := verb.Finding{
		ID: "any-ref", Severity: "high", Message: evil, Remediation: "Do.", Source: "https://example.com", Statement: 1,
		Line: 1, Column: 1, Key: evil, Value: evil, Role: evil,
		Witness: &verb.Witness{Claims: map[string]any{"sub": evil}, Who: evil, Call: evil},
	}
	return report.New([]verb.RoleAudit{
		{Role: evil, Arn: evil, File: evil, Address: evil, WebIdentity: true, Findings: []verb.Finding{f}},
		{Role: evil, File: evil + "2", Findings: []verb.Finding{}, Error: evil},
	}, []account.Skipped{{File: evil, Reason: evil}}, false)
}

func TestAPolicyCannotWriteToTheTerminalOfItsReader(t *testing.T) {
	for format, text := range printed(t, hostile()) {
		for _, r := range text {
			if r != '\n' && (r < ' ' || r >= 0x7f && r < 0xa0 || r == '\u202e' || r == '\u2028') {
				t.Errorf("%s has the character %q: %s", format, r, text)
				break
			}
		}
	}
}

func TestAPolicyCannotGiveCommandsToGitHubsRunner(t *testing.T) {
	for _, format := range []string{"text", "github"} {
		for line := range strings.Lines(printed(t, hostile())[format]) {
			trimmed := strings.TrimSpace(line)
			command := strings.HasPrefix(trimmed, "::")
			ours := slices.ContainsFunc([]string{"::error ", "::warning ", "::notice "}, func(p string) bool {
				return strings.HasPrefix(trimmed, p)
			})
			if command && (format == "text" || !ours) || strings.Contains(line, "##[") {
				t.Errorf("%s: the runner obeys %q", format, line)
			}
			if !command {
				continue
			}
			properties, _, _ := strings.Cut(strings.TrimPrefix(trimmed, "::"), "::")
			for property := range strings.SplitSeq(strings.SplitN(properties, " ", 2)[1], ",") {
				name, value, _ := strings.Cut(property, "=")
				if !slices.Contains([]string{"file", "line", "col", "title"}, name) || strings.Contains(value, ":") {
					t.Errorf("the property %q in %q", property, line)
				}
			}
			if strings.Contains(line, "%0A") || strings.Contains(line, "%0D") {
				t.Errorf("a text breaks its line: %q", line)
			}
		}
	}
}

func TestAPolicyCannotPutAFormulaIntoASpreadsheet(t *testing.T) {
	rows, err := csv.NewReader(strings.NewReader(printed(t, hostile())["csv"])).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatal(err, rows)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsAny(cell[:1], "=+-@\t\r") {
				t.Errorf("a spreadsheet computes %q", cell)
			}
		}
	}
}

func TestAPolicyCannotPutALinkOrAPlaceholderIntoSARIF(t *testing.T) {
	text := printed(t, hostile())["sarif"]
	if strings.Contains(text, "<script>") {
		t.Error("HTML is not escaped")
	}
	var log struct {
		Runs []struct {
			Results []struct{ Message struct{ Text string } }
		}
	}
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	message := log.Runs[0].Results[0].Message.Text
	if !strings.Contains(message, `\[x\](http`) || !strings.Contains(message, "{{0}}") ||
		strings.Contains(strings.ReplaceAll(message, `\[`, ""), "[") {
		t.Errorf("%s", message)
	}
}

func TestNothingButAFindingHasAnIdAndASeverity(t *testing.T) {
	r := made(role("a", "repo:acme/*"), role("b", "repo:acme/web:ref:refs/heads/main"),
		account.Role{Name: "c", Err: fmt.Errorf("no good")})
	for _, format := range []string{"json", "sarif"} {
		var document any
		if err := json.Unmarshal([]byte(printed(t, r)[format]), &document); err != nil {
			t.Fatal(err)
		}
		findings := 0
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case []any:
				for _, item := range v {
					walk(item)
				}
			case map[string]any:
				if v["id"] != nil && v["severity"] != nil {
					findings++
					if v["message"] == nil || v["remediation"] == nil {
						t.Errorf("%s: %v", format, v)
					}
				}
				for _, item := range v {
					walk(item)
				}
			}
		}
		walk(document)
		c := r.Count()
		want := c.High + c.Medium + c.Low
		if format == "json" && findings != want || format == "sarif" && findings != 0 {
			t.Errorf("%s: %d objects have an id and a severity, and there are %d findings", format, findings, want)
		}
	}
}

func fingerprints(r *report.Report) []string {
	var list []string
	for _, a := range r.Roles {
		for _, f := range a.Findings {
			list = append(list, f.Fingerprint)
		}
	}
	slices.Sort(list)
	return list
}

func TestAFingerprintStaysWhenLinesAndStatementsMove(t *testing.T) {
	before := made(role("a", "repo:acme/*", "repo:acme/web:ref:refs/heads/main"), role("b", "repo:acme/*"))
	moved := role("a", "repo:acme/web:ref:refs/heads/main", "repo:acme/*")
	moved.Trust = append([]byte("\n\n"), moved.Trust...)
	moved.Line = 99
	after := made(role("b", "repo:acme/*"), moved)
	if !slices.Equal(fingerprints(before), fingerprints(after)) {
		t.Errorf("%v and %v", fingerprints(before), fingerprints(after))
	}
	if list := fingerprints(before); len(slices.Compact(slices.Clone(list))) != len(list) {
		t.Errorf("two findings have one fingerprint: %v", list)
	}
}

// An attacker who may change a policy that has a finding in the baseline widens it by the same kind of mistake.
func TestWhatIsAddedToAFindingOfTheBaselineIsNew(t *testing.T) {
	before := made(role("a", "repo:acme/*"))
	baseline := before.NewBaseline()
	one := role("a", "repo:acme/*")
	one.Trust = bytes.Replace(one.Trust, []byte(`"repo:acme/*"`), []byte(`["repo:acme/*","repo:mallory/*"]`), 1)
	for name, changed := range map[string]account.Role{
		"a value": one, "a statement": role("a", "repo:acme/*", "repo:acme/*"),
		"another statement": role("a", "repo:acme/*", "repo:mallory/*"), "another value": role("a", "repo:mallory/*"),
		"the same in another role": role("b", "repo:acme/*"),
	} {
		r := made(changed)
		r.Compare(baseline)
		if !r.Reaches(trust.Medium) {
			t.Errorf("%s is added, and nothing is new", name)
		}
	}
	r := made(role("a", "repo:acme/*"))
	r.Compare(baseline)
	if c := r.Count(); r.Reaches(trust.Low) || c.Known == 0 || c.High+c.Medium+c.Low > 0 {
		t.Errorf("%+v", c)
	}
}

// The same attacker, where the finding is about no value of a condition.
func TestWhoIsExchangedInAFindingOfTheBaselineIsNew(t *testing.T) {
	job := string(github("repo:acme@1234567/web@89012345:environment:production"))
	beside := func(account string) string {
		return strings.Replace(job, `"Statement":[`, `"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::`+
			account+`:root"},"Action":"sts:AssumeRole"},`, 1)
	}
	open := func(host string) string {
		return strings.ReplaceAll(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Federated":`+
			`"arn:aws:iam::123456789012:oidc-provider/HOST"},"Action":"sts:AssumeRoleWithWebIdentity"}]}`, "HOST", host)
	}
	for name, policies := range map[string][2]string{
		"another account":               {beside("111122223333"), beside("444455556666")},
		"everybody of another provider": {open("gitlab.com"), open("token.actions.githubusercontent.com")},
	} {
		before, after := role("a"), role("a")
		before.Trust, after.Trust = []byte(policies[0]), []byte(policies[1])
		known := made(before).NewBaseline()
		r := made(after)
		if r.Compare(known); !r.Reaches(trust.Medium) {
			t.Errorf("%s is let in, and nothing is new", name)
		}
	}
	unknown := account.Role{Name: "a", Made: true, Unknown: []string{"condition a"}}
	baseline := made(unknown).NewBaseline()
	unknown.Unknown = []string{"condition b"}
	after := made(unknown)
	if after.Compare(baseline); !after.Reaches(trust.Medium) {
		t.Error("something else is not known, and nothing is new")
	}
}

func TestABaselineIsReadAsItIsWritten(t *testing.T) {
	written := made(role("a", "repo:acme/*"), role("b", "*")).NewBaseline()
	text, err := written.Text()
	if err != nil {
		t.Fatal(err)
	}
	read, err := report.ReadBaseline(text)
	if err != nil || !slices.Equal(read.Findings, written.Findings) || len(read.Findings) < 2 {
		t.Errorf("%v: %s", err, text)
	}
	for wrong, want := range map[string]string{
		`{"version":2,"findings":[]}`: "version 2", `{"version":1,"roles":[]}`: "unknown field",
		"{":                           "line 1, column 2",
		`{"version":1,"findings":{}}`: "expected a baseline",
		`{"version":1,"findings":[]} {"version":1}`: "stands behind the baseline",
	} {
		if _, err := report.ReadBaseline([]byte(wrong)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

func TestWhatIsIgnoredHasAReasonAndIsForSomething(t *testing.T) {
	text := "ignore:\n- {rule: no-such-rule, reason: x}\n- {role: a}\n- {reason: because}\n"
	_, err := report.ReadConfig([]byte(text), rules())
	for _, want := range []string{`ignore[0].rule: there is no finding "no-such-rule"`, "ignore[1].reason: is missing",
		"ignore[2]: is for nothing"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("expected %q, and all problems at once: %v", want, err)
		}
	}
	for _, wrong := range []string{"ignored: []", "ignore: {}", "ignore: [{rule: any-ref, reason: x, until: never}]",
		"a: [", "ignore: []\n---\nignore: []\n"} {
		if _, err := report.ReadConfig([]byte(wrong), rules()); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
	_, err = report.ReadConfig([]byte("ignore: []\nfailOn: high\n"), rules())
	if err == nil || err.Error() != "line 2: failOn is not known; the file has ignore, a list of {rule, role, reason}" {
		t.Error(err)
	}
	if _, err := report.ReadConfig(nil, rules()); err != nil {
		t.Errorf("an empty file: %v", err)
	}
}

func TestWhatIsIgnoredIsShownWithItsReasonAndDoesNotCount(t *testing.T) {
	for _, entry := range []string{
		"rule: RULE", "role: a", "role: arn:aws:iam::123456789012:role/a", "{rule: RULE, role: a}",
	} {
		r := made(role("a", "repo:acme/*"), role("b", "repo:acme/*"))
		rule := r.Roles[0].Findings[0].ID
		entry = strings.ReplaceAll(entry, "RULE", rule)
		text := "ignore:\n- " + entry + "\n  reason: it goes away in March\n"
		if strings.HasPrefix(entry, "{") {
			text = "ignore:\n- " + strings.TrimSuffix(entry, "}") + ", reason: it goes away in March}\n"
		}
		config, err := report.ReadConfig([]byte(text), rules())
		if err != nil {
			t.Fatal(err)
		}
		before := r.Count()
		r.Ignore(config)
		after := r.Count()
		if after.Ignored == 0 ||
			before.High+before.Medium+before.Low != after.High+after.Medium+after.Low+after.Ignored {
			t.Errorf("%s: %+v, then %+v", entry, before, after)
		}
		for format, text := range printed(t, r) {
			if format != "github" && !strings.Contains(text, "it goes away in March") {
				t.Errorf("%s: %s does not show why: %s", entry, format, text)
			}
		}
	}
	r := made(role("a", "repo:acme/*"))
	config, err := report.ReadConfig([]byte("ignore: [{role: gone, reason: was here}]"), rules())
	if err != nil {
		t.Fatal(err)
	}
	if r.Ignore(config); len(r.Unused) != 1 || r.Count().Ignored != 0 {
		t.Errorf("an entry for nothing is said to be of no use: %v", r.Unused)
	}
}

func TestTheWorstRoleComesFirst(t *testing.T) {
	r := made(role("c", "repo:acme@1/web@2:ref:refs/heads/main"), role("a", "repo:*"), account.Role{Name: "z",
		Err: fmt.Errorf("broken")}, role("b", "repo:acme/web:ref:refs/heads/main"))
	var names []string
	for _, a := range r.Roles {
		names = append(names, a.Role)
	}
	if got := strings.Join(names, " "); got != "z a b c" {
		t.Error(got)
	}
}

func TestTheInventoryIsPrintedForPeopleAndPrograms(t *testing.T) {
	r := made(role("a", "repo:acme/web:ref:refs/heads/release/*"))
	r.Inventory = verb.Inventory(r.Roles)
	texts := printed(t, r)
	for format, want := range map[string]string{
		"text": "\nwhich job may assume which role:\nrole a  arn:aws:iam::123456789012:role/a\n" +
			"  by GitHub Actions: owner acme, repository web, branch release/*",
		"json": `"subject": "repo:acme/web:ref:refs/heads/release/*"`,
	} {
		if !strings.Contains(texts[format], want) {
			t.Errorf("%s: expected %q in %s", format, want, texts[format])
		}
	}
	if !strings.Contains(texts["text"], "may: its policies are not shown") {
		t.Error(texts["text"])
	}
}
