package spacelift

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/citest"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
)

const web = "production-01J0000000000000000000WEB1"

// spacelift is a section with one stack.
func spacelift(words object) object {
	stack := object{"space": web, "id": "web"}
	for name, value := range words {
		stack[name] = value
	}
	return object{"spacelift": object{"hostname": "acme.app.spacelift.io", "stacks": list{stack}}}
}

var suite = citest.Suite{System: System{}, Matrix: []object{
	spacelift(object{"runTypes": list{"TRACKED"}}),
	spacelift(object{"runTypes": list{"PROPOSED", "TRACKED"}, "scopes": list{"read"}}),
	spacelift(object{"runTypes": list{"TASK", "DESTROY"}, "space": "root"}),
	{"spacelift": object{"hostname": "acme.app.us.spacelift.io", "sessionTags": true,
		"audiences": list{"a", "acme.app.us.spacelift.io"},
		"modules":   list{object{"space": "root", "id": "terraform-aws-web"}}}},
}}

// The values are those that the documentation gives, claim by claim.
// Source: https://docs.spacelift.io/integrations/cloud-providers/oidc
func documentedRun() map[string]any {
	return map[string]any{
		"iss": "https://demo.app.spacelift.io", "aud": "demo.app.spacelift.io",
		"spaceId":    "legacy-01KJMM56VS4W3AL9YZWVCXBX8D",
		"sub":        "space:legacy-01KJMM56VS4W3AL9YZWVCXBX8D:stack:infra:run_type:TRACKED:scope:write",
		"callerType": "stack", "callerId": "infra", "runType": "TRACKED", "scope": "write",
	}
}

func TestTheDocumentedSpaceliftTokenGetsInAndItsNeighboursDoNot(t *testing.T) {
	written := spacelift(object{
		"space":    "legacy-01KJMM56VS4W3AL9YZWVCXBX8D",
		"id":       "infra",
		"runTypes": list{"TRACKED"},
		"scopes":   list{"write"},
	})
	written["spacelift"].(object)["hostname"] = "demo.app.spacelift.io"
	trusts := suite.MustRead(t, written, citest.InAWS)
	if !citest.Admitted(trusts, citest.InAWS, documentedRun()) {
		t.Error("the documented token does not get in")
	}
	made := trusts[0].Grants[0].Tokens()[0].Claims
	for claim, value := range documentedRun() {
		if made[claim] != value {
			t.Errorf("the made-up token has %s %v and the documented one %v", claim, made[claim], value)
		}
	}
	for _, sub := range []string{
		"space:legacy-01KJMM56VS4W3AL9YZWVCXBX8D:stack:infra:run_type:TRACKED:scope:read",
		"space:legacy:stack:infra:run_type:TRACKED:scope:write",
		"space:legacy-01KJMM56VS4W3AL9YZWVCXBX8D:module:infra:run_type:TRACKED:scope:write",
		"path:/root/x:stack:infra:run_type:TRACKED:scope:write",
		"space:x:stack:space:legacy-01KJMM56VS4W3AL9YZWVCXBX8D:stack:infra:run_type:TRACKED:scope:write", "",
	} {
		if citest.Admitted(trusts, citest.InAWS, ci.With(documentedRun(), map[string]any{"sub": sub})) {
			t.Errorf("%s gets in", sub)
		}
	}
}

func TestATrackedRunPlansAndApplies(t *testing.T) {
	citest.SameStrings(t, "grants", ci.Sentences(suite.MustRead(t,
		spacelift(object{"runTypes": list{"TRACKED", "PROPOSED"}}), citest.InAWS)), []string{
		"Spacelift: PROPOSED runs of stack web in space " + web + " with scope read on acme.app.spacelift.io",
		"Spacelift: TRACKED runs of stack web in space " + web + " with scope read on acme.app.spacelift.io",
		"Spacelift: TRACKED runs of stack web in space " + web + " with scope write on acme.app.spacelift.io",
	})
}

func TestSpaceliftFindings(t *testing.T) {
	for want, written := range map[string]object{
		"":                        spacelift(object{"runTypes": list{"TRACKED", "TASK"}}),
		"spacelift-proposed-role": spacelift(object{"runTypes": list{"PROPOSED"}}),
		"spacelift-proposed-runs": spacelift(object{"runTypes": list{"TRACKED", "PROPOSED"}}),
		"spacelift-module-tests": {
			"spacelift": object{"hostname": "a.example", "modules": list{object{"space": "root", "id": "m"}}},
		},
	} {
		if got := strings.Join(citest.FindingIDs(suite.MustRead(t, written, citest.InAWS)), " "); got != want {
			t.Errorf("%v: %q, want %q", written, got, want)
		}
	}
}

func TestAProposedRunOfOneStackSharesTheRoleWithTheRunsOfAnother(t *testing.T) {
	proposed := object{"space": "root", "id": "a", "runTypes": list{"PROPOSED"}}
	for want, others := range map[string]object{
		"spacelift-proposed-runs spacelift.stacks[0] stack a in space root": {
			"stacks": list{proposed, object{"space": "root", "id": "b", "runTypes": list{"TASK"}}},
		},
		"spacelift-proposed-role spacelift.stacks[0] stack a in space root": {"stacks": list{proposed}},
	} {
		others["hostname"] = "a.example"
		f := suite.MustRead(t, object{"spacelift": others}, citest.InAWS)[0].Findings
		if got := fmt.Sprint(f[0].ID, " ", f[0].Path, " ", f[0].Detail); len(f) != 1 || got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	beside := object{"spacelift": object{
		"hostname": "a.example",
		"stacks":   list{proposed},
		"modules":  list{object{"space": "root", "id": "m"}},
	}}
	citest.SameStrings(t, "beside a module", citest.FindingIDs(suite.MustRead(t, beside, citest.InAWS)),
		[]string{"spacelift-module-tests", "spacelift-proposed-runs"})
}

// Source: https://docs.spacelift.io/integrations/cloud-providers/oidc
func TestATokenOfASelfHostedSpaceliftWithAnIssuerOfItsOwnHasTheAccountsHostAsAudience(t *testing.T) {
	written := spacelift(object{"runTypes": list{"TRACKED"}})
	section := written["spacelift"].(object)
	section["hostname"], section["audiences"] = "id.example.com", list{"spacelift.example.com"}
	trusts := suite.MustRead(t, written, citest.InAWS)
	claims := ci.With(trusts[0].Grants[0].Tokens()[0].Claims, map[string]any{"iss": "https://id.example.com"})
	for audience, want := range map[string]bool{"spacelift.example.com": true, "id.example.com": false} {
		if got := citest.Admitted(trusts, citest.InAWS, ci.With(claims, map[string]any{"aud": audience})); got != want {
			t.Errorf("a token for %s gets in: %v", audience, got)
		}
	}
}

func TestTheNameOfASpaceInThePlaceOfItsIdIsPointedOut(t *testing.T) {
	for space, want := range map[string]string{
		"root": "", web: "", "legacy-01KJMM56VS4W3AL9YZWVCXBX8D": "", "legacy": "spacelift-space-form",
		"production": "spacelift-space-form", "production-01HND497T9JKR76MR3KA2CDJH": "spacelift-space-form",
		"production-01hnd497t9jkr76mr3ka2cdjhp": "spacelift-space-form",
	} {
		if got := strings.Join(citest.FindingIDs(suite.MustRead(t,
			spacelift(object{"runTypes": list{"TRACKED"}, "space": space}), citest.InAWS)), " "); got != want {
			t.Errorf("%s: %q, want %q", space, got, want)
		}
	}
	module := object{
		"spacelift": object{"hostname": "a.example", "modules": list{object{"space": "production", "id": "m"}}},
	}
	citest.SameStrings(t, "of a module", citest.FindingIDs(suite.MustRead(t, module, citest.InAWS)),
		[]string{"spacelift-module-tests", "spacelift-space-form"})
}

func TestWhatIsWrongWithASpaceliftStackIsSaidInSpaceliftsWords(t *testing.T) {
	const stack = "spacelift.stacks[0]."
	for _, c := range []struct {
		words object
		want  string
	}{
		{object{}, stack + "runTypes: is missing: say which runs get the role, such as [TRACKED]. PROPOSED ones run " +
			"the code of pull requests, and are better off with a role of their own"},
		{object{"runTypes": list{"tracked"}}, stack + `runTypes[0]: must be PROPOSED, TRACKED, TASK or DESTROY, in ` +
			`capitals as Spacelift writes it (found "tracked")`},
		{object{"runTypes": list{"PROPOSED"}, "scopes": list{"write"}},
			stack + `scopes: leaves out every PROPOSED run: their tokens have the scope read (found "PROPOSED")`},
		{object{"runTypes": list{"TRACKED"}, "scopes": list{"admin"}},
			stack + `scopes[0]: must be read or write (found "admin")`},
		{object{"runTypes": list{"TRACKED"}, "space": "/root/web"}, stack + `space: is a path; write the id of the ` +
			`space, such as production-01HND497T9JKR76MR3KA2CDJHP (found "/root/web")`},
		{object{"runTypes": list{"TRACKED"}, "space": "prod-*"}, stack +
			`space: must be one exact space, without *, ? and ${; list each space that is meant (found "prod-*")`},
		{object{"runTypes": list{"TRACKED"}, "id": "My Stack"}, stack + "id: " + stackID.Rule + ` (found "My Stack")`},
	} {
		_, lines := suite.Read(spacelift(c.words), citest.InAWS)
		citest.SameStrings(t, c.want, lines, []string{c.want})
	}
	_, lines := suite.Read(object{"spacelift": object{"hostname": "acme"}}, citest.InAWS)
	citest.SameStrings(t, "no stacks", lines, []string{
		`spacelift.hostname: must be the name of a host: that of the account, such as acme.app.spacelift.io or ` +
			`acme.app.us.spacelift.io (found "acme")`,
		"spacelift.stacks: is missing, and modules too: name the stacks or the modules whose runs get the role",
	})
	if trusts := suite.MustRead(t, spacelift(object{"runTypes": list{citest.Unknown{}}}),
		citest.InAWS); len(trusts[0].Grants) != 0 {
		t.Error("a run type is granted before it is known")
	}
}

func TestTheSettingsOfSpaceliftNameEachStackOnce(t *testing.T) {
	_, settings := suite.Pipeline(t, spacelift(object{"runTypes": list{"TRACKED", "PROPOSED"}}), citest.InAWS)
	stacks, _ := settings["stacks"].([]any)
	if len(stacks) != 1 || citest.At(stacks[0], "environment", "AWS_ROLE_ARN") != citest.RoleArn ||
		citest.At(stacks[0], "environment", "AWS_REGION") != "eu-west-1" ||
		citest.At(stacks[0], "environment", "AWS_WEB_IDENTITY_TOKEN_FILE") != "/mnt/workspace/spacelift.oidc" {
		t.Errorf("%v", settings)
	}
}

func TestSessionTagsOfSpaceliftNeedTheirWord(t *testing.T) {
	for _, allowed := range []bool{true, false} {
		written := spacelift(object{"runTypes": list{"TRACKED"}})
		written["spacelift"].(object)["sessionTags"] = allowed
		trusts := suite.MustRead(t, written, citest.InAWS)
		tagged := ci.With(trusts[0].Grants[0].Tokens()[0].Claims, map[string]any{ci.TagsClaim: map[string]any{
			"principal_tags":      map[string]any{"run": "01J0000000000000000000RUN1", "stack": "web"},
			"transitive_tag_keys": []any{"run", "stack", "space"}}})
		if got := citest.Admitted(trusts, citest.InAWS, tagged); got != allowed {
			t.Errorf("sessionTags %v: a token with tags gets in: %v", allowed, got)
		}
		var problems input.Problems
		if err := ci.Check(trusts, citest.InAWS, input.Value{Known: true}, &problems); err != nil ||
			problems.Len() > 0 {
			t.Errorf("%v %v", err, problems.Sorted())
		}
	}
}

func TestASelfHostedSpaceliftMayHaveAnIssuerOfAnotherHostThanTheAccount(t *testing.T) {
	written := spacelift(object{"runTypes": list{"TRACKED"}})
	section := written["spacelift"].(object)
	section["audiences"] = list{"acme.spacelift.example.com"}
	_, lines := suite.Read(written, citest.InAWS)
	citest.SameStrings(t, "on spacelift.io", lines, []string{"spacelift.audiences: lacks the audience of every token " +
		"of the account, which no setting changes: the role " +
		`would let none of them in. Leave audiences out (missing "acme.app.spacelift.io")`})
	section["hostname"] = "id.example.com"
	suite.Proved(t, written)
}

func TestASpaceliftStackNamedLikeATrustedRunDoesNotGetIn(t *testing.T) {
	citest.SameStrings(t, "crafted names", suite.Crafted(t), nil)
}

func TestConformance(t *testing.T) { suite.Conformance(t) }
