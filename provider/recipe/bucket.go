package recipe

import (
	"net/netip"
	"regexp"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

// bucketName is the form of a bucket's name.
// Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// A bucket is an S3 bucket by name.
type bucket struct{ name string }

func readBucket(v input.Value, problems *input.Problems) bucket {
	name := form(v, bucketName,
		"must be the bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens; not its ARN or URL", problems)
	if _, err := netip.ParseAddr(name); err == nil || strings.Contains(name, "..") {
		problems.Add(v, "is no name that a bucket can have; write one that is no IP address and has no two dots in "+
			"a row", input.Got(v))
	}
	return bucket{name}
}

// whole is the bucket itself, which lists, and objects are objects of it by their keys.
func (b bucket) whole(at place) []string { return []string{at.arn("s3", "", b.name)} }

func (b bucket) objects(at place, keys ...string) []string {
	arns := make([]string, 0, len(keys))
	for _, key := range keys {
		arns = append(arns, at.arn("s3", "", b.name+"/"+key))
	}
	return arns
}

// suffixes end the names of a partition's services.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
var suffixes = map[string][]string{
	"aws": {"amazonaws.com"}, "aws-us-gov": {"amazonaws.com"}, "aws-cn": {"amazonaws.com.cn", "amazonaws.com"},
	"aws-eusc": {"amazonaws.eu"}, "aws-iso": {"c2s.ic.gov"}, "aws-iso-b": {"sc2s.sgov.gov"},
	"aws-iso-e": {"cloud.adc-e.uk"}, "aws-iso-f": {"csp.hci.ic.gov"},
}

var keyArn = regexp.MustCompile(`^arn:([a-z-]+):kms:([a-z0-9-]+):([0-9]{12}):key/(mrk-[0-9a-f]{32}|` +
	`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$`)

// key is the statement for the KMS key with which a bucket's objects are encrypted: used through S3 alone.
// Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
func (p place) key(sid string, v input.Value, actions []string, problems *input.Problems) []statement {
	if !v.Present {
		return nil
	}
	arn := form(v, keyArn, "must be the ARN of a KMS key, arn:PARTITION:kms:REGION:ACCOUNT:key/ID; an alias names no "+
		"certain key", problems)
	if arn == "" {
		return nil
	}
	parts := keyArn.FindStringSubmatch(arn)
	p.own(v, parts[1], parts[3], problems)
	var services []string
	for _, suffix := range suffixes[p.partition] {
		services = append(services, "s3."+parts[2]+"."+suffix)
	}
	return []statement{p.allow(sid, actions, []string{arn}).with("StringEquals", "kms:ViaService", services)}
}

// own reports an ARN of another partition or account.
func (p place) own(v input.Value, partition, account string, problems *input.Problems) {
	if partition != p.partition {
		problems.Add(v, "lies in another partition than the role; write the ARN of one in "+p.partition, input.Got(v))
	}
	if p.account != "" && account != p.account {
		problems.Add(v, "lies in another account than accountId; write the ARN of one in that account, for which "+
			"alone the recipes are", input.Got(v))
	}
}
