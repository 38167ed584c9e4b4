package awsplugin

import (
	"context"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// The functions of this file tell a program where it runs: partition, region, account, default tags.

var getPartition = &function{
	token:  "aws:index/getPartition:getPartition",
	inputs: []property{{name: "id", kind: text}},
	run: func(_ context.Context, s *session, _ resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.PropertyMap{
			"dnsSuffix":        resource.NewProperty(s.partition.dnsSuffix),
			"id":               resource.NewProperty(s.partition.name),
			"partition":        resource.NewProperty(s.partition.name),
			"reverseDnsPrefix": resource.NewProperty(s.partition.reverseDNSPrefix),
		}, nil
	},
}

var ec2Hosts = regexp.MustCompile(`^ec2\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$`)

var getRegion = &function{
	token:  "aws:index/getRegion:getRegion",
	inputs: []property{{name: "endpoint", kind: text}, {name: "id", kind: text}, {name: "name", kind: text}},
	run: func(_ context.Context, s *session, args resource.PropertyMap) (resource.PropertyMap, error) {
		name := s.region
		if endpoint := textOf(args, "endpoint"); endpoint != "" {
			match := ec2Hosts.FindStringSubmatch(endpoint)
			if match == nil {
				return nil, fmt.Errorf("finding Region using endpoint %q: no such region", endpoint)
			}
			name = match[1]
		}
		if wanted := textOf(args, "name"); wanted != "" {
			if textOf(args, "endpoint") != "" && wanted != name {
				return nil, fmt.Errorf("multiple Regions matched: endpoint is of %s, name is %s", name, wanted)
			}
			name = wanted
		}
		if !regions.MatchString(name) {
			return nil, fmt.Errorf("finding Region using name %q: no such region", name)
		}
		called := resource.PropertyKey("name")
		if s.seven {
			called = "region"
		}
		return resource.PropertyMap{
			"description": resource.NewProperty(describe(name)),
			"endpoint":    resource.NewProperty("ec2." + name + "." + partitionOf(name).dnsSuffix),
			"id":          resource.NewProperty(name),
			called:        resource.NewProperty(name),
		}, nil
	},
}

var getDefaultTags = &function{
	token:  "aws:index/getDefaultTags:getDefaultTags",
	inputs: []property{{name: "id", kind: text}},
	run: func(_ context.Context, s *session, _ resource.PropertyMap) (resource.PropertyMap, error) {
		return resource.PropertyMap{
			"id":   resource.NewProperty(s.partition.name),
			"tags": resource.NewProperty(s.defaultTags),
		}, nil
	},
}

var getCallerIdentity = &function{
	token:  "aws:index/getCallerIdentity:getCallerIdentity",
	inputs: []property{{name: "id", kind: text}},
	run: func(ctx context.Context, s *session, _ resource.PropertyMap) (resource.PropertyMap, error) {
		caller, err := s.sts.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		if err != nil {
			return nil, fmt.Errorf("reading STS Caller Identity: %w", err)
		}
		return resource.PropertyMap{
			"accountId": resource.NewProperty(aws.ToString(caller.Account)),
			"arn":       resource.NewProperty(aws.ToString(caller.Arn)),
			"id":        resource.NewProperty(aws.ToString(caller.Account)),
			"userId":    resource.NewProperty(aws.ToString(caller.UserId)),
		}, nil
	},
}
