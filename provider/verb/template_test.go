package verb_test

import (
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// templated is a template with a role whose only statement a condition chooses.
func templated(sub string) []byte {
	job := strings.Replace(rightPolicy, "repo:acme/*", sub, 1)
	job = job[strings.Index(job, "[")+1 : strings.LastIndex(job, "]")]
	return []byte(`{"Resources":{"Deploy":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":` +
		`{"Statement":[{"Fn::If":["forEC2",{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},` +
		`"Action":"sts:AssumeRole"},` + job + `]}]}}}}}`)
}

func TestAnAuditDoesNotTakeARoleThatAConditionOpensToJobsForOneOfEC2(t *testing.T) {
	audits, ok := verb.AuditAccount(templated("repo:acme/*"))
	if !ok || len(audits) != 1 {
		t.Fatal(audits, ok)
	}
	var ids []string
	for _, f := range audits[0].Findings {
		ids = append(ids, f.ID+" "+f.Message)
	}
	got := strings.Join(ids, "\n")
	if !strings.Contains(got, "not-judged") || !strings.Contains(got, "condition forEC2") {
		t.Errorf("got %q", got)
	}
}

func TestAChangeBehindAConditionOfATemplateIsNotTakenForNone(t *testing.T) {
	if diff, err := verb.Compare(templated("repo:acme/web:ref:refs/heads/main"), templated("repo:*")); err == nil {
		t.Errorf("a policy of which a condition decides was compared: %+v", diff)
	} else if !strings.Contains(err.Error(), "condition forEC2") || strings.Count(err.Error(), "\n") != 1 {
		t.Error(err)
	}
	if _, err := verb.Evaluate(verb.Question{
		TrustPolicy: templated("repo:acme/*"), Partial: true, Claims: []byte(`{"sub":"repo:acme/web:pull_request"}`),
	}); err == nil || !strings.Contains(err.Error(), "condition forEC2") {
		t.Error("a policy of which a condition decides was judged:", err)
	}
	_, err := verb.Adopt(templated("repo:acme/*"), "")
	if err == nil || !strings.Contains(err.Error(), "condition forEC2") {
		t.Error("a policy of which a condition decides was adopted:", err)
	}
}
