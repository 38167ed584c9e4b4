package engine

import (
	"context"
	"errors"
	"fmt"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/pkg/v3/resource/deploy/deploytest"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	pulumiprovider "github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/awsplugin"
)

const componentType = "ci-oidc-trust:index:CiOidcTrust"

// A program is what a user writes, without a language: it registers resources with the engine, in any form that a value
// can have on the wire.
type program func(p *running) error

// running is a program while it runs.
type running struct {
	monitor *deploytest.ResourceMonitor
	run     *run
	dry     bool
}

func (p program) language(r *run) deploytest.ProgramFunc {
	return func(info plugin.RunInfo, monitor *deploytest.ResourceMonitor) error {
		if p == nil {
			return nil
		}
		return p(&running{monitor, r, info.DryRun})
	}
}

// trust is a program of one CiOidcTrust called deploy.
func trust(inputs props) program {
	return func(p *running) error {
		_, err := p.component("deploy", inputs, deploytest.ResourceOptions{})
		return err
	}
}

// component registers a CiOidcTrust.
func (p *running) component(name string, inputs props, options deploytest.ResourceOptions) (*deploytest.RegisterResourceResponse, error) {
	options.Remote, options.Inputs, options.AliasSpecs = true, values(inputs), true
	registered, err := p.monitor.RegisterResource(componentType, name, false, options)
	if err == nil {
		p.run.seen[name] = registered
	}
	return registered, err
}

// upstream registers another resource, which has a value as its output; until the resource exists the output is unknown.
func (p *running) upstream(name string, value resource.PropertyValue) (resource.PropertyValue, error) {
	registered, err := p.monitor.RegisterResource("upstream:index:Source", name, true,
		deploytest.ResourceOptions{Inputs: resource.PropertyMap{"value": value}})
	if err != nil {
		return resource.PropertyValue{}, err
	}
	output := resource.Output{Dependencies: []resource.URN{registered.URN}}
	output.Element, output.Known = registered.Outputs["value"], true
	if output.Element.IsComputed() {
		output.Element, output.Known = resource.NewProperty(""), false
	}
	if output.Element.IsSecret() {
		output.Element, output.Secret = output.Element.SecretValue().Element, true
	}
	return resource.NewProperty(output), nil
}

// plugins are the providers of every program: ours, the stand-in for AWS, and one with a resource that passes a value on.
func plugins() []*deploytest.ProviderLoader {
	version := semver.MustParse("0.1.0")
	return []*deploytest.ProviderLoader{
		deploytest.NewProviderLoaderWithHost("ci-oidc-trust", version, served(provider.New)),
		deploytest.NewProviderLoaderWithHost("aws", semver.MustParse(awsplugin.Version), served(awsplugin.New)),
		deploytest.NewProviderLoader("upstream", version, func() (plugin.Provider, error) { return upstreamProvider(), nil }),
	}
}

func upstreamProvider() plugin.Provider {
	return &deploytest.Provider{
		CreateF: func(_ context.Context, r plugin.CreateRequest) (plugin.CreateResponse, error) {
			if r.Preview {
				return plugin.CreateResponse{Properties: resource.PropertyMap{"value": resource.MakeComputed(resource.NewProperty(""))}}, nil
			}
			if r.Properties["value"].IsString() && r.Properties["value"].StringValue() == "fail" {
				return plugin.CreateResponse{}, errors.New("the upstream resource cannot be created")
			}
			return plugin.CreateResponse{ID: resource.ID(r.Name), Properties: r.Properties}, nil
		},
		DiffF: func(_ context.Context, r plugin.DiffRequest) (plugin.DiffResult, error) {
			if r.OldInputs.DeepEquals(r.NewInputs) {
				return plugin.DiffResult{Changes: plugin.DiffNone}, nil
			}
			return plugin.DiffResult{Changes: plugin.DiffSome}, nil
		},
	}
}

// served starts a provider's server on loopback, as the engine starts a plugin.
func served(maker func(*pulumiprovider.HostClient) (pulumirpc.ResourceProviderServer, error)) deploytest.LoadProviderWithHostFunc {
	return func(host plugin.Host) (plugin.Provider, error) {
		client, err := pulumiprovider.NewHostClient(host.ServerAddr())
		if err != nil {
			return nil, err
		}
		server, err := maker(client)
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
		return &servedProvider{
			Provider: plugin.NewProviderWithClient(nil, pulumirpc.NewResourceProviderClient(connection), false),
			close: func() error {
				err := errors.Join(connection.Close(), client.Close())
				close(stop)
				return errors.Join(err, <-handle.Done)
			},
		}, nil
	}
}

// servedProvider stops its server when the engine is done with it.
type servedProvider struct {
	plugin.Provider
	close func() error
}

func (p *servedProvider) Close() error { return errors.Join(p.Provider.Close(), p.close()) }
