package all

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const (
	breakGlass = `{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:role/break-glass"},` +
		`"Action":"sts:AssumeRole"}`
	ownRoot   = `"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"`
	anybody   = `"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"`
	otherRoot = `"Effect":"Allow","Principal":{"AWS":"210987654321"},"Action":"sts:AssumeRole"`
	ecsTasks  = `"Effect":"Allow","Principal":{"Service":"ecs-tasks.amazonaws.com"},"Action":"sts:AssumeRole"`
)

// to is an Allow of sts:AssumeRole for a principal, and under is one of ours or that, under a condition.
func to(principal string) string {
	return `{"Effect":"Allow","Principal":` + principal + `,"Action":"sts:AssumeRole"}`
}

func under(statement, condition string) string {
	return `{` + statement + `,"Condition":{` + condition + `}}`
}

func auditRole(t *testing.T, policy, arn string) []ci.Finding {
	t.Helper()
	found, err := audit.Audit(Registry(), []byte(policy), trust.Role{Arn: arn})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// ourAccount is where the role of these tests is.
var ourAccount = ci.Account{Partition: "aws", Region: "eu-west-1", ID: "123456789012"}

// beside reads one branch of a repository, with statements beside it.
func beside(t *testing.T, more object, statements ...any) ([]ci.Trust, *input.Problems) {
	t.Helper()
	written := object{
		"github": object{"repositories": list{object{
			"repository": "acme@1234567/web@89012345", "branches": list{"main"},
		}}},
		"additionalTrustStatements": list(statements),
	}
	for name, value := range more {
		written[name] = value
	}
	var problems input.Problems
	root := citest.Tree("", written)
	trusts := Registry().Read(root, ourAccount, &problems)
	if limit := (input.Value{Known: true, Path: "trustPolicyMaxLength"}); problems.Len() == 0 {
		if err := ci.Check(trusts, ourAccount, limit, &problems); err != nil {
			t.Fatal(err)
		}
	}
	return trusts, &problems
}

func reasonsOf(problems *input.Problems) string {
	var lines []string
	for _, p := range problems.Sorted() {
		lines = append(lines, p.Path+": "+p.Reason)
	}
	return strings.Join(lines, "\n")
}

// Each of these would let somebody in, or hide who gets in.
func TestAStatementThatWouldOpenTheRoleIsRefused(t *testing.T) {
	for attack, c := range map[string]struct{ statement, says string }{
		"a federated principal": {
			`{"Effect":"Allow","Principal":{"Federated":"gitlab.com"},"Action":"sts:AssumeRoleWithWebIdentity"}`,
			"has a federated principal",
		},
		"a federated principal in another letter case": {
			to(`{"federated":"accounts.google.com"}`),
			"has a federated principal",
		},
		"a federated principal beside an AWS one": {
			to(`{"AWS":"123456789012","Federated":"accounts.google.com"}`),
			"has a federated principal",
		},
		"a federated principal in the second of a list": {
			`[` + breakGlass + `,{"Effect":"Deny","Principal":{"Federated":"*"},"Action":"sts:*"}]`,
			"has a federated principal",
		},
		"a provider's ARN as an AWS principal": {
			to(`{"AWS":"arn:aws:iam::123456789012:oidc-provider/gitlab.com"}`),
			"names an AWS principal that is none",
		},
		"all but one": {
			`{"Effect":"Allow","NotPrincipal":{"AWS":"123456789012"},"Action":"sts:AssumeRole"}`, "NotPrincipal",
		},
		"all actions but one": {
			`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"NotAction":"s3:*"}`, "has NotAction",
		},
		"a Deny of all actions but one": {
			`{"Effect":"Deny","Principal":{"AWS":"123456789012"},"NotAction":"sts:AssumeRole"}`, "has NotAction",
		},
		"a resource": {`{` + ownRoot + `,"Resource":"*"}`, "Resource"},
		"a Sid that looks like the component's": {
			`{"Sid":"cioidcTRUSTgithub",` + ownRoot + `}`, "begins with CiOidcTrust",
		},
		"everyone":                     {`{` + anybody + `}`, "lets everyone in"},
		"everyone as a bare principal": {to(`"*"`), "lets everyone in"},
		"everyone from an address": {
			under(anybody, `"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}`), "lets everyone in",
		},
		"everyone with a secret": {
			under(anybody, `"StringEquals":{"sts:ExternalId":"x"}`), "lets everyone in",
		},
		"everyone of any organization": {
			under(anybody, `"StringLike":{"aws:PrincipalOrgID":"o-*"}`), "lets everyone in",
		},
		"everyone of one's own account": {
			under(anybody, `"StringEquals":{"aws:PrincipalAccount":"${aws:PrincipalAccount}"}`), "lets everyone in",
		},
		"everyone of two accounts, one open": {
			under(anybody, `"StringLike":{"aws:PrincipalAccount":["123456789012","2*"]}`), "lets everyone in",
		},
		"a role of that name in any account": {
			under(anybody, `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/deploy"}`), "lets everyone in",
		},
		"a path that looks like the account": {
			under(anybody, `"StringLike":{"aws:PrincipalArn":"arn:*:iam::123456789012:role/*"}`), "lets everyone in",
		},
		"everyone who lacks an organization": {
			under(anybody, `"StringEqualsIfExists":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}`), "lets everyone in",
		},
		"everyone with every tag of none": {
			under(anybody, `"ForAllValues:StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}`), "demand nothing",
		},
		"everyone who is not somebody": {
			under(anybody, `"StringNotEquals":{"aws:PrincipalAccount":"210987654321"}`), "demand nothing",
		},
		"everyone from other addresses": {
			under(ownRoot, `"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}`), "demand nothing",
		},
		"whoever lacks the second factor": {
			under(ownRoot, `"BoolIfExists":{"aws:MultiFactorAuthPresent":"true"}`), "demand nothing",
		},
		"web identities by another action": {
			`{"Effect":"Allow","Principal":{"AWS":"*"},"Action":["sts:AssumeRole","sts:AssumeRoleWithSAML"]}`,
			"allows an action that is none of",
		},
		"all of STS": {
			`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:*"}`,
			"allows an action that is none of",
		},
		"actions that begin so": {
			`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:AssumeRole*"}`,
			"allows an action that is none of",
		},
		"a wildcard in a role's name": {
			to(`{"AWS":"arn:aws:iam::123456789012:role/*"}`), "without wildcards",
		},
		"a service of another's domain": {
			to(`{"Service":"ec2.amazonaws.com.example.com"}`), "names a service that is none",
		},
		"a Deny of actions that IAM does not take": {
			`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:*"}`,
			"denies an action that IAM takes in no trust policy",
		},
		"an action in another letter case": {
			`{"Effect":"Allow","Principal":{"AWS":"123456789012"},"Action":"sts:assumerole"}`,
			"allows an action that is none of",
		},
		"a principal of another partition": {
			to(`{"AWS":"arn:aws-cn:iam::123456789012:role/glass"}`), "of another partition than the role's",
		},
		"a canonical user":                  {to(`{"CanonicalUser":"79a59df900b949e5"}`), "canonical user"},
		"a member that stands twice":        {`{"Effect":"Deny",` + ownRoot + `}`, `"Effect" stands twice`},
		"a text that ends the list of ours": {`{` + ownRoot + `}],"Statement":[{` + anybody + `}`, "is no JSON"},
		"a whole policy": {
			`{"Version":"2012-10-17","Statement":[` + breakGlass + `]}`, "is a whole policy",
		},
		"no statement":                 {`[]`, "has no statement"},
		"a text":                       {`"sts:AssumeRole"`, "is no statement"},
		"nothing":                      {``, "is no JSON"},
		"an element that nobody knows": {`{` + ownRoot + `,"Condtion":{}}`, "unknown element"},
		"a longer text than any policy": {
			`{` + ownRoot + `,"Sid":"` + strings.Repeat("a", 20_000) + `"}`, "more than any trust policy",
		},
		"a value with a line end that breaks": {
			"{\n" + ownRoot + ",\n\"Condition\":{\"Equals\":{}}}", "line 3, column 14",
		},
	} {
		_, problems := beside(t, nil, c.statement)
		if text := reasonsOf(problems); problems.Len() == 0 || !strings.Contains(text, c.says) ||
			!strings.HasPrefix(text, "additionalTrustStatements[0]: ") {
			t.Errorf("%s: wanted %q, got %q", attack, c.says, text)
		}
	}
}

func TestASidThatStandsInTwoStatementsIsRefused(t *testing.T) {
	_, problems := beside(t, nil, `{"Sid":"BreakGlass",`+ownRoot+`}`,
		`{"Sid":"BreakGlass",`+otherRoot+`}`)
	if text := reasonsOf(problems); !strings.Contains(text, "stands at additionalTrustStatements[0] already") {
		t.Error(text)
	}
}

func TestWhatIsSecretInAStatementIsNotInTheMessage(t *testing.T) {
	root := citest.Tree("", object{"github": object{"repositories": list{object{
		"repository": "acme@1234567/web@89012345", "branches": list{"main"},
	}}}, "additionalTrustStatements": list{`{"Sid":"CiOidcTrustHush",` + ownRoot + `}`}})
	root.Fields["additionalTrustStatements"].List[0].Secret = true
	var problems input.Problems
	Registry().Read(root, ourAccount, &problems)
	if text := reasonsOf(&problems); problems.Len() == 0 || strings.Contains(text, "Hush") {
		t.Error(text)
	}
}

// What a careful reviewer would say, in the component and in an audit of its policy alike.
func TestAStatementsFindingsAreThoseOfTheAudit(t *testing.T) {
	external := `,"Condition":{"StringEquals":{"sts:ExternalId":"b1a7c5d2"}}}`
	for name, c := range map[string]struct {
		statement string
		ids       []string
	}{
		"a role of the account": {breakGlass, nil},
		"the role itself":       {to(`{"AWS":"arn:aws:iam::123456789012:role/deploy"}`), []string{"own-role"}},
		"a session of the role": {
			to(`{"AWS":"arn:aws:sts::123456789012:assumed-role/deploy/x"}`), []string{"own-role"},
		},
		"the role by a condition": {
			under(ownRoot, `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/dep*"}`),
			[]string{"own-role"},
		},
		"other roles by a condition": {
			under(ownRoot, `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/glass-*"}`), nil,
		},
		"the own account": {`{` + ownRoot + `}`, []string{"own-account"}},
		"the own account by its tag": {
			under(ownRoot, `"StringEquals":{"aws:PrincipalTag/team":"ops"}`),
			[]string{"open-principal-tag", "own-account"},
		},
		"another account":       {`{` + otherRoot + `}`, []string{"account-without-external-id"}},
		"another with a secret": {`{` + otherRoot + external, nil},
		"another with any secret": {
			under(otherRoot, `"StringLike":{"sts:ExternalId":"*"}`), []string{"account-without-external-id"},
		},
		"another of an organization": {
			under(otherRoot, `"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}`), nil,
		},
		"everyone of an organization": {
			under(anybody, `"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}`), nil,
		},
		"everyone of another account": {
			under(anybody, `"StringEquals":{"aws:PrincipalAccount":"210987654321"}`),
			[]string{"account-without-external-id"},
		},
		"a tag of an organization": {
			under(anybody, `"StringEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5","aws:PrincipalTag/ci":"yes"}`),
			[]string{"open-principal-tag"},
		},
		"a service for anybody": {`{` + ecsTasks + `}`, []string{"service-without-source"}},
		"a service for all": {
			under(ecsTasks, `"ArnLike":{"aws:SourceArn":"arn:aws:ecs:*:*:*"}`), []string{"service-without-source"},
		},
		"a service for us": {under(ecsTasks, `"StringEquals":{"aws:SourceAccount":"123456789012"}`), nil},
		"another account behind a Deny of all but an organization": {
			`[{` + otherRoot + `},{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole",` +
				`"Condition":{"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}}}]`, nil,
		},
		"a Deny by address": {
			`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity",` +
				`"Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}`, []string{"depends-on-call"},
		},
		"a Deny by address of calls that no service makes": {
			`{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRoleWithWebIdentity",` +
				`"Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"},"Bool":{"aws:ViaAWSService":"false"}}}`,
			[]string{"depends-on-call"},
		},
		"a Deny by the session's name": {
			`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRoleWith*",` +
				`"Condition":{"StringNotLike":{"sts:RoleSessionName":"acme-*"}}}`, []string{"depends-on-call"},
		},
	} {
		trusts, problems := beside(t, object{"roleName": "deploy", "acceptRisks": list{"account-without-external-id"}},
			c.statement)
		if problems.Len() > 0 {
			t.Errorf("%s: %s", name, reasonsOf(problems))
			continue
		}
		var own []string
		for _, f := range ci.Findings(trusts) {
			if f.ID != "github-pull-request-target" {
				own = append(own, f.ID)
			}
		}
		if slices.Sort(own); !slices.Equal(own, c.ids) {
			t.Errorf("%s: the component finds %v", name, own)
		}
		var audited []string
		policy := ci.Compile(trusts, ourAccount, nil).JSON()
		for _, f := range auditRole(t, policy, "arn:aws:iam::123456789012:role/deploy") {
			if f.ID != "github-pull-request-target" {
				audited = append(audited, f.ID)
			}
		}
		if slices.Sort(audited); !slices.Equal(audited, c.ids) {
			t.Errorf("%s: the audit finds %v", name, audited)
		}
	}
}

// The name that Pulumi makes up is not known, and a pattern for every role fits it all the same.
func TestEveryRoleOfTheAccountIsTheRoleItselfTooWhateverItsName(t *testing.T) {
	const every = `"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::123456789012:role/*"}`
	trusts, problems := beside(t, nil, under(ownRoot, every))
	if problems.Len() > 0 || !slices.ContainsFunc(ci.Findings(trusts), func(f ci.Finding) bool {
		return f.ID == "own-role" && strings.Contains(f.Detail, "role/*")
	}) {
		t.Error(reasonsOf(problems), ci.Findings(trusts))
	}
	if found := auditRole(t, ci.Compile(trusts, ourAccount, nil).JSON(), ""); !slices.ContainsFunc(found,
		func(f ci.Finding) bool { return f.ID == "own-role" }) {
		t.Error(found)
	}
}

func TestAnotherAccountWithoutASecretIsRefusedUntilItIsAccepted(t *testing.T) {
	_, problems := beside(t, nil, `{`+otherRoot+`}`)
	text := reasonsOf(problems)
	for _, want := range []string{
		"additionalTrustStatements[0]: ", "add account-without-external-id to acceptRisks", "210987654321",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in %q", want, text)
		}
	}
}

func TestARiskOfStatementsThatAreNotThereCannotBeAccepted(t *testing.T) {
	var problems input.Problems
	Registry().Read(citest.Tree("", object{
		"acceptRisks": list{"own-role"},
		"github": object{"repositories": list{object{
			"repository": "acme@1234567/web@89012345", "branches": list{"main"},
		}}},
	}), ourAccount, &problems)
	if text := reasonsOf(&problems); !strings.Contains(text, "so it accepts nothing") {
		t.Error(text)
	}
}

// A Deny that would lock the jobs out is found before anything is created, whichever claim or key it tests.
func TestADenyThatRefusesATrustedJobIsAnError(t *testing.T) {
	const all = `"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole*"`
	for name, statement := range map[string]string{
		"everybody":                   `{` + all + `}`,
		"everybody as AWS":            `{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRoleWith*"}`,
		"the branch":                  under(all, `"StringLike":{"`+gitHubHost+`:sub":"*:ref:refs/heads/m*"}`),
		"all without a claim":         under(all, `"Null":{"`+gitHubHost+`:environment":"true"}`),
		"all but an organization":     under(all, `"StringNotEquals":{"aws:PrincipalOrgID":"o-a1b2c3d4e5"}`),
		"all but a tag of the role":   under(all, `"StringNotEquals":{"aws:ResourceTag/stage":"production"}`),
		"all without a second factor": under(all, `"BoolIfExists":{"aws:MultiFactorAuthPresent":"false"}`),
	} {
		_, problems := beside(t, nil, breakGlass, statement)
		if text := reasonsOf(problems); problems.Len() != 1 ||
			!strings.HasPrefix(text, "additionalTrustStatements[1]: denies a job that a section lets in") ||
			!strings.Contains(text, "GitHub Actions: acme/web on branch main") {
			t.Errorf("%s: %q", name, text)
		}
	}
}

func TestADenyOfOthersIsWrittenAndProved(t *testing.T) {
	trusts, problems := beside(t, nil, breakGlass, under(`"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole*"`,
		`"StringEquals":{"`+gitHubHost+`:actor":"mallory"}`))
	if problems.Len() > 0 {
		t.Fatal(reasonsOf(problems))
	}
	policy := ci.Compile(trusts, ourAccount, nil)
	claims := map[string]any{
		"sub": "repo:acme@1234567/web@89012345:ref:refs/heads/main", "aud": "sts.amazonaws.com",
		"repository_id": "89012345", "repository_owner_id": "1234567", "actor": "ann",
	}
	for actor, want := range map[string]trust.Answer{"ann": trust.Allowed, "mallory": trust.Denied} {
		claims["actor"] = actor
		if r := trusts[0].Request(claims, ourAccount); policy.Decide(&r) != want {
			t.Errorf("%s: %v", actor, policy.Decide(&r))
		}
	}
	if !slices.Contains(ci.Sentences(trusts),
		"AWS, by an additional statement: arn:aws:iam::123456789012:role/break-glass") {
		t.Error(ci.Sentences(trusts))
	}
}

func TestThePolicyIsTheSameWhateverTheOrderOfStatementsAndTheirLists(t *testing.T) {
	const ann, bob = `"arn:aws:iam::123456789012:user/ann"`, `"arn:aws:iam::123456789012:user/bob"`
	two := `{"Effect":"Allow","Principal":{"AWS":[` + bob + `,` + ann + `]},` +
		`"Action":["sts:TagSession","sts:AssumeRole"],"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}`
	turned := `{"Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}},` +
		`"Action":["sts:AssumeRole","sts:TagSession"],"Effect":"Allow","Principal":{"AWS":[` + ann + `,` + bob + `]}}`
	a, _ := beside(t, nil, breakGlass, two)
	b, problems := beside(t, nil, `[`+turned+`,`+breakGlass+`]`, breakGlass)
	if problems.Len() > 0 {
		t.Fatal(reasonsOf(problems))
	}
	first, second := ci.Compile(a, ourAccount, nil).JSON(), ci.Compile(b, ourAccount, nil).JSON()
	if first != second || strings.Count(first, "break-glass") != 1 {
		t.Errorf("%s\n%s", first, second)
	}
}

func TestStatementsCountForTheQuota(t *testing.T) {
	var users []string
	for i := range 40 {
		users = append(users, fmt.Sprintf(`"arn:aws:iam::123456789012:user/somebody-with-a-long-name-%d"`, i))
	}
	_, problems := beside(t, nil, to(`{"AWS":[`+strings.Join(users, ",")+`]}`))
	if text := reasonsOf(problems); !strings.HasPrefix(text, "trustPolicyMaxLength: the trust policy has ") {
		t.Error(text)
	}
}

func TestMoreThanAnyTrustPolicyMayHaveIsRefusedAtOnce(t *testing.T) {
	var many list
	for i := range 20_000 {
		many = append(many, fmt.Sprintf(`{"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole*",`+
			`"Condition":{"StringEquals":{"aws:PrincipalTag/n":"%d"}}}`, i))
	}
	began := time.Now()
	_, problems := beside(t, nil, many...)
	if text := reasonsOf(problems); !strings.HasPrefix(text, "additionalTrustStatements: have ") ||
		time.Since(began) > 10*time.Second {
		t.Error(text, time.Since(began))
	}
}

// Thousands of statements that guard and allow each other are no way to keep an audit busy.
func TestAnAuditOfThousandsOfCallersEnds(t *testing.T) {
	var statements []string
	for i := range 3_000 {
		statements = append(statements, under(anybody, fmt.Sprintf(`"StringLike":{"aws:PrincipalOrgID":"o-%d*"}`, i)),
			under(`"Effect":"Deny","Principal":{"AWS":"*"},"Action":"sts:AssumeRole*"`,
				fmt.Sprintf(`"StringNotLike":{"aws:PrincipalOrgID":"o-%d*"}`, i)))
	}
	began := time.Now()
	found := auditRole(t, `{"Version":"2012-10-17","Statement":[`+strings.Join(statements, ",")+`]}`, "")
	if len(found) < 3_000 || time.Since(began) > 5*time.Second {
		t.Error(len(found), time.Since(began))
	}
}

func TestWhatIsNotKnownYetLeavesTheTrustOpen(t *testing.T) {
	root := citest.Tree("", object{"github": object{"repositories": list{object{
		"repository": "acme@1234567/web@89012345", "branches": list{"main"},
	}}}, "additionalTrustStatements": list{breakGlass, "later"}})
	root.Fields["additionalTrustStatements"].List[1] = input.Value{Path: "additionalTrustStatements[1]", Present: true}
	var problems input.Problems
	trusts := Registry().Read(root, ourAccount, &problems)
	if problems.Len() > 0 || len(trusts) != 1 || trusts[0].FullyKnown {
		t.Errorf("%s %v", reasonsOf(&problems), trusts[0].FullyKnown)
	}
}
