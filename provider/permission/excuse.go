package permission

import (
	"regexp"
	"slices"
	"strings"
)

// lockSuffix ends the key of the file with which Terraform's S3 backend locks a state.
// Source: https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
const lockSuffix = ".tflock"

// lookupRole is the role by which the AWS CDK looks up what exists; its bootstrap template gives it reading alone.
// Source: https://docs.aws.amazon.com/cdk/v2/guide/bootstrapping-env.html
var lookupRole = regexp.MustCompile(`^arn:[a-z-]+:iam::([0-9]{12}):role/cdk-[A-Za-z0-9]{1,10}-lookup-role-` +
	`([0-9]{12})-[a-z]{2,}(-[a-z]+)+-[0-9]+$`)

var (
	lockFile  = regexp.MustCompile(`^arn:[a-z-]+:s3:::[a-z0-9.-]{3,63}/[^*?$]+\.tflock$`)
	lockTable = regexp.MustCompile(`^arn:[a-z-]+:dynamodb:[a-z0-9-]+:[0-9]{12}:table/[A-Za-z0-9_.-]{3,255}$`)
)

// excused reports that an action on a resource is what a plan needs: the lock of a state, by its exact name, or a
// lookup role. It is neither writing nor the reading of a secret.
func (s *statement) excused(action string, resource set) bool {
	if resource.not {
		return false
	}
	arn := resource.patterns[0]
	switch action {
	case "sts:assumerole":
		parts := lookupRole.FindStringSubmatch(arn)
		return parts != nil && parts[1] == parts[2]
	case "s3:putobject", "s3:deleteobject", "s3:getobject":
		return lockFile.MatchString(arn)
	case "dynamodb:getitem", "dynamodb:putitem", "dynamodb:deleteitem":
		return lockTable.MatchString(arn) && len(s.lockItems()) > 0
	}
	return false
}

// lockItems are the items BUCKET/KEY that the conditions of a statement hold its actions to. An item that ends in -md5
// is no lock: with it the state that others read can be declared wrong.
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
func (s *statement) lockItems() []string {
	for _, c := range s.conditions {
		operator := strings.ToLower(c.operator)
		if c.key != "dynamodb:leadingkeys" || !slices.Contains([]string{
			"forallvalues:stringequals", "stringequals", // ForAnyValue lets other items through beside the lock
		}, operator) {
			continue
		}
		exact := !slices.ContainsFunc(c.values, func(item string) bool {
			return !strings.Contains(item, "/") || strings.Contains(item, "${") || strings.HasSuffix(item, "-md5")
		})
		if exact && len(c.values) > 0 {
			return c.values
		}
	}
	return nil
}

// assumes are the roles that a role may become, by sts:AssumeRole.
func (r *rulebook) assumes() []Use {
	var list []Use
	r.each(func(of *policy, s *statement) {
		if !s.actions.covers("sts:assumerole") {
			return
		}
		for _, resource := range s.parts() {
			one := statement{actions: set{patterns: []string{"sts:assumerole"}}, resources: resource}
			if !s.resources.not && !meantFor("sts:AssumeRole", resource.patterns[0]) || !r.reach(wants{}, &one) {
				continue
			}
			use := Use{Action: "sts:AssumeRole", Resource: resource.String(), Policy: of.name, Statement: s.number}
			if !slices.ContainsFunc(list, func(other Use) bool { return other.Resource == use.Resource }) {
				list = append(list, use)
			}
		}
	})
	return list
}
