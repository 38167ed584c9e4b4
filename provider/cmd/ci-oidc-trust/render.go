package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

func renderCommand() *cobra.Command {
	var file, accountID, partition, region, roleName string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "render --input FILE --account-id ID",
		Short: "Show the trust policy that CiOidcTrust would make, without creating anything",
		Long: "Show the trust policy that CiOidcTrust would make, without creating anything.\n\n" +
			"FILE is YAML with the sections of the component (github, circleci, gitlab, ...), and acceptRisks and " +
			"trustPolicyMaxLength if needed,\nor a program in Pulumi YAML with one CiOidcTrust whose inputs are " +
			"plain values.\n" +
			"The policy is proved as the component proves it. Exit code: 0, 2 bad input.",
		Example: "  ci-oidc-trust render --input trust.yaml --account-id 123456789012",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			written, err := readYAML(cmd, file, "a YAML map with a section such as github")
			if err != nil {
				return err
			}
			schema, err := check.Package()
			if err != nil {
				return err
			}
			unread, err := written.ofComponent(schema)
			if err != nil {
				return err
			}
			written.set("accountId", accountID)
			written.set("partition", partition)
			written.set("region", region)
			written.set("roleName", roleName)

			var problems input.Problems
			// Through the function of the schema, so that what is known there is known here.
			rendering, err := verb.Render(schema.Function(renderToken, written.values, &problems), &problems)
			if err != nil {
				return err
			}
			if problems.Len() > 0 {
				return written.refused("the trust", &problems)
			}
			if len(unread) > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "%s: not looked at, as no trust policy holds it: %s\n",
					plain(written.name), strings.Join(unread, ", "))
			}
			if asJSON {
				return printJSON(cmd, rendering)
			}
			return printRendering(cmd, rendering)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&file, "input", "", "the sections as YAML (`FILE`, or - for standard input)")
	flags.StringVar(&accountID, "account-id", "", "the AWS account's `ID`, twelve digits")
	flags.StringVar(&partition, "partition", "aws", "the AWS `PARTITION`, such as aws, aws-cn or aws-us-gov")
	flags.StringVar(&region, "region",
		"", "the AWS `REGION` to write into the pipeline YAML (default one of the partition's, "+
			"such as us-east-1)")
	flags.StringVar(&roleName, "role-name", "", "the role's `NAME` to write into the pipeline YAML")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("input")
	_ = cmd.MarkFlagRequired("account-id")
	return cmd
}

func printRendering(cmd *cobra.Command, r *verb.Rendering) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\ntrusted:\n", r.TrustPolicy)
	for _, g := range r.Grants {
		fmt.Fprintf(&b, "  %s\n", g)
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n%s (%s)\n  %s\n  %s\n", f.ID, f.Severity, f.Message, f.Remediation)
	}
	for _, section := range slices.Sorted(maps.Keys(r.PipelineConfigs)) {
		fmt.Fprintf(&b, "\n%s", r.PipelineConfigs[section])
	}
	_, err := fmt.Fprint(cmd.OutOrStdout(), b.String())
	return err
}
