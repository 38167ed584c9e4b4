package localaws

import (
	"slices"
	"strings"
)

// awsPolicies are the AWS managed policies this account knows, by name:
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
var awsPolicies = []string{
	"AWSCloudFormationFullAccess",
	"AWSCodeDeployFullAccess",
	"AWSLambda_FullAccess",
	"AWSLambda_ReadOnlyAccess",
	"AdministratorAccess",
	"AmazonDynamoDBFullAccess",
	"AmazonDynamoDBReadOnlyAccess",
	"AmazonEC2ContainerRegistryFullAccess",
	"AmazonEC2ContainerRegistryPowerUser",
	"AmazonEC2ContainerRegistryReadOnly",
	"AmazonEC2FullAccess",
	"AmazonEC2ReadOnlyAccess",
	"AmazonECS_FullAccess",
	"AmazonRoute53FullAccess",
	"AmazonS3FullAccess",
	"AmazonS3ReadOnlyAccess",
	"AmazonSNSFullAccess",
	"AmazonSQSFullAccess",
	"AmazonSSMReadOnlyAccess",
	"CloudFrontFullAccess",
	"CloudFrontReadOnlyAccess",
	"CloudWatchLogsFullAccess",
	"IAMFullAccess",
	"IAMReadOnlyAccess",
	"PowerUserAccess",
	"ReadOnlyAccess",
	"SecretsManagerReadWrite",
	"SecurityAudit",
	"job-function/ViewOnlyAccess",
}

// awsPolicyDocument stands for the text of every AWS managed policy: this account does not evaluate permissions.
const awsPolicyDocument = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`

func (a *account) awsPolicy(arn string) (name string, ok bool) {
	name, ok = strings.CutPrefix(arn, "arn:"+a.partition+":iam::aws:policy/")
	if !ok || !slices.Contains(awsPolicies, name) {
		return "", false
	}
	return name[strings.LastIndex(name, "/")+1:], true
}
