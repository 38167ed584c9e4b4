package engine

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
)

// named are the properties out of which AWS makes ids and ARNs. Pulumi keeps the id of a resource in clear whatever it
// was made of, so these cannot be hidden; in messages they are.
var named = sync.OnceValue(func() map[string]bool {
	found := map[string]bool{"CiOidcTrust.roleName": true, "CiOidcTrust.path": true}
	for _, d := range declarations() {
		for _, property := range d.InArns {
			found[property] = true
		}
	}
	return found
})

var wordForm = regexp.MustCompile(`[0-9A-Za-z]{6,}`)

// words are the words of the texts at a place that stand nowhere else in its example, and so would give a secret away.
func (p place) words(t *testing.T) []string {
	t.Helper()
	rest, err := json.Marshal(revealed(values(p.replaced(resource.NewProperty("")))))
	require.NoError(t, err)
	elsewhere := string(rest) + string(contract.Schema)
	for _, other := range places(t) { // a job's name may begin with the folder that stands in the issuer
		if other.example == p.example && named()[other.declared] && other.value().IsString() {
			elsewhere += " " + other.value().StringValue()
		}
	}
	var found []string
	for _, other := range places(t) {
		text := other.value()
		below := other.example == p.example && len(other.steps) >= len(p.steps) &&
			other.steps[:len(p.steps)].String() == p.path
		if !below || !text.IsString() || named()[other.declared] {
			continue
		}
		for _, word := range wordForm.FindAllString(text.StringValue(), -1) {
			if !strings.Contains(elsewhere, word) {
				found = append(found, word)
			}
		}
	}
	return found
}

// inSection says that the place has a say in who is trusted.
func (p place) inSection() bool {
	section, _ := p.steps[0].(string)
	return slices.ContainsFunc(all.Registry().Systems(), func(s ci.System) bool { return s.Section() == section })
}

// hasNo fails when one of the words stands in a text.
func hasNo(t *testing.T, words []string, where, text string) {
	t.Helper()
	for _, word := range words {
		if at := strings.Index(text, word); at >= 0 {
			require.Failf(t, "a secret is in clear", "%s has %q: ...%s...", where, word,
				text[max(0, at-200):min(len(text), at+100)])
		}
	}
}

func TestASecretIsKeptSecretEverywhere(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		words := p.words(t)
		forms := map[string]resource.PropertyValue{
			"secret": resource.MakeSecret(p.value()),
			"secret of an output of a secret": resource.MakeSecret(resource.NewProperty(resource.Output{
				Element: resource.MakeSecret(p.value()), Known: true, Secret: true,
			})),
		}
		for form, value := range forms {
			w := newExampleWorld(t, p.example)
			program := trust(p.replaced(value))
			for _, r := range []*run{w.preview(program), w.up(program), w.preview(program)} {
				require.NoError(t, r.err, "%s: %s", form, r.messages())
				hasNo(t, words, "an event", r.text())
			}
			hasNo(t, words, "the state", w.state())
			if p.inSection() {
				for _, output := range []resource.PropertyKey{"trustPolicy", "grants", "findings", "pipelineConfigs"} {
					require.True(t, w.resource("CiOidcTrust deploy").Outputs[output].IsSecret(),
						"output %s is not secret", output)
				}
				if p.steps[0] != "googleCloudBuild" { // AWS has its issuer built in: there is no provider
					require.True(t, w.resource("CiOidcTrust deploy").Outputs["providerArns"].ContainsSecrets(),
						"an ARN may show what the section hides")
				}
				require.True(t, w.resource("Role deploy").Inputs["assumeRolePolicy"].IsSecret())
				require.True(t, w.resource("Role deploy").Outputs["assumeRolePolicy"].IsSecret())
			}
			destroyed := w.destroy()
			require.NoError(t, destroyed.err)
			hasNo(t, words, "an event", destroyed.text())
		}
	})
}

// invalid is a value that is wrong at the place, whatever is expected there, and words that show it.
func (p place) invalid() (resource.PropertyValue, []string) {
	switch {
	case p.value().IsString():
		return resource.NewProperty("hunter2 * ? ${x} 世界"), []string{"hunter2", "世界"}
	case p.value().IsNumber():
		return resource.NewProperty(98765.4321), []string{"98765"}
	}
	return resource.NewProperty("hunter2"), []string{"hunter2"}
}

func TestAnInvalidSecretIsReportedWithoutBeingShown(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		value, words := p.invalid()
		plain := newExampleWorld(t, p.example).preview(trust(p.replaced(value)))
		require.Error(t, plain.err)
		require.Contains(t, strings.ReplaceAll(plain.messages(), ` with value "`, " with value "),
			"- property "+p.path+" with value "+words[0])

		w := newExampleWorld(t, p.example)
		for _, r := range []*run{
			w.preview(trust(p.replaced(resource.MakeSecret(value)))),
			w.up(trust(p.replaced(resource.MakeSecret(value)))),
		} {
			require.Error(t, r.err)
			require.Contains(t, r.messages(), "- property "+p.path+" (secret) has a problem: ")
			hasNo(t, words, "an event", r.text())
		}
		hasNo(t, words, "the state", w.state())
		require.Empty(t, w.resources())
	})
}

func TestWhatIsWrongInsideASecretIsReportedWithoutBeingShown(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		if p.top() {
			return
		}
		value, words := p.invalid()
		inputs := values(p.replaced(value))
		top := resource.PropertyKey(p.steps[0].(string))
		inputs[top] = resource.MakeSecret(inputs[top])
		r := newExampleWorld(t, p.example).preview(trust(props(wrapped(inputs))))
		require.Error(t, r.err)
		require.Contains(t, r.messages(), "- property "+p.shown+" (secret) has a problem: ")
		hasNo(t, words, "an event", r.text())
		hasNo(t, p.words(t), "an event", r.text())
	})
}

func TestASecretThatBecomesKnownAtUpIsKeptSecretEverywhere(t *testing.T) {
	eachPlace(t, func(t *testing.T, p place) {
		if p.wantsPlain() {
			return
		}
		w, words := newExampleWorld(t, p.example), p.words(t)
		program := p.later(resource.MakeSecret(p.value()))
		for _, r := range []*run{w.preview(program), w.up(program)} {
			require.NoError(t, r.err, r.messages())
			hasNo(t, words, "an event", r.text())
		}
		hasNo(t, words, "the state", w.state())

		value, words := p.invalid()
		w = newExampleWorld(t, p.example)
		r := w.up(p.later(resource.MakeSecret(value)))
		require.Error(t, r.err)
		require.Contains(t, r.messages(), "- property "+p.path+" (secret) has a problem: ")
		hasNo(t, words, "an event", r.text())
		hasNo(t, words, "the state", w.state())
		require.Equal(t, []string{"Source upstream"}, w.resources())
	})
}
