package awsplugin

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// versionedPolicy answers for one managed policy and its versions, and keeps IAM's limit of five.
type versionedPolicy struct {
	documents map[string]string
	order     []string
	actions   []string
}

func (v *versionedPolicy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	action := r.FormValue("Action")
	v.actions = append(v.actions, action)
	result := ""
	switch action {
	case "CreatePolicyVersion":
		if len(v.order) == policyVersions {
			w.WriteHeader(http.StatusConflict)
			fmt.Fprint(w, `<ErrorResponse><Error><Code>LimitExceeded</Code></Error></ErrorResponse>`)
			return
		}
		id := fmt.Sprintf("v%d", len(v.documents)+1)
		v.documents[id] = r.FormValue("PolicyDocument")
		v.order = append(v.order, id)
	case "DeletePolicyVersion":
		v.order = slices.DeleteFunc(v.order, func(id string) bool { return id == r.FormValue("VersionId") })
	case "ListPolicyVersions":
		for i, id := range v.order {
			result += fmt.Sprintf(`<member><VersionId>%s</VersionId><IsDefaultVersion>%t</IsDefaultVersion>`+
				`<CreateDate>2026-01-01T00:00:%02dZ</CreateDate></member>`, id, i == len(v.order)-1, i)
		}
		result = "<Versions>" + result + "</Versions>"
	case "GetPolicy":
		result = `<Policy><PolicyName>s3</PolicyName><Path>/</Path><DefaultVersionId>` + v.order[len(v.order)-1] +
			`</DefaultVersionId></Policy>`
	case "GetPolicyVersion":
		result = `<PolicyVersion><Document>` + url.QueryEscape(v.documents[r.FormValue("VersionId")]) +
			`</Document></PolicyVersion>`
	}
	fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", action, result)
}

func servePolicy(t *testing.T) (*versionedPolicy, *thing) {
	t.Helper()
	isolate(t)
	service := &versionedPolicy{documents: map[string]string{"v1": permissions}, order: []string{"v1"}}
	endpoint := httptest.NewServer(service)
	t.Cleanup(endpoint.Close)
	plugin, err := New(nil)
	require.NoError(t, err)
	c := &cloud{plugin: plugin}
	require.NoError(t, c.tryConfigure(t, props{
		"region": "eu-west-1", "accessKey": "a", "secretKey": "b", "skipCredentialsValidation": true,
		"endpoints": []any{props{"iam": endpoint.URL}},
	}))
	policy := c.thing(policyType.token, "s3")
	policy.id = "arn:aws:iam::123456789012:policy/s3"
	require.True(t, policy.refresh(t))
	return service, policy
}

func TestAChangedManagedPolicyIsANewVersionAndTheOldestMakesRoom(t *testing.T) {
	service, policy := servePolicy(t)
	for i := range 6 {
		changed := props{"name": "s3", "policy": fmt.Sprintf(`{"Version":"2012-10-17","Id":"%d","Statement":[]}`, i)}
		policy.update(t, changed).requireNoDiff(t, changed)
	}
	assert.Equal(t, []string{"v3", "v4", "v5", "v6", "v7"}, service.order)
}

func TestAManagedPolicyIsDeletedAfterItsFormerVersions(t *testing.T) {
	service, policy := servePolicy(t)
	policy.update(t, props{"name": "s3", "policy": otherPermissions})
	service.actions = nil
	policy.delete(t)
	assert.Equal(t, []string{"ListPolicyVersions", "DeletePolicyVersion", "DeletePolicy"}, service.actions)
}

func TestTheTagsOfAManagedPolicyAreChangedWithoutANewVersion(t *testing.T) {
	service, policy := servePolicy(t)
	policy.state["tags"] = values(props{"tags": props{"old": "1", "kept": "1"}})["tags"]
	service.actions = nil
	policy.update(t, props{"name": "s3", "policy": permissions, "tags": props{"new": "1", "kept": "1"}})
	assert.Equal(t, []string{"UntagPolicy", "TagPolicy", "GetPolicy", "GetPolicyVersion"}, service.actions)
}
