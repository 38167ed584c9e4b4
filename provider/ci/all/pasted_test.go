package all

import (
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
)

// sessionsOfAnHour are the systems in which nobody can say how long a session lasts: their server, or the chain of the
// SDKs, exchanges the token for an hour.
var sessionsOfAnHour = []string{"flyio", "harness", "hcpTerraform", "scalr", "spacelift", "terrakube"}

// What one repository or project is trusted for starts no job of another: the role would refuse it.
func TestNoPipelineIsStartedByWhatAnotherIsTrustedFor(t *testing.T) {
	const one, two = "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70", "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c71"
	branch := func(item object) object { item["branches"] = list{"onlyofone"}; return item }
	tag := func(item object) object { item["tags"] = list{"onlyoftwo"}; return item }
	for section, words := range map[string]object{
		"github": {"repositories": list{
			branch(object{"repository": "acme@1/a@1"}), tag(object{"repository": "acme@1/b@2"})}},
		"gitlab": {"projects": list{
			branch(object{"path": "acme/a", "id": "1"}), tag(object{"path": "acme/b", "id": "2"})}},
		"forgejo": {"url": "https://git.example.com", "repositories": list{
			branch(object{"repository": "acme/a", "ownerId": "7", "repositoryId": "12"}),
			tag(object{"repository": "acme/b", "ownerId": "7", "repositoryId": "13"})}},
		"buildkite": {"organization": "acme", "pipelines": list{branch(object{"slug": "a", "id": one}),
			tag(object{"slug": "b", "id": two})}},
		"circleci": {"organizationId": one, "projects": list{
			branch(object{"id": one, "vcsOrigin": "github.com/acme/a"}),
			tag(object{"id": two, "vcsOrigin": "github.com/acme/b"})}},
		"semaphore": {"organization": "acme", "projects": list{branch(object{"id": one, "repository": "a"}),
			tag(object{"id": two, "repository": "b"})}},
		"jenkins": {"url": "https://ci.example.com", "jobs": list{
			object{"name": "a", "branches": list{"onlyofone"}}, object{"name": "b", "branches": list{"onlyoftwo"}}}},
		"bitbucket": {"workspace": "acme", "workspaceUuid": "{" + one + "}", "repositories": list{
			object{"uuid": "{" + one + "}", "environments": list{"{" + two + "}"}},
			object{"uuid": "{" + two + "}", "stepsWithoutEnvironment": true}}},
	} {
		text := mustRead(t, object{section: words}, citest.InAWS)[0].Pipeline(citest.Role("eu-west-1"))
		var live []string
		for _, line := range strings.Split(text, "\n") {
			if !strings.HasPrefix(line, "# ") {
				live = append(live, line)
			}
		}
		first := strings.Join(live, "\n")
		if strings.Contains(first, "onlyoftwo") ||
			section != "forgejo" && !strings.Contains(text, " is another one:\n#\n# ") ||
			section != "bitbucket" && (!strings.Contains(first, "onlyofone") || !strings.Contains(text, "onlyoftwo")) {
			t.Errorf("%s:\n%s", section, text)
		}
	}
}

func TestASessionAsLongAsTheRoleAllowsReachesEveryPipelineThatCanSayIt(t *testing.T) {
	for _, s := range Registry().Systems() {
		told, err := page.Of("..", s.Section())
		if err != nil {
			t.Fatal(err)
		}
		sections := object{}
		if err := yaml.Unmarshal([]byte(told.Example), &sections); err != nil {
			t.Fatal(err)
		}
		trust := mustRead(t, sections, citest.InAWS)[0]
		long := citest.Role("eu-west-1")
		long.Duration = 7200
		changes := trust.Pipeline(long) != trust.Pipeline(citest.Role("eu-west-1"))
		if changes == slices.Contains(sessionsOfAnHour, s.Section()) {
			t.Errorf("%s: the length of a session shows in the pipeline: %v", s.Section(), changes)
		}
	}
}
