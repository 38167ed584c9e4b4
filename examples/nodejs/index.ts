import { CiOidcTrust } from "pulumi-ci-oidc-trust";

const deploy = new CiOidcTrust("deploy", {
    github: {
        repositories: [
            {
                repository: "acme@1234567/web@89012345",
                branches: ["main"],
                environments: ["production"],
            },
        ],
    },
    circleci: {
        organizationId: "6f1b5a0e-3c52-4d0b-9a44-1f0e6a7d2c11",
        projects: [
            {
                id: "0d9f7c1a-52b8-4c0e-8d3f-9b6a1e2f4c70",
                vcsOrigin: "github.com/acme/web",
                branches: ["main"],
            },
        ],
    },
    policyArns: ["arn:aws:iam::aws:policy/AmazonS3FullAccess"],
});

export const roleArn = deploy.roleArn;
export const roleName = deploy.roleName;
export const providerArns = deploy.providerArns;
export const trustPolicy = deploy.trustPolicy;
export const grants = deploy.grants;
export const findings = deploy.findings;
export const pipelineConfigs = deploy.pipelineConfigs;
