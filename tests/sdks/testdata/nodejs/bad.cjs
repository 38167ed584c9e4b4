// Previews a component with one mistake of each kind that only the plugin can see in JavaScript.
/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, console, process */
const { LocalWorkspace } = require("@pulumi/pulumi/automation");
const { CiOidcTrust } = require("pulumi-ci-oidc-trust");

async function program() {
    new CiOidcTrust("deploy", {
        github: { repositories: [{ branches: ["main"] }] },
        gitlab: { projects: [{ path: "acme/web", branch: ["main"] }] },
        vercel: { team: "acme", issuerMode: "teams", projects: [{ name: "web", environments: ["production"] }] },
        maxSessionDuration: "an hour",
    });
}

async function preview() {
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: "bad", projectName: "ci-oidc-trust-nodejs", program },
        { workDir: process.cwd() },
    );
    await stack.preview({ onOutput: (text) => process.stdout.write(text) });
}

preview().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
