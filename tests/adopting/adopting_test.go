package adopting

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/tests/toolchain"
)

// A block is a fenced part of the page.
type block struct{ language, text string }

// blocks are those of one section of docs/adopting.md.
func blocks(t *testing.T, heading string) []block {
	t.Helper()
	root, err := toolchain.Root()
	require.NoError(t, err)
	page, err := os.ReadFile(filepath.Join(root, "docs", "adopting.md"))
	require.NoError(t, err)
	_, section, found := strings.Cut(string(page), "\n## "+heading+"\n")
	require.True(t, found, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	var all []block
	for _, match := range regexp.MustCompile("(?s)```([a-z]+)\n(.*?)```").FindAllStringSubmatch(section, -1) {
		all = append(all, block{match[1], match[2]})
	}
	require.NotEmpty(t, all)
	return all
}

// follow runs the commands of a section in their order. Whatever has been run, the role is the one that it was. A
// program stands in the folder from where it is shown.
func (p *place) follow(all []block) (said string) {
	p.t.Helper()
	for _, b := range all {
		switch b.language {
		case "yaml":
			p.write("Pulumi.yaml", b.text)
		case "sh":
			said += p.sh(b.text)
			p.same()
		}
	}
	return said
}

// asked runs the commands that ask AWS about the role.
func (p *place) asked() {
	p.t.Helper()
	p.begin()
	p.follow(blocks(p.t, "What is asked of AWS"))
}

// planned are the steps of a preview that do something: "update Role deploy", and for resources of AWS what of them.
func (p *place) planned() []string {
	p.t.Helper()
	var preview struct {
		Steps []struct {
			Op, URN      string
			DetailedDiff map[string]any
		}
	}
	require.NoError(p.t, json.Unmarshal([]byte(p.sh("pulumi preview --json")), &preview))
	steps := []string{}
	for _, s := range preview.Steps {
		if s.Op == "same" {
			continue
		}
		parts := strings.Split(s.URN, "::")
		step := s.Op + " " + parts[2][strings.LastIndexByte(parts[2], ':')+1:] + " " + parts[3]
		if strings.Contains(parts[2], "aws:") {
			for property := range s.DetailedDiff {
				step += " " + property
			}
		}
		steps = append(steps, step)
	}
	return steps
}

func TestARoleMadeByHandIsAdoptedByTheCommandsOfThePage(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.byHand()
	p.asked()
	commands := blocks(t, "A role made by hand")
	p.follow(commands[:2])
	require.ElementsMatch(t, []string{"update CiOidcTrust deploy", "update Role deploy assumeRolePolicy"}, p.planned())
	p.follow(commands[2:])
	require.Empty(t, p.planned())
}

func TestARoleOfAPulumiProgramIsAdoptedByTheCommandsOfThePage(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	all := blocks(t, "A role of a Pulumi program")
	p.write("Pulumi.yaml", all[0].text)
	p.sh("pulumi stack init dev && pulumi up")
	p.asked()
	said := p.follow(all[1:])
	for _, command := range strings.Split(strings.TrimSpace(all[2].text), "\n") {
		require.Contains(t, said, "  "+command+"\n", "the page has a command that is not printed")
	}
	require.Contains(t, said, "pulumi state delete 'urn:pulumi:dev::shop::aws:iam/openIdConnectProvider:"+
		"OpenIdConnectProvider::github' --yes")
	before, _, _ := strings.Cut(all[0].text, "  deployRole:")
	printed := component(t, p.sh("cat adopted/Pulumi.yaml"))
	require.Equal(t, all[3].text, before+printed, "the page has another program than the one printed")
	require.Empty(t, p.planned())
}

// component is what stands in a program behind its resources' key.
func component(t *testing.T, printed string) string {
	t.Helper()
	_, resources, found := strings.Cut(printed, "resources:\n")
	require.True(t, found)
	return resources
}

// terraform is a stand-in for Terraform, which is not to be had here: it knows `state pull` and `state rm` of a local
// state, as https://developer.hashicorp.com/terraform/cli/commands/state/rm says of them.
const terraform = `exec python3 - "$@" <<'END'
import json, sys
with open("terraform.tfstate") as file:
    state = json.load(file)
if sys.argv[1:] == ["state", "pull"]:
    json.dump(state, sys.stdout)
    sys.exit()
if sys.argv[1:3] != ["state", "rm"] or len(sys.argv) != 4:
    sys.exit("this stand-in knows state pull and state rm ADDRESS")
gone = 0
for resource in state["resources"]:
    address = resource["type"] + "." + resource["name"]
    if "module" in resource:
        address = resource["module"] + "." + address
    kept = []
    for instance in resource["instances"]:
        index = "[" + json.dumps(instance["index_key"]) + "]" if "index_key" in instance else ""
        if address + index == sys.argv[3]:
            gone += 1
        else:
            kept.append(instance)
    resource["instances"] = kept
if gone != 1:
    sys.exit("Invalid target address: no matching objects found for " + sys.argv[3])
state["resources"] = [resource for resource in state["resources"] if resource["instances"]]
with open("terraform.tfstate", "w") as file:
    json.dump(state, file)
END`

func TestARoleOfTerraformIsAdoptedByTheCommandsOfThePage(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.command("terraform", terraform)
	p.byHand()
	state, err := os.ReadFile("testdata/terraform.tfstate")
	require.NoError(t, err)
	p.write("terraform.tfstate", string(state))
	p.asked()
	all := blocks(t, "A role of Terraform")
	folder := p.dir
	said := p.follow(all)
	for _, command := range strings.Split(strings.TrimSpace(all[1].text), "\n") {
		require.Contains(t, said, "  "+command+"\n", "the page has a command that is not printed")
	}
	require.Empty(t, p.planned())
	left, err := os.ReadFile(filepath.Join(folder, "terraform.tfstate"))
	require.NoError(t, err)
	require.Contains(t, string(left), "aws_iam_openid_connect_provider")
	require.NotContains(t, string(left), "aws_iam_role")
}

// The provider becomes the stack's, and stays when the stack goes: other roles may have come to trust it.
func TestAProviderThatIsTakenOverStaysWhenTheStackGoes(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.byHand()
	p.asked()
	p.sh("aws iam get-open-id-connect-provider --open-id-connect-provider-arn " + githubArn + " >> role.json\n" +
		"ci-oidc-trust adopt --import role.json --own-providers --name web --out web && cd web\n" +
		"pulumi stack init dev\n" +
		"pulumi import --file import.json --protect=false --generate-code=false")
	p.same()
	for _, step := range p.planned() {
		require.Regexp(t, "^update (CiOidcTrust|Role|OpenIdConnectProvider) ", step)
	}
	p.sh("pulumi up && pulumi preview --expect-no-changes && pulumi destroy")
	require.Empty(t, p.world.AWS.Inventory().Roles)
	require.Equal(t, []string{githubArn}, p.world.AWS.Inventory().Providers)
}

// An import that cannot be written as it is leaves everything as it was, and says so.
func TestAProgramThatIsThereIsNotOverwritten(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.byHand()
	p.asked()
	p.sh("mkdir mine && echo mine > mine/Pulumi.yaml\n" +
		"! ci-oidc-trust adopt --import role.json --out mine 2> refused\n" +
		"grep -q 'is there already' refused && grep -qx mine mine/Pulumi.yaml && ! test -e mine/import.json")
	p.same()
}
