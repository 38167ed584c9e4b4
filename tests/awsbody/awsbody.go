// Package awsbody keeps the connection of a client of the AWS SDK for Go open until the answer is read.
package awsbody

import (
	"context"
	"io"

	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Whole is an API option for every client of a server that is as near as a test's.
//
// The SDK closes a request's body as soon as the head of the answer is there. Closed, the body answers io.EOF, also to
// WriteTo, for which that is an error. If net/http has then still to ask whether the body has ended, because the
// machine is busy, it takes the request for broken and drops the connection under the answer: "deserialization failed,
// ... use of closed network connection". Asked again, the server has already what it is to create. A body without
// WriteTo is read, and has ended.
//
// Sources: https://pkg.go.dev/io#WriterTo, https://github.com/aws/aws-sdk-go-v2/issues/2737,
// smithy-go v1.28.9 (transport/http/client.go, transport/http/internal/io/safe.go)
func Whole(stack *middleware.Stack) error {
	return stack.Build.Add(middleware.BuildMiddlewareFunc("BodyWithoutWriteTo", func(
		ctx context.Context, in middleware.BuildInput, next middleware.BuildHandler,
	) (middleware.BuildOutput, middleware.Metadata, error) {
		if request, ok := in.Request.(*smithyhttp.Request); ok {
			if body, ok := request.GetStream().(io.ReadSeeker); ok {
				plain, err := request.SetStream(struct{ io.ReadSeeker }{body})
				if err != nil {
					return middleware.BuildOutput{}, middleware.Metadata{}, err
				}
				in.Request = plain
			}
		}
		return next.HandleBuild(ctx, in)
	}), middleware.Before)
}
