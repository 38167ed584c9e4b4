package program_test

import (
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/program"
)

const source = `name: example
runtime: yaml
config:
  trustPolicy: {type: string}
resources:
  deploy:
    type: ci-oidc-trust:CiOidcTrust
    properties:
      github: {repositories: [{repository: acme@1234567/web@89012345, branches: [main]}]}
      inlinePolicies: {state: "${state.policy}"}
variables:
  state:
    fn::invoke:
      function: ci-oidc-trust:permissions
      arguments: {accountId: "123456789012", s3Site: {bucket: "acme $${site}"}}
  change:
    fn::invoke:
      function: ci-oidc-trust:diffTrust
      arguments: {before: "${trustPolicy}", after: "${deploy.trustPolicy}"}
outputs:
  roleArn: ${deploy.roleArn}
  admitted: ${change.admitted.differences}
`

func translated(text string, language program.Language) (string, error) {
	return program.Translate(contract.Schema, []byte(text), language)
}

func TestEveryExampleInYAMLIsPrintedInEveryLanguage(t *testing.T) {
	files, err := filepath.Glob("../../examples/functions/*/Pulumi.yaml")
	if err != nil || len(files) < 5 {
		t.Fatal(files, err)
	}
	for _, file := range append(files, "../../examples/providers/Pulumi.yaml") {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, language := range program.Languages {
			printed, err := translated(string(text), language)
			if err != nil {
				t.Errorf("%s in %s: %v", file, language, err)
			}
			if language == program.YAML && printed != string(text) {
				t.Errorf("%s is not the program itself in YAML", file)
			}
			if language != program.Go {
				continue
			}
			if _, err := parser.ParseFile(token.NewFileSet(), "main.go", printed, 0); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// A resource that uses what a function returns stands behind it, whatever the order in YAML.
func TestWhatIsReferredToStandsBeforeWhatRefersToIt(t *testing.T) {
	for _, language := range program.Languages[1:] {
		printed, err := translated(source, language)
		if err != nil {
			t.Fatal(err)
		}
		last := -1
		for _, name := range []string{"state", "deploy", "change"} {
			at := -1
			for _, begin := range []string{"const " + name + " =", "\n" + name + " = ", name + ", err :=", name + " :=",
				"var " + name + " ="} {
				at = max(at, strings.Index(printed, begin))
			}
			if at <= last {
				t.Errorf("%s: %s stands at %d, behind %d:\n%s", language, name, at, last, printed)
			}
			last = at
		}
		if strings.Contains(printed, "$${") || !strings.Contains(printed, "acme ${site}") {
			t.Errorf("%s keeps the escape of YAML:\n%s", language, printed)
		}
	}
}

func TestWhatThePrinterCannotWriteIsNamedWithItsPlace(t *testing.T) {
	for name, test := range map[string]struct{ old, new, want string }{
		"another language": {"", "", `"cobol" is no language`},
		"a key that Pulumi has not": {"runtime: yaml", "runtime: yaml\nplugin: {}",
			"field plugin not found"},
		"config that is no text": {"{type: string}", "{type: integer}",
			`config.trustPolicy: is a "integer"`},
		"a resource of another package": {"ci-oidc-trust:CiOidcTrust", "aws:iam:Role",
			"deploy: aws:iam:Role is no resource of this package"},
		"a function of another package": {"ci-oidc-trust:permissions", "aws:getRegion",
			"state: aws:getRegion is no function of this package"},
		"an input that does not exist": {"before:", "befor:", "change: DiffTrust has no property befor"},
		"an output that does not exist": {"admitted.differences", "admitted.difference",
			`outputs.admitted: "${change.admitted.difference}": TrustContrast has no difference`},
		"a property of a text": {"${deploy.roleArn}", "${deploy.roleArn.x}", "has no x"},
		"no property": {"${deploy.roleArn}", "${deploy}",
			`outputs.roleArn: "${deploy}": names no property`},
		"something that there is not": {"${state.policy}", "${stat.policy}",
			"deploy: refers to stat, which there is not, or which refers to it"},
		"a circle": {`"123456789012"`, `"${deploy.roleArn}"`,
			"deploy: refers to state, which there is not, or which refers to it"},
		"an expression inside a text": {`"123456789012"`, `"1${deploy.roleArn}"`,
			"state.accountId: the printer writes an expression that is the whole text"},
		"an expression of another kind": {"${deploy.roleArn}", "${deploy.grants[0]}",
			"is no expression that the printer"},
		"a reference in a list": {"[main]", `["${state.policy}"]`,
			"deploy.github.repositories[0].branches[0]: the printer writes no reference in a list"},
		"another function of Pulumi": {`{bucket: "acme $${site}"}`, "{fn::readFile: x}",
			"state.s3Site: fn::readFile is none of what the printer writes"},
		"an expression in JSON": {`"${trustPolicy}"`, `{fn::toJSON: {a: "${trustPolicy}"}}`,
			"change.before.a: the printer writes no expression in fn::toJSON"},
		"a fraction in JSON": {`"${trustPolicy}"`, `{fn::toJSON: {a: [1.5]}}`,
			"change.before.a[0]: the printer writes no !!float in fn::toJSON"},
		"an output that is a text": {"${deploy.roleArn}", "x", "outputs.roleArn: is no property"},
		"no outputs": {"outputs:\n  roleArn: ${deploy.roleArn}\n  admitted: ${change.admitted.differences}\n", "",
			"outputs: there are none"},
		"a variable that Go would not take": {"  admitted: ${change.admitted.differences}\n", "",
			"change: nothing refers to it; give it an output"},
		"a setting that nothing uses": {`"${trustPolicy}"`, "x", "trustPolicy: nothing refers to it"},
		"no arguments": {`{before: "${trustPolicy}", after: "${deploy.trustPolicy}"}`, "x",
			"change: has no properties"},
		"nothing": {source, "", "EOF"},
	} {
		language := program.Go
		if test.old == "" {
			language = "cobol"
		}
		if !strings.Contains(source, test.old) {
			t.Fatalf("%s: %q is not in the source", name, test.old)
		}
		_, err := translated(strings.Replace(source, test.old, test.new, 1), language)
		if err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, expected %s", name, err, test.want)
		}
	}
	if _, err := program.Translate([]byte("{"), []byte(source), program.Go); err == nil {
		t.Error("a schema that is none is taken")
	}
}

// What JSON needs an escape for stays one text in each language.
func TestADocumentIsOneTextInEveryLanguage(t *testing.T) {
	text := strings.Replace(source, `"${trustPolicy}"`,
		"{fn::toJSON: {sub: \"a\\\"`b\", n: [1, true, x], o: {}}}", 1)
	text = strings.Replace(text, "config:\n  trustPolicy: {type: string}\n", "", 1)
	for language, want := range map[program.Language]string{
		program.TypeScript: `"sub": "a\"` + "`" + `b",`,
		program.Python:     `"n": [1, True, "x"],`,
		program.Go:         `pulumi.String("{\n\t\t\t\t\"sub\": \"a\\\"` + "`" + `b\",`,
		program.Java:       `jsonProperty("n", jsonArray(1, true, "x"))`,
		program.CSharp:     `["n"] = new object?[] { 1, true, "x" },`,
	} {
		printed, err := translated(text, language)
		if err != nil || !strings.Contains(printed, want) {
			t.Errorf("%s: %v, expected %s in\n%s", language, err, want, printed)
		}
	}
}
