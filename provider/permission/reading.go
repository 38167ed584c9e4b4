package permission

import "strings"

// reading are the actions that only read: they neither change anything, nor start code, nor hand out the authority of
// somebody else. That is judged by the name's first word, and, for what a service names differently, by name. Names
// are in lower case.
// Source:
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var reading = []string{
	"*:get*", "*:list*", "*:describe*", "*:head*", "*:batchget*", "*:batchdescribe*", "*:batchcheck*", "*:lookup*",
	"*:search*", "*:view*", "*:estimate*", "*:validate*", "*:select*", "*:discover*", "*:query*", "*:scan",
	"access-analyzer:check*",
	"apigateway:options",
	"cloudformation:detect*",
	"codeartifact:readfromrepository",
	"codecommit:gitpull", "codecommit:evaluate*",
	"dynamodb:partiqlselect", "dynamodb:conditioncheckitem",
	"elasticfilesystem:clientmount",
	"es:eshttpget", "es:eshttphead",
	"iam:generatecredentialreport", "iam:generateservicelastaccesseddetails", "iam:generateorganizationsaccessreport",
	"iam:simulate*",
	"kms:decrypt", "kms:encrypt", "kms:generatedatakey*", "kms:verify", "kms:verifymac",
	"logs:filterlogevents", "logs:startquery", "logs:stopquery", "logs:startlivetail", "logs:stoplivetail",
	"logs:testmetricfilter", "logs:unmask",
	"neptune-db:read*",
	"rds:download*logfile*",
	"rds-db:connect",
	"route53:testdnsanswer",
	"sts:decodeauthorizationmessage",
}

// notReading are actions that are named like reading and are not: they hand out credentials of somebody else, or change
// what they return.
var notReading = []string{
	"codeconnections:getconnectiontoken", "codestar-connections:getconnectiontoken",
	"cognito-identity:getcredentialsforidentity", "cognito-identity:getid", "cognito-identity:getopenidtoken*",
	"connect:getfederationtoken*",
	"datazone:getenvironmentcredentials",
	"ec2messages:get*",
	"elasticmapreduce:getclustersessioncredentials", "emr-containers:getmanagedendpointsessioncredentials",
	"gamelift:getinstanceaccess", "gamelift:getcomputeaccess", "gamelift:getcomputeauthtoken",
	"lakeformation:gettemporary*",
	"license-manager:getaccesstoken",
	"lightsail:getinstanceaccessdetails",
	"ssm-guiconnect:get*",
	"sso:getrolecredentials",
	"sts:getdelegatedaccesstoken", "sts:getfederationtoken", "sts:getsessiontoken", "sts:getwebidentitytoken",
}

// readsOnly reports that all actions that fit a pattern read.
func (r *rulebook) readsOnly(action string) bool {
	if r.some((wants{fit: []string{action}}).not(reading...)) {
		return false
	}
	for _, pattern := range notReading {
		if r.some(wants{fit: []string{action, pattern}}) {
			return false
		}
	}
	return true
}

// ReadsOnly reports that a policy is one of AWS's own whose name says that it only reads; AWS alone can make policies
// of these names.
// Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html
func ReadsOnly(arn string) bool {
	name, own := strings.CutPrefix(arn[strings.Index(arn, "::")+1:], ":aws:policy/")
	if !own {
		return false
	}
	name = name[strings.LastIndexByte(name, '/')+1:]
	return strings.HasSuffix(name, "ReadOnlyAccess") || strings.HasSuffix(name, "ReadOnly") ||
		name == "SecurityAudit" || name == "ViewOnlyAccess"
}

// withoutSecrets reports that a policy of AWS that only reads gives out nothing that can be a secret, as its document
// says on the page of its name.
func withoutSecrets(arn string) bool {
	switch arn[strings.LastIndexByte(arn, '/')+1:] {
	case "ViewOnlyAccess", "IAMReadOnlyAccess", "AmazonEC2ContainerRegistryReadOnly", "CloudFrontReadOnlyAccess",
		"AmazonRoute53ReadOnlyAccess", "AmazonVPCReadOnlyAccess", "AmazonRDSReadOnlyAccess",
		"AWSCodeDeployReadOnlyAccess", "AmazonSNSReadOnlyAccess", "AmazonSQSReadOnlyAccess",
		"AWSCertificateManagerReadOnly", "AWSCloudTrail_ReadOnlyAccess", "ElasticLoadBalancingReadOnly",
		"AWSOrganizationsReadOnlyAccess", "AWSBillingReadOnlyAccess":
		return true
	}
	return false
}
