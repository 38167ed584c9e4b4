"""Runs one verb on the stack of one program. It needs no language host: the engine calls back into this process."""

import os
import runpy
import sys

from pulumi import automation

programs = {
    "chain": "chain.py",
    "mixed": "mixed.py",
    "review": "review.py",
    "transform": "transform.py",
    "readme": "readme.py",
    "whole": "whole.py",
}


def drive(verb: str, program: str) -> None:
    stack = automation.create_or_select_stack(
        stack_name="dev",
        project_name="ci-oidc-trust-python",
        program=lambda: runpy.run_path(programs[program], run_name="__main__"),
        opts=automation.LocalWorkspaceOptions(work_dir=os.getcwd()),
    )
    if verb == "up":
        stack.up(on_output=print)
    elif verb == "plan":
        stack.preview(on_output=print)
    elif verb == "preview":
        stack.preview(on_output=print, expect_no_changes=True)
    elif verb == "destroy":
        stack.destroy(on_output=print)
    else:
        sys.exit(f"unknown verb {verb!r}")


drive(os.environ["VERB"], os.environ["PROGRAM"])
