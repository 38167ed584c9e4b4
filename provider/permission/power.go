package permission

import "strings"

// A power is what can be done with some actions that are more than reading.
type power struct {
	words   string
	actions []string // as AWS writes them
}

// powers name the actions that matter most, the worst first. They choose the words of a finding: whatever is not
// reading counts, whether or not it stands here.
var powers = []power{
	{"changes who may do what (IAM)", []string{
		"iam:AttachRolePolicy", "iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy", "iam:CreatePolicyVersion",
		"iam:SetDefaultPolicyVersion", "iam:CreateAccessKey", "iam:CreateUser", "iam:CreateRole",
		"iam:CreateLoginProfile", "iam:UpdateLoginProfile", "iam:AttachUserPolicy", "iam:PutUserPolicy",
		"iam:AttachGroupPolicy", "iam:PutGroupPolicy", "iam:AddUserToGroup", "iam:DeleteRolePermissionsBoundary",
		"iam:CreateOpenIDConnectProvider", "iam:AddClientIDToOpenIDConnectProvider", "iam:CreateSAMLProvider",
		"iam:UpdateSAMLProvider", "iam:TagRole", "sso:CreatePermissionSet", "organizations:LeaveOrganization",
	}},
	{"hands a role to a service, which then acts as that role", []string{"iam:PassRole"}},
	{"becomes another role", []string{"sts:AssumeRole"}},
	{"hands out credentials", []string{
		"sts:GetFederationToken", "sts:GetSessionToken", "sso:GetRoleCredentials",
		"cognito-identity:GetCredentialsForIdentity",
		"codeconnections:GetConnectionToken", "codestar-connections:GetConnectionToken",
		"lightsail:GetInstanceAccessDetails", "gamelift:GetComputeAccess", "datazone:GetEnvironmentCredentials",
		"elasticmapreduce:GetClusterSessionCredentials", "license-manager:GetAccessToken",
	}},
	{"changes or starts code that runs as another role", []string{
		"lambda:UpdateFunctionCode", "lambda:UpdateFunctionConfiguration", "lambda:CreateFunction",
		"lambda:PublishLayerVersion", "lambda:InvokeFunction", "lambda:InvokeFunctionUrl",
		"ssm:SendCommand", "ssm:StartSession", "ssm:StartAutomationExecution", "ssm:CreateAssociation",
		"ssm:UpdateDocument",
		"codebuild:StartBuild", "codebuild:UpdateProject", "codebuild:CreateProject",
		"codepipeline:StartPipelineExecution", "codepipeline:UpdatePipeline", "codedeploy:CreateDeployment",
		"ecs:RegisterTaskDefinition", "ecs:UpdateService", "ecs:RunTask", "ecs:StartTask", "ecs:ExecuteCommand",
		"cloudformation:CreateStack", "cloudformation:UpdateStack", "cloudformation:CreateChangeSet",
		"cloudformation:ExecuteChangeSet", "cloudformation:CreateStackSet", "cloudformation:UpdateStackSet",
		"ec2:RunInstances", "ec2:ModifyInstanceAttribute", "ec2:CreateLaunchTemplateVersion",
		"ec2-instance-connect:SendSSHPublicKey", "autoscaling:CreateLaunchConfiguration",
		"autoscaling:UpdateAutoScalingGroup", "eks:CreateAccessEntry", "eks:UpdateClusterConfig",
		"eks:AccessKubernetesApi", "states:StartExecution", "states:UpdateStateMachine", "events:PutTargets",
		"events:PutEvents", "scheduler:CreateSchedule", "glue:StartJobRun", "glue:UpdateJob", "glue:CreateJob",
		"sagemaker:CreatePresignedNotebookInstanceUrl", "sagemaker:CreateTrainingJob", "batch:SubmitJob",
		"batch:RegisterJobDefinition", "elasticbeanstalk:UpdateEnvironment", "apprunner:UpdateService",
		"amplify:StartDeployment", "datapipeline:PutPipelineDefinition", "bedrock-agentcore:InvokeCodeInterpreter",
	}},
	{"replaces what something else runs or trusts", []string{
		"s3:PutObject", "ecr:PutImage", "ecr-public:PutImage", "codeartifact:PublishPackageVersion",
		"codecommit:GitPush", "codecommit:PutFile", "ssm:PutParameter", "secretsmanager:PutSecretValue",
		"secretsmanager:UpdateSecret", "imagebuilder:StartImagePipelineExecution", "ec2:CreateImage",
		"route53:ChangeResourceRecordSets", "cloudfront:UpdateFunction", "cloudfront:UpdateDistribution",
		"appconfig:StartDeployment", "s3express:CreateSession",
	}},
	{"opens keys, buckets, secrets or functions to others", []string{
		"kms:PutKeyPolicy", "kms:CreateGrant", "s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl",
		"s3:PutAccessPointPolicy", "s3:PutBucketPublicAccessBlock", "s3:DeleteBucketPolicy",
		"secretsmanager:PutResourcePolicy", "ecr:SetRepositoryPolicy", "lambda:AddPermission",
		"lambda:AddLayerVersionPermission", "sqs:SetQueueAttributes", "sqs:AddPermission", "sns:SetTopicAttributes",
		"sns:AddPermission", "dynamodb:PutResourcePolicy", "ram:CreateResourceShare", "glue:PutResourcePolicy",
		"ec2:ModifySnapshotAttribute", "ec2:ModifyImageAttribute", "rds:ModifyDBSnapshotAttribute",
		"ec2:AuthorizeSecurityGroupIngress", "es:UpdateDomainConfig", "backup:PutBackupVaultAccessPolicy",
	}},
	{"changes or deletes data", []string{
		"s3:DeleteObject", "s3:DeleteBucket", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem",
		"dynamodb:DeleteTable", "dynamodb:BatchWriteItem", "rds:ModifyDBInstance", "rds:DeleteDBInstance",
		"rds-data:ExecuteStatement", "redshift-data:ExecuteStatement", "kms:ScheduleKeyDeletion", "kms:DisableKey",
		"secretsmanager:DeleteSecret", "sqs:SendMessage", "sqs:ReceiveMessage", "sns:Publish", "kinesis:PutRecord",
		"ses:SendEmail", "ec2:TerminateInstances", "execute-api:Invoke", "cloudfront:CreateInvalidation",
		"logs:PutLogEvents", "logs:DeleteLogGroup", "cloudtrail:StopLogging", "bedrock:InvokeModel",
	}},
}

// otherWrites are the words for what no power names.
const otherWrites = "is not reading"

// writes are uses that are more than reading, one of each power.
func (r *rulebook) writes() []Use {
	var u uses
	for _, p := range powers {
		for _, action := range p.actions {
			if !u.has(p.words) {
				r.each(func(of *policy, s *statement) {
					if use, found := r.writesWith(action, s); found && !u.has(p.words) {
						use.Power, use.Policy = p.words, of.name
						u.add(use)
					}
				})
			}
		}
	}
	if len(u.list) > 0 {
		return u.list
	}
	r.each(func(of *policy, s *statement) {
		if use, found := r.writesAtAll(s); found {
			use.Power, use.Policy = otherWrites, of.name
			u.add(use)
		}
	})
	return u.list
}

// writesWith says whether a statement allows an action, on a resource that it can be meant for.
func (r *rulebook) writesWith(action string, s *statement) (Use, bool) {
	lower := strings.ToLower(action)
	if s.known || !s.actions.covers(lower) {
		return Use{}, false
	}
	for _, resource := range s.parts() {
		if s.excused(lower, resource) || !s.resources.not && !meantFor(action, resource.patterns[0]) {
			continue
		}
		if r.reach(wants{}, &statement{actions: set{patterns: []string{lower}}, resources: resource}) {
			return Use{Action: action, Resource: resource.String(), Statement: s.number}, true
		}
	}
	return Use{}, false
}

// writesAtAll says whether a statement allows any action that does not only read.
func (r *rulebook) writesAtAll(s *statement) (Use, bool) {
	if s.known {
		return Use{}, false
	}
	actions := []set{s.actions}
	if !s.actions.not {
		actions = actions[:0]
		for _, pattern := range s.actions.patterns {
			if !r.readsOnly(pattern) {
				actions = append(actions, set{patterns: []string{pattern}})
			}
		}
	}
	for i, some := range actions {
		for _, resource := range s.parts() {
			if !some.not && literal(some.patterns[0]) && s.excused(some.patterns[0], resource) {
				continue
			}
			one := statement{actions: some, resources: resource}
			asked := []wants{(wants{}).not(reading...)}
			for _, pattern := range notReading {
				asked = append(asked, wants{fit: []string{pattern}})
			}
			for _, want := range asked {
				if r.reach(want, &one) {
					return Use{Action: s.spelling(actions[i]), Resource: resource.String(), Statement: s.number}, true
				}
			}
		}
	}
	return Use{}, false
}

// spelling are actions as the policy writes them.
func (s *statement) spelling(actions set) string {
	if actions.not {
		return "whatever is not " + strings.Join(s.written, ", ")
	}
	for i, pattern := range s.actions.patterns {
		if pattern == actions.patterns[0] {
			return s.written[i]
		}
	}
	return actions.patterns[0]
}

// parts are the resources of a statement, one by one.
func (s *statement) parts() []set {
	if s.resources.not {
		return []set{s.resources}
	}
	parts := make([]set, 0, len(s.resources.patterns))
	for _, pattern := range s.resources.patterns {
		parts = append(parts, set{patterns: []string{pattern}})
	}
	return parts
}

func (s set) String() string {
	text := strings.Join(s.patterns, ", ")
	if s.not {
		return "whatever is not " + text
	}
	return text
}

// meantFor reports that an action can be about a resource: one of its service, as far as the ARN says. It chooses which
// action is named; what is allowed on any resource counts without it.
func meantFor(action, resource string) bool {
	parts := strings.SplitN(resource, ":", 4)
	if len(parts) < 4 || parts[0] != "arn" || parts[2] == "" || !literal(parts[2]) {
		return true
	}
	service, _, _ := strings.Cut(action, ":")
	switch service {
	case "sts":
		service = "iam"
	case "ssm":
		return parts[2] == "ssm" || parts[2] == "ec2" || parts[2] == "ecs"
	case "ec2-instance-connect":
		service = "ec2"
	case "rds-data":
		service = "rds"
	case "redshift-data":
		service = "redshift"
	}
	return service == parts[2]
}
