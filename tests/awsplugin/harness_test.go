package awsplugin

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/smithy-go/middleware"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsbody"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/localaws"
)

// props is how tests write properties.
type props = map[string]any

func values(m props) resource.PropertyMap { return resource.NewPropertyMapFromMap(m) }

func secret(value any) resource.PropertyValue {
	return resource.MakeSecret(resource.NewPropertyValue(value))
}

// plain shows properties without the bookkeeping of defaults.
func plain(m resource.PropertyMap) props {
	m = m.Copy()
	delete(m, defaultsKey)
	return m.Mappable()
}

func encoded(t *testing.T, m resource.PropertyMap) *structpb.Struct {
	t.Helper()
	s, err := encode(m)
	require.NoError(t, err)
	return s
}

func decoded(t *testing.T, s *structpb.Struct) resource.PropertyMap {
	t.Helper()
	m, err := decode(s)
	require.NoError(t, err)
	return m
}

// cloud is a local AWS account and a plugin that works on it.
type cloud struct {
	aws    *localaws.Server
	plugin pulumirpc.ResourceProviderServer
	bundle string
}

// newCloud configures everything through the provider's configuration, and nothing through the environment.
func newCloud(t *testing.T, extra props) *cloud {
	t.Helper()
	isolate(t)
	c := startCloud(t)
	c.configure(t, extra)
	return c
}

func startCloud(t *testing.T) *cloud {
	t.Helper()
	local, err := localaws.Start(localaws.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, local.Close()) })
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	require.NoError(t, os.WriteFile(bundle, local.CAPEM(), 0o600))
	plugin, err := New(nil)
	require.NoError(t, err)
	return &cloud{aws: local, plugin: plugin, bundle: bundle}
}

// isolate hides the AWS settings of whoever runs the tests.
func isolate(t *testing.T) {
	t.Helper()
	for _, name := range []string{
		"AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY",
		"AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM", "AWS_ENDPOINT_URL_STS", "AWS_CA_BUNDLE",
	} {
		t.Setenv(name, "")
		require.NoError(t, os.Unsetenv(name))
	}
	nowhere := filepath.Join(t.TempDir(), "none")
	t.Setenv("AWS_CONFIG_FILE", nowhere)
	t.Setenv("AWS_SHARED_CREDENTIALS_FILE", nowhere)
}

func (c *cloud) settings(extra props) props {
	id, key := c.aws.Credentials()
	settings := props{
		"region": "eu-west-1", "accessKey": id, "secretKey": key, "customCaBundle": c.bundle,
		"endpoints": []any{props{"iam": c.aws.URL(), "sts": c.aws.URL()}},
	}
	for name, value := range extra {
		settings[name] = value
		if value == nil {
			delete(settings, name)
		}
	}
	return settings
}

func (c *cloud) configure(t *testing.T, extra props) {
	t.Helper()
	_, err := c.plugin.Configure(context.Background(), &pulumirpc.ConfigureRequest{
		Args: encoded(t, values(c.settings(extra))),
	})
	require.NoError(t, err)
}

// client reaches around the plugin, to see and to change what AWS holds.
func (c *cloud) client(t *testing.T) *iam.Client {
	t.Helper()
	id, key := c.aws.Credentials()
	bundle, err := os.Open(c.bundle)
	require.NoError(t, err)
	loaded, err := config.LoadDefaultConfig(context.Background(),
		config.WithRegion("us-east-1"), config.WithCustomCABundle(bundle),
		config.WithAPIOptions([]func(*middleware.Stack) error{awsbody.Whole}),
		config.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(id, key, "")))
	require.NoError(t, err)
	return iam.NewFromConfig(loaded, func(o *iam.Options) { o.BaseEndpoint = aws.String(c.aws.URL()) })
}

// thing is one resource of a program, with what the engine would remember of it.
type thing struct {
	*cloud
	urn    string
	id     string
	inputs resource.PropertyMap
	state  resource.PropertyMap
}

func (c *cloud) thing(token, name string) *thing {
	return &thing{cloud: c, urn: "urn:pulumi:dev::project::" + token + "::" + name}
}

func (r *thing) tryCheck(t *testing.T, news resource.PropertyMap) *pulumirpc.CheckResponse {
	t.Helper()
	answer, err := r.plugin.Check(context.Background(), &pulumirpc.CheckRequest{
		Urn: r.urn, Olds: encoded(t, r.inputs), News: encoded(t, news), RandomSeed: []byte("seed of " + r.urn),
	})
	require.NoError(t, err)
	return answer
}

func (r *thing) check(t *testing.T, news resource.PropertyMap) resource.PropertyMap {
	t.Helper()
	answer := r.tryCheck(t, news)
	require.Empty(t, answer.GetFailures())
	return decoded(t, answer.GetInputs())
}

// refusals are the failures of a check, by property.
func (r *thing) refusals(t *testing.T, news resource.PropertyMap) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, failure := range r.tryCheck(t, news).GetFailures() {
		found[failure.GetProperty()] = failure.GetReason()
	}
	return found
}

func (r *thing) create(t *testing.T, news props) *thing {
	t.Helper()
	require.NoError(t, r.tryCreate(t, values(news)))
	return r
}

func (r *thing) tryCreate(t *testing.T, news resource.PropertyMap) error {
	t.Helper()
	r.inputs = r.check(t, news)
	answer, err := r.plugin.Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: r.urn, Properties: encoded(t, r.inputs),
	})
	if err != nil {
		return err
	}
	r.id, r.state = answer.GetId(), decoded(t, answer.GetProperties())
	return nil
}

func (r *thing) previewCreate(t *testing.T, news resource.PropertyMap) resource.PropertyMap {
	t.Helper()
	answer, err := r.plugin.Create(context.Background(), &pulumirpc.CreateRequest{
		Urn: r.urn, Properties: encoded(t, r.check(t, news)), Preview: true,
	})
	require.NoError(t, err)
	require.Empty(t, answer.GetId())
	return decoded(t, answer.GetProperties())
}

func (r *thing) diff(t *testing.T, news resource.PropertyMap, ignored ...string) *pulumirpc.DiffResponse {
	t.Helper()
	answer, err := r.plugin.Diff(context.Background(), &pulumirpc.DiffRequest{
		Id: r.id, Urn: r.urn, OldInputs: encoded(t, r.inputs), Olds: encoded(t, r.state),
		News: encoded(t, r.check(t, news)), IgnoreChanges: ignored,
	})
	require.NoError(t, err)
	return answer
}

func (r *thing) requireNoDiff(t *testing.T, news props) {
	t.Helper()
	answer := r.diff(t, values(news))
	require.Equal(t, pulumirpc.DiffResponse_DIFF_NONE, answer.GetChanges(), "%v", answer.GetDiffs())
}

func (r *thing) update(t *testing.T, news props) *thing {
	t.Helper()
	request := r.updateRequest(t, values(news))
	answer, err := r.plugin.Update(context.Background(), request)
	require.NoError(t, err)
	r.inputs, r.state = decoded(t, request.GetNews()), decoded(t, answer.GetProperties())
	return r
}

func (r *thing) updateRequest(t *testing.T, news resource.PropertyMap) *pulumirpc.UpdateRequest {
	t.Helper()
	return &pulumirpc.UpdateRequest{
		Id: r.id, Urn: r.urn, OldInputs: encoded(t, r.inputs), Olds: encoded(t, r.state),
		News: encoded(t, r.check(t, news)),
	}
}

// refresh reads the resource as the engine does, and tells whether it is still there.
func (r *thing) refresh(t *testing.T) bool {
	t.Helper()
	answer, err := r.plugin.Read(context.Background(), &pulumirpc.ReadRequest{
		Id: r.id, Urn: r.urn, Properties: encoded(t, r.state), Inputs: encoded(t, r.inputs),
	})
	require.NoError(t, err)
	if answer.GetId() == "" {
		return false
	}
	r.id, r.state, r.inputs = answer.GetId(), decoded(t, answer.GetProperties()), decoded(t, answer.GetInputs())
	return true
}

// imported adopts what exists under an id, and returns the inputs a program would have to write.
func (c *cloud) imported(t *testing.T, token, name, id string) *thing {
	t.Helper()
	r := c.thing(token, name)
	r.id = id
	require.True(t, r.refresh(t), "%s does not exist", id)
	return r
}

func (r *thing) delete(t *testing.T) {
	t.Helper()
	_, err := r.plugin.Delete(context.Background(), r.deleteRequest(t))
	require.NoError(t, err)
}

func (r *thing) deleteRequest(t *testing.T) *pulumirpc.DeleteRequest {
	t.Helper()
	return &pulumirpc.DeleteRequest{
		Id:         r.id,
		Urn:        r.urn,
		Properties: encoded(t, r.state),
		OldInputs:  encoded(t, r.inputs),
	}
}

func (c *cloud) invoke(t *testing.T, token string, args props) (props, error) {
	t.Helper()
	answer, err := c.plugin.Invoke(context.Background(),
		&pulumirpc.InvokeRequest{Tok: token, Args: encoded(t, values(args))})
	if err != nil {
		return nil, err
	}
	require.Empty(t, answer.GetFailures())
	return decoded(t, answer.GetReturn()).Mappable(), nil
}

var nothing = &emptypb.Empty{}
