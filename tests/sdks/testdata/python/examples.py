"""Runs one program that was printed, with stand-ins that answer as canned.json says, and prints what it asks."""

import json
import runpy
import sys

import pulumi
from pulumi.runtime.config import set_config

with open("canned.json", encoding="utf-8") as file:
    canned = json.load(file)


def show(of, value):
    # One call for the whole line: resources are registered at the same time.
    sys.stdout.write(json.dumps({"of": of, "value": value}) + "\n")


class Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args):
        show("resource " + args.name, args.inputs)
        return "", canned[args.typ.rpartition(":")[2]]

    def call(self, args):
        function = args.token.rpartition(":")[2]
        show("call " + function, args.args)
        return canned[function]


def export(name, value):
    pulumi.Output.from_input(value).apply(lambda known: show("output " + name, known))


pulumi.runtime.set_mocks(Mocks())
set_config("project:trustPolicy", canned["config"]["trustPolicy"])
pulumi.export = export


@pulumi.runtime.test
def run():
    runpy.run_path(sys.argv[1])


run()
