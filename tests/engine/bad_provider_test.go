package engine

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// using is a trust through an existing provider.
func using(arn string, more props) props {
	return props{"github": with(with(github()["github"].(props), more), props{"providerArn": arn})}
}

func TestAProviderThatDoesNotFitIsRefusedBeforeTheRoleExists(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		inputs func(w *world) props
		words  []string
	}{
		"of another issuer": {
			func(w *world) props { return using(w.existingProvider(circleciURL, organization), nil) },
			[]string{"another issuer", "token.actions.githubusercontent.com"},
		},
		"of an issuer whose name is longer": {
			func(w *world) props { return using(w.existingProvider(githubURL+"/acme", "sts.amazonaws.com"), nil) },
			[]string{"another issuer"},
		},
		"of another partition": {
			func(*world) props { return using(strings.Replace(githubArn, "arn:aws:", "arn:aws-cn:", 1), nil) },
			[]string{"another partition", "in aws"},
		},
		"of another account": {
			func(*world) props { return using(strings.Replace(githubArn, "123456789012", "210987654321", 1), nil) },
			[]string{"another account", "123456789012"},
		},
		"that does not exist": {
			func(*world) props { return using(githubArn, nil) },
			[]string{"it was deleted, or never made", "Leave it out", githubArn},
		},
		"that is a role": {
			func(*world) props { return using("arn:aws:iam::123456789012:role/deploy", nil) },
			[]string{"arn:PARTITION:iam::ACCOUNT:oidc-provider/token.actions.githubusercontent.com"},
		},
		"that is an empty text": {
			func(*world) props { return using("", nil) },
			[]string{"arn:PARTITION:iam::ACCOUNT:oidc-provider/"},
		},
		"without the audience": {
			func(w *world) props { return using(w.existingProvider(githubURL, "other.example"), nil) },
			[]string{"add-client-id-to-open-id-connect-provider", "github.audiences", `"sts.amazonaws.com"`},
		},
		"with only one of two audiences": {
			func(w *world) props {
				return using(w.existingProvider(githubURL, "one.example"),
					props{"audiences": []any{"one.example", "two.example"}})
			},
			[]string{`"two.example"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			messages := w.refused(row.inputs(w))
			requireProblem(t, messages, "github.providerArn", row.words...)
			require.Equal(t, 1, strings.Count(messages, "- property "), messages)
		})
	}
}

func TestAProviderThatIsNamedCannotBeShapedHere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.existingProvider(githubURL, "sts.amazonaws.com")
	messages := w.refused(using(arn, props{"retainProvider": true, "thumbprints": []any{strings.Repeat("ab", 20)}}))
	requireProblem(t, messages, "github.retainProvider", "no meaning beside providerArn")
	requireProblem(t, messages, "github.thumbprints", "no meaning beside providerArn")
	w.mustUp(trust(using(arn, props{"retainProvider": false})))
}

// What AWS cannot be asked about is no reason to hide what is wrong anyway.
func TestWhatIsWrongIsReportedEvenWhenAWSCannotBeAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.extra = map[string]string{"skipCredentialsValidation": "true", "maxRetries": "0"}
	wrong, right := using(githubArn, nil), using(githubArn, nil)
	wrong["roleName"] = ""

	w.aws.Misbehave(localaws.Misbehaviour{DropConnections: 100})
	messages := w.refused(wrong)
	requireProblem(t, messages, "roleName", "1 to 64")
	require.Equal(t, 1, strings.Count(messages, "- property "), messages)

	r := w.up(trust(right))
	require.Error(t, r.err)
	require.Contains(t, r.messages(), "asking AWS for the account that the role will be in")
	require.Empty(t, w.resources())
}

// A section of one organization shows the organization's id in its issuer; a secret id must not show in a message about
// another property.
func TestASecretOrganizationDoesNotShowInAMessageAboutThePlainProviderArn(t *testing.T) {
	t.Parallel()
	for name, arn := range map[string]string{
		"another issuer": githubArn, "no provider": "arn:aws:iam::123456789012:role/deploy", "not there": circleciArn,
	} {
		t.Run(name, func(t *testing.T) {
			section := with(circleci(), props{"organizationId": secret(organization), "providerArn": arn})
			r := newWorld(t).preview(trust(props{"circleci": section}))
			require.Error(t, r.err)
			if arn != circleciArn {
				hasNo(t, []string{organization}, "an event", r.text())
			}
		})
	}
}

func TestASecretAudienceDoesNotShowInAMessageAboutThePlainProviderArn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.existingProvider(githubURL, "sts.amazonaws.com")
	r := w.preview(trust(using(arn, props{"audiences": []any{secret("hunter2.example")}})))
	require.Error(t, r.err)
	requireProblem(t, r.messages(), "github.providerArn (secret)", "does not have the required audience")
	hasNo(t, []string{"hunter2"}, "an event", r.text())
}

// Found when the issuer was compared before it was known.
func TestAKnownProviderArnIsNotHeldAgainstAnOrganizationThatIsNotKnownYet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	arn := w.existingProvider(circleciURL, organization)
	section := with(circleci(), props{"organizationId": unknown(), "providerArn": arn})
	planned := w.preview(trust(props{"circleci": section}))
	require.NoError(t, planned.err, planned.messages())
}
