package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/check"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
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
			"trustPolicyMaxLength if needed.\n" +
			"The policy is proved as the component proves it. Exit code: 0, 2 bad input.",
		Example: "  ci-oidc-trust render --input trust.yaml --account-id 123456789012",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			sections, err := readYAML(cmd, file, "a YAML map with a section such as github")
			if err != nil {
				return err
			}
			for flag, value := range map[string]string{
				"accountId": accountID,
				"partition": partition,
				"region":    region,
				"roleName":  roleName,
			} {
				if value != "" {
					sections[flag] = value
				}
			}
			rendering, err := render(sections)
			if err != nil {
				return err
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

// readYAML reads a file of one YAML document, a map that is not empty.
func readYAML(cmd *cobra.Command, file, expected string) (map[string]any, error) {
	raw, err := read(cmd, file, maxDocument)
	if err != nil {
		return nil, err
	}
	var written map[string]any
	decoder := yaml.NewDecoder(bytes.NewReader(raw))
	if err := decoder.Decode(&written); err != nil && !errors.Is(err, io.EOF) {
		if text := bytes.TrimSpace(raw); bytes.HasPrefix(text, []byte(`{"`)) && !json.Valid(text) {
			err = trust.Syntax(raw, err)
		}
		return nil, fmt.Errorf("%s: expected %s: %w", file, expected, err)
	}
	if err := decoder.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s has several YAML documents; write everything into one, without a line of ---", file)
	}
	if len(written) == 0 {
		return nil, fmt.Errorf("%s is empty; expected %s", file, expected)
	}
	return written, nil
}

// render goes through the function renderTrust of the schema, so that what is known there is known here.
func render(sections map[string]any) (*verb.Rendering, error) {
	schema, err := check.Package()
	if err != nil {
		return nil, err
	}
	var problems input.Problems
	root := schema.Function("ci-oidc-trust:index:renderTrust", sections, &problems)
	rendering, err := verb.Render(root, &problems)
	if err != nil {
		return nil, err
	}
	if problems.Len() > 0 {
		return nil, refused(&problems)
	}
	return rendering, nil
}

// refusedInput is an input with what is wrong with it: the first problems, and how many there are.
type refusedInput struct {
	shown []input.Problem
	all   int
}

func refused(problems *input.Problems) *refusedInput {
	shown, all := problems.Shown()
	return &refusedInput{shown, all}
}

func (*refusedInput) Error() string { return "the trust is refused" }

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
