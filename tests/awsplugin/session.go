package awsplugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsbody"
)

// session is a configured provider: the clients that carry out its work.
type session struct {
	iam         *iam.Client
	sts         *sts.Client
	region      string
	seven       bool
	partition   partition
	defaultTags resource.PropertyMap
	credentials aws.CredentialsProvider
}

// errNoRegion has the words of pulumi-aws, https://github.com/pulumi/pulumi-aws/pull/3310.
var errNoRegion = errors.New("missing region information\n" +
	"Make sure you have set your AWS region, e.g. `pulumi config set aws:region us-west-2`.")

const credentialsHelp = "\nPlease see https://www.pulumi.com/registry/packages/aws/installation-configuration/ " +
	"for more information about providing credentials."

func newSession(ctx context.Context, c *configuration) (*session, error) {
	options, err := c.loadOptions()
	if err != nil {
		return nil, err
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	if loaded.Region == "" {
		return nil, errNoRegion
	}
	if c.SkipRegionValidation != nil && !*c.SkipRegionValidation && !regions.MatchString(loaded.Region) {
		return nil, fmt.Errorf("invalid AWS Region: %s", loaded.Region)
	}
	where := partitionOf(loaded.Region)
	return &session{
		iam: iam.NewFromConfig(loaded, func(o *iam.Options) {
			// IAM is one service per partition, and is signed for the region it runs in.
			o.Region = where.iamRegion
			if url := c.endpoint("iam"); url != "" {
				o.BaseEndpoint = aws.String(url)
			}
		}),
		sts: sts.NewFromConfig(loaded, func(o *sts.Options) {
			if url := c.endpoint("sts"); url != "" {
				o.BaseEndpoint = aws.String(url)
			}
		}),
		region:      loaded.Region,
		partition:   where,
		defaultTags: c.defaultTagValues(),
		credentials: loaded.Credentials,
	}, nil
}

func (c *configuration) loadOptions() ([]func(*config.LoadOptions) error, error) {
	options := []func(*config.LoadOptions) error{
		config.WithAppID("ci-oidc-trust-tests"),
		config.WithAPIOptions([]func(*middleware.Stack) error{awsbody.Whole}),
		config.WithRetryer(func() aws.Retryer {
			attempts := retry.DefaultMaxAttempts
			if c.MaxRetries != nil {
				attempts = *c.MaxRetries + 1
			}
			// IAM asks to try again when two changes of one resource meet.
			return retry.AddWithErrorCodes(retry.NewStandard(func(o *retry.StandardOptions) {
				o.MaxAttempts = attempts
			}), "ConcurrentModification", "ConcurrentModificationException")
		}),
	}
	// pulumi-aws asks the EC2 metadata service only when told to.
	if c.SkipMetadataAPICheck == nil || *c.SkipMetadataAPICheck {
		options = append(options, config.WithEC2IMDSClientEnableState(imds.ClientDisabled))
	}
	if region := c.Region; region != "" {
		options = append(options, config.WithRegion(region))
	} else if region := environmentRegion(); region != "" {
		options = append(options, config.WithRegion(region))
	}
	if c.AccessKey != "" || c.SecretKey != "" {
		options = append(options, config.WithCredentialsProvider(
			credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.Token)))
	}
	if c.Profile != "" {
		options = append(options, config.WithSharedConfigProfile(c.Profile))
	}
	if c.CustomCABundle != "" {
		bundle, err := os.ReadFile(c.CustomCABundle)
		if err != nil {
			return nil, fmt.Errorf("reading customCaBundle: %w", err)
		}
		options = append(options, config.WithCustomCABundle(bytes.NewReader(bundle)))
	}
	return options, nil
}

// validate asks STS who is calling, as pulumi-aws does before it does anything else.
func (s *session) validate(ctx context.Context, c *configuration) error {
	if c.SkipCredentialsValidation && (len(c.AllowedAccountIDs) == 0 || c.SkipRequestingAccountID) {
		return nil
	}
	if _, err := s.credentials.Retrieve(ctx); err != nil {
		return fmt.Errorf("No valid credential sources found.%s\n%w", credentialsHelp,
			err) //nolint:staticcheck // upstream's words
	}
	caller, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return fmt.Errorf("Invalid credentials configured.%s\n%w", credentialsHelp,
			err) //nolint:staticcheck // upstream's words
	}
	account := aws.ToString(caller.Account)
	if len(c.AllowedAccountIDs) > 0 && !c.SkipRequestingAccountID && !slices.Contains(c.AllowedAccountIDs, account) {
		return fmt.Errorf("AWS account ID not allowed: %s", account)
	}
	return nil
}
