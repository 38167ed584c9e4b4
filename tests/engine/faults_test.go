package engine

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/pulumi/pulumi/pkg/v3/engine/lifecycletest/framework"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// complete is a trust whose update makes every kind of call that creates something.
func complete() props {
	return with(github(), props{
		"policyArns": []any{policy("AmazonS3FullAccess")}, "inlinePolicies": props{"read": document("s3:GetObject")},
	})
}

// creating are those calls, in the order in which they are made.
var creating = []string{"CreateOpenIDConnectProvider", "CreateRole", "AttachRolePolicy", "PutRolePolicy"}

// heals expects one more update to finish what a fault left, and nothing to be left to do afterwards.
func (w *world) heals(inputs props) {
	w.t.Helper()
	w.aws.Misbehave(localaws.Misbehaviour{})
	done := w.up(trust(inputs))
	require.NoError(w.t, done.err, done.messages())
	require.Empty(w.t, w.preview(trust(inputs)).plan())
}

// eachCall runs a test for every creating call, in a world in which the AWS plugin tries no call twice.
func eachCall(t *testing.T, test func(t *testing.T, w *world, action string)) {
	t.Helper()
	t.Parallel()
	for _, action := range creating {
		t.Run(action, func(t *testing.T) {
			w := newWorld(t)
			w.extra = map[string]string{"maxRetries": "0"}
			test(t, w, action)
		})
	}
}

func TestACallThatIsDeniedSaysWhichAndTheNextUpdateFinishes(t *testing.T) {
	eachCall(t, func(t *testing.T, w *world, action string) {
		w.aws.Misbehave(localaws.Misbehaviour{Deny: []string{action}})
		r := w.up(trust(complete()))
		require.Error(t, r.err)
		require.Contains(t, r.messages(), "AccessDenied")
		require.Contains(t, r.messages(), action)
		require.Empty(t, diagnoses(r), "the component blames something else")
		w.heals(complete())
		require.Len(t, w.aws.Inventory().Roles, 1)
	})
}

func TestAConnectionThatIsLostBeforeACallIsHealedByTheNextUpdate(t *testing.T) {
	eachCall(t, func(t *testing.T, w *world, action string) {
		w.aws.Misbehave(localaws.Misbehaviour{DropConnections: 100, Only: []string{action}})
		r := w.up(trust(complete()))
		require.Error(t, r.err)
		require.Empty(t, diagnoses(r), "the component blames something else")
		w.heals(complete())
		require.Len(t, w.aws.Inventory().Roles, 1)
		require.NoError(t, w.destroy().err)
		require.Empty(t, w.aws.Inventory().Roles)
		require.Empty(t, w.aws.Inventory().Providers)
	})
}

// An update that is killed behind a call looks to AWS and to the state like one whose answer was lost.
func TestAnUpdateThatIsKilledBehindACallLeavesWhatTheCallMadeOutOfTheState(t *testing.T) {
	eachCall(t, func(t *testing.T, w *world, action string) {
		w.aws.Misbehave(localaws.Misbehaviour{DropAnswers: 100, Only: []string{action}})
		r := w.up(trust(complete()))
		require.Error(t, r.err)
		w.aws.Misbehave(localaws.Misbehaviour{})
		again := w.up(trust(complete()))
		if action == "CreateOpenIDConnectProvider" { // there is one for an issuer, and it may be somebody else's
			require.Error(t, again.err)
			require.Contains(t, again.messages(), "EntityAlreadyExists")
			_, err := w.iam().DeleteOpenIDConnectProvider(t.Context(),
				&iam.DeleteOpenIDConnectProviderInput{OpenIDConnectProviderArn: aws.String(githubArn)})
			require.NoError(t, err)
			w.heals(complete())
			return
		}
		require.NoError(t, again.err, again.messages())
		require.Empty(t, w.preview(trust(complete())).plan())
		orphans := len(w.aws.Inventory().Roles) - 1
		require.Equal(t, action == "CreateRole", orphans == 1, "roles of no stack: %d", orphans)
	})
}

func TestAnUpdateThatIsKilledBehindTheCreationOfANamedRoleIsToldThatItExists(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extra = map[string]string{"maxRetries": "0"}
	named := with(complete(), props{"roleName": "deploy"})
	w.aws.Misbehave(localaws.Misbehaviour{DropAnswers: 100, Only: []string{"CreateRole"}})
	require.Error(t, w.up(trust(named)).err)
	w.aws.Misbehave(localaws.Misbehaviour{})
	again := w.up(trust(named))
	require.Error(t, again.err)
	require.Contains(t, again.messages(), "Role with name deploy already exists")
	require.Empty(t, diagnoses(again))
	component := w.resource("CiOidcTrust deploy").URN
	require.Contains(t, again.said(), "pulumi import --protect=false --parent deploy="+string(component)+
		" aws:iam/role:Role deploy deploy;")

	imported := w.run(framework.ImportOp([]deploy.Import{{
		Type: "aws:iam/role:Role", Name: "deploy", ID: "deploy", Parent: component,
	}}), false, nil)
	require.NoError(t, imported.err, imported.messages())
	w.heals(named)
	require.Len(t, w.aws.Inventory().Roles, 1)
}

func TestARoleOfASecretNameThatExistsIsNotNamedInWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extra = map[string]string{"maxRetries": "0"}
	named := with(github(), props{"roleName": secret("hush-deploy")})
	w.aws.Misbehave(localaws.Misbehaviour{DropAnswers: 1, Only: []string{"CreateRole"}})
	require.Error(t, w.up(trust(named)).err)
	again := w.up(trust(named))
	require.Error(t, again.err)
	require.Contains(t, again.said(), "aws:iam/role:Role deploy NAME;")
	for _, line := range again.logged {
		require.NotContains(t, line.message, "hush-deploy")
	}
}

func TestThrottlingIsWaitedForAndAfterTooMuchTheNextUpdateFinishes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{Throttle: 1, Only: []string{"CreateRole"}})
	w.heals(complete())

	w = newWorld(t)
	w.extra = map[string]string{"maxRetries": "0"}
	w.aws.Misbehave(localaws.Misbehaviour{Throttle: 100, Only: []string{"CreateRole"}})
	r := w.up(trust(complete()))
	require.Error(t, r.err)
	require.Contains(t, r.messages(), "Throttling")
	require.Empty(t, diagnoses(r))
	w.heals(complete())
}

func TestALookUpThatIsThrottledOrCutOffIsNoStatementAboutTheProvider(t *testing.T) {
	t.Parallel()
	for name, bad := range map[string]localaws.Misbehaviour{
		"throttled": {Throttle: 100, Only: []string{"GetOpenIDConnectProvider"}},
		"cut off":   {DropConnections: 100, Only: []string{"GetOpenIDConnectProvider"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.extra = map[string]string{"maxRetries": "0"}
			arn := w.existingProvider(githubURL, "sts.amazonaws.com")
			w.aws.Misbehave(bad)
			r := w.up(trust(using(arn, nil)))
			require.Error(t, r.err)
			hasNo(t, []string{"was deleted", "another issuer", "iam:GetOpenIDConnectProvider on it"},
				"the message", r.messages())
			require.Empty(t, w.aws.Inventory().Roles)
			w.heals(using(arn, nil))
		})
	}
}

// Every row of docs/faults.md names the tests that run it, and they are there.
func TestEveryRowOfThePageOfFaultsIsRunByATestThatExists(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/faults.md")
	require.NoError(t, err)
	sources, err := exec.CommandContext(t.Context(), "grep", "-rhoE", "^func Test[A-Za-z0-9]+", "--include=*_test.go",
		".", "../../provider", "../sdks").Output()
	require.NoError(t, err)
	declared := map[string]bool{}
	for line := range strings.Lines(string(sources)) {
		declared[strings.TrimSpace(strings.TrimPrefix(line, "func "))] = true
	}
	rows, test := 0, regexp.MustCompile("`(Test[A-Za-z0-9]+)`")
	for line := range strings.Lines(string(page)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| fault") {
			continue
		}
		rows++
		named := test.FindAllStringSubmatch(line, -1)
		require.NotEmpty(t, named, "no test runs: %s", line)
		for _, name := range named {
			require.True(t, declared[name[1]], "there is no test %s", name[1])
		}
	}
	require.Greater(t, rows, 15)
}
