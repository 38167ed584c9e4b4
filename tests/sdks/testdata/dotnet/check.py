"""Holds C# programs against the .NET SDK: that they parse, and that names and the kinds of values fit.

Usage: check.py SDK_FOLDER PROGRAM... It prints a line for each problem. It knows the C# that examples need: whatever
else stands in a program is a problem, too, so that nothing is passed over.
"""

import pathlib
import re
import sys

import tree_sitter
import tree_sitter_c_sharp

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))

# What of Pulumi's own SDK and of .NET programs use: the type of a call, by what is called.
CALLS = {"Config.Require": "string", "JsonSerializer.Serialize": "string"}
NEEDS = {
    "JsonSerializer": "System.Text.Json",
    "Dictionary": "System.Collections.Generic",
}
LITERALS = {
    "string_literal": "string",
    "integer_literal": "int",
    "boolean_literal": "bool",
    "real_literal": "double",
}


def text(node):
    return node.text.decode()


def plain(name):
    """A type without namespaces, white space and the mark of what may be null."""
    return re.sub(r"[\w:]+\.(?=\w)", "", re.sub(r"[\s?]", "", name))


def walk(node):
    yield node
    for child in node.named_children:
        yield from walk(child)


def entries(node):
    """What stands in the braces of an initializer."""
    inside = [
        child for child in node.named_children if child.type == "initializer_expression"
    ]
    return (
        [e for e in inside[0].named_children if e.type != "comment"] if inside else []
    )


def errors(node):
    """What does not parse: also a bracket that is missing, which is no named node."""
    if node.is_error or node.is_missing:
        yield node
    for child in node.children if node.has_error else []:
        yield from errors(child)


class Class:
    """A class or struct of the SDK: what it has, by name."""

    def __init__(self, node, namespace):
        self.name = text(node.child_by_field_name("name"))
        self.namespace = namespace
        self.properties, self.settable, self.methods, self.constructors = (
            {},
            set(),
            {},
            [],
        )
        for member in node.child_by_field_name("body").named_children:
            words = [
                text(child) for child in member.children if child.type == "modifier"
            ]
            if "public" not in words:
                continue
            if member.type == "property_declaration":
                name = text(member.child_by_field_name("name"))
                self.properties[name] = plain(text(member.child_by_field_name("type")))
                accessors = member.child_by_field_name("accessors")
                if accessors is not None and re.search(
                    r"(?<!private )\bset\b", text(accessors)
                ):
                    self.settable.add(name)
            elif member.type == "field_declaration":
                declaration = member.named_children[-1]
                kind = plain(text(declaration.child_by_field_name("type")))
                for declarator in declaration.named_children[1:]:
                    self.properties[text(declarator.child_by_field_name("name"))] = kind
            elif member.type == "method_declaration":
                name = text(member.child_by_field_name("name"))
                returns = plain(text(member.child_by_field_name("returns")))
                self.methods.setdefault(name, []).append(
                    (self.parameters(member), returns)
                )
            elif member.type == "constructor_declaration":
                self.constructors.append(self.parameters(member))

    @staticmethod
    def parameters(member):
        """The type of each, and whether it may be left out."""
        listed = member.child_by_field_name("parameters").named_children
        return [
            (plain(text(p.child_by_field_name("type"))), "=" in text(p))
            for p in listed
            if p.type == "parameter"
        ]


def read(folder):
    """The public classes and structs of the SDK, by name; and what does not parse."""
    classes, problems = {}, []
    for file in sorted(pathlib.Path(folder).rglob("*.cs")):
        root = PARSER.parse(file.read_bytes()).root_node
        problems += [
            f"{file}:{e.start_point.row + 1}: does not parse" for e in errors(root)
        ]
        for node in walk(root):
            if node.type in ("class_declaration", "struct_declaration"):
                space = node.parent
                while space is not None and space.type != "namespace_declaration":
                    space = space.parent
                namespace = (
                    text(space.child_by_field_name("name")) if space is not None else ""
                )
                made = Class(node, namespace)
                classes.setdefault(made.name, []).append(made)
    return classes, problems


class Program:
    def __init__(self, file, classes):
        self.file, self.classes, self.problems = file, classes, []
        self.usings, self.variables = set(), {}

    def problem(self, node, message):
        row, column = node.start_point
        self.problems.append(f"{self.file}:{row + 1}:{column + 1}: {message}")

    def check(self):
        root = PARSER.parse(pathlib.Path(self.file).read_bytes()).root_node
        for node in errors(root):
            self.problem(node, "does not parse")
        if self.problems:
            return self.problems
        for node in root.named_children:
            if node.type == "using_directive":
                self.usings.add(text(node.named_children[-1]))
            elif node.type == "global_statement":
                self.statement(node.named_children[0])
            elif node.type != "comment":
                self.problem(node, f"the check knows no {node.type}")
        return self.problems

    def visible(self, node, name):
        """The class that a name stands for, by the namespaces that the program uses."""
        found = [c for c in self.classes.get(name, []) if c.namespace in self.usings]
        if not found:
            self.problem(
                node, f"the SDK has no {name} in {', '.join(sorted(self.usings))}"
            )
            return None
        return found[0]

    def statement(self, node):
        if node.type == "return_statement":
            return self.value(node.named_children[0]) if node.named_children else None
        if node.type == "local_declaration_statement":
            declaration = node.named_children[0]
            declarator = declaration.named_children[-1]
            name = text(declarator.child_by_field_name("name"))
            if name in self.variables:
                self.problem(declarator, f"{name} is declared twice")
            self.variables[name] = self.value(declarator.named_children[-1])
            return None
        if node.type == "expression_statement":
            self.value(node.named_children[0])
            return None
        if node.type != "comment":
            self.problem(node, f"the check knows no {node.type}")
        return None

    def value(self, node, target=None):
        """The type of an expression. target is the type of the place where it stands, if that is known."""
        if node.type in LITERALS:
            return LITERALS[node.type]
        if node.type == "await_expression":
            return self.value(node.named_children[0])
        known = getattr(self, "of_" + node.type, None)
        if known is None:
            self.problem(node, f"the check knows no {node.type}: {text(node)[:60]}")
            return None
        return known(node, target)

    def of_identifier(self, node, _):
        if text(node) not in self.variables:
            self.problem(node, f"nothing is called {text(node)}")
        return self.variables.get(text(node))

    def of_array_creation_expression(self, node, _):
        kind = plain(text(node.child_by_field_name("type")))
        element = kind.removesuffix("[]")
        if not element.startswith("Union<") and element not in ("string", "object"):
            self.visible(node, element)
        for item in entries(node):
            self.fits(item, self.value(item), f"Input<{element}>")
        return kind

    def of_implicit_array_creation_expression(self, node, _):
        kinds = {self.value(item) for item in entries(node)}
        if len(kinds) != 1:
            self.problem(node, f"an array of {kinds} has no type")
            return None
        return f"{kinds.pop()}[]"

    def of_implicit_object_creation_expression(self, node, target):
        inside = re.fullmatch(r"InputMap<(.*)>", target or "")
        if inside is None:
            self.problem(node, f"new() makes a map, and here stands {target}")
            return None
        for entry in entries(node):
            self.entry(entry, f"Input<{inside[1]}>")
        return target

    def entry(self, node, kind):
        """An entry of a map or dictionary."""
        if (
            node.type != "assignment_expression"
            or node.named_children[0].type != "element_binding_expression"
        ):
            self.problem(node, "is no entry of a map")
            return
        right = node.child_by_field_name("right")
        given = self.value(right)
        if kind is not None:
            self.fits(right, given, kind)

    def of_object_creation_expression(self, node, _):
        written = node.child_by_field_name("type")
        name = plain(text(written))
        arguments = node.child_by_field_name("arguments")
        inside = entries(node)
        if name == "Config" and not inside:
            return self.needs(node, "Pulumi") and "Config"
        if name.startswith("Dictionary<string,"):
            self.needs(node, NEEDS["Dictionary"])
            for entry in inside:
                self.entry(entry, None)
            return name
        made = self.visible(written, name)
        if made is None:
            return None
        self.call(node, f"new {name}", made.constructors, arguments)
        for entry in inside:
            left = text(entry.named_children[0])
            right = entry.child_by_field_name("right")
            if right is None or left not in made.properties:
                has = ", ".join(sorted(made.settable))
                self.problem(entry, f"{name} has no {left}; it has {has}")
                continue
            if left not in made.settable:
                self.problem(entry, f"{name}.{left} cannot be set")
            self.fits(
                right, self.value(right, made.properties[left]), made.properties[left]
            )
        return name

    def needs(self, node, namespace):
        if namespace not in self.usings:
            self.problem(node, f"using {namespace} is missing")
        return True

    def of_member_access_expression(self, node, _):
        of, name = (
            node.child_by_field_name("expression"),
            text(node.child_by_field_name("name")),
        )
        if of.type == "identifier" and text(of) not in self.variables:
            made = self.visible(of, text(of))  # a value of an enum
            if made is not None and name not in made.properties:
                self.problem(node, f"{text(of)} has no {name}")
            return made and made.properties.get(name)
        kind = self.value(of)
        return kind and self.member(node, kind, name)

    def member(self, node, kind, name):
        found = [c for c in self.classes.get(kind, []) if name in c.properties]
        if not found:
            self.problem(node, f"{kind} has no {name}")
            return None
        return found[0].properties[name]

    def of_invocation_expression(self, node, _):
        function, arguments = (
            node.child_by_field_name("function"),
            node.child_by_field_name("arguments"),
        )
        if function.type != "member_access_expression":
            self.problem(node, f"the check knows no call of {text(function)}")
            return None
        of, name = (
            function.child_by_field_name("expression"),
            text(function.child_by_field_name("name")),
        )
        if text(function) == "Deployment.RunAsync":
            self.needs(node, "Pulumi")
            return self.value(arguments.named_children[0].named_children[0])
        if name == "Apply":
            return self.apply(node, self.value(of), arguments)
        if name == "ToImmutableArray":
            self.needs(node, "System.Collections.Immutable")
            return f"ImmutableArray<{(self.value(of) or '').removesuffix('[]')}>"
        static = of.type == "identifier" and text(of) not in self.variables
        kind = text(of) if static else self.value(of)
        if f"{kind}.{name}" in CALLS:
            if kind in NEEDS:
                self.needs(node, NEEDS[kind])
            for argument in arguments.named_children:
                self.value(argument.named_children[0])
            return CALLS[f"{kind}.{name}"]
        made = self.visible(of, kind) if static else None
        if made is None or name not in made.methods:
            self.problem(node, f"{kind} has no {name}()")
            return None
        return (
            self.call(
                node, f"{kind}.{name}", [p for p, _ in made.methods[name]], arguments
            )
            and (made.methods[name][0][1])
        )

    def apply(self, node, kind, arguments):
        """What a lambda makes of an output."""
        inside = re.fullmatch(r"Output<(.*)>", kind or "")
        function = arguments.named_children[0].named_children[0]
        if inside is None or function.type != "lambda_expression":
            self.problem(node, f"{kind} is no output that a lambda could be applied to")
            return None
        name = text(function.child_by_field_name("parameters")).strip("()")
        if name in self.variables:
            self.problem(function, f"{name} hides a variable")
        self.variables[name] = inside[1]
        made = self.value(function.child_by_field_name("body"))
        del self.variables[name]
        return f"Output<{made}>"

    def of_lambda_expression(self, node, _):
        body = node.child_by_field_name("body")
        if body.type != "block":
            return self.value(body)
        for statement in body.named_children:
            self.statement(statement)
        return None

    def call(self, node, name, forms, arguments):
        """Whether one of the forms takes the arguments, whose values are looked at, too."""
        given = (
            [self.value(a.named_children[0]) for a in arguments.named_children]
            if arguments is not None
            else []
        )
        for form in forms:
            enough = all(left_out for _, left_out in form[len(given) :])
            if (
                len(given) <= len(form)
                and enough
                and all(plain(k) == g for (k, _), g in zip(form, given))
            ):
                return True
        self.problem(
            node,
            f"{name} does not take ({', '.join(map(str, given))}); it takes {forms}",
        )
        return False

    def fits(self, node, given, place):
        """Pulumi's own conversions: a value or an output for Input, arrays and outputs for lists, outputs for maps."""
        kind, inside = re.fullmatch(
            r"(Input|InputList|InputMap)<(.*)>|.*", place
        ).groups()
        if given is None:
            return  # something has been said already
        if kind is None:
            takes = {place}
        elif kind == "Input":
            takes = {inside, f"Output<{inside}>"} | (
                set(inside[6:-1].split(",")) if inside[:6] == "Union<" else set()
            )
        elif kind == "InputList":
            takes = {f"{inside}[]", f"Output<ImmutableArray<{inside}>>"}
        else:
            takes = {place, f"Output<ImmutableDictionary<string,{inside}>>"}
        if given not in takes:
            self.problem(node, f"a {given} stands where {place} is")


def main(folder, files):
    classes, problems = read(folder)
    if len(classes) < 100:
        problems.append(
            f"{folder}: only {len(classes)} classes, so the check looks in the wrong place"
        )
    for file in files:
        problems += Program(file, classes).check()
    print("\n".join(problems))


main(sys.argv[1], sys.argv[2:])
