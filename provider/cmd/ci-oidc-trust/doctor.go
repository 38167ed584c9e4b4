package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/doctor"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// longestHistory is how long CloudTrail keeps its event history.
// Source: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
const longestHistory = 90 * 24 * time.Hour

func doctorCommand() *cobra.Command {
	var profile, region string
	var request doctor.Request
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "doctor --role NAME",
		Short: "Read a role, its providers and its refused calls from AWS, and say what is wrong",
		Long: "Read a role, its providers and its refused calls from AWS, and say what is wrong.\n\n" +
			"Each refused call of AssumeRoleWithWebIdentity that CloudTrail has is judged as `evaluate` judges it, " +
			"by the policy as\nit is now. CloudTrail shows issuer, audience and subject of a token; other claims " +
			"are unknown. What no token shows is\nlooked at too: a provider or client id that is missing, an issuer " +
			"with a slash at its end, a provider of another account,\nthe thumbprint of a private authority, a " +
			"session longer than the role allows, a region in which STS is not activated.\nA service control policy " +
			"of the organization is not seen.\n\nCredentials are found as the AWS SDKs find them. Nothing is " +
			"changed. It needs:\n  " +
			strings.Join(doctor.Permissions, "\n  ") + "\n\n" +
			"Exit code: 0 nothing is wrong, 1 something is, or a refused call would still be refused, 2 bad input " +
			"or no such\nrole, 3 undecided: the events may not be read, or a claim decides that CloudTrail does not " +
			"show.",
		Example: "  ci-oidc-trust doctor --role deploy\n" +
			"  ci-oidc-trust doctor --role arn:aws:iam::123456789012:role/ci/deploy --profile prod --since 2h",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case request.Role == "":
				return fmt.Errorf("--role is empty; give the role's name or ARN")
			case request.Since <= 0 || request.Since > longestHistory:
				return fmt.Errorf("--since must be more than nothing and at most %d h, which is as long as "+
					"CloudTrail keeps its event history", int(longestHistory.Hours()))
			case request.Events < 1 || request.Events > 1000:
				return fmt.Errorf("--events must be between 1 and 1000")
			}
			account, err := openAccount(cmd, profile, region)
			if err != nil {
				return err
			}
			report, err := doctor.Examine(cmd.Context(), account, request)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd, report)
			} else {
				err = printReport(cmd, report)
			}
			if err != nil {
				return err
			}
			return exitOfReport(report)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&request.Role, "role", "", "the role's `NAME` or ARN")
	flags.StringVar(&profile, "profile", "", "the AWS `PROFILE` whose credentials are used")
	flags.StringVar(&region, "region", "",
		"the AWS `REGION` whose STS the jobs call (default that of the profile, or us-east-1)")
	flags.DurationVar(&request.Since, "since", 24*time.Hour, "how far back refused calls are read, such as 2h")
	flags.IntVar(&request.Events, "events", 50, "how many refused calls are read at most, the newest")
	flags.BoolVar(&asJSON, "json", false, "print JSON")
	_ = cmd.MarkFlagRequired("role")
	return cmd
}

// otherPartitions are how the regions begin that are not of the partition aws, and have no global endpoint in
// us-east-1.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
var otherPartitions = []string{"cn-", "us-gov-", "us-iso", "eu-iso", "eusc-"}

// openAccount makes the clients of the account whose credentials are found.
func openAccount(cmd *cobra.Command, profile, region string) (doctor.Account, error) {
	// The SDK's own log is not for the reader of a report; what goes wrong in the end is an error.
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})}
	if profile != "" {
		options = append(options, config.WithSharedConfigProfile(profile))
	}
	if region != "" {
		options = append(options, config.WithRegion(region))
	}
	settings, err := config.LoadDefaultConfig(cmd.Context(), options...)
	if err != nil {
		return doctor.Account{}, fmt.Errorf("the AWS configuration cannot be used: %w", err)
	}
	const global = "us-east-1" // its history has the calls of the global endpoint
	if settings.Region == "" {
		settings.Region = global
	}
	account := doctor.Account{
		IAM: iam.NewFromConfig(settings), STS: sts.NewFromConfig(settings),
		Histories: []*cloudtrail.Client{cloudtrail.NewFromConfig(settings)},
	}
	if settings.Region != global && !slices.ContainsFunc(otherPartitions, func(prefix string) bool {
		return strings.HasPrefix(settings.Region, prefix)
	}) {
		other := settings.Copy()
		other.Region = global
		account.Histories = append(account.Histories, cloudtrail.NewFromConfig(other))
	}
	return account, nil
}

func exitOfReport(report *doctor.Report) error {
	exit := error(nil)
	if report.Unread {
		exit = errUndecided
	}
	for _, r := range report.Refused {
		switch r.Evaluation.Decision {
		case trust.Denied.String():
			return errNo
		case trust.Undecided.String():
			exit = errUndecided
		}
	}
	if len(report.Problems) > 0 {
		return errNo
	}
	return exit
}

func printReport(cmd *cobra.Command, report *doctor.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", plain(report.RoleArn))
	for _, p := range report.Problems {
		fmt.Fprintf(&b, "\n%s: %s\n  to mend it: %s\n", p.Check, plain(p.Message), plain(p.Remediation))
	}
	for _, r := range report.Refused {
		times := ""
		if r.Times > 1 {
			times = fmt.Sprintf(", the last of %d such calls", r.Times)
		}
		event := r.Evaluation.Event
		fmt.Fprintf(&b, "\n%s %s%s: AWS answered %s; with the policy as it is now the token is %s\n", plain(event.Time),
			plain(event.ID), times, plain(event.ErrorCode), r.Evaluation.Decision)
		for _, line := range r.Evaluation.Explanation {
			fmt.Fprintf(&b, "  %s\n", plain(line))
		}
	}
	if len(report.Problems) == 0 {
		b.WriteString("\nRole and providers: nothing is wrong with what was looked at.\n")
	}
	for _, note := range report.Notes {
		fmt.Fprintf(&b, "note: %s\n", plain(note))
	}
	_, err := fmt.Fprint(cmd.OutOrStdout(), b.String())
	return err
}
