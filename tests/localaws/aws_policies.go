package localaws

import (
	"encoding/json"
	"strings"
)

// awsPolicies are the AWS managed policies this account knows, by name, with the actions that they allow on every
// resource. Long ones are excerpts, with what each is known for:
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
var awsPolicies = map[string][]string{
	"AWSCloudFormationFullAccess": {"cloudformation:*"},
	"AWSCodeDeployFullAccess":     {"codedeploy:*"},
	"AWSLambda_FullAccess":        {"lambda:*", "iam:PassRole", "logs:DescribeLogGroups"},
	"AWSLambda_ReadOnlyAccess": {
		"lambda:Get*", "lambda:List*", "cloudwatch:GetMetricData", "logs:DescribeLogGroups",
	},
	"AdministratorAccess":      {"*"},
	"AmazonDynamoDBFullAccess": {"dynamodb:*"},
	"AmazonDynamoDBReadOnlyAccess": {
		"dynamodb:BatchGetItem", "dynamodb:Describe*", "dynamodb:List*", "dynamodb:GetItem",
		"dynamodb:GetResourcePolicy", "dynamodb:Query", "dynamodb:Scan", "dynamodb:PartiQLSelect",
	},
	"AmazonEC2ContainerRegistryFullAccess": {"ecr:*"},
	"AmazonEC2ContainerRegistryPowerUser": {
		"ecr:GetAuthorizationToken", "ecr:BatchGetImage", "ecr:PutImage", "ecr:UploadLayerPart",
	},
	"AmazonEC2ContainerRegistryReadOnly": {
		"ecr:GetAuthorizationToken", "ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer",
		"ecr:GetRepositoryPolicy", "ecr:DescribeRepositories", "ecr:ListImages", "ecr:DescribeImages",
		"ecr:BatchGetImage",
	},
	"AmazonEC2FullAccess": {"ec2:*"},
	"AmazonEC2ReadOnlyAccess": {
		"ec2:Describe*", "elasticloadbalancing:Describe*", "cloudwatch:ListMetrics", "autoscaling:Describe*",
	},
	"AmazonECS_FullAccess":    {"ecs:*", "iam:PassRole"},
	"AmazonRoute53FullAccess": {"route53:*", "route53domains:*"},
	"AmazonS3FullAccess":      {"s3:*", "s3-object-lambda:*"},
	"AmazonS3ReadOnlyAccess": {
		"s3:Get*", "s3:List*", "s3:Describe*", "s3-object-lambda:Get*", "s3-object-lambda:List*",
	},
	"AmazonSNSFullAccess":     {"sns:*"},
	"AmazonSQSFullAccess":     {"sqs:*"},
	"AmazonSSMReadOnlyAccess": {"ssm:Describe*", "ssm:Get*", "ssm:List*"},
	"CloudFrontFullAccess":    {"cloudfront:*", "s3:ListAllMyBuckets"},
	"CloudFrontReadOnlyAccess": {
		"cloudfront:Describe*", "cloudfront:Get*", "cloudfront:List*", "s3:ListAllMyBuckets",
	},
	"CloudWatchLogsFullAccess": {"logs:*"},
	"IAMFullAccess":            {"iam:*", "organizations:Describe*", "organizations:List*"},
	"IAMReadOnlyAccess": {
		"iam:GenerateCredentialReport", "iam:GenerateServiceLastAccessedDetails", "iam:Get*", "iam:List*",
		"iam:SimulateCustomPolicy", "iam:SimulatePrincipalPolicy",
	},
	"PowerUserAccess": nil, // by NotAction, below
	"ReadOnlyAccess": {
		"athena:Batch*", "cloudformation:Detect*", "dynamodb:Scan", "ec2:Describe*", "s3:Get*", "s3:List*",
		"ssm:Get*", "secretsmanager:List*",
	},
	"SecretsManagerReadWrite": {"secretsmanager:*", "kms:DescribeKey", "lambda:ListFunctions"},
	"SecurityAudit": {
		"ec2:Describe*", "ecs:Describe*", "iam:Get*", "iam:List*", "s3:GetBucket*", "s3:ListAllMyBuckets",
	},
	"job-function/ViewOnlyAccess": {"ec2:DescribeInstances", "s3:ListAllMyBuckets", "s3:ListBucket", "iam:List*"},
}

// powerUser is the document of PowerUserAccess: everything but who may do what.
const powerUser = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*",` +
	`"account:*"],"Resource":"*"},{"Effect":"Allow","Action":["iam:CreateServiceLinkedRole","iam:ListRoles",` +
	`"organizations:DescribeOrganization","account:ListRegions"],"Resource":"*"}]}`

func (a *account) awsPolicy(arn string) (name, document string, ok bool) {
	name, ok = strings.CutPrefix(arn, "arn:"+a.partition+":iam::aws:policy/")
	actions, known := awsPolicies[name]
	if !ok || !known {
		return "", "", false
	}
	last := name[strings.LastIndex(name, "/")+1:]
	if actions == nil {
		return last, powerUser, true
	}
	list, err := json.Marshal(actions)
	if err != nil {
		return "", "", false
	}
	return last, `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":` + string(list) +
		`,"Resource":"*"}]}`, true
}
