package audit

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

const (
	sourceIdentity      = "sts:sourceidentity"
	sourceIdentityClaim = "https://aws.amazon.com/source_identity"
	authorizedByIdp     = "sts:roleauthorizedbyidp"
	rolesClaim          = "https://aws.amazon.com/roles"
	tagKeys             = "aws:tagkeys"
	transitiveTagKeys   = "sts:transitivetagkeys"
)

// ofTags reports that a key is there where the token carries session tags.
func ofTags(key string) bool {
	return strings.HasPrefix(key, strings.ToLower(requestTag)) || key == tagKeys || key == transitiveTagKeys
}

// put gives a key a value in a request, wherever it comes from: the token, or the call.
func put(r *trust.Request, key string, v value) {
	if r.Claims == nil {
		r.Claims = map[string]any{}
	}
	claim, isClaim := strings.CutPrefix(key, "claim ")
	switch {
	case isClaim && v.absent:
	case isClaim && claim == "oaud": // the key oaud is the claim aud, in whose place azp stands
		if aud, there := r.Claims["aud"]; there {
			r.Claims["azp"] = aud
		}
		r.Claims["aud"] = v.text
	case isClaim && claim == "aud" && r.Claims["aud"] != nil:
		r.Claims["azp"] = v.text
	case isClaim && v.list != nil:
		list := make([]any, len(v.list))
		for i, text := range v.list {
			list[i] = text
		}
		r.Claims[claim] = list
	case isClaim:
		r.Claims[claim] = v.text
	case ofTags(key):
		putTag(r, key, v)
	case key == sourceIdentity && v.absent, key == authorizedByIdp && v.text != "true":
	case key == sourceIdentity:
		r.Claims[sourceIdentityClaim] = v.text
	case key == authorizedByIdp:
		r.RoleARN = "arn:" + r.Partition + ":iam::" + ci.PlaceholderAccount + ":role/role"
		r.Claims[rolesClaim] = []any{r.RoleARN}
	case key == "sts:rolesessionname":
		r.RoleSessionName = v.text
	default:
		if r.Context == nil {
			r.Context = map[string][]string{}
		}
		r.Context[key] = v.texts()
	}
}

// texts are the values that a key of the call has.
func (v value) texts() []string {
	switch {
	case v.absent:
		return nil
	case v.list != nil:
		return v.list
	}
	return []string{v.text}
}

// putTag gives a token a session tag, or the names of tags.
func putTag(r *trust.Request, key string, v value) {
	if v.absent {
		return
	}
	tags, _ := r.Claims[ci.TagsClaim].(map[string]any)
	if tags == nil {
		tags = map[string]any{"principal_tags": map[string]any{}}
		r.Claims[ci.TagsClaim] = tags
	}
	principal, _ := tags["principal_tags"].(map[string]any)
	if tag, found := strings.CutPrefix(key, strings.ToLower(requestTag)); found {
		principal[tag] = []any{v.text}
		return
	}
	for _, name := range v.texts() {
		if _, given := principal[name]; !given {
			principal[name] = []any{"text"}
		}
	}
	if key == transitiveTagKeys {
		var names []any
		for _, name := range v.texts() {
			names = append(names, name)
		}
		tags["transitive_tag_keys"] = names
	}
}

// job is what a subject of a form says: sub, and the claims that repeat its fields.
func (d *duel) job(form *ci.Form, s ci.Sample) *trust.Request {
	r := d.issuer.request(trust.Role{})
	r.Claims = map[string]any{"iss": "https://" + d.issuer.host, "sub": s.Subject}
	for i, f := range form.Fields {
		if f.Key != "" {
			r.Claims[f.Key] = s.Texts[i]
		}
	}
	return r
}
