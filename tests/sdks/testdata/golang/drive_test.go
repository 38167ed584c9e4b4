package main

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

var programs = map[string]pulumi.RunFunc{
	"example": stack, "chain": chain, "mixed": mixed, "review": review, "transform": transform, "readme": readme,
	"mistakes": made, "whole": whole,
}

// TestMain runs one verb on the stack of one program. It needs no language host: the engine calls back into this
// process.
func TestMain(*testing.M) {
	if err := drive(context.Background(), os.Getenv("VERB"), os.Getenv("PROGRAM")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func drive(ctx context.Context, verb, program string) error {
	dev, err := auto.UpsertStackInlineSource(ctx, "dev", "ci-oidc-trust-go", programs[program], auto.WorkDir("."))
	if err != nil {
		return err
	}
	switch verb {
	case "up":
		_, err = dev.Up(ctx, optup.ProgressStreams(os.Stdout))
	case "plan":
		_, err = dev.Preview(ctx, optpreview.ProgressStreams(os.Stdout))
	case "preview":
		_, err = dev.Preview(ctx, optpreview.ExpectNoChanges(), optpreview.ProgressStreams(os.Stdout))
	case "destroy":
		_, err = dev.Destroy(ctx, optdestroy.ProgressStreams(os.Stdout))
	default:
		err = fmt.Errorf("unknown verb %q", verb)
	}
	return err
}
