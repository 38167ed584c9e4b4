package localaws_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func persistent(o *iam.Options) {
	o.Retryer = retry.NewStandard(func(s *retry.StandardOptions) {
		s.MaxAttempts, s.MaxBackoff = 5, time.Millisecond
	})
}

// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
func TestANewRoleReachesSTSLater(t *testing.T) {
	w := newWorld(t)
	issuer := w.issuer(github)
	w.provider(github, audience)
	w.aws.Misbehave(localaws.Misbehaviour{PropagationDelay: time.Minute})
	role := w.role("deploy", trust(github, map[string]any{"sub": subject, "aud": audience}))
	_, err := w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "AccessDenied", denied)
	w.clockAhead(time.Minute)
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	assert.NoError(t, err)
}

func TestANewProviderReachesSTSLater(t *testing.T) {
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{PropagationDelay: time.Minute})
	issuer, role := w.githubRole()
	_, err := w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "InvalidIdentityToken", "No OpenIDConnect provider found in your account for "+github)
	w.clockAhead(time.Minute)
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	assert.NoError(t, err)
}

func TestANewTrustPolicyReachesSTSLater(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	w.aws.Misbehave(localaws.Misbehaviour{PropagationDelay: time.Minute})
	narrower := trust(github, map[string]any{"sub": "repo:acme/other:ref:refs/heads/main", "aud": audience})
	_, err := w.iam.UpdateAssumeRolePolicy(ctx(t),
		&iam.UpdateAssumeRolePolicyInput{RoleName: aws.String("deploy"), PolicyDocument: &narrower})
	require.NoError(t, err)
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	assert.NoError(t, err, "STS still goes by the earlier one")
	w.clockAhead(time.Minute)
	_, err = w.assume(role, sign(t, issuer.Sign, nil))
	refused(t, err, "AccessDenied", denied)
}

func TestThrottlingIsRetriedByTheSDK(t *testing.T) {
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{Throttle: 1})
	_, err := w.iam.ListRoles(ctx(t), nil)
	refused(t, err, "Throttling", "Rate exceeded")
	status(t, err, 400)
	w.aws.Misbehave(localaws.Misbehaviour{Throttle: 2})
	_, err = w.iam.ListRoles(ctx(t), nil, persistent)
	assert.NoError(t, err)
	assert.Len(t, w.aws.Calls(), 4)
}

func TestDroppedConnectionsAreRetriedByTheSDK(t *testing.T) {
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{DropConnections: 1})
	_, err := w.iam.ListRoles(ctx(t), nil)
	require.Error(t, err)
	w.aws.Misbehave(localaws.Misbehaviour{DropConnections: 2})
	_, err = w.iam.ListRoles(ctx(t), nil, persistent)
	assert.NoError(t, err)
	assert.Zero(t, w.aws.Requests()[0].Status)
}

func TestADroppedAnswerLeavesTheRoleBehind(t *testing.T) {
	w := newWorld(t)
	w.aws.Misbehave(localaws.Misbehaviour{DropAnswers: 1})
	_, err := w.iam.CreateRole(ctx(t),
		&iam.CreateRoleInput{RoleName: aws.String("deploy"), AssumeRolePolicyDocument: &anyTrust}, persistent)
	refused(t, err, "EntityAlreadyExists", "Role with name deploy already exists.")
	assert.Equal(t, []string{"deploy"}, w.aws.Inventory().Roles)
}

func TestSomebodyElseCreatesTheSameThingFirst(t *testing.T) {
	w := newWorld(t)
	taken := localaws.Misbehaviour{EntityAlreadyExists: true}
	w.aws.Misbehave(taken)
	refused(t, w.tryRole(func(*iam.CreateRoleInput) {}), "EntityAlreadyExists", "Role with name deploy already exists.")
	w.aws.Misbehave(taken)
	err := w.tryProvider(func(*iam.CreateOpenIDConnectProviderInput) {})
	refused(t, err, "EntityAlreadyExists", "Provider with url https://idp.example.com already exists.")
	w.aws.Misbehave(taken)
	_, err = w.policy("read")
	refused(t, err, "EntityAlreadyExists", "A policy called read already exists. Duplicate names are not allowed.")
	assert.NoError(t, w.tryRole(func(*iam.CreateRoleInput) {}), "once only")
}

func TestManyJobsAndManyChangesAtOnce(t *testing.T) {
	w := newWorld(t)
	issuer, role := w.githubRole()
	token := sign(t, issuer.Sign, nil)
	var jobs sync.WaitGroup
	for i := range 16 {
		jobs.Go(func() {
			_, err := w.assume(role, token)
			assert.NoError(t, err)
		})
		jobs.Go(func() {
			name := fmt.Sprint("role", i)
			assert.NoError(t, w.tryRole(func(in *iam.CreateRoleInput) { in.RoleName = &name }))
			_, err := w.iam.DeleteRole(ctx(t), &iam.DeleteRoleInput{RoleName: &name})
			assert.NoError(t, err)
			w.aws.Inventory()
			w.aws.Requests()
		})
	}
	jobs.Wait()
	assert.Equal(t, []string{"deploy"}, w.aws.Inventory().Roles)
}

func TestOfManyWhoCreateOneRoleOneSucceeds(t *testing.T) {
	w := newWorld(t)
	var mu sync.Mutex
	var racers sync.WaitGroup
	won := 0
	for range 16 {
		racers.Go(func() {
			if err := w.tryRole(func(*iam.CreateRoleInput) {}); err == nil {
				mu.Lock()
				defer mu.Unlock()
				won++
			}
		})
	}
	racers.Wait()
	assert.Equal(t, 1, won)
}
