package engine

import (
	"fmt"
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// atOnce registers 30 trusts through one existing provider at the same time, as programs do; one may be another.
func atOnce(arn string, odd props) program {
	return func(p *running) error {
		var group errgroup.Group
		for i := range 30 {
			inputs := using(arn, nil)
			if i == 15 && odd != nil {
				inputs = odd
			}
			group.Go(func() error {
				_, err := p.monitor.RegisterResource(componentType, fmt.Sprintf("deploy-%d", i), false,
					deploytest.ResourceOptions{
						Remote: true, Inputs: resource.FromResourcePropertyMap(values(inputs)), AliasSpecs: true,
					})
				return err
			})
		}
		return group.Wait()
	}
}

// diagnoses are what our components failed with, less the line that says that another one failed.
func diagnoses(r *run) []string {
	var own []string
	for _, failure := range r.failed {
		if failure != "stopped: another resource failed, or the operation was cancelled" {
			own = append(own, failure)
		}
	}
	return own
}

var falseDiagnoses = []string{
	"context canceled", "client connection is closing", "resource monitor shut down", "awaiting input property",
	"could not be looked up", "asking the AWS provider", "transport is closing",
}

func TestOneBadRoleOfManyIsTheOnlyProblemThatIsShown(t *testing.T) {
	t.Parallel()
	for range 3 {
		w := newWorld(t)
		arn := w.existingProvider(githubURL, "sts.amazonaws.com")
		bad := using(arn, nil)
		bad["path"] = "no slashes"
		r := w.up(atOnce(arn, bad))
		require.Error(t, r.err)
		requireProblem(t, r.messages(), "path", "begin and end with /")
		require.Len(t, diagnoses(r), 1)
		hasNo(t, falseDiagnoses, "the messages", r.messages())
	}
}

func TestOneRoleOfManyThatAWSRefusesIsTheOnlyProblemThatIsShown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.existingProvider(githubURL, "sts.amazonaws.com")
	w.aws.Misbehave(localaws.Misbehaviour{Deny: []string{"CreateRole"}})
	r := w.up(atOnce(arn, nil))
	require.Error(t, r.err)
	require.Contains(t, r.messages(), "AccessDenied")
	require.Empty(t, diagnoses(r))
	require.NotEmpty(t, r.failed)
	hasNo(t, falseDiagnoses, "the messages", r.messages())
}
