// Command demo shows the main job with no AWS account: a real `pulumi up` against the local AWS, and what its STS says
// to tokens as CI jobs would bring them. It exits with 0 only if every answer is the expected one and nothing is left.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/harness"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "\nThe demo failed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) (err error) {
	step := func(text string) { fmt.Fprintln(out, "==>", text) }
	world, err := harness.Start(ctx, step)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, world.Close()) }()
	tokens, err := newMint(world)
	if err != nil {
		return err
	}

	dir, err := world.Example("yaml")
	if err != nil {
		return err
	}
	step("pulumi up of examples/yaml, with the state in a temporary folder")
	for _, args := range [][]string{
		{"stack", "init", "demo"},
		{"up", "--yes", "--skip-preview", "--suppress-outputs", "--non-interactive", "--color", "never"},
	} {
		cmd := world.Command(ctx, dir, "pulumi", args...)
		cmd.Stdout, cmd.Stderr = out, os.Stderr
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("pulumi %s: %w", args[0], err)
		}
	}
	stack, err := world.StackOutputs(ctx, dir)
	if err != nil {
		return err
	}
	describe(out, stack)

	step("tokens as the CI systems would sign them, each to AssumeRoleWithWebIdentity of the local STS")
	wrong, admitted, err := exchange(ctx, out, world, tokens, stack.RoleArn)
	if err != nil {
		return err
	}
	step("the credentials of an admitted token at work: GetCallerIdentity")
	caller, err := world.CallerARN(ctx, admitted)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "   ", caller)
	step("what the role may do: the job lists buckets; with a role that nothing is attached to it may not")
	if err := buckets(ctx, out, world, tokens, stack, admitted); err != nil {
		return err
	}

	step("pulumi destroy")
	if _, err := world.Run(ctx, dir, "pulumi", "destroy", "--yes", "--skip-preview", "--non-interactive"); err != nil {
		return err
	}
	left := world.AWS.Inventory()
	fmt.Fprintf(out, "    left in the account: %d roles, %d policies, %d OIDC providers\n", len(left.Roles),
		len(left.Policies), len(left.Providers))
	switch {
	case len(left.Roles)+len(left.Policies)+len(left.Providers) > 0:
		return fmt.Errorf("the destroyed stack left %+v", left)
	case wrong > 0:
		return fmt.Errorf("%d answers were not the expected ones", wrong)
	}
	fmt.Fprint(out, realAccount)
	return nil
}

// describe prints what a user takes from the stack.
func describe(out io.Writer, stack harness.Outputs) {
	fmt.Fprintf(out, "\nRole ARN: %s\n\nTrusted:\n", stack.RoleArn)
	for _, grant := range stack.Grants {
		fmt.Fprintln(out, "  -", grant)
	}
	fmt.Fprintln(out, "\nA reviewer would say:")
	for _, f := range stack.Findings {
		fmt.Fprintf(out, "  - %s (%s): %s\n    %s\n", f.ID, f.Severity, f.Message, f.Remediation)
	}
	for _, section := range []string{"github", "circleci"} {
		fmt.Fprintf(out, "\nTo paste for %s:\n\n%s\n", section, indent(stack.PipelineConfigs[section]))
	}
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ")
}

const realAccount = `
The same in a real account, with the Pulumi CLI and your AWS credentials in the environment:

    pulumi stack init prod
    pulumi config set aws:region eu-central-1
    pulumi config set repository "$(gh api repos/OWNER/NAME --jq '"\(.owner.login)@\(.owner.id)/\(.name)@\(.id)"')"
    pulumi config set branch main
    pulumi up
`
