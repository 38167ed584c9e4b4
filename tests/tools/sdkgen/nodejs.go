package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/pkg/v3/codegen/nodejs"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// generateNodeJS gives the sources of the generator, mended where a person would be let down: inputs that do not exist
// are errors, editors complete words of open sets, and what npm packs has its built files.
func generateNodeJS(pkg *schema.Package, _ []byte) (map[string][]byte, error) {
	files, err := nodejs.GeneratePackage(tool, pkg, nil, nil, false, noForeignSchemas{})
	if err != nil {
		return nil, err
	}
	// TypeScript makes plain string of "string | Enum", and editors then complete nothing. It keeps "string & {}"
	// apart.
	// Source: https://github.com/microsoft/TypeScript/issues/29729
	for name, content := range files {
		files[name] = bytes.ReplaceAll(content, []byte("string | enums."), []byte("(string & {}) | enums."))
	}
	edits := sources(files)
	if err := edits.refuseUnknownInputs(pkg); err != nil {
		return nil, err
	}
	return files, edits.publish()
}

// sources are the files of the SDK for Node.js, by path.
type sources map[string][]byte

// replace puts text in the place of the only match of old in one file. Another number of matches means that the
// generator writes something else now.
func (s sources) replace(file, old, text string) error {
	match, err := regexp.Compile("(?m)" + old)
	if err != nil {
		return err
	}
	if found := len(match.FindAll(s[file], -1)); found != 1 {
		return fmt.Errorf("%s has %d times %s, not once: the generator writes something else now", file, found, old)
	}
	s[file] = match.ReplaceAll(s[file], []byte(text))
	return nil
}

// refuseUnknownInputs lets each constructor and each function begin with a look at the names that it is given. The
// generated code copies the names it knows and leaves out the others without a word: a role would come up without the
// boundary that somebody has misspelt.
func (s sources) refuseUnknownInputs(pkg *schema.Package) error {
	s["utilities.ts"] = append(s["utilities.ts"], refuseUnknown...)
	for _, resource := range append([]*schema.Resource{pkg.Provider}, pkg.Resources...) {
		name := "Provider"
		if !resource.IsProvider {
			name = lastPart(resource.Token)
		}
		look := fmt.Sprintf("        utilities.refuseUnknown(`%s \"$${name}\"`, %q, args ?? {}, %s);\n",
			name, name, known(resource.InputProperties))
		constructor := `^    constructor\(name: string, args\??: ` + name + `Args, opts\?: .*\) \{\n`
		if err := s.replace(fileOf(name), constructor, "$0"+look); err != nil {
			return err
		}
	}
	for _, function := range pkg.Functions {
		name := lastPart(function.Token)
		for _, form := range []string{name, name + "Output"} {
			look := fmt.Sprintf("    utilities.refuseUnknown(%q, %q, args, %s);\n", form, form,
				known(function.Inputs.Properties))
			if err := s.replace(fileOf(name), `^export function `+form+`\(args: .*\{\n`, "$0"+look); err != nil {
				return err
			}
		}
	}
	return nil
}

// publish lets `npm pack` build the package and pack what Node.js and TypeScript load, and nothing that points to
// sources which are not there.
func (s sources) publish() error {
	for _, edit := range []struct{ file, old, text string }{
		{"package.json", `^    "scripts": \{\n        "build": "tsc"\n`, `    "main": "./bin/index.js",
    "types": "./bin/index.d.ts",
    "exports": {
        ".": {
            "types": "./bin/index.d.ts",
            "default": "./bin/index.js"
        },
        "./package.json": "./package.json"
    },
    "files": [
        "bin"
    ],
    "scripts": {
        "build": "tsc",
        "prepack": "tsc"
`},
		{"tsconfig.json", `^        "declarationMap": true,\n        "sourceMap": true,\n`, ""},
		{"utilities.ts", regexp.QuoteMeta(`require('./package.json')`), `require('../package.json')`},
	} {
		if err := s.replace(edit.file, edit.old, edit.text); err != nil {
			return err
		}
	}
	if !json.Valid(s["package.json"]) {
		return fmt.Errorf("package.json is no JSON any more: %s", s["package.json"])
	}
	return nil
}

func lastPart(token string) string { return token[strings.LastIndex(token, ":")+1:] }

func fileOf(name string) string { return strings.ToLower(name[:1]) + name[1:] + ".ts" }

// known is the list of the names of properties, in TypeScript.
func known(properties []*schema.Property) string {
	names := []string{}
	for _, property := range properties {
		names = append(names, fmt.Sprintf("%q", property.Name))
	}
	sort.Strings(names)
	return "[" + strings.Join(names, ", ") + "]"
}

// refuseUnknown has the words and the measure of the plugin, which never sees what the generated code leaves out.
const refuseUnknown = `
/**
 * Refuses inputs that do not exist, all at once, with the nearest name that does.
 *
 * @internal
 */
export function refuseUnknown(place: string, type: string, args: any, known: string[]): void {
    if (pulumi.Output.isInstance(args) || typeof args !== "object" || args === null || Array.isArray(args) ||
        typeof args.then === "function") {
        throw new TypeError(` + "`${place}: the inputs have to be a plain object; " +
	"what its properties hold may be an output or a promise`" + `);
    }
    const has = known.length === 0 ? "no inputs" : known.join(", ");
    const problems: string[] = [];
    for (const key in args) {
        if (!known.includes(key)) {
            const meant = nearest(key, known);
            problems.push(` + "`${place}: ${key.slice(0, 200)}: unknown property; ${type} has ${has}`" + ` +
                (meant === undefined ? "" : ` + "`; did you mean ${meant}?`" + `));
        }
    }
    if (problems.length > 0) {
        throw new TypeError(problems.join("\n"));
    }
}

function nearest(misspelt: string, words: string[]): string | undefined {
    let meant: string | undefined;
    let fewest = Infinity;
    for (const word of words) {
        if (Math.abs(misspelt.length - word.length) > 64) {
            continue; // a text of megabytes is nobody's slip
        }
        const changes = distance(misspelt.toLowerCase(), word.toLowerCase());
        if (changes <= Math.max(1, Math.floor(word.length / 3)) && changes < fewest) {
            [meant, fewest] = [word, changes];
        }
    }
    return meant;
}

/** The Levenshtein distance: how many letters have to be put in, taken out or changed. */
function distance(from: string, to: string): number {
    let row = Array.from({ length: to.length + 1 }, (_, i) => i);
    for (let i = 1; i <= from.length; i++) {
        const next = [i];
        for (let j = 1; j <= to.length; j++) {
            const changed = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
            next.push(Math.min(changed, row[j] + 1, next[j - 1] + 1));
        }
        row = next;
    }
    return row[to.length];
}
`
