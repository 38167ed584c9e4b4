package account_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/account"
)

// resources are a template with some resources, and the lines before them.
func resources(before string, list ...string) string {
	var b strings.Builder
	b.WriteString(before + "Resources:\n")
	for i, one := range list {
		fmt.Fprintf(&b, "  R%d: %s\n", i, one)
	}
	return b.String()
}

const (
	forEC2 = `{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}`
	forJob = `{Effect: Allow, Principal: {Federated: "arn:aws:iam::123456789012:oidc-provider/gitlab.com"}, ` +
		`Action: sts:AssumeRoleWithWebIdentity}`
)

func roleOf(statements string) string {
	return `{Type: AWS::IAM::Role, Properties: {RoleName: deploy, AssumeRolePolicyDocument: {Statement: [` +
		statements + `]}}}`
}

func TestAConditionOfATemplateHidesNoWebIdentity(t *testing.T) {
	for name, c := range map[string]struct {
		statements string
		perhaps    bool
	}{
		"behind the condition":   {`!If [c, ` + forEC2 + `, ` + forJob + `]`, true},
		"before it":              {`!If [c, ` + forJob + `, ` + forEC2 + `]`, true},
		"inside another":         {`!If [c, ` + forEC2 + `, !If [d, ` + forEC2 + `, ` + forJob + `]]`, true},
		"an action":              {strings.Replace(forJob, "sts:AssumeRoleWithWebIdentity", "!Ref Unknown", 1), true},
		"no web identity at all": {`!If [c, ` + forEC2 + `, ` + strings.Replace(forEC2, "ec2", "ecs", 1) + `]`, false},
		"an account that is not known": {
			`{Effect: Allow, Principal: {AWS: !Ref Account}, Action: sts:AssumeRole}`, false,
		},
		"nothing that is not known": {forJob, false},
	} {
		f, _ := found(t, resources("Parameters: {Unknown: {Type: String}, Account: {Type: String}}\n",
			roleOf(c.statements)))
		if r := f.Roles[0]; r.Perhaps != c.perhaps {
			t.Errorf("%s: %v, unknown %q", name, r.Perhaps, r.Unknown)
		}
	}
}

func TestAStatementThatIsNoValueIsTakenAway(t *testing.T) {
	f, _ := found(t, resources("", roleOf(`!If [c, !Ref "AWS::NoValue", `+forEC2+`], `+forJob)))
	if got := string(f.Roles[0].Trust); strings.Contains(got, "null") || !strings.Contains(got, "gitlab.com") {
		t.Errorf("got %s", got)
	}
}

func TestRolesThatAMacroMakesAreNotPassedOver(t *testing.T) {
	f, _ := found(t, resources("", roleOf(forEC2))+
		"  Fn::ForEach::Roles: [Name, [A], {\"R${Name}\": "+roleOf(forJob)+"}]\n"+
		"  Fn::ForEach::Queues: [Name, [A], {\"Q${Name}\": {Type: AWS::SQS::Queue}}]\n"+
		"  Fn::Transform: {Name: AWS::Include}\n")
	var labels []string
	for _, r := range f.Roles {
		labels = append(labels, r.Label())
		if macro := strings.HasPrefix(r.Label(), "Fn::"); macro != (r.Trust == nil) || macro && len(r.Unknown) != 1 {
			t.Errorf("%s: %s, unknown %q", r.Label(), r.Trust, r.Unknown)
		} else if r.Complete && !macro {
			t.Errorf("%s: a macro may give it policies, and they count as shown", r.Label())
		}
	}
	if want := []string{"Fn::ForEach::Roles", "Fn::Transform", "deploy"}; !slices.Equal(labels, want) {
		t.Errorf("got %q", labels)
	}
}

func TestAConditionOfATemplateHidesNoPermission(t *testing.T) {
	reads := `{Statement: {Effect: Allow, Action: "s3:GetObject", Resource: "*"}}`
	admin := `{Statement: {Effect: Allow, Action: "*", Resource: "*"}}`
	inline := func(document string) string {
		return strings.Replace(roleOf(forJob), "RoleName: deploy,", "RoleName: deploy, Policies: [{PolicyName: p, "+
			"PolicyDocument: "+document+"}],", 1)
	}
	attached := func(roles string) string {
		return `{Type: AWS::IAM::Policy, Properties: {PolicyName: p, Roles: ` + roles + `, PolicyDocument: ` +
			admin + `}}`
	}
	for name, c := range map[string]struct {
		template string
		complete bool
		unread   string // of the first policy
	}{
		"what it allows":      {resources("", inline(`!If [c, `+reads+`, `+admin+`]`)), true, "condition c"},
		"the same either way": {resources("", inline(`!If [c, `+reads+`, `+reads+`]`)), true, ""},
		"whose it is": {
			resources("", roleOf(forJob), attached(`!If [c, [other], [!Ref R0]]`)), false, "",
		},
		"a list of names": {
			resources("Parameters: {Names: {Type: CommaDelimitedList}}\n", roleOf(forJob), attached(`!Ref Names`)),
			false, "",
		},
		"a role by its name": {resources("", roleOf(forJob), attached(`[!Ref R0]`)), true, ""},
		"another role":       {resources("", roleOf(forJob), attached(`[elsewhere]`)), true, ""},
	} {
		f, _ := found(t, c.template)
		r := f.Roles[0]
		if r.Complete != c.complete {
			t.Errorf("%s: complete is %v", name, r.Complete)
		}
		if c.unread != "" && (r.Policies[0].Document != nil || !strings.Contains(r.Policies[0].Unread, c.unread)) {
			t.Errorf("%s: %s, unread %q", name, r.Policies[0].Document, r.Policies[0].Unread)
		}
		if len(r.Policies) > 0 && c.unread == "" && r.Policies[0].Document == nil {
			t.Errorf("%s: not read: %q", name, r.Policies[0].Unread)
		}
	}
}

func TestATemplateWhoseTextsMultiplyEndsAndSaysSo(t *testing.T) {
	refs := strings.TrimSuffix(strings.Repeat("!Ref Long,", 50_000), ",")
	subs := strings.Repeat("${Long}", 50_000)
	for name, sub := range map[string]string{"Join": `!Join ["", [` + refs + `]]`, "Sub": `!Sub "` + subs + `"`} {
		began := time.Now()
		f, err := account.Read([]byte(resources("Parameters: {Long: {Type: String, Default: "+
			strings.Repeat("x", 100_000)+"}}\n", roleOf(strings.Replace(forJob, "Action:",
			"Condition: {StringEquals: {\"gitlab.com:sub\": "+sub+"}}, Action:", 1)))))
		if err != nil {
			t.Fatal(err)
		}
		if r := f.Roles[0]; !slices.Contains(r.Unknown, "a text that is too long") || !r.Perhaps {
			t.Errorf("%s: unknown %q", name, r.Unknown)
		}
		if took := time.Since(began); took > 10*time.Second {
			t.Errorf("%s took %s", name, took)
		}
	}
}

// A role that is merged from another had no type, and was passed over without a word.
func TestARoleThatIsMergedFromAnotherIsFound(t *testing.T) {
	for name, text := range map[string]string{
		"the role": "Resources:\n  A: &a " + roleOf(forJob) + "\n  B:\n    <<: *a\n",
		"its properties": "Resources:\n  A:\n    Type: AWS::IAM::Role\n    Properties: &p\n      " +
			"AssumeRolePolicyDocument: {Statement: " + forJob + "}\n  B:\n    Type: AWS::IAM::Role\n    " +
			"Properties: {<<: [{Path: /}, *p], Path: /a/}\n",
		"all of them": "x: &x\n  A: " + roleOf(forJob) + "\n  B: " + roleOf(forJob) + "\nResources:\n  <<: *x\n",
		"an alias":    "Resources:\n  A: &a " + roleOf(forJob) + "\n  B: *a\n",
	} {
		f, err := account.Read([]byte(text))
		if err != nil || len(f.Roles) != 2 || f.Roles[0].Err != nil || f.Roles[1].Err != nil ||
			!strings.Contains(string(f.Roles[1].Trust), "gitlab.com") {
			t.Errorf("%s: %+v, %v", name, f, err)
		}
	}
	over := "Resources:\n  A: &a " + roleOf(forEC2) + "\n  B: {<<: *a, Properties: {AssumeRolePolicyDocument: " +
		"{Statement: " + forJob + "}}}\n"
	if f, err := account.Read([]byte(over)); err != nil || !strings.Contains(string(f.Roles[1].Trust), "gitlab.com") {
		t.Errorf("what is written goes before what is merged: %+v, %v", f, err)
	}
}

// Of several documents the first was audited, and the others were passed over without a word.
func TestATemplateOfSeveralDocumentsIsRefused(t *testing.T) {
	one := resources("", roleOf(forJob))
	for _, text := range []string{one + "---\n" + one, "---\nx: 1\n---\n" + one, one + "---\n"} {
		f, err := account.Read([]byte(text))
		if err == nil || !strings.Contains(err.Error(), "several YAML documents") {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
	}
	for _, text := range []string{"---\n" + one, one + "...\n", "# a comment\n" + one} {
		if f, err := account.Read([]byte(text)); err != nil || len(f.Roles) != 1 {
			t.Errorf("%s: %+v, %v", text, f, err)
		}
	}
}
