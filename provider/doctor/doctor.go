// Package doctor reads a role, its OIDC providers and the refused calls of its jobs from AWS, and says what is wrong.
// It only reads.
package doctor

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/verb"
)

// Permissions are the actions that an examination calls, the last one only of an account that it may read.
//
// Source:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
var Permissions = []string{
	"iam:GetRole", "iam:GetOpenIDConnectProvider", "iam:ListOpenIDConnectProviders", "cloudtrail:LookupEvents",
}

// An Account is where the role is, as the SDK's clients reach it.
type Account struct {
	IAM *iam.Client
	STS *sts.Client
	// Histories are CloudTrail in each region whose events are read. An event is in the region whose STS was called,
	// and in us-east-1 if it was the global endpoint.
	Histories []*cloudtrail.Client
	// Certificates gives the certificates that a host presents, the host's own first, and whether the public
	// authorities vouch for them. Nil means: connect to the host.
	Certificates func(ctx context.Context, host string) (chain []*x509.Certificate, vouched bool, err error)
}

// A Request says what to examine.
type Request struct {
	Role   string        // the role's name or ARN
	Since  time.Duration // how far back events are read, at most 90 days
	Events int           // how many refused calls are read at most, the newest
}

// A Report is what was found, as --json prints it.
type Report struct {
	RoleArn  string    `json:"roleArn"`
	Problems []Problem `json:"problems"` // what no token shows
	Refused  []Refused `json:"refused"`  // newest first
	Notes    []string  `json:"notes"`    // what could not be looked at, and what else there is to know
	// Unread says that the history of events could not be read.
	Unread bool `json:"-"`
}

// A Problem is something that is wrong whoever comes.
type Problem struct {
	Check       string `json:"check"`
	Message     string `json:"message"`
	Remediation string `json:"remediation"`
}

// A Refused is a call that AWS refused, and what the trust policy says of it as it is now.
type Refused struct {
	Times      int              `json:"times"` // how many such calls there were
	Evaluation *verb.Evaluation `json:"evaluation"`
}

// Examine reads and judges. An error means that nothing can be said: no credentials, no such role, no right to read it,
// or a trust that is not for CI jobs.
func Examine(ctx context.Context, account Account, request Request) (*Report, error) {
	e := &examination{Account: account, report: &Report{
		Problems: []Problem{}, Refused: []Refused{}, Notes: []string{},
	}}
	name, err := e.roleName(ctx, request.Role)
	if err != nil {
		return nil, err
	}
	if err := e.readRole(ctx, name); err != nil {
		return nil, err
	}
	e.examineProviders(ctx)
	if err := e.examineEvents(ctx, request); err != nil {
		return nil, err
	}
	return e.report, nil
}

// TrustPolicy reads the trust policy of a role, and its ARN. The errors are those of Examine.
func TrustPolicy(ctx context.Context, account Account, role string) (document []byte, roleArn string, err error) {
	e := &examination{Account: account, report: &Report{}}
	name, err := e.roleName(ctx, role)
	if err == nil {
		err = e.readRole(ctx, name)
	}
	return e.document, e.report.RoleArn, err
}

// An examination is one role on its way through the checks.
type examination struct {
	Account
	report     *Report
	caller     arn.ARN // zero where STS did not answer
	role       *iamtypes.Role
	document   []byte
	policy     *trust.Policy
	clientIDs  []string // of all providers that the policy names
	unreadable bool     // a provider could not be read, so clientIDs are not all
}

func (e *examination) problem(check, message, remediation string) {
	e.report.Problems = append(e.report.Problems, Problem{check, message, remediation})
}

func (e *examination) note(format string, args ...any) {
	e.report.Notes = append(e.report.Notes, fmt.Sprintf(format, args...))
}

// roleName finds out whose account this is, and that a role given by its ARN is in it.
func (e *examination) roleName(ctx context.Context, role string) (string, error) {
	identity, err := e.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	switch {
	case code(err) == "RegionDisabledException":
		e.problem("sts-region-disabled", "STS is not activated in the region "+e.STS.Options().Region+
			" for this account, so no job gets credentials there",
			"activate it in IAM's account settings, or let the jobs use another region (AWS_REGION)")
	case err != nil:
		return "", fmt.Errorf("AWS does not say whose credentials these are: %s. Sign in, or choose others with "+
			"--profile", plainError(err))
	default:
		if e.caller, err = arn.Parse(aws.ToString(identity.Arn)); err != nil {
			return "", fmt.Errorf("STS named a caller that is no ARN: %q", aws.ToString(identity.Arn))
		}
	}
	if !strings.HasPrefix(role, "arn:") {
		return role[strings.LastIndex(role, "/")+1:], nil
	}
	parsed, err := arn.Parse(role)
	name, isRole := strings.CutPrefix(parsed.Resource, "role/")
	if err != nil || parsed.Service != "iam" || !isRole {
		return "", fmt.Errorf("%q is no role: expected its name, or an ARN such as "+
			"arn:aws:iam::123456789012:role/deploy", role)
	}
	if e.caller.AccountID != "" && (parsed.AccountID != e.caller.AccountID || parsed.Partition != e.caller.Partition) {
		return "", fmt.Errorf("the role is in account %s of partition %s, and these credentials are of account %s of "+
			"partition %s; choose others with --profile", parsed.AccountID, parsed.Partition, e.caller.AccountID,
			e.caller.Partition)
	}
	return name[strings.LastIndex(name, "/")+1:], nil
}

func (e *examination) readRole(ctx context.Context, name string) error {
	answer, err := e.IAM.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
	switch {
	case code(err) == "NoSuchEntity":
		where := ""
		if e.caller.AccountID != "" {
			where = fmt.Sprintf(" in account %s of partition %s", e.caller.AccountID, e.caller.Partition)
		}
		return fmt.Errorf("there is no role %q%s; `aws iam list-roles --query 'Roles[].RoleName'` lists those that "+
			"there are", name, where)
	case isDenied(err):
		return fmt.Errorf("these credentials may not read the role %q: that takes iam:GetRole", name)
	case err != nil:
		return fmt.Errorf("reading the role %q: %s", name, plainError(err))
	}
	e.role, e.report.RoleArn = answer.Role, aws.ToString(answer.Role.Arn)
	document, err := verb.TrustPolicy([]byte(aws.ToString(answer.Role.AssumeRolePolicyDocument)))
	if err == nil {
		e.document = document.Policy
		e.policy, err = trust.ParsePolicy(document.Policy)
	}
	if err != nil {
		return fmt.Errorf("the trust policy of %s: %w", e.report.RoleArn, err)
	}
	if !slices.ContainsFunc(e.policy.Statements, func(s trust.Statement) bool {
		return s.Effect == "Allow" && s.AboutWebIdentity() && (s.Principals.Everyone || len(federated(s)) > 0)
	}) {
		return fmt.Errorf("the trust policy of %s is not for CI jobs: no statement allows "+
			"sts:AssumeRoleWithWebIdentity to an OIDC provider", e.report.RoleArn)
	}
	return nil
}

func federated(s trust.Statement) []string { return s.Principals.ByType["Federated"] }

// code is AWS's code of an error, "" without one.
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

func isDenied(err error) bool {
	return slices.Contains([]string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}, code(err))
}

// plainError is AWS's own text of an error, or the SDK's without the request's metadata.
func plainError(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return err.Error()
}
