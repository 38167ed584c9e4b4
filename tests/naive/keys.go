package naive

import (
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"
)

const (
	tagsClaim     = "https://aws.amazon.com/tags"
	rolesClaim    = "https://aws.amazon.com/roles"
	sourceIDClaim = "https://aws.amazon.com/source_identity"
)

// specific lists the claims AWS turns into condition keys, beyond the standard
// ones, for the issuers it knows; in the commercial partition only.
var specific = []struct {
	issuer *regexp.Regexp
	claims string
}{
	{regexp.MustCompile(
		`^(token\.actions\.githubusercontent\.com(/.+)?|token\.actions\.[^/]+\.ghe\.com|github\.com/enterprises/.+)$`,
	),
		"actor actor_id enterprise_id environment job_workflow_ref ref repository repository_id " +
			"repository_owner_id workflow"},
	{regexp.MustCompile(`^gitlab\.com$`),
		"namespace_id project_id pipeline_source ref_protected runner_environment user_access_level " +
			"user_email user_id user_login"},
	{regexp.MustCompile(`^(agent\.buildkite\.com|agent\.[^/]+\.buildkite\.(dev|site))$`),
		"build_branch cluster_id cluster_name organization_id organization_slug pipeline_id pipeline_slug"},
	{regexp.MustCompile(`^oidc\.circleci\.com/org/[^/]+$`), "oidc.circleci.com/project-id"},
	{regexp.MustCompile(`^accounts\.google\.com$`), "google/organization_number"},
	{regexp.MustCompile(`^idcs-[^/]+\.identity\.oraclecloud\.com$`), "rpst_id"},
	{regexp.MustCompile(`^graph\.facebook\.com$`), "app_id id"},
	{regexp.MustCompile(`^www\.amazon\.com$`), "app_id user_id"},
}

// Keys returns the request context: the values of every condition key the request
// has, by the key's name in lower case.
func Keys(r Request) map[string][]string {
	keys := map[string][]string{}
	add := func(name string, values ...string) {
		if len(values) > 0 {
			name = strings.ToLower(name)
			keys[name] = append(keys[name], values...)
		}
	}

	issuer := r.Issuer + ":"
	aud := texts(r.Claims["aud"])
	add(issuer+"oaud", aud...)
	if azp, ok := r.Claims["azp"].(string); ok {
		aud = []string{azp}
	}
	add(issuer+"aud", aud...)
	for _, c := range []string{"sub", "amr", "email"} {
		add(issuer+c, texts(r.Claims[c])...)
	}
	if _, isList := r.Claims["amr"].([]any); isList && len(texts(r.Claims["amr"])) == 0 {
		keys[strings.ToLower(issuer+"amr")] = []string{} // a set without members is there all the same
	}
	if r.Partition == "aws" {
		for _, s := range specific {
			if s.issuer.MatchString(r.Issuer) {
				for _, c := range strings.Fields(s.claims) {
					add(issuer+c, texts(claim(r.Claims, c))...)
				}
			}
		}
	}

	if r.Provider != "" {
		add("aws:FederatedProvider", r.Provider)
	}
	// The caller is the provider, in its account. It has no aws:PrincipalArn.
	if arn := strings.SplitN(r.Provider, ":", 6); len(arn) == 6 && arn[4] != "" {
		add("aws:PrincipalAccount", arn[4])
		add("aws:PrincipalType", "User")
		add("aws:userid", r.Provider)
	}
	if r.RoleSessionName != "" {
		add("sts:RoleSessionName", r.RoleSessionName)
	}
	add("sts:RoleAuthorizedByIdp", fmt.Sprint(authorizedByIdp(r)))
	add("sts:SourceIdentity", texts(r.Claims[sourceIDClaim])...)
	tags, transitive := sessionTags(r.Claims)
	var names []string
	for name := range tags {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		add("aws:RequestTag/"+name, tags[name]...)
	}
	add("aws:TagKeys", names...)
	add("sts:TransitiveTagKeys", transitive...)

	for name, values := range r.Context {
		delete(keys, strings.ToLower(name))
		add(name, values...)
	}
	return keys
}

// texts renders a claim as the values of a condition key.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{fmt.Sprint(v)}
	case json.Number:
		return []string{v.String()}
	case []any:
		var out []string
		for _, e := range v {
			if _, nested := e.([]any); !nested {
				out = append(out, texts(e)...)
			}
		}
		return out
	}
	return nil
}

// claim finds a claim by its name, or as a member of an object for a name with a slash.
func claim(claims map[string]any, name string) any {
	if v, ok := claims[name]; ok {
		return v
	}
	if object, member, ok := strings.Cut(name, "/"); ok {
		m, _ := claims[object].(map[string]any)
		return m[member]
	}
	return nil
}

func authorizedByIdp(r Request) bool {
	var roles []string
	switch v := r.Claims[rolesClaim].(type) {
	case string:
		roles = strings.Split(v, ";")
	case []any:
		for _, e := range v {
			s, _ := e.(string)
			roles = append(roles, s)
		}
	}
	for _, role := range roles {
		if strings.TrimSpace(role) == r.RoleARN {
			return true
		}
	}
	return false
}

// sessionTags reads the nested and the flattened form of the tags claim.
func sessionTags(claims map[string]any) (tags map[string][]string, transitive []string) {
	tags = map[string][]string{}
	nested, _ := claims[tagsClaim].(map[string]any)
	principalTags, _ := nested["principal_tags"].(map[string]any)
	for name, v := range principalTags {
		tags[name] = texts(v)
	}
	for name, v := range claims {
		if tag, ok := strings.CutPrefix(name, tagsClaim+"/principal_tags/"); ok {
			tags[tag] = texts(v)
		}
	}
	transitive = append(texts(nested["transitive_tag_keys"]), texts(claims[tagsClaim+"/transitive_tag_keys"])...)
	return tags, transitive
}
