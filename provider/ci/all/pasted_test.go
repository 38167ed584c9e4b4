package all

import (
	"slices"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/page"
)

// sessionsOfAnHour are the systems in which nobody can say how long a session lasts: their server, or the chain of the
// SDKs, exchanges the token for an hour.
var sessionsOfAnHour = []string{"flyio", "harness", "hcpTerraform", "scalr", "spacelift", "terrakube"}

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
