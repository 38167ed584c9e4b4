package engine

import (
	"testing"

	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

func pulumiCloud() props {
	return props{
		"pulumiCloud": props{
			"organization": "organizationseven",
			"environments": []any{
				props{
					"project": "projectescone", "name": "environmentseven",
					"subjectAttributes": []any{"currentEnvironment.name", "pulumi.user.login"},
					"users":             []any{"useroneescone"},
				},
				props{"project": "projectesctwo", "name": "environmenteight"},
			},
			"stacks": []any{
				props{"project": "projectdeployone", "name": "stackdeployone", "operations": []any{"update"}},
			},
		},
	}
}

const pulumiProvider = "OpenIdConnectProvider deploy-pulumiCloud"

func TestTheProviderOfPulumiCloudHasTheAudienceOfEachKindOfToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.mustUp(trust(pulumiCloud()))
	both := []resource.PropertyValue{
		resource.NewProperty("aws:organizationseven"),
		resource.NewProperty("organizationseven"),
	}
	require.Equal(t, both, w.resource(pulumiProvider).Inputs["clientIdLists"].ArrayValue())
}

// A preview must not show a provider with fewer audiences than it will have.
func TestTheAudiencesOfPulumiCloudAreUnknownWhileAnEnvironmentsProjectIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	program := func(p *running) error {
		project, err := p.upstream("project", resource.NewProperty("projectesctwo"))
		if err != nil {
			return err
		}
		inputs := pulumiCloud()
		inputs["pulumiCloud"].(props)["environments"].([]any)[1].(props)["project"] = project
		_, err = p.component("deploy", inputs, deploytest.ResourceOptions{})
		return err
	}
	preview := w.preview(program)
	require.NoError(t, preview.err, preview.messages())
	require.Contains(t, preview.text(), "clientIdLists:output<string>{} tags:")
	w.mustUp(program)
	require.Len(t, w.resource(pulumiProvider).Inputs["clientIdLists"].ArrayValue(), 2)
}

func TestAnExistingProviderNeedsOnlyTheAudienceOfThePulumiTokensThatAreTrusted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.existingProvider("https://api.pulumi.com/oidc", "organizationseven")
	section := with(pulumiCloud()["pulumiCloud"].(props), props{"providerArn": arn})
	messages := w.refused(props{"pulumiCloud": section})
	requireProblem(t, messages, "pulumiCloud.providerArn", `(missing "aws:organizationseven")`)
	w.mustUp(trust(props{"pulumiCloud": with(section, props{"environments": nil})}))
}
