package awsplugin

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// IAM is eventually consistent: what was just written may not be seen for a while. Terraform waits up to two minutes;
// here a few seconds must do.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_general.html#troubleshoot_general_eventual-consistency
const (
	propagationTime = 15 * time.Second
	firstPause      = 100 * time.Millisecond
	longestPause    = 2 * time.Second
)

// untilPropagated repeats an operation for as long as its failure may be one of propagation.
func untilPropagated(ctx context.Context, transient func(error) bool, operation func() error) error {
	deadline := time.Now().Add(propagationTime)
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := operation()
		if err == nil || !transient(err) || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-time.After(pause):
		}
	}
}

func isMissing(err error) bool {
	var missing *types.NoSuchEntityException
	return errors.As(err, &missing)
}

// unlessMissing turns "there is no such thing" into no error, for reads that report absence with an empty state.
func unlessMissing(err error) error {
	if isMissing(err) {
		return nil
	}
	return err
}

// isUnknownPrincipal recognises a trust policy that names a principal IAM cannot see yet.
func isUnknownPrincipal(err error) bool {
	var malformed *types.MalformedPolicyDocumentException
	return errors.As(err, &malformed) && strings.Contains(malformed.ErrorMessage(), "Invalid principal in policy")
}

var errNotVisible = errors.New("it is not visible yet")

type reader func(
	ctx context.Context, client *iam.Client, id string, prior resource.PropertyMap,
) (string, resource.PropertyMap, error)

// afterCreate reads what was just created.
func afterCreate(
	ctx context.Context, client *iam.Client, read reader, id string, prior resource.PropertyMap,
) (resource.PropertyMap, error) {
	var state resource.PropertyMap
	err := untilPropagated(ctx, func(err error) bool { return errors.Is(err, errNotVisible) }, func() error {
		var err error
		if _, state, err = read(ctx, client, id, prior); err == nil && state == nil {
			return errNotVisible
		}
		return err
	})
	return state, err
}
