package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
	"github.com/pulumi/pulumi/pkg/v3/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
)

// host answers the CLI. What it does not implement the CLI does without.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer

	language language
	old      string // the program of the old host
	engine   string // address
}

// GetPluginInfo says nothing: the CLI asks no version of a language host.
func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{}, nil
}

// GetRequiredPlugins is what the CLI asks a host that does not know GetRequiredPackages.
func (h *host) GetRequiredPlugins(
	ctx context.Context, r *pulumirpc.GetRequiredPluginsRequest,
) (answer *pulumirpc.GetRequiredPluginsResponse, err error) {
	err = h.ask(ctx, r.Info, func(old pulumirpc.LanguageRuntimeClient) error {
		r.Program = r.Info.EntryPoint                //nolint:staticcheck // The old host knows no other.
		answer, err = old.GetRequiredPlugins(ctx, r) //nolint:staticcheck // The old host knows no other.
		return err
	})
	if err != nil {
		return nil, err
	}
	// The old host for Go takes every module of Pulumi's for a package with a plugin, by its name. This one is newer,
	// has none, and is what Pulumi's SDK itself is made of.
	answer.Plugins = slices.DeleteFunc(answer.Plugins, func(p *pulumirpc.PluginDependency) bool {
		return p.Name == "cloud-sdk"
	})
	return answer, nil
}

// Run runs a program to its end.
func (h *host) Run(ctx context.Context, r *pulumirpc.RunRequest) (answer *pulumirpc.RunResponse, err error) {
	err = h.ask(ctx, r.Info, func(old pulumirpc.LanguageRuntimeClient) error {
		answer, err = old.Run(ctx, r)
		return err
	})
	return answer, err
}

// RuntimeOptionsPrompts is what `pulumi new` asks: which options a project should have. As in the newest hosts, each
// has a default, which whoever says yes to everything gets.
func (h *host) RuntimeOptionsPrompts(
	_ context.Context, r *pulumirpc.RuntimeOptionsRequest,
) (*pulumirpc.RuntimeOptionsResponse, error) {
	var answer pulumirpc.RuntimeOptionsResponse
	for _, option := range h.language.options {
		if _, is := r.Info.Options.AsMap()[option[0]]; !is {
			value := &pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{StringValue: option[1]}
			answer.Prompts = append(answer.Prompts, &pulumirpc.RuntimeOptionPrompt{
				Key: option[0], Choices: []*pulumirpc.RuntimeOptionPrompt_RuntimeOptionValue{value}, Default: value,
			})
		}
	}
	return &answer, nil
}

// GetProgramDependencies lists what a program depends on, for `pulumi about`.
func (h *host) GetProgramDependencies(
	ctx context.Context, r *pulumirpc.GetProgramDependenciesRequest,
) (answer *pulumirpc.GetProgramDependenciesResponse, err error) {
	err = h.ask(ctx, r.Info, func(old pulumirpc.LanguageRuntimeClient) error {
		//nolint:staticcheck // The old host knows no other.
		r.Pwd, r.Program = r.Info.ProgramDirectory, r.Info.EntryPoint
		answer, err = old.GetProgramDependencies(ctx, r)
		return err
	})
	return answer, err
}

// InstallDependencies does what `pulumi install` does, and `pulumi package add` at its end.
func (h *host) InstallDependencies(
	r *pulumirpc.InstallDependenciesRequest, to grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse],
) error {
	return h.ask(to.Context(), r.Info, func(old pulumirpc.LanguageRuntimeClient) error {
		from, err := old.InstallDependencies(to.Context(), r)
		if err != nil {
			return err
		}
		return forward(from, to)
	})
}

// RunPlugin compiles and starts a plugin from its source.
func (h *host) RunPlugin(
	r *pulumirpc.RunPluginRequest, to grpc.ServerStreamingServer[pulumirpc.RunPluginResponse],
) error {
	return h.ask(to.Context(), r.Info, func(old pulumirpc.LanguageRuntimeClient) error {
		r.Program = r.Info.ProgramDirectory //nolint:staticcheck // The old host knows no other.
		from, err := old.RunPlugin(to.Context(), r)
		if err != nil {
			return err
		}
		return forward(from, to)
	})
}

// GeneratePackage writes the SDK of a package into a folder.
func (h *host) GeneratePackage(
	_ context.Context, r *pulumirpc.GeneratePackageRequest,
) (*pulumirpc.GeneratePackageResponse, error) {
	client, err := schema.NewLoaderClient(r.LoaderTarget)
	if err != nil {
		return nil, err
	}
	defer func() { _ = client.Close() }()
	loader := schema.NewCachedLoader(client)
	var spec schema.PackageSpec
	if err := json.Unmarshal([]byte(r.Schema), &spec); err != nil {
		return nil, err
	}
	pkg, diagnostics, err := schema.BindSpec(spec, loader, schema.ValidationOptions{AllowDanglingReferences: true})
	if err != nil {
		return nil, err
	}
	answer := &pulumirpc.GeneratePackageResponse{Diagnostics: plugin.HclDiagnosticsToRPCDiagnostics(diagnostics)}
	if diagnostics.HasErrors() {
		return answer, nil
	}
	files, err := h.language.generate(pkg, r, loader)
	if err != nil {
		return nil, err
	}
	for name, content := range files {
		path := filepath.Join(r.Directory, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, content, 0o600); err != nil {
			return nil, err
		}
	}
	return answer, nil
}

// Link makes generated SDKs dependencies of a program.
func (h *host) Link(_ context.Context, r *pulumirpc.LinkRequest) (*pulumirpc.LinkResponse, error) {
	instructions := "Import it in your program as:\n\n"
	for _, dependency := range r.Packages {
		imported, err := h.language.link(r.Info.ProgramDirectory, dependency.Path)
		if err != nil {
			return nil, fmt.Errorf("linking %s: %w", dependency.Path, err)
		}
		instructions += "  " + imported + "\n"
	}
	return &pulumirpc.LinkResponse{ImportInstructions: instructions}, nil
}
