// What the functions say of the component's own trust policy, which is unknown until the role is up.
import { auditTrustOutput, CiOidcTrust, evaluateTrustOutput } from "pulumi-ci-oidc-trust";

const deploy = new CiOidcTrust("deploy", {
    github: { repositories: [{ repository: "acme@1234567/web@89012345", branches: ["main"] }] },
});
const evaluate = (context: string) =>
    evaluateTrustOutput({
        trustPolicy: deploy.trustPolicy,
        clientIds: ["sts.amazonaws.com"],
        claims: JSON.stringify({
            iss: "https://token.actions.githubusercontent.com",
            aud: "sts.amazonaws.com",
            iat: 1700000000,
            exp: 4102444800,
            sub: `repo:acme@1234567/web@89012345:${context}`,
            repository_id: "89012345",
            repository_owner_id: "1234567",
        }),
    });
const main = evaluate("ref:refs/heads/main");
const pullRequest = evaluate("pull_request");

export const mainAllowed = main.allowed;
export const mainStatements = main.statements;
export const pullRequestAllowed = pullRequest.allowed;
export const pullRequestExplanation = pullRequest.explanation;
export const findings = auditTrustOutput({ trustPolicy: deploy.trustPolicy }).findings;
