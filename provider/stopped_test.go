package provider

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestWhatTheEndOfAnOperationCutsOffIsOneLineAndWhatFailedByItselfIsKept(t *testing.T) {
	for _, err := range []error{
		context.Canceled, status.Error(codes.Canceled, "context canceled"),
		status.Error(codes.Unavailable, "resource monitor shut down while waiting on step's done channel"),
		errors.New("marshaling properties: awaiting input property \"roleArn\": rpc error: code = Unavailable desc = " +
			"resource monitor shut down while sending resource registration"),
		errors.New("rpc error: code = Canceled desc = grpc: the client connection is closing"),
		fmt.Errorf("asking the AWS provider for its region: %w", status.Error(codes.Canceled, "context canceled")),
	} {
		if got := diagnosed(err); !errors.Is(got, errStopped) {
			t.Errorf("%v is told as %v", err, got)
		}
	}
	for _, err := range []error{
		nil, errors.New("reading IAM OIDC Provider: AccessDenied"),
		errors.New("dial tcp 192.0.2.1:443: connect: connection refused"),
		fmt.Errorf("%w: panic in x: y; context canceled", errBug),
	} {
		if got := diagnosed(err); !errors.Is(got, err) || errors.Is(got, errStopped) {
			t.Errorf("%v is told as %v", err, got)
		}
	}
}
