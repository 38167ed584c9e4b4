// A role that three CI systems share, and one that uses a provider of the first.
import { CiOidcTrust, HcpTerraformRunPhase, renderTrustOutput } from "pulumi-ci-oidc-trust";

const project = { path: "acme/web", id: "46573356" };
const hcpTerraform = {
    organization: "acme",
    workspaces: [{ project: "Default Project", name: "web", runPhases: [HcpTerraformRunPhase.Apply] }],
};
const first = new CiOidcTrust("first", {
    github: { repositories: [{ repository: "acme@1234567/web@89012345", branches: ["main"] }] },
    gitlab: { projects: [{ ...project, branches: ["main"] }] },
    hcpTerraform,
});
const second = new CiOidcTrust("second", {
    gitlab: { providerArn: first.providerArns.gitlab, projects: [{ ...project, tags: ["v*"] }] },
});

export const roleArns = [first.roleArn, second.roleArn];
export const grants = first.grants;
export const renderedGrants = renderTrustOutput({ accountId: "123456789012", hcpTerraform }).grants;
