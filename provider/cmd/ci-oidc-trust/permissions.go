package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/recipe"
)

func permissionsCommand() *cobra.Command {
	var file, accountID, partition, region string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "permissions --input FILE --account-id ID",
		Short: "Write a least-privilege policy for a state in a bucket, or for a site",
		Long: "Write a least-privilege policy document for a role's inlinePolicies.\n\n" +
			"FILE is YAML with at least one of three recipes:\n\n" +
			"  terraformState: {bucket, key, lockTable, kmsKeyArn, mode: plan|apply}\n" +
			"  pulumiState: {bucket, project, stack, kmsKeyArn, mode: preview|up}\n" +
			"  s3Site: {bucket, distribution}\n\n" +
			"lockTable, kmsKeyArn and distribution may be left out. Exit code: 0, 2 bad input.",
		Example: "  ci-oidc-trust permissions --input state.yaml --account-id 123456789012",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			written, err := readYAML(cmd, file, "a YAML map with a recipe such as terraformState")
			if err != nil {
				return err
			}
			written.set("accountId", accountID)
			written.set("partition", partition)
			written.set("region", region)
			schema, err := check.Package()
			if err != nil {
				return err
			}
			var problems input.Problems
			policy, err := recipe.Policy(
				schema.Function("ci-oidc-trust:index:permissions", written.values, &problems), &problems)
			if err != nil {
				return err
			}
			if problems.Len() > 0 {
				return written.refused("the recipe", &problems)
			}
			if asJSON {
				return printJSON(cmd, map[string]string{"policy": policy})
			}
			var indented bytes.Buffer
			if err := json.Indent(&indented, []byte(policy), "", "  "); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), indented.String())
			return err
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&file, "input", "", "the recipes as YAML (`FILE`, or - for standard input)")
	flags.StringVar(&accountID, "account-id", "", "the AWS account's `ID`, twelve digits")
	flags.StringVar(&partition, "partition", "aws", "the AWS `PARTITION`, such as aws, aws-cn or aws-us-gov")
	flags.StringVar(&region, "region", "", "the AWS `REGION` of a lock table that is given by name")
	flags.BoolVar(&asJSON, "json", false, "print JSON: the document as one text, policy")
	_ = cmd.MarkFlagRequired("input")
	_ = cmd.MarkFlagRequired("account-id")
	return cmd
}
