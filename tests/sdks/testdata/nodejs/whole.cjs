// A CommonJS module in plain JavaScript: both components, a value of an enum, and a function in both of its forms.
/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, exports */
const { CiOidcProviders, CiOidcTrust, HcpTerraformRunPhase } = require("pulumi-ci-oidc-trust");
const { evaluateTrust, evaluateTrustOutput } = require("pulumi-ci-oidc-trust");

const shared = new CiOidcProviders("shared", { github: {}, hcpTerraform: {}, retain: false });
const deploy = new CiOidcTrust("deploy", {
    providerArns: shared.providerArns,
    github: { repositories: [{ repository: "acme@1234567/web@89012345", branches: ["main"] }] },
    hcpTerraform: {
        organization: "acme",
        workspaces: [{ project: "Default Project", name: "web", runPhases: [HcpTerraformRunPhase.Apply] }],
    },
});
const trustPolicy = deploy.trustPolicy;
const claims = JSON.stringify({
    iss: "https://token.actions.githubusercontent.com",
    aud: "sts.amazonaws.com",
    sub: "repo:acme@1234567/web@89012345:pull_request",
});

exports.roleArn = deploy.roleArn;
exports.pullRequestGetsIn = evaluateTrustOutput({ trustPolicy, claims, partial: true }).allowed;
exports.why = trustPolicy.apply(
    async (trustPolicy) => (await evaluateTrust({ trustPolicy, claims, partial: true })).explanation,
);
