package main

import (
	"path"

	"github.com/pulumi/pulumi/pkg/v3/codegen/python"
	"github.com/pulumi/pulumi/pkg/v3/codegen/schema"
)

// pythonPackage is the folder of the package's files.
const pythonPackage = "pulumi_ci_oidc_trust"

// generatePython gives the sources of the generator, mended where a person would be let down.
func generatePython(pkg *schema.Package, _ []byte) (map[string][]byte, error) {
	files, err := python.GeneratePackage(tool, pkg, nil, noForeignSchemas{})
	if err != nil {
		return nil, err
	}
	// pyproject.toml names README.md beside it; the generator puts the file one folder deeper, where pip does not look.
	inPackage := path.Join(pythonPackage, "README.md")
	files["README.md"] = files[inPackage]
	delete(files, inPackage)
	return files, sources(files).suggestNames(pkg)
}

// suggestNames lets each constructor and each function answer a name that it does not take with the nearest that it
// does, as the plugin would, which never sees it: Python itself says only that the name is not expected.
func (s sources) suggestNames(pkg *schema.Package) error {
	utilities := path.Join(pythonPackage, "_utilities.py")
	s[utilities] = append(s[utilities], suggestNames...)
	if err := s.replace(utilities, `^import asyncio\n`, "${0}import difflib\n"); err != nil {
		return err
	}
	const decorator = "@_utilities.suggest_names\n"
	for _, resource := range append([]*schema.Resource{pkg.Provider}, pkg.Resources...) {
		file := "provider.py"
		if !resource.IsProvider {
			file = python.PyName(lastPart(resource.Token)) + ".py"
		}
		constructor := `^    def _internal_init\(__self__,`
		if err := s.replace(path.Join(pythonPackage, file), constructor, "    "+decorator+"$0"); err != nil {
			return err
		}
	}
	for _, function := range pkg.Functions {
		name := python.PyName(lastPart(function.Token))
		for _, form := range []string{name, name + "_output"} {
			if err := s.replace(path.Join(pythonPackage, name+".py"), `^def `+form+`\(`, decorator+"$0"); err != nil {
				return err
			}
		}
	}
	return nil
}

const suggestNames = `
def suggest_names(function: C) -> C:
    """
    Lets a function or constructor refuse the names that it does not take, all at once, with the nearest that it does.
    """
    place = function.__qualname__.split(".")[0]

    @functools.wraps(function)
    def named(*args, **kwargs):
        taken = inspect.signature(function).parameters
        known = sorted(name for name in taken if not name.startswith("_") and name not in ("resource_name", "opts"))
        problems = []
        for name in kwargs:
            if name not in taken:
                meant = difflib.get_close_matches(name[:200], known, 1, 0.75)
                problems.append(f"{place}: {name[:200]}: unknown property; {place} has {', '.join(known)}"
                                + (f"; did you mean {meant[0]}?" if meant else ""))
        if problems:
            raise TypeError("\n".join(problems))
        return function(*args, **kwargs)

    return typing.cast(C, named)
`
