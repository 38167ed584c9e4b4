package adopting

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestARoleMadeByHandIsAdoptedWithoutBeingMadeAgain(t *testing.T) {
	p := newPlace(t)
	before := p.existing()
	p.admits()
	dir, err := p.world.Folder("adopted")
	require.NoError(t, err)
	t.Log(p.run(dir, p.tool, "adopt", "--import", p.answers(dir), "--out", dir))
	t.Log(p.run(dir, "cat", "Pulumi.yaml", "import.json"))
	p.run(dir, "pulumi", "stack", "init", "dev")
	t.Log(p.run(dir, "pulumi", "import", "--file", "import.json", "--protect=false", "--generate-code=false", "--yes",
		"--non-interactive"))
	p.admits()
	t.Log(p.run(dir, "pulumi", "preview", "--diff", "--non-interactive"))
	t.Log(p.run(dir, "pulumi", "up", "--yes", "--non-interactive", "--skip-preview"))
	p.admits()
	t.Log(p.run(dir, "pulumi", "preview", "--expect-no-changes", "--non-interactive"))
	require.Equal(t, before.RoleId, p.role(t.Context()).RoleId)
}
