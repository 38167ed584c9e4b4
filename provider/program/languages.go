package program

import "slices"

// What programs import. Source: the key language of schema.json.
const (
	npmPackage      = "pulumi-ci-oidc-trust"
	pythonModule    = "pulumi_ci_oidc_trust"
	goImport        = "github.com/ci-oidc-trust/pulumi-ci-oidc-trust/sdk/go/cioidctrust"
	goPackage       = "cioidctrust"
	javaPackage     = "io.github.cioidctrust.pulumi"
	csharpNamespace = "CiOidc.Trust"
)

func comma(node) string { return "," }

// imported are the names that a program takes from the SDK, each once: the types of its resources, and its functions as
// the language calls them.
func imported(s script, function func(name string) string) []string {
	var names []string
	for _, d := range s.steps {
		name := d.typ
		if d.call {
			name = function(d.typ)
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// bracketed is {} around objects and dictionaries, and [] around lists.
func bracketed(opening bool) func(n node) string {
	brackets := map[bool][2]string{true: {"{", "["}, false: {"}", "]"}}[opening]
	return func(n node) string {
		if n.kind == list {
			return brackets[1]
		}
		return brackets[0]
	}
}

// classScalar is a scalar of a language whose enums are classes.
func classScalar(n node) string {
	switch n.kind {
	case word:
		return n.typ + "." + n.member
	case text:
		return quoted(n.text, utf16Escape)
	}
	return n.text
}
