// Package provider is the Pulumi side: the gRPC surface of the plugin and the component. It is the only place that
// knows Pulumi and AWS resources.
package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil/rpcerror"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
)

const (
	// Name is the package's name.
	Name = "ci-oidc-trust"

	trustToken     = "ci-oidc-trust:index:CiOidcTrust"
	providersToken = "ci-oidc-trust:index:CiOidcProviders"
)

// server answers the calls that the engine makes to a provider of components alone. The engine never makes the
// others, which the embedded type answers.
type server struct {
	pulumirpc.UnimplementedResourceProviderServer

	lookUps lookUps
	hooks   hooks

	mu   sync.Mutex // guards host, which Attach replaces
	host *pulumiprovider.HostClient
}

// New makes the provider's server.
func New(host *pulumiprovider.HostClient) (pulumirpc.ResourceProviderServer, error) {
	return &server{host: host}, nil
}

func (s *server) Handshake(
	context.Context, *pulumirpc.ProviderHandshakeRequest,
) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true}, nil
}

func (s *server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	parsed, err := check.Package()
	if err != nil {
		return nil, err
	}
	return &pulumirpc.PluginInfo{Version: parsed.Version}, nil
}

func (s *server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return &pulumirpc.GetSchemaResponse{Schema: string(contract.Schema)}, nil
}

func (s *server) CheckConfig(_ context.Context, request *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return &pulumirpc.CheckResponse{Inputs: request.GetNews()}, nil
}

func (s *server) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{}, nil
}

func (s *server) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{
		AcceptSecrets:   true,
		SupportsPreview: true,
		AcceptResources: true,
		AcceptOutputs:   true,
	}, nil
}

func (s *server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	s.lookUps.clear()
	s.hooks.clear()
	return &emptypb.Empty{}, nil
}

// Attach connects a plugin that was started by hand to an engine.
func (s *server) Attach(_ context.Context, request *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	host, err := pulumiprovider.NewHostClient(request.GetAddress())
	if err != nil {
		return nil, err
	}
	s.lookUps.clear()
	s.hooks.clear()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.host != nil {
		_ = s.host.Close()
	}
	s.host = host
	return &emptypb.Empty{}, nil
}

// Construct makes a component. A panic in it is its own error, and what the end of the operation cuts off is told in
// one line.
func (s *server) Construct(
	ctx context.Context, request *pulumirpc.ConstructRequest,
) (response *pulumirpc.ConstructResponse, err error) {
	err = contained(func() error {
		response, err = s.constructed(ctx, request)
		return err
	})
	return response, diagnosed(err)
}

// constructed holds the raw inputs against the schema, and hands the component what remains: nulls removed, because the
// Pulumi SDK would turn them into zero values, and defaults filled in, because not every language does that.
func (s *server) constructed(
	ctx context.Context, request *pulumirpc.ConstructRequest,
) (*pulumirpc.ConstructResponse, error) {
	token := request.GetType()
	if token != trustToken && token != providersToken {
		return nil, rpcerror.Newf(codes.InvalidArgument, "unknown resource type %s; this package has %s and %s",
			token, trustToken, providersToken)
	}
	if err := unusable(request); err != nil {
		return nil, err
	}
	options := plugin.MarshalOptions{KeepSecrets: true, KeepUnknowns: true, KeepResources: true, KeepOutputValues: true}
	given, err := plugin.UnmarshalProperties(request.GetInputs(), options)
	if err != nil {
		return nil, err
	}
	c := component{
		kind: token[strings.LastIndexByte(token, ':')+1:], project: request.GetProject(), owner: ownerOf(request),
		hooks: &s.hooks, hook: request.GetParent() + "::" + token + "::" + request.GetName(), prove: ci.Check,
		lookUps:  &s.lookUps,
		packages: slices.Sorted(maps.Keys(request.GetProviders())),
		monitor:  request.GetMonitorEndpoint(), provider: request.GetProviders()["aws"], given: given,
	}
	tree, clean, err := readInputs(token, rawInputs(given), &c.problems)
	if err != nil {
		return nil, err
	}
	c.tree = tree
	cleaned := proto.Clone(request).(*pulumirpc.ConstructRequest)
	if cleaned.Inputs, err = plugin.MarshalProperties(pulumiInputs(clean), options); err != nil {
		return nil, err
	}
	if token == providersToken {
		return s.construct(ctx, cleaned, c.constructProviders)
	}
	return s.construct(ctx, cleaned, c.construct)
}

// construct is the SDK's, which leaves open what it dials: the engine's monitor, at every call. Closing its context
// closes that, and the connection to the engine with it, so each call gets one of its own.
func (s *server) construct(
	ctx context.Context, request *pulumirpc.ConstructRequest, build pulumiprovider.ConstructFunc,
) (response *pulumirpc.ConstructResponse, err error) {
	s.mu.Lock()
	engine := s.host.EngineConn().Target()
	s.mu.Unlock()
	host, err := pulumiprovider.NewHostClient(engine)
	if err != nil {
		return nil, err
	}
	var opened *pulumi.Context
	defer func() {
		closing := host.Close
		if opened != nil {
			closing = opened.Close
		}
		if failure := closing(); err == nil && failure != nil {
			response, err = nil, failure
		}
	}()
	return pulumiprovider.Construct(ctx, request, host.EngineConn(), func(
		ctx *pulumi.Context, token, name string, inputs pulumiprovider.ConstructInputs, option pulumi.ResourceOption,
	) (*pulumiprovider.ConstructResult, error) {
		opened = ctx
		return build(ctx, token, name, inputs, option)
	})
}
