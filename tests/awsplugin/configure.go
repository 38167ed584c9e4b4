package awsplugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

func (s *server) CheckConfig(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	config, failures := readConfiguration(news, s.seven())
	if len(failures) > 0 {
		return &pulumirpc.CheckResponse{Failures: failures}, nil
	}
	if !resource.NewProperty(news).ContainsUnknowns() {
		if _, err := s.connect(ctx, config); err != nil {
			return &pulumirpc.CheckResponse{Failures: []*pulumirpc.CheckFailure{{Reason: err.Error()}}}, nil
		}
	}
	return &pulumirpc.CheckResponse{Inputs: req.GetNews()}, nil
}

// connect makes a session, and validates its credentials unless that was done before with the same configuration.
func (s *server) connect(ctx context.Context, c *configuration) (*session, error) {
	ctx, done := s.operations.begin(ctx)
	defer done()
	fresh, err := newSession(ctx, c)
	if err != nil {
		return nil, err
	}
	fresh.seven = s.seven()
	encoded, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	fingerprint := string(encoded)
	s.mu.RLock()
	validated := s.validated == fingerprint
	s.mu.RUnlock()
	if validated {
		return fresh, nil
	}
	if err := fresh.validate(ctx, c); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.validated = fingerprint
	s.mu.Unlock()
	return fresh, nil
}

// DiffConfig never replaces a provider: a provider that is replaced takes all its resources with it.
func (s *server) DiffConfig(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	olds, err := decode(req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	if req.GetOldInputs() == nil {
		if olds, err = decode(req.GetOlds()); err != nil {
			return nil, err
		}
	}
	news, err := decode(req.GetNews())
	if err != nil {
		return nil, err
	}
	answer := &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}
	all := olds.Copy()
	for key, value := range news {
		all[key] = value
	}
	for _, key := range sortedKeys(all) {
		if !engineKeys[key] && !reveal(olds[key]).DeepEquals(reveal(news[key])) {
			answer.Changes = pulumirpc.DiffResponse_DIFF_SOME
			answer.Diffs = append(answer.Diffs, string(key))
		}
	}
	return answer, nil
}

func (s *server) Configure(ctx context.Context, req *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	values, err := decode(req.GetArgs())
	if err != nil {
		return nil, err
	}
	config, failures := readConfiguration(values, s.seven())
	if len(failures) > 0 {
		problems := make([]error, 0, len(failures))
		for _, failure := range failures {
			problems = append(problems, fmt.Errorf("aws:%s: %s", failure.Property, failure.Reason))
		}
		return nil, errors.Join(problems...)
	}
	session, err := s.connect(ctx, config)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.session = session
	s.mu.Unlock()
	return &pulumirpc.ConfigureResponse{
		AcceptSecrets: true, SupportsPreview: true, SupportsAutonamingConfiguration: true,
	}, nil
}
