package engine

import (
	"context"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

const (
	administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
	s3ReadOnly    = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
	containers    = "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryReadOnly"
	readsSite     = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject",` +
		`"Resource":"arn:aws:s3:::acme-site/*"}]}`
	writesSite = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject"],` +
		`"Resource":"arn:aws:s3:::acme-site/*"}]}`
)

// pulls trusts pull requests, of a role that may do something.
func pulls(more props) props {
	return with(props{"github": props{"repositories": []any{props{
		"repository": "acme@1234567/web@89012345", "pullRequests": true,
	}}}}, more)
}

// found are the findings of the component, by id: severity and remediation.
func (w *world) found() map[string][2]string {
	found := map[string][2]string{}
	for _, f := range w.outputs()["findings"].([]any) {
		of := f.(map[string]any)
		found[of["id"].(string)] = [2]string{of["severity"].(string), of["remediation"].(string)}
	}
	return found
}

// customerPolicy makes a managed policy that no stack owns.
func (w *world) customerPolicy(name, document string) string {
	w.t.Helper()
	made, err := w.iam().CreatePolicy(context.Background(), &iam.CreatePolicyInput{
		PolicyName: aws.String(name), PolicyDocument: aws.String(document),
	})
	require.NoError(w.t, err)
	return *made.Policy.Arn
}

// Attack: a pull request's workflow, which nobody has reviewed, gives itself whatever it likes.
func TestAPullRequestsRoleThatIsAdministratorIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	messages := w.refused(pulls(props{"policyArns": []any{containers, administrator}}))
	requireProblem(t, messages, "policyArns[1]", "add unreviewed-write to acceptRisks")
	requireProblem(t, messages, "policyArns[1]", "iam:AttachRolePolicy on *")
	requireProblem(t, messages, "policyArns[1]", "github-pull-requests")

	w.mustUp(trust(pulls(props{
		"policyArns": []any{administrator}, "acceptRisks": []any{"unreviewed-write"},
	})))
	found := w.found()
	require.Equal(t, "high", found["unreviewed-write"][0])
	require.Equal(t, "medium", found["unreviewed-secrets"][0])
}

func TestEveryRiskOfUnreviewedCodeIsHeldAgainstWhatTheRoleMayDo(t *testing.T) {
	t.Parallel()
	judged := 0
	for id, risk := range risky() {
		if !all.Registry().Rules()[id].Unreviewed {
			continue
		}
		judged++
		t.Run(id, func(t *testing.T) {
			others, _ := risk.Inputs["acceptRisks"].([]any)
			accepted := with(risk.Inputs, props{"acceptRisks": append([]any{id}, others...)})
			messages := newWorld(t).refused(with(accepted, props{"policyArns": []any{administrator}}))
			requireProblem(t, messages, "policyArns[0]", "unreviewed-write")
		})
	}
	require.Greater(t, judged, 8)
}

func TestTheMediumRisksOfUnreviewedCodeAreHeldAgainstItToo(t *testing.T) {
	t.Parallel()
	for name, section := range map[string]props{
		"merge requests of GitLab": {"gitlab": props{"projects": []any{props{
			"path": "acme/web", "id": "123456", "mergeRequests": true,
		}}}},
		"plans of HCP Terraform": {"hcpTerraform": props{"organization": "acme", "workspaces": []any{props{
			"project": "Default Project", "name": "web", "runPhases": []any{"plan"},
		}}}},
	} {
		t.Run(name, func(t *testing.T) {
			messages := newWorld(t).refused(with(section, props{"policyArns": []any{administrator}}))
			requireProblem(t, messages, "policyArns[0]", "unreviewed-write")
		})
	}
}

func TestARoleThatOnlyReadsIsNotToldToReadAtMost(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(pulls(props{"policyArns": []any{containers}, "inlinePolicies": props{"site": readsSite}})))
	found := w.found()
	require.Contains(t, found["github-pull-requests"][1], "only read")
	require.NotContains(t, found["github-pull-requests"][1], "read access at most")
	require.NotContains(t, found, "unreviewed-secrets")

	w.mustUp(trust(pulls(props{"policyArns": []any{s3ReadOnly}})))
	require.Equal(t, "medium", w.found()["unreviewed-secrets"][0], "it reads every bucket")
}

func TestARoleThatDeploysFromABranchMayDoWhatItIsGivenAndNobodyLooksItUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(with(github(), props{"policyArns": []any{administrator}})))
	require.Zero(t, w.asked("GetPolicyVersion"))
	require.NotContains(t, w.found(), "unreviewed-write")
}

// Attack: a policy of the account is called ReadOnlyAccess, and writes.
func TestAPolicyOfTheAccountIsReadAndNotBelievedByItsName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	writes, reads := w.customerPolicy("ReadOnlyAccess", writesSite), w.customerPolicy("deploys", readsSite)
	requireProblem(t, w.refused(pulls(props{"policyArns": []any{reads, writes}})), "policyArns[1]", "s3:PutObject")
	w.mustUp(trust(pulls(props{"policyArns": []any{reads}})))
}

func TestAPolicyThatIsNotThereOrMayNotBeReadCountsAsWriting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	missing := "arn:aws:iam::123456789012:policy/missing"
	requireProblem(t, w.refused(pulls(props{"policyArns": []any{missing}})), "policyArns[0]", "there is no such policy")

	denied := newWorld(t)
	reads := denied.customerPolicy("reads", readsSite)
	denied.aws.Misbehave(localaws.Misbehaviour{Deny: []string{"GetPolicy"}})
	requireProblem(t, denied.refused(pulls(props{"policyArns": []any{reads}})), "policyArns[0]", "iam:GetPolicy")
	denied.mustUp(trust(pulls(props{"policyArns": []any{containers}}))) // AWS's own, known by its name
}

func TestABoundaryThatOnlyReadsIsEnough(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	boundary := w.customerPolicy("boundary", readsSite)
	w.mustUp(trust(pulls(props{"policyArns": []any{administrator}, "permissionsBoundary": boundary})))
	require.NotContains(t, w.found(), "unreviewed-write")

	wide := newWorld(t)
	messages := wide.refused(pulls(props{"policyArns": []any{administrator}, "permissionsBoundary": administrator}))
	requireProblem(t, messages, "policyArns[0]", "unreviewed-write")
}

// Attack: what a preview cannot see passes the update unseen.
func TestAnInlinePolicyThatAPreviewDoesNotKnowIsJudgedAtUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program := func(document string) program {
		return func(p *running) error {
			policy, err := p.upstream("document", values(props{"": document})[""])
			if err != nil {
				return err
			}
			return trust(pulls(props{"inlinePolicies": props{"site": policy}}))(p)
		}
	}
	r := w.preview(program(writesSite))
	require.NoError(t, r.err, r.messages())
	done := w.up(program(writesSite))
	require.Error(t, done.err)
	requireProblem(t, done.messages(), "inlinePolicies.site", "s3:PutObject")
	require.Empty(t, w.aws.Inventory().Roles)

	other := newWorld(t)
	other.mustUp(program(readsSite))
}

func TestASecretPolicyIsJudgedAndNothingOfItIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	messages := w.refused(pulls(props{"inlinePolicies": props{"site": secret(writesSite)}}))
	require.Contains(t, messages, "unreviewed-write")
	for _, word := range []string{"acme-site", "PutObject"} {
		require.NotContains(t, messages, word)
	}
}

// What a plan needs is not writing: the policy that the function permissions writes for it passes.
func TestThePolicyForAPlanIsNotWriting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(pulls(props{"inlinePolicies": props{"state": `{"Version":"2012-10-17","Statement":[` +
		`{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::acme-state/web.tfstate"},` +
		`{"Effect":"Allow","Action":["s3:GetObject","s3:PutObject","s3:DeleteObject"],` +
		`"Resource":"arn:aws:s3:::acme-state/web.tfstate.tflock"}]}`}})))
	require.NotContains(t, w.found(), "unreviewed-write")
	require.Equal(t, "medium", w.found()["unreviewed-secrets"][0], "a state holds secrets")
}
