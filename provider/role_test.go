package provider

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// roleProblems holds role inputs against the schema and the rules of IAM.
func roleProblems(t *testing.T, written map[string]any, partition string) []string {
	t.Helper()
	var problems input.Problems
	tree, _, err := readInputs(trustToken, written, &problems)
	if err != nil {
		t.Fatal(err)
	}
	checkRole(tree, partition, &problems)
	checkTagCount(tree.Field("tags"), 0, nil, &problems)
	lines := []string{}
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return lines
}

// statement is the smallest policy document.
const statement = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}`

func TestWhatIAMWouldRefuseOfARoleIsRefusedWithItsRule(t *testing.T) {
	const (
		name      = "roleName: must have 1 to 64 letters, digits or _+=,.@- "
		path      = "path: must be / or begin and end with /, at most 512 characters, such as /ci/ "
		described = "description: has a character that IAM does not take: it takes printable Latin-1, " +
			"tabs and line ends "
		arn = ": must be the ARN of a managed policy, arn:PARTITION:iam::ACCOUNT-OR-aws:policy/NAME, such as " +
			"arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess "
		policy = `inlinePolicies.p: must be a policy document as a JSON object, such as {"Version":"2012-10-17",` +
			`"Statement":[...]} `
		without  = "inlinePolicies.p: is a JSON object without a Statement; a policy document needs at least one"
		tagKey   = ": a tag's key has 1 to 128 letters, digits, spaces or _.:/=+-@ and does not begin with aws:"
		tagValue = ": a tag's value has at most 256 letters, digits, spaces or _.:/=+-@ "
	)
	found := func(text string) string { return input.Got(input.Value{Scalar: text}) }
	long := strings.Repeat("a", 1001)
	for _, c := range []struct {
		property string
		value    any
		want     []string
	}{
		{"roleName", "deploy-1_+=,.@", nil},
		{"roleName", long[:64], nil},
		{"roleName", long[:65], []string{name + found(long[:65])}},
		{"roleName", "", []string{name + found("")}},
		{"roleName", "my role", []string{name + found("my role")}},
		{"roleName", "ci/deploy", []string{name + found("ci/deploy")}},
		{"roleName", "rôle", []string{name + found("rôle")}},
		{"path", "/", nil},
		{"path", "/ci/team-a/", nil},
		{"path", "/" + long[:510] + "/", nil},
		{"path", "/" + long[:511] + "/", []string{path + found("/"+long[:511]+"/")}},
		{"path", "ci", []string{path + found("ci")}},
		{"path", "/ci", []string{path + found("/ci")}},
		{"path", "", []string{path + found("")}},
		{"path", "/c i/", []string{path + found("/c i/")}},
		{"description", "Deploys the web, from CI.\n\té ÿ ¡", nil},
		{"description", "", nil},
		{"description", strings.Repeat("é", 1000), nil},
		{"description", long, []string{"description: has 1001 characters, and IAM takes 1000"}},
		{"description", "→", []string{described + found("→")}},
		{"description", "a\x00", []string{described + found("a\x00")}},
		{"description", "a\u00a0b", []string{described + found("a\u00a0b")}},
		{"permissionsBoundary", "arn:aws:iam::123456789012:policy/ci/boundary", nil},
		{"permissionsBoundary", "boundary", []string{"permissionsBoundary" + arn + found("boundary")}},
		{"permissionsBoundary", "arn:aws:iam::123456789012:role/x",
			[]string{"permissionsBoundary" + arn + found("arn:aws:iam::123456789012:role/x")}},
		{"permissionsBoundary", "arn:aws-cn:iam::aws:policy/X", []string{"permissionsBoundary: lies in another " +
			"partition than the role, which is in aws " + found("arn:aws-cn:iam::aws:policy/X")}},
		{"policyArns", []any{"arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/job-function/B"}, nil},
		{"policyArns", []any{}, nil},
		{"policyArns", []any{"AmazonS3FullAccess"}, []string{"policyArns[0]" + arn + found("AmazonS3FullAccess")}},
		{"policyArns", []any{"arn:aws:iam::12345:policy/A"},
			[]string{"policyArns[0]" + arn + found("arn:aws:iam::12345:policy/A")}},
		{"policyArns", []any{"arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B", "arn:aws:iam::aws:policy/A"},
			[]string{"policyArns[2]: stands at policyArns[0] already; each policy is attached once " +
				found("arn:aws:iam::aws:policy/A")}},
		{"inlinePolicies", map[string]any{"p": statement, "q+=,.@-_": `{"Statement":{"Effect":"Allow"}}`}, nil},
		{"inlinePolicies", map[string]any{"p": ""}, []string{policy + found("")}},
		{"inlinePolicies", map[string]any{"p": "{"}, []string{policy + found("{")}},
		{"inlinePolicies", map[string]any{"p": "[]"}, []string{policy + found("[]")}},
		{"inlinePolicies", map[string]any{"p": "null"}, []string{policy + found("null")}},
		{"inlinePolicies", map[string]any{"p": statement + "x"}, []string{policy + found(statement+"x")}},
		{"inlinePolicies", map[string]any{"p": "arn:aws:iam::aws:policy/A"},
			[]string{policy + found("arn:aws:iam::aws:policy/A")}},
		{"inlinePolicies", map[string]any{"p": "{}"}, []string{without}},
		{"inlinePolicies", map[string]any{"p": `{"statement":[{}]}`}, []string{without}},
		{"inlinePolicies", map[string]any{"p": `{"Statement":null}`}, []string{without}},
		{"inlinePolicies", map[string]any{"p": `{"Statement":[]}`}, []string{without}},
		{"inlinePolicies", map[string]any{"my policy": statement},
			[]string{"inlinePolicies.my policy: an inline policy's name has 1 to 128 letters, digits or _+=,.@-"}},
		{"tags", map[string]any{"team": "web", "a:b/c": "x y", "été": ""}, nil},
		{"tags", map[string]any{"AWS:x": "1"}, []string{"tags.AWS:x" + tagKey}},
		{"tags", map[string]any{"": "1"}, []string{`tags[""]` + tagKey}},
		{"tags", map[string]any{"a*": "1"}, []string{"tags.a*" + tagKey}},
		{"tags", map[string]any{long[:129]: "1"}, []string{"tags." + long[:129] + tagKey}},
		{"tags", map[string]any{"a": long[:257]}, []string{"tags.a" + tagValue + found(long[:257])}},
		{"tags", map[string]any{"a": "{}"}, []string{"tags.a" + tagValue + found("{}")}},
		{"tags", map[string]any{"Team": "1", "team": "2"},
			[]string{"tags.team: differs from tags.Team in letter case alone, which IAM takes for the same key"}},
		{"maxSessionDuration", 600.0, []string{"maxSessionDuration: must be at least 3600 (found 600)"}},
		{"maxSessionDuration", 43201.0, []string{"maxSessionDuration: must be at most 43200 (found 43201)"}},
		{"maxSessionDuration", 3600.5, []string{"maxSessionDuration: must be a whole number (found 3600.5)"}},
		{"permissionsBoundary", nil, []string{"permissionsBoundary: is null; give it a value, or leave it out"}},
		{"trustPolicyMaxLength", 9000.0, []string{"trustPolicyMaxLength: must be at most 8192 (found 9000)"}},
	} {
		if got := roleProblems(t, map[string]any{c.property: c.value}, "aws"); !slices.Equal(got,
			append([]string{}, c.want...)) {
			t.Errorf("%s %v:\n got %q\nwant %q", c.property, c.value, got, c.want)
		}
	}
}

func TestInlinePoliciesTogetherMustFitTheRole(t *testing.T) {
	policies := map[string]any{}
	for i := range 3 {
		policies[fmt.Sprint("p", i)] = strings.Replace(statement, "*", strings.Repeat("x", 4000), 1)
	}
	got := roleProblems(t, map[string]any{"inlinePolicies": policies}, "aws")
	if len(got) != 1 || !strings.HasPrefix(got[0], "inlinePolicies: have 12") ||
		!strings.HasSuffix(got[0], "and IAM takes 10240 on one role; use managed policies (policyArns) for some") {
		t.Errorf("%q", got)
	}
	policies["p0"], policies["p1"] = strings.ReplaceAll(statement, ",", ","+strings.Repeat(" ", 4000)), statement
	if got := roleProblems(t, map[string]any{"inlinePolicies": policies}, "aws"); len(got) > 0 {
		t.Errorf("white space counts: %q", got)
	}
}

func TestFiftyTagsArePossible(t *testing.T) {
	tags := map[string]any{}
	for i := range 50 {
		tags[fmt.Sprint("t", i)] = "x"
	}
	if got := roleProblems(t, map[string]any{"tags": tags}, "aws"); len(got) > 0 {
		t.Errorf("%q", got)
	}
	tags["one more"] = "x"
	if got := roleProblems(t, map[string]any{"tags": tags}, "aws"); !slices.Equal(got,
		[]string{"tags: has 51 tags, and IAM takes 50"}) {
		t.Errorf("%q", got)
	}
}

func TestWhatIsNotKnownYetIsPassedOverAndTheRestIsChecked(t *testing.T) {
	unknown := input.Unknown{Element: ""}
	got := roleProblems(t, map[string]any{
		"roleName": unknown, "path": unknown, "description": unknown, "permissionsBoundary": unknown,
		"policyArns": []any{unknown, "x", unknown}, "inlinePolicies": map[string]any{"p": unknown, "q r": unknown},
		"tags": map[string]any{"a": unknown, "*": unknown}, "maxSessionDuration": unknown,
	}, "aws")
	if len(got) != 3 || !strings.HasPrefix(got[0], "inlinePolicies.q r: ") ||
		!strings.HasPrefix(got[1], "policyArns[1]: ") || !strings.HasPrefix(got[2], "tags.*: ") {
		t.Errorf("%q", got)
	}
	if got := roleProblems(t, map[string]any{"policyArns": unknown, "inlinePolicies": unknown, "tags": unknown},
		"aws"); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestAPartitionThatIsNotKnownYetIsNotHeldAgainstARN(t *testing.T) {
	if got := roleProblems(t, map[string]any{"policyArns": []any{"arn:aws-cn:iam::aws:policy/A"}}, ""); len(got) > 0 {
		t.Errorf("%q", got)
	}
}

func TestNoSecretOfTheRoleAppearsInAProblem(t *testing.T) {
	hush := input.Secret{Element: "→hush*"}
	written := map[string]any{
		"roleName": hush, "path": hush, "description": hush, "permissionsBoundary": hush,
		"policyArns": []any{hush, hush}, "inlinePolicies": map[string]any{"p": hush}, "tags": map[string]any{"a": hush},
	}
	got := roleProblems(t, written, "aws")
	if len(got) < 8 {
		t.Errorf("only %q", got)
	}
	for _, line := range got {
		path, _, _ := strings.Cut(line, ": ")
		if strings.Contains(line, "hush") || !strings.HasSuffix(path, " (secret)") {
			t.Errorf("%s", line)
		}
		// The engine prints what stands at the path of a problem, of a secret too.
		if steps, err := resource.ParsePropertyPath(path); err == nil {
			if shown, leads := steps.Get(resource.NewProperty(pulumiInputs(written))); leads {
				t.Errorf("%s leads to %v", path, shown)
			}
		}
	}
	whole := input.Secret{Element: map[string]any{"hush*": "x"}}
	if got := roleProblems(t, map[string]any{"tags": whole, "inlinePolicies": whole},
		"aws"); strings.Contains(strings.Join(got, "\n"), "hush") {
		t.Errorf("the key of a secret map is shown: %q", got)
	}
}
