package engine

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"
	"github.com/pulumi/pulumi/pkg/v3/engine/lifecycletest/framework"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsbody"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsplugin"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// TestMain hides the AWS settings of whoever runs the tests.
func TestMain(m *testing.M) {
	for _, setting := range os.Environ() {
		if name, _, _ := strings.Cut(setting, "="); strings.HasPrefix(name, "AWS_") {
			_ = os.Unsetenv(name)
		}
	}
	nowhere := filepath.Join(os.TempDir(), "no-such-aws-configuration")
	_ = os.Setenv("AWS_CONFIG_FILE", nowhere)
	_ = os.Setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
	code := m.Run()
	if run := flag.Lookup("test.run").Value.String(); code == 0 && run == "" && os.Getenv(furtherExamples) == "" {
		code = walkFurtherExamples()
	}
	os.Exit(code)
}

const (
	// furtherExamples is set in the process that walks the examples which the first one leaves out.
	furtherExamples = "CI_OIDC_TRUST_FURTHER_EXAMPLES"
	// walkingTests go to places of all examples.
	walkingTests = "^Test(ANull|ASecretIsKept|ASecretThatBecomes|AnInvalidSecret|WhatIsWrongInsideASecret|NoOddValue|" +
		"AnUnknownDuringAnUpdate|AValueOfTheWrongType|WhatIsUnknownAtPreview|ABareUnknown)"
)

// walkFurtherExamples runs the walking tests again in a process of their own: the engine's framework for tests never
// closes the plugin context of a run, so that every run keeps two files open, and one process may not open enough.
func walkFurtherExamples() int {
	walk := exec.Command(os.Args[0], append(os.Args[1:], "-test.run="+walkingTests)...)
	walk.Env = append(os.Environ(), furtherExamples+"=1")
	walk.Stdout, walk.Stderr = os.Stdout, os.Stderr
	if err := walk.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "the walk through the further examples:", err)
		return 1
	}
	return 0
}

// region is where a stack is, unless a test says otherwise.
const region = "eu-central-1"

// A world is one AWS account and one stack in it.
type world struct {
	t        testing.TB
	aws      *localaws.Server
	bundle   string // file with the account's certificate authority
	region   string
	stack    string            // its name
	extra    map[string]string // further configuration of the AWS provider
	snapshot *deploy.Snapshot
	options  framework.TestUpdateOptions

	installed []string                      // the versions of the AWS plugin that are there
	required  []workspace.PackageDescriptor // the plugins that the program's own SDKs ask for
}

func newWorld(t testing.TB) *world {
	t.Helper()
	return newWorldIn(t, "aws", region)
}

func newWorldIn(t testing.TB, partition, region string) *world {
	t.Helper()
	local, err := localaws.Start(localaws.Options{Partition: partition, Region: region})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, local.Close()) })
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(bundle, local.CAPEM(), 0o600))
	return &world{
		t: t, aws: local, bundle: bundle, region: region, stack: "dev", installed: []string{awsplugin.Version},
	}
}

// settings configure an AWS provider for the account.
func (w *world) settings() map[string]string {
	id, secret := w.aws.Credentials()
	endpoints, err := json.Marshal([]map[string]string{{"iam": w.aws.URL(), "sts": w.aws.URL()}})
	require.NoError(w.t, err)
	settings := map[string]string{
		"region": w.region, "accessKey": id, "secretKey": secret, "customCaBundle": w.bundle,
		"endpoints": string(endpoints),
	}
	maps.Copy(settings, w.extra)
	return settings
}

// configuration is the stack's: what `pulumi config set aws:...` would have written.
func (w *world) configuration() config.Map {
	configured := config.Map{}
	for name, value := range w.settings() {
		configured[config.MustMakeKey("aws", name)] = config.NewValue(value)
	}
	return configured
}

// iam reaches around Pulumi, to see and to change what AWS holds.
func (w *world) iam() *iam.Client {
	id, secret := w.aws.Credentials()
	bundle, err := os.Open(w.bundle)
	require.NoError(w.t, err)
	defer func() { _ = bundle.Close() }()
	loaded, err := awsconfig.LoadDefaultConfig(context.Background(), awsconfig.WithRegion("us-east-1"),
		awsconfig.WithCustomCABundle(bundle),
		awsconfig.WithAPIOptions([]func(*middleware.Stack) error{awsbody.Whole}),
		awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(id, secret, "")))
	require.NoError(w.t, err)
	return iam.NewFromConfig(loaded, func(o *iam.Options) { o.BaseEndpoint = aws.String(w.aws.URL()) })
}

// existingProvider makes an OIDC provider that no stack owns.
func (w *world) existingProvider(url string, audiences ...string) string {
	w.t.Helper()
	made, err := w.iam().CreateOpenIDConnectProvider(context.Background(), &iam.CreateOpenIDConnectProviderInput{
		Url: aws.String(url), ClientIDList: audiences,
	})
	require.NoError(w.t, err)
	return *made.OpenIDConnectProviderArn
}

// changes are the calls so far that were meant to change the account.
func (w *world) changes() []string {
	var changing []string
	for _, action := range w.aws.Calls() {
		if !strings.HasPrefix(action, "Get") && !strings.HasPrefix(action, "List") {
			changing = append(changing, action)
		}
	}
	return changing
}
