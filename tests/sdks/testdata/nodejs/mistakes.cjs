// Makes each mistake of docs/mistakes.md in JavaScript, which no compiler looks at, and prints for each who said what.
/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, console, process */
const pulumi = require("@pulumi/pulumi");
const { LocalWorkspace } = require("@pulumi/pulumi/automation");
const sdk = require("pulumi-ci-oidc-trust");

const web = { repositories: [{ repository: "acme@1234567/web@89012345", branches: ["main"] }] };
const accountId = "123456789012";
const state = { bucket: "acme-state", key: "web.tfstate", mode: "apply" };

// What the plugin finds in a component it names all at once, so that these share one resource.
const inputs = {
    CiOidcTrust: {
        maxSessionDuration: "an hour",
        github: { repositories: [{ branches: ["main"] }] },
        gitlab: { projects: [{ path: "acme/web", branch: ["main"] }] },
        vercel: { team: "acme", issuerMode: "teams", projects: [{ name: "web", environments: ["production"] }] },
        acceptRisks: ["github-any-refs"],
    },
    CiOidcProviders: {
        retain: "yes",
        circleci: {},
        github: { hostnam: "github.acme.example" },
        vercel: { team: "acme", issuerMode: "teams" },
    },
    secrets: {
        maxSessionDuration: pulumi.secret("hush-hush"),
        github: { repositories: [{ branches: pulumi.secret("hush-hush") }] },
        gitlab: { projects: [{ path: "acme/web", branch: pulumi.secret(["hush-hush"]) }] },
        vercel: pulumi.secret({ team: "hush-hush", issuerMode: "hush-hush", projects: [] }),
        acceptRisks: pulumi.secret(["hush-hush"]),
    },
};

const attempts = {
    "CiOidcTrust, a misspelt name": () => new sdk.CiOidcTrust("deploy", { permissionBoundary: "arn" }),
    "CiOidcProviders, a misspelt name": () => new sdk.CiOidcProviders("all", { retained: false }),
    "auditTrust, a wrong type": () => sdk.auditTrust({ trustPolicy: 7 }),
    "auditTrust, a missing one": () => sdk.auditTrust({}),
    "auditTrust, a misspelt name": () => sdk.auditTrust({ trustPolicies: "{}" }),
    "evaluateTrust, a wrong type": () => sdk.evaluateTrust({ trustPolicy: "{}", claims: "{}", partial: "yes" }),
    "evaluateTrust, a missing one": () => sdk.evaluateTrust({ claims: "{}" }),
    "evaluateTrust, a misspelt name": () => sdk.evaluateTrust({ trustPolicy: "{}", claim: "{}" }),
    "diffTrust, a wrong type": () => sdk.diffTrust({ before: 7, after: "{}" }),
    "diffTrust, a missing one": () => sdk.diffTrust({ before: "{}" }),
    "diffTrust, a misspelt name": () => sdk.diffTrust({ befor: "{}", after: "{}" }),
    "renderTrust, a wrong type": () => sdk.renderTrust({ accountId, github: web, maxSessionDuration: "an hour" }),
    "renderTrust, a missing one": () => sdk.renderTrust({ github: web }),
    "renderTrust, a misspelt name": () => sdk.renderTrust({ acountId: accountId, github: web }),
    "renderTrust, a misspelt name inside": () => sdk.renderTrust({ accountId, github: { repository: web } }),
    "renderTrust, a value that there is not": () => sdk.renderTrust({ accountId, github: web, partition: "aws-usgov" }),
    "renderTrust, a misspelt id": () => sdk.renderTrust({ accountId, github: web, acceptRisks: ["github-any-refs"] }),
    "permissions, a wrong type": () => sdk.permissions({ accountId, s3Site: "acme-site" }),
    "permissions, a missing one": () => sdk.permissions({ accountId, terraformState: { ...state, key: undefined } }),
    "permissions, a misspelt name": () => sdk.permissions({ accountId, teraformState: state }),
    "permissions, a misspelt name inside": () =>
        sdk.permissions({ accountId, terraformState: { ...state, lockTables: "locks" } }),
    "permissions, a value that there is not": () =>
        sdk.permissions({ accountId, terraformState: { ...state, mode: "aply" } }),
};

async function program() {
    const place = process.env.PLACE;
    if (place !== "functions") {
        const Component = sdk[place === "CiOidcProviders" ? place : "CiOidcTrust"];
        new Component("all", inputs[place]);
        return;
    }
    for (const [cell, attempt] of Object.entries(attempts)) {
        let by = "SDK"; // what is thrown before anybody waits
        try {
            const answer = attempt();
            by = "plugin";
            await answer;
            console.log("said " + JSON.stringify({ cell, by: "nobody", text: "" }));
        } catch (error) {
            console.log("said " + JSON.stringify({ cell, by, text: error.message }));
        }
    }
}

async function preview() {
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: "mistakes", projectName: "ci-oidc-trust-nodejs", program },
        { workDir: process.cwd() },
    );
    await stack.preview({ onOutput: (text) => process.stdout.write(text) });
}

preview().catch((error) => {
    console.error(error);
    process.exitCode = 1;
});
