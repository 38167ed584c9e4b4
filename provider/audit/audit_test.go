package audit_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const (
	github = "token.actions.githubusercontent.com"
	scalr  = "scalr.io"
	aud    = `"StringEquals":{"KEY:aud":"sts.amazonaws.com"}`
)

// allow is a statement that trusts an issuer under conditions; KEY stands for the issuer.
func allow(host, conditions string) string { return statement("Allow", provider(host), conditions) }

func provider(host string) string {
	return `{"Federated":"arn:aws:iam::123456789012:oidc-provider/` + host + `"}`
}

func statement(effect, principal, conditions string) string {
	_, host, _ := strings.Cut(strings.TrimSuffix(principal, `"}`), ":oidc-provider/")
	if host == "" {
		host = github
	}
	return `{"Effect":"` + effect + `","Action":"sts:AssumeRoleWithWebIdentity","Principal":` + principal +
		`,"Condition":{` + strings.ReplaceAll(conditions, "KEY", host) + `}}`
}

func policy(statements ...string) string {
	return `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
}

func find(t *testing.T, document string) []ci.Finding {
	t.Helper()
	findings, err := audit.Audit(all.Registry(), []byte(document),
		trust.Role{Arn: "arn:aws:iam::123456789012:role/web"})
	if err != nil {
		t.Fatalf("%v\n%s", err, document)
	}
	held(t, document, findings)
	return findings
}

// held fails where the whole policy does not admit the witness of a finding.
func held(t *testing.T, document string, findings []ci.Finding) {
	t.Helper()
	parsed, _, err := trust.ParseLoosely([]byte(document))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range findings {
		if f.Role == "" && f.Statement > 0 {
			t.Errorf("%s has no role", f.ID)
		}
		if f.Witness == nil {
			continue
		}
		iss, _ := f.Witness.Claims["iss"].(string)
		host := strings.TrimPrefix(iss, "https://")
		in := false
		for _, s := range parsed.Statements {
			for _, arn := range s.Principals.ByType["Federated"] {
				of, partition := trust.HostAndPartition(arn)
				if arn == "*" {
					arn, of = "arn:aws:iam::123456789012:oidc-provider/"+host, host
				}
				r := trust.Request{Provider: arn, Issuer: of, Partition: partition, Claims: f.Witness.Claims}
				if of != host {
					continue
				}
				answer := parsed.Decide(&r)
				in = in || answer == trust.Allowed || answer == trust.Undecided && f.Witness.Call != ""
			}
		}
		if !in {
			t.Errorf("the policy does not admit the witness of %s: %v %s\n%s", f.ID, f.Witness.Claims, f.Witness.Call,
				document)
		}
	}
}

// ids are those of findings. That a workspace's dry runs share the role is true of every policy for Scalr.
func ids(findings []ci.Finding) []string {
	list := []string{}
	for _, f := range findings {
		if f.ID == "scalr-dry-runs" {
			continue
		}
		list = append(list, f.ID+" "+string(f.Severity))
	}
	return list
}

func messages(findings []ci.Finding) string {
	var b strings.Builder
	for _, f := range findings {
		fmt.Fprintf(&b, "%s (%s): %s\n", f.ID, f.Severity, f.Message())
	}
	return b.String()
}

// What people write, and what is said of it: all findings, and a part of what they say.
func TestAPolicyHasTheseFindingsAndNoOthers(t *testing.T) {
	acme := `"StringLike":{"KEY:sub":"account:acme:environment:prod:workspace:web"}`
	open := `"StringLike":{"KEY:sub":"account:*"}`
	refused := `{"Effect":"Deny","Action":"sts:*","Principal":"*"`
	for name, c := range map[string]struct {
		policy string
		ids    []string
		says   string
	}{
		"what is right": {policy(allow(scalr, aud+","+acme)), nil, ""},
		"only aud is tested": {
			policy(allow(scalr, aud)), []string{"no-subject high"}, "scalr.io: the issuer serves many tenants",
		},
		"a wildcard for the tenant": {
			policy(allow(scalr, aud+","+open)), []string{"tenant-not-pinned high"}, "Scalr: account mallory",
		},
		"any subject, less all of others": {
			policy(allow(scalr, aud+`,"StringLike":{"KEY:sub":"?*"}`), statement("Deny", `"*"`,
				`"StringNotLike":{"`+scalr+`:sub":"account:acme:*"}`)),
			[]string{"organization-wide medium"}, "account acme",
		},
		"a Deny of everything": {policy(allow(scalr, aud+","+open), refused+"}"), []string{"admits-nobody low"}, ""},
		"a Deny alone":         {policy(refused + "}"), nil, ""},
		"a Deny by a Null that never holds": {
			policy(allow(scalr, aud+","+open), statement("Deny", `"*"`, `"ForAnyValue:Null":{"`+scalr+`:sub":"true"}`)),
			[]string{"tenant-not-pinned high", "never-matches medium"}, "account mallory",
		},
		"a Deny by a Null that never holds, of a claim": {
			policy(allow(github, aud+`,"StringLike":{"KEY:sub":"repo:*"}`), statement("Deny", `"*"`,
				`"ForAnyValue:Null":{"`+github+`:environment":"true"}`)),
			[]string{"tenant-not-pinned high", "never-matches medium"}, "owner mallory",
		},
		"a Deny by a Null that always holds": {
			policy(allow(scalr, aud+","+open),
				statement("Deny", `"*"`, `"ForAllValues:Null":{"`+scalr+`:sub":"true"}`)),
			[]string{"admits-nobody low"}, "",
		},
		"a Deny by a Null that holds with the claim and without it": {
			policy(allow(github, aud+`,"StringLike":{"KEY:sub":"repo:*"}`), statement("Deny", `"*"`,
				`"Null":{"`+github+`:environment":["true","false"]}`)),
			[]string{"admits-nobody low"}, "",
		},
		"a Deny of other audiences": {
			policy(allow(scalr, acme), refused+`,"Condition":{"StringNotEquals":{"scalr.io:aud":"a"}}}`), nil, "",
		},
		"a Deny that no token's key can meet": {
			policy(allow(scalr, aud+","+acme), refused+`,"Condition":{"StringEquals":{"scalr.io:owner":"mallory"}}}`),
			[]string{"unfilled-key medium"}, "never refuses anybody",
		},
		"a claim of another issuer's token": {
			policy(allow(scalr, aud+`,"StringLike":{"`+github+`:sub":"repo:acme/web:*"}`)),
			[]string{"never-matches medium"}, "this is a key of the issuer " + github,
		},
		"a bare claim that is none": {
			policy(allow(github, aud+`,"StringLike":{"repository_owner":"acme"}`)), []string{"never-matches medium"},
			"meant may be " + github + ":repository_owner_id",
		},
		"a bare claim": {
			policy(allow(scalr, aud+`,"StringLike":{"sub":"account:acme:*"}`)), []string{"never-matches medium"},
			"the key lacks the issuer before it; write scalr.io:sub",
		},
		"https in a key": {
			policy(allow(scalr, aud+`,"StringLike":{"https://KEY:sub":"account:acme:*"}`)),
			[]string{"never-matches medium"}, "condition keys have no https://; write scalr.io:sub",
		},
		"a bare key of CircleCI": {
			policy(allow("oidc.circleci.com/org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11",
				`"StringEquals":{"oidc.circleci.com/project-id":"0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70"}`)),
			[]string{"never-matches medium"},
			"write oidc.circleci.com/org/6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11:oidc.circleci.com/project-id",
		},
		"a misspelt issuer": {
			policy(allow(github, aud+`,"StringLike":{"token.action.githubusercontent.com:sub":"repo:acme/web:*"}`)),
			[]string{"never-matches medium"}, "the issuer of the key is misspelt; write " + github + ":sub",
		},
		"a slash behind the issuer of a key": {
			policy(allow(scalr, aud+`,"StringLike":{"KEY/:sub":"account:acme:*"}`)), []string{"never-matches medium"},
			"write scalr.io:sub",
		},
		"a provider with a slash that the issuer has not": {
			policy(allow("scalr.io/", `"StringEquals":{"KEY:aud":"a","KEY:sub":"account:acme:*"}`)),
			[]string{"issuer-slash medium"}, "",
		},
		"a wildcard that is taken literally": {
			policy(allow(scalr, `"StringEquals":{"KEY:aud":"a","KEY:sub":"account:acme:*"}`)),
			[]string{"never-matches medium"}, "StringEquals takes * and ? literally",
		},
		"quotation marks": {
			policy(allow(scalr, `"StringEquals":{"KEY:aud":"a","KEY:sub":"'account:acme:environment:e:workspace:w'"}`)),
			[]string{"never-matches medium"}, "quotation marks",
		},
		"a missing beginning": {
			policy(allow(scalr, `"StringEquals":{"KEY:aud":"a","KEY:sub":"acme:environment:e:workspace:w"}`)),
			[]string{"never-matches medium"}, "begin with account:",
		},
		"four subjects with one fault": {
			policy(allow(scalr, aud+`,"StringLike":{"KEY:sub":["acme:a","acme:b","acme:c","acme:d"]}`)),
			[]string{"never-matches medium"}, `sub "acme:a", "acme:b", "acme:c", "acme:d"`,
		},
		"one dead value beside a living one": {
			policy(allow(scalr, aud+`,"StringLike":{"KEY:sub":["account:acme:environment:e:workspace:w","acme:b"]}`)),
			[]string{"never-matches medium"}, `sub "acme:b"`,
		},
		"conditions that contradict each other": {
			policy(allow(scalr,
				aud+`,"StringLike":{"KEY:sub":"account:acme:*"},"StringNotLike":{"KEY:sub":"account:*"}`)),
			[]string{"never-matches medium"}, "",
		},
		"half the world's addresses, twice": {
			policy(allow(scalr, aud+","+open+`,"IpAddress":{"aws:SourceIp":["0.0.0.0/1","128.0.0.0/1"]}`)),
			[]string{"tenant-not-pinned high"}, "when called from 192.0.2.1",
		},
		"a session's name": {
			policy(allow(scalr, aud+`,"StringLike":{"KEY:sub":"*:prod:*","sts:RoleSessionName":"deploy"}`)),
			[]string{"tenant-not-pinned high"}, "when the session is named deploy",
		},
		"a Deny of some addresses": {
			policy(allow(scalr, aud+","+open), refused+`,"Condition":{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`),
			[]string{"tenant-not-pinned high", "depends-on-call low"}, "when called from 10.0.0.0",
		},
		"addresses that are allowed and denied": {
			policy(allow(scalr, aud+","+open+`,"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}`),
				refused+`,"Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/9","10.128.0.0/9"]}}}`),
			[]string{"depends-on-call low"}, "aws:SourceIp",
		},
		"a time that has passed": {
			policy(allow(scalr, aud+","+open+`,"DateLessThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}`)),
			[]string{"tenant-not-pinned high"}, "when called at 2019-12-31T23:59:59.000Z",
		},
		"an operator that is not worked out": {
			policy(allow(scalr, aud+`,"ArnLike":{"KEY:sub":"account:acme:*"}`)),
			[]string{"not-judged medium", "required-claim medium"}, "ArnLike on sub is not worked out",
		},
		"a policy variable": {
			policy(allow(scalr, aud+`,"StringLike":{"KEY:sub":"account:${aws:RequestTag/x}:*"}`)),
			[]string{"not-judged medium"}, "policy variable",
		},
		"sub by ForAllValues, which is always there": {
			policy(allow(scalr, aud+`,"ForAllValues:StringLike":{"KEY:sub":"account:acme:environment:e:workspace:w"}`)),
			nil, "",
		},
		"no audience": {policy(allow(scalr, acme)), []string{"no-audience medium"}, "Who gets in, for example: Scalr"},
		"an audience with a wildcard": {
			policy(allow(scalr, acme+`,"ForAnyValue:StringLike":{"KEY:aud":"*"}`)),
			[]string{"audience-wildcard medium"}, "",
		},
		"another principal": {
			policy(`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}}`), nil, "",
		},
		"a key twice, in another case": {
			policy(allow(scalr, aud+`,"StringLike":{"KEY:sub":"account:acme:environment:prod:workspace:web",`+
				`"KEY:SUB":"account:*"}`)),
			[]string{"duplicate-json-key high"}, "scalr.io:sub and scalr.io:SUB under StringLike",
		},
		"a key of a Deny twice, in another case": {
			policy(allow(scalr, aud+","+acme), statement("Deny", `"*"`,
				`"StringNotEquals":{"aws:PrincipalAccount":"123456789012","aws:principalAccount":"210987654321"}`)),
			[]string{"duplicate-json-key high"}, "statement 2",
		},
		"any provider": {
			policy(statement("Allow", `{"Federated":"*"}`, `"StringEquals":{"aws:SecureTransport":"true"}`)),
			[]string{"federated-wildcard high"}, "",
		},
		"any provider of one issuer": {
			policy(statement("Allow", `{"Federated":"*"}`,
				`"StringLike":{"aws:FederatedProvider":"arn:aws:iam::*:oidc-provider/`+scalr+`"}`)),
			[]string{"federated-wildcard high"}, "Scalr: account",
		},
		"any provider of an account": {
			policy(statement("Allow", `{"Federated":"*"}`, `"StringEquals":{"aws:PrincipalAccount":"123456789012"}`)),
			[]string{"federated-wildcard high"}, "",
		},
		"any provider, by the caller's id": {
			policy(statement("Allow", `{"Federated":"*"}`,
				`"StringEquals":{"aws:userid":"arn:aws:iam::123456789012:oidc-provider/`+scalr+`"}`)),
			[]string{"federated-wildcard high"}, "",
		},
		"any provider whose tokens name the role": {
			policy(statement("Allow", `{"Federated":"*"}`, `"Bool":{"sts:RoleAuthorizedByIdp":"true"}`)),
			[]string{"not-judged medium"}, "every identity provider of the account",
		},
	} {
		t.Run(name, func(t *testing.T) {
			findings := find(t, c.policy)
			if got := ids(findings); !slices.Equal(got, c.ids) && len(got)+len(c.ids) > 0 ||
				!strings.Contains(messages(findings), c.says) {
				t.Errorf("expected %v saying %q\ngot %s\n%s", c.ids, c.says, messages(findings), c.policy)
			}
		})
	}
}

// Of a role that is not known the account is what the policy says.
func TestEveryProviderOfAnAccountThatAKeyNamesIsFound(t *testing.T) {
	for _, conditions := range []string{
		`"StringEquals":{"aws:PrincipalAccount":"210987654321"}`,
		`"StringLike":{"aws:userid":"arn:aws-cn:iam::210987654321:*/gitlab.com"}`,
		`"ArnEquals":{"aws:FederatedProvider":"arn:aws-us-gov:iam::210987654321:oidc-provider/gitlab.com"}`,
		`"StringLike":{"aws:FederatedProvider":"arn:*:iam::*:oidc-provider/git*","gitlab.com:sub":"project_path:*"}`,
	} {
		document := policy(statement("Allow", `{"Federated":"*"}`, conditions))
		findings, err := audit.Audit(all.Registry(), []byte(document), trust.Role{})
		if err != nil {
			t.Fatal(err)
		}
		if got := ids(findings); !slices.Equal(got, []string{"federated-wildcard high"}) &&
			!slices.Equal(got, []string{"not-judged medium"}) {
			t.Errorf("%s: %s", conditions, messages(findings))
		}
	}
}

func TestAFindingNamesThePlaceOfTheValueInTheDocument(t *testing.T) {
	document := "{\n \"Version\": \"2012-10-17\",\n \"Statement\": [\n  " +
		allow(scalr, aud+`,`+"\n"+`   "StringLike": {"KEY:sub": ["account:acme:environment:e:workspace:w",`+
			"\n    \"account:*\"]}") +
		"\n ]\n}"
	findings := find(t, document)
	if got := ids(findings); !slices.Equal(got, []string{"tenant-not-pinned high"}) {
		t.Fatal(messages(findings))
	}
	f := findings[0]
	if f.Statement != 1 || f.Line != 6 || f.Column != 5 || f.Key != "scalr.io:sub" || f.Value != "account:*" ||
		f.Role != "arn:aws:iam::123456789012:role/web" {
		t.Errorf("%+v", f)
	}
}

func TestAnIssuerOfWhichNothingIsKnownIsJudgedByItsSubjectsAsTheyAreWritten(t *testing.T) {
	const host = "oidc.example.org/realm"
	for condition, want := range map[string]bool{
		aud + `,"StringEquals":{"KEY:sub":"somebody"}`:    false,
		aud + `,"StringLike":{"KEY:sub":"some*"}`:         true,
		aud + `,"StringLike":{"KEY:sub":"*"}`:             true,
		aud:                                               true,
		aud + `,"StringNotEquals":{"KEY:sub":"somebody"}`: true,
	} {
		conditions := strings.Replace(condition, `"},"StringEquals":{`, `",`, 1)
		findings := find(t, policy(allow(host, conditions)))
		high := slices.ContainsFunc(findings, func(f ci.Finding) bool {
			return f.Severity == ci.High && f.Witness != nil
		})
		if high != want || want == false && len(findings) > 0 {
			t.Errorf("%s: %s", conditions, messages(findings))
		}
	}
}

func TestAHostilePolicyIsAnsweredQuickly(t *testing.T) {
	values := func(n int, of func(i int) string) string {
		var list []string
		for i := range n {
			list = append(list, of(i))
		}
		raw, _ := json.Marshal(list)
		return string(raw)
	}
	many := values(1000, func(i int) string { return fmt.Sprintf("repo:acme/web%d:*", i) })
	stars := values(1, func(int) string { return "repo:" + strings.Repeat("*a", 1000) })
	runs := values(20, func(i int) string { return "*" + strings.Repeat("?", 30+i) + "a*" })
	deny := statement("Deny", `"*"`, `"StringNotLike":{"KEY:sub":`+many+`}`)
	for name, document := range map[string]string{
		"a thousand values":           policy(allow(github, aud+`,"StringLike":{"KEY:sub":`+many+`}`)),
		"a thousand stars":            policy(allow(github, aud+`,"StringLike":{"KEY:sub":`+stars+`}`)),
		"runs of question marks":      policy(allow(github, aud+`,"StringLike":{"KEY:sub":`+runs+`}`)),
		"runs that must not fit":      policy(allow(github, aud+`,"StringNotLike":{"KEY:sub":`+runs+`}`)),
		"a thousand ways past a Deny": policy(allow(github, aud+`,"StringLike":{"KEY:sub":"*"}`), deny),
		"a product of ways past Denys": policy(allow(github, aud+`,"StringLike":{"KEY:sub":`+many+`}`), deny,
			deny, deny),
		"conditions by the thousand": policy(allow(github, aud+`,"StringLike":{"KEY:sub":`+many+`,"KEY:repository":`+
			many+`},"ForAnyValue:StringLike":{"KEY:sub":`+many+`}`)),
	} {
		began := time.Now()
		findings := find(t, document)
		if took := time.Since(began); took > 20*time.Second { // tests share their machine; the aim is a second
			t.Errorf("%s took %v", name, took)
		}
		if len(findings) == 0 {
			t.Errorf("%s: nothing was found", name)
		}
	}
}

// Sixteen wildcards and more once used up what the audit may cost, and a policy that lets everybody in was not judged.
func TestAStrangerIsFoundHoweverManyWildcardsAValueHas(t *testing.T) {
	for _, stars := range []int{1, 16, 17, 25, 100, 1000, 4000} {
		document := policy(allow(github, aud+`,"StringLike":{"KEY:sub":"repo:`+strings.Repeat("*a", stars)+`*"}`))
		findings := find(t, document)
		at := slices.IndexFunc(findings, func(f ci.Finding) bool { return f.ID == ci.TenantNotPinned.ID })
		if at < 0 || findings[at].Witness == nil {
			t.Fatalf("%d wildcards: no stranger gets in, by %v", stars, findings)
		}
		if most := 300; len(findings[at].Detail) > most {
			t.Errorf("%d wildcards: the detail has %d characters", stars, len(findings[at].Detail))
		}
	}
}
