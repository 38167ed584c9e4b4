// Two roles that share one OIDC provider. Its ARN is unknown until the first role's part is up.
import { CiOidcTrust } from "pulumi-ci-oidc-trust";

const repositories = [{ repository: "acme@1234567/web@89012345", branches: ["main"] }];
const first = new CiOidcTrust("first", { github: { repositories } });
const second = new CiOidcTrust("second", { github: { repositories, providerArn: first.providerArns.github } });

export const roleArns = [first.roleArn, second.roleArn];
