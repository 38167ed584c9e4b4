// What the compiler must accept and must refuse. It is compiled, never run.
import * as pulumi from "@pulumi/pulumi";
import { CiOidcTrust, FindingId, HcpTerraformRunPhase, type CiOidcTrustArgs, type types } from "pulumi-ci-oidc-trust";

const later: pulumi.Output<string> = pulumi.output("known later");

// An output is accepted at every level: a leaf, an item, a list, an object in a list, the section itself.
export const leaf: CiOidcTrustArgs = { github: { repositories: [{ repository: later, branches: ["main"] }] } };
export const item: CiOidcTrustArgs = { github: { repositories: [{ repository: "acme/web", branches: [later] }] } };
export const list: CiOidcTrustArgs = {
    github: { repositories: [{ repository: "acme/web", branches: pulumi.output(["main"]) }] },
    policyArns: pulumi.output(["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]),
};
export const object: CiOidcTrustArgs = {
    github: { repositories: [pulumi.output({ repository: "acme/web", branches: ["main"] })] },
};
export const section: CiOidcTrustArgs = {
    circleci: pulumi.output({ organizationId: "a", projects: [{ id: "b" }] }),
};
export const absent: CiOidcTrustArgs = { github: undefined, roleName: undefined };
export const one: types.input.GitHubRepositoryArgs = { repository: "acme/web", pullRequests: true };

// A word of a closed set is a string or its name; the id of a finding may also be one that this SDK does not know.
export const words: CiOidcTrustArgs = {
    hcpTerraform: {
        organization: "acme",
        workspaces: [{ project: "web", name: "web", runPhases: ["plan", HcpTerraformRunPhase.Apply] }],
    },
    acceptRisks: ["github-any-ref", FindingId.GithubAnyRef, "a-newer-finding", later],
};

export function outputs(trust: CiOidcTrust): pulumi.Output<string>[] {
    return [
        trust.roleArn,
        trust.grants[0],
        trust.findings[0].severity,
        trust.providerArns.github,
        trust.pipelineConfigs.apply((configs) => configs.circleci),
    ];
}

// @ts-expect-error a list, not one name
export const notAList: CiOidcTrustArgs = { github: { repositories: [{ repository: "acme/web", branches: "main" }] } };
// @ts-expect-error repository is required
export const noRepository: CiOidcTrustArgs = { github: { repositories: [{ branches: ["main"] }] } };
// @ts-expect-error projects is required
export const noProjects: CiOidcTrustArgs = { circleci: { organizationId: "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11" } };
// @ts-expect-error a misspelt property
export const misspelt: CiOidcTrustArgs = { github: { repositories: [{ repository: "acme/web", branch: ["main"] }] } };
// @ts-expect-error a misspelt section
export const misspeltSection: CiOidcTrustArgs = { gitHub: { repositories: [] } };
// @ts-expect-error seconds are a number
export const notANumber: CiOidcTrustArgs = { maxSessionDuration: "3600" };
// @ts-expect-error null is no way to say "not set"
export const nothing: CiOidcTrustArgs = { roleName: null };
// @ts-expect-error the ARN is an output of the component
export const anOutput: CiOidcTrustArgs = { roleArn: "arn:aws:iam::123456789012:role/deploy" };
// @ts-expect-error a misspelt word of a closed set
export const misspeltWord: types.input.VercelTrustArgs = { team: "acme", issuerMode: "teams", projects: [] };
