package provider

import (
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// An observer stands in for the engine, answers look-ups and notes what is registered.
type observer struct {
	partition  string
	region     string // as v7 of the AWS provider calls it
	name       string // as v6 does
	registered []string
}

func (o *observer) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	o.registered = append(o.registered, args.TypeToken)
	return args.Name, args.Inputs, nil
}

func (o *observer) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{
		"partition": resource.NewStringProperty(o.partition), "region": resource.NewStringProperty(o.region),
		"name": resource.NewStringProperty(o.name),
	}, nil
}

// constructed runs the component with a proof of the test's own.
func constructed(
	t *testing.T, o *observer, prove func([]ci.Trust, ci.Account, input.Value, *input.Problems) error,
) error {
	t.Helper()
	raw := map[string]any{"github": map[string]any{"repositories": []any{
		map[string]any{"repository": "acme@1234567/web@89012345", "branches": []any{"main"}}}}}
	c := component{kind: "CiOidcTrust", prove: prove, lookUps: &lookUps{}}
	var err error
	if c.tree, _, err = readInputs(trustToken, raw, &c.problems); err != nil {
		t.Fatal(err)
	}
	return pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := c.construct(ctx, trustToken, "deploy", pulumiprovider.ConstructInputs{}, pulumi.DependsOn(nil))
		return err
	}, pulumi.WithMocks("project", "stack", o))
}

func TestATrustThatFailsItsProofStopsBeforeAnythingIsRegisteredAndShowsTheToken(t *testing.T) {
	o := &observer{partition: "aws", name: "eu-west-1"}
	err := constructed(t, o,
		func(trusts []ci.Trust, account ci.Account, maxLength input.Value, problems *input.Problems) error {
			// The mistake: the compiled policy forgets which branch is meant, while the grant's meaning does not.
			for _, g := range trusts[0].Grants {
				for i, sub := range g.Claims["sub"] {
					g.Claims["sub"][i] = strings.TrimSuffix(sub, "main") + "*"
				}
			}
			return ci.Check(trusts, account, maxLength, problems)
		})
	if err == nil {
		t.Fatal("the mistake went through")
	}
	for _, wanted := range []string{"acme/web on branch main", "must not get in and does",
		`"sub":"repo:acme@1234567/web@89012345:ref:refs/heads/`} {
		if !strings.Contains(err.Error(), wanted) {
			t.Errorf("the error does not say %q: %v", wanted, err)
		}
	}
	if len(o.registered) > 0 {
		t.Errorf("registered although the proof failed: %v", o.registered)
	}
}

func TestNothingIsRegisteredAtUpWhereThePartitionIsNotKnown(t *testing.T) {
	o := &observer{}
	err := constructed(t, o, ci.Check)
	if err == nil || !strings.Contains(err.Error(), "partition") {
		t.Errorf("want the partition asked for, got %v", err)
	}
	if len(o.registered) > 0 {
		t.Errorf("registered without a proof: %v", o.registered)
	}
}

func TestARegionIsReadAsEitherMajorCallsItAndNoneIsAnError(t *testing.T) {
	for name, row := range map[string]struct{ region, name, want string }{
		"as v6 does":                {"", "eu-west-1", "eu-west-1"},
		"as v7 does":                {"eu-west-1", "", "eu-west-1"},
		"as v7 does, with the old":  {"eu-west-1", "us-east-1", "eu-west-1"},
		"not at all, and is needed": {"", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := &observer{partition: "aws", region: row.region, name: row.name}
			var got string
			err := constructed(t, o, func(_ []ci.Trust, account ci.Account, _ input.Value, _ *input.Problems) error {
				got = account.Region
				return errors.New("enough seen")
			})
			if got != row.want {
				t.Errorf("the region is %q, want %q", got, row.want)
			}
			if row.want == "" && (err == nil || !strings.Contains(err.Error(), "pulumi config set aws:region")) {
				t.Errorf("want an error that says how to set the region, got %v", err)
			}
		})
	}
}
