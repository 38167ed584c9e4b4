package engine

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumiprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsplugin"
)

// A maker makes a provider's server.
type maker = func(*pulumiprovider.HostClient) (pulumirpc.ResourceProviderServer, error)

// awsPlugins are the stand-ins for AWS, by version.
var awsPlugins = map[string]maker{awsplugin.Version: awsplugin.New, awsplugin.Version7: awsplugin.New7}

// plugins are the providers of every program: ours, the installed stand-ins for AWS, and one with a resource that
// passes a value on.
func (r *run) plugins(installed []string) []*deploytest.ProviderLoader {
	version := semver.MustParse("0.1.0")
	loaders := []*deploytest.ProviderLoader{
		deploytest.NewProviderLoaderWithHost("ci-oidc-trust", version, r.served(r.ours)),
		deploytest.NewProviderLoader("upstream", version, func() (plugin.Provider, error) {
			return upstreamProvider(), nil
		}),
	}
	for _, version := range installed {
		start := r.served(awsPlugins[version])
		loaders = append(loaders, deploytest.NewProviderLoaderWithHost("aws", semver.MustParse(version),
			func(host plugin.Host) (plugin.Provider, error) {
				r.started = append(r.started, version)
				return start(host)
			}))
	}
	return loaders
}

// ours is our provider; what its Constructs fail with is noted, as the engine drops what comes after the first failure.
func (r *run) ours(host *pulumiprovider.HostClient) (pulumirpc.ResourceProviderServer, error) {
	server, err := provider.New(host)
	return &noting{server, r}, err
}

type noting struct {
	pulumirpc.ResourceProviderServer
	run *run
}

func (n *noting) Construct(
	ctx context.Context, request *pulumirpc.ConstructRequest,
) (*pulumirpc.ConstructResponse, error) {
	response, err := n.ResourceProviderServer.Construct(ctx, request)
	if err != nil {
		n.run.logMutex.Lock()
		defer n.run.logMutex.Unlock()
		n.run.failed = append(n.run.failed, err.Error())
	}
	return response, err
}

func upstreamProvider() plugin.Provider {
	return &deploytest.Provider{
		CreateF: func(_ context.Context, r plugin.CreateRequest) (plugin.CreateResponse, error) {
			if r.Preview {
				return plugin.CreateResponse{
					Properties: property.NewMap(map[string]property.Value{"value": property.New(property.Computed)}),
				}, nil
			}
			if value := r.Properties.Get("value"); value.IsString() && value.AsString() == "fail" {
				return plugin.CreateResponse{}, errors.New("the upstream resource cannot be created")
			}
			return plugin.CreateResponse{ID: resource.ID(r.Name), Properties: r.Properties}, nil
		},
		DiffF: func(_ context.Context, r plugin.DiffRequest) (plugin.DiffResult, error) {
			if r.OldInputs.Equals(r.NewInputs) {
				return plugin.DiffResult{Changes: plugin.DiffNone}, nil
			}
			return plugin.DiffResult{Changes: plugin.DiffSome}, nil
		},
	}
}

// served starts a provider's server on loopback, as the engine starts a plugin.
func (r *run) served(start maker) deploytest.LoadProviderWithHostFunc {
	return func(host plugin.Host) (plugin.Provider, error) {
		client, err := pulumiprovider.NewHostClient(host.ServerAddr())
		if err != nil {
			return nil, err
		}
		server, err := start(client)
		if err != nil {
			return nil, err
		}
		stop := make(chan bool)
		handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
			Cancel: stop,
			Init: func(s *grpc.Server) error {
				pulumirpc.RegisterResourceProviderServer(s, server)
				return nil
			},
		})
		if err != nil {
			return nil, err
		}
		connection, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", handle.Port),
			grpc.WithTransportCredentials(insecure.NewCredentials()), rpcutil.GrpcChannelOptions())
		if err != nil {
			return nil, err
		}
		r.stop = append(r.stop, func() error {
			err := errors.Join(connection.Close(), client.Close())
			close(stop)
			return errors.Join(err, <-handle.Done)
		})
		return plugin.NewProviderWithClient(nil, pulumirpc.NewResourceProviderClient(connection), false), nil
	}
}

// stopPlugins does what the engine's host for tests does not.
func (r *run) stopPlugins(t testing.TB) {
	t.Helper()
	for _, stop := range r.stop {
		require.NoError(t, stop())
	}
}
