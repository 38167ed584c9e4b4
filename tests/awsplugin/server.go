// Package awsplugin stands in for pulumi-resource-aws: the few IAM resources and functions that CI trust needs, under
// the names, requiredness, defaults and replacement rules of pulumi-aws v6, carried out with the real AWS SDK against
// whatever endpoint is configured. It is stricter than the real plugin about what it does not know: unknown properties,
// unknown configuration keys and wrong types are refused instead of ignored or converted.
package awsplugin

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// The pulumi-aws releases whose behaviour is imitated, and the versions reported to the engine.
const (
	Version  = "6.83.4"
	Version7 = "7.48.0"
)

//go:embed schema.json
var schemaDocument []byte

// server implements the provider protocol. Whatever it is not told to do (Construct, Call, Parameterize, ...) it
// answers as the embedded type does.
type server struct {
	pulumirpc.UnimplementedResourceProviderServer

	operations operations
	version    string

	mu        sync.RWMutex
	validated string
	session   *session
}

// New returns the plugin as a raw server. The host may be nil: nothing is asked of the engine.
func New(_ *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
	return &server{version: Version}, nil
}

// New7 is New for the next major. What differs of the few things that are imitated: getRegion answers region instead of
// name, and the configuration has assumeRoles.
func New7(_ *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
	return &server{version: Version7}, nil
}

// seven reports that this is the second of the two majors.
func (s *server) seven() bool { return s.version == Version7 }

func (s *server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: s.version}, nil
}

func (s *server) GetSchema(_ context.Context, req *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	if req.GetVersion() != 0 {
		return nil, fmt.Errorf("unsupported schema version %d", req.GetVersion())
	}
	var schema map[string]any
	if err := json.Unmarshal(schemaDocument, &schema); err != nil {
		return nil, err
	}
	schema["version"] = s.version
	text, err := json.Marshal(schema)
	if err != nil {
		return nil, err
	}
	return &pulumirpc.GetSchemaResponse{Schema: string(text)}, nil
}

func (s *server) Handshake(
	context.Context, *pulumirpc.ProviderHandshakeRequest,
) (*pulumirpc.ProviderHandshakeResponse, error) {
	return &pulumirpc.ProviderHandshakeResponse{AcceptSecrets: true, SupportsAutonamingConfiguration: true}, nil
}

// Attach is called when the engine connects to a plugin that was started by someone else (PULUMI_DEBUG_PROVIDERS).
func (s *server) Attach(context.Context, *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Cancel stops what is under way. Later operations are unaffected: the engine also cancels at the end of an operation
// that went well, and an attached plugin lives on.
func (s *server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	s.operations.cancelAll()
	return &emptypb.Empty{}, nil
}

func (s *server) configured() (*session, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.session == nil {
		return nil, errors.New("the AWS provider has not been configured")
	}
	return s.session, nil
}

// operations remembers what is under way, so that it can be cancelled together.
type operations struct {
	mu      sync.Mutex
	next    int
	running map[int]context.CancelFunc
}

func (o *operations) begin(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.running == nil {
		o.running = map[int]context.CancelFunc{}
	}
	id := o.next
	o.next++
	o.running[id] = cancel
	return ctx, func() {
		o.mu.Lock()
		delete(o.running, id)
		o.mu.Unlock()
		cancel()
	}
}

func (o *operations) cancelAll() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, cancel := range o.running {
		cancel()
	}
}
