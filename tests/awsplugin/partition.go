package awsplugin

import (
	"regexp"
	"strings"
)

// partition is one of AWS's separate worlds.
type partition struct {
	name             string
	dnsSuffix        string
	reverseDNSPrefix string
	iamRegion        string
}

// https://docs.aws.amazon.com/general/latest/gr/iam-service.html
func partitionOf(region string) partition {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return partition{"aws-cn", "amazonaws.com.cn", "cn.com.amazonaws", "cn-north-1"}
	case strings.HasPrefix(region, "us-gov-"):
		return partition{"aws-us-gov", "amazonaws.com", "com.amazonaws", "us-gov-west-1"}
	default:
		return partition{"aws", "amazonaws.com", "com.amazonaws", "us-east-1"}
	}
}

var regions = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-\d+$`)

// regionDescriptions are AWS's own names. A region that is not listed is described by its code.
var regionDescriptions = map[string]string{
	"ap-northeast-1": "Asia Pacific (Tokyo)",
	"ap-northeast-2": "Asia Pacific (Seoul)",
	"ap-south-1":     "Asia Pacific (Mumbai)",
	"ap-southeast-1": "Asia Pacific (Singapore)",
	"ap-southeast-2": "Asia Pacific (Sydney)",
	"ca-central-1":   "Canada (Central)",
	"cn-north-1":     "China (Beijing)",
	"cn-northwest-1": "China (Ningxia)",
	"eu-central-1":   "Europe (Frankfurt)",
	"eu-north-1":     "Europe (Stockholm)",
	"eu-west-1":      "Europe (Ireland)",
	"eu-west-2":      "Europe (London)",
	"eu-west-3":      "Europe (Paris)",
	"sa-east-1":      "South America (Sao Paulo)",
	"us-east-1":      "US East (N. Virginia)",
	"us-east-2":      "US East (Ohio)",
	"us-gov-east-1":  "AWS GovCloud (US-East)",
	"us-gov-west-1":  "AWS GovCloud (US-West)",
	"us-west-1":      "US West (N. California)",
	"us-west-2":      "US West (Oregon)",
}

func describe(region string) string {
	if description, ok := regionDescriptions[region]; ok {
		return description
	}
	return region
}
