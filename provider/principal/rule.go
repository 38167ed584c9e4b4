// Package principal judges who may assume a role without a token: AWS accounts, users, roles and services, as
// statements of its trust policy name them. It judges the statements that a user puts beside those of the component,
// and any policy that is audited.
package principal

import "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"

const (
	principalElement = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
	confusedDeputy   = "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
	roleTerms        = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html"
	attributeControl = "https://docs.aws.amazon.com/IAM/latest/UserGuide/introduction_attribute-based-access-control.html"
	evaluationLogic  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
)

var (
	everyone = trust.Rule{
		ID: "everyone", Severity: trust.High,
		Summary: "the principal is everyone: any AWS account can assume the role, as far as the conditions do not " +
			"prevent it",
		Remediation: "Name the principals that are meant.", Source: principalElement,
	}
	otherAccount = trust.Rule{
		ID: "account-without-external-id", Severity: trust.Medium, Refused: true,
		Summary: "another account may assume the role without an external id: a service that acts for many customers " +
			"can be told by any of them to use it",
		Remediation: "Demand sts:ExternalId with a value that only the two of you know, or aws:PrincipalOrgID with " +
			"your organization.", Source: confusedDeputy,
	}
	noSource = trust.Rule{
		ID: "service-without-source", Severity: trust.Medium,
		Summary: "an AWS service may assume the role whoever it acts for: a resource in another account may make it " +
			"use the role",
		Remediation: "Demand aws:SourceAccount or aws:SourceArn, if the service sends them.", Source: confusedDeputy,
	}
	ownRole = trust.Rule{
		ID: "own-role", Severity: trust.Medium,
		Summary: "the role may assume itself, so that stolen credentials of one job can be renewed for as long as " +
			"somebody likes",
		Remediation: "Take the role itself out of its trust policy.", Source: roleTerms,
	}
	ownAccount = trust.Rule{
		ID: "own-account", Severity: trust.Low,
		Summary: "the whole account is trusted: each of its users and roles whose own policies allow sts:AssumeRole " +
			"on the role gets in",
		Remediation: "Name the roles that are meant, or demand aws:PrincipalArn.", Source: principalElement,
	}
	openTag = trust.Rule{
		ID: "open-principal-tag", Severity: trust.Medium,
		Summary: "a principal tag decides who of a whole account or organization gets in, and whoever there may tag " +
			"a user or role, or start a session with tags, chooses it",
		Remediation: "Name the roles that are meant, or demand aws:PrincipalArn beside the tag.",
		Source:      attributeControl,
	}
	dependsOnCall = trust.Rule{
		ID: "depends-on-call", Severity: trust.Low,
		Summary: "a Deny tests what describes the call and not the token, such as its address or time, so whether a " +
			"job gets in depends on where and when it runs",
		Remediation: "If that is meant, leave it so; else take the condition out.", Source: evaluationLogic,
	}
)

// Rules are all findings about principals, by id.
func Rules() []trust.Rule {
	return []trust.Rule{otherAccount, dependsOnCall, everyone, openTag, ownAccount, ownRole, noSource}
}
