// Makes each mistake of docs/mistakes.md in TypeScript. It is compiled, and never run: a comment names the mistake of
// the lines below it.
import { auditTrust, CiOidcProviders, CiOidcTrust, diffTrust, evaluateTrust } from "pulumi-ci-oidc-trust";
import { permissions, renderTrust } from "pulumi-ci-oidc-trust";

const web = { repositories: [{ repository: "acme@1234567/web@89012345", branches: ["main"] }] };
const projects = [{ name: "web", environments: ["production"] }];
const accountId = "123456789012";
const bucket = "acme-state";
const key = "web.tfstate";

// CiOidcTrust, a wrong type
new CiOidcTrust("deploy", { maxSessionDuration: "an hour" });
// CiOidcTrust, a missing one
new CiOidcTrust("deploy", { github: { repositories: [{ branches: ["main"] }] } });
// CiOidcTrust, a misspelt name
new CiOidcTrust("deploy", { permissionBoundary: "arn" });
// CiOidcTrust, a misspelt name inside
new CiOidcTrust("deploy", { gitlab: { projects: [{ path: "acme/web", branch: ["main"] }] } });
// CiOidcTrust, a value that there is not
new CiOidcTrust("deploy", { vercel: { team: "acme", issuerMode: "teams", projects } });
// CiOidcTrust, a misspelt id
new CiOidcTrust("deploy", { github: web, acceptRisks: ["github-any-refs"] });
// CiOidcProviders, a wrong type
new CiOidcProviders("all", { retain: "yes" });
// CiOidcProviders, a missing one
new CiOidcProviders("all", { circleci: {} });
// CiOidcProviders, a misspelt name
new CiOidcProviders("all", { retained: false });
// CiOidcProviders, a misspelt name inside
new CiOidcProviders("all", { github: { hostnam: "github.acme.example" } });
// CiOidcProviders, a value that there is not
new CiOidcProviders("all", { vercel: { team: "acme", issuerMode: "teams" } });
// auditTrust, a wrong type
void auditTrust({ trustPolicy: 7 });
// auditTrust, a missing one
void auditTrust({});
// auditTrust, a misspelt name
void auditTrust({ trustPolicies: "{}" });
// evaluateTrust, a wrong type
void evaluateTrust({ trustPolicy: "{}", claims: "{}", partial: "yes" });
// evaluateTrust, a missing one
void evaluateTrust({ claims: "{}" });
// evaluateTrust, a misspelt name
void evaluateTrust({ trustPolicy: "{}", claim: "{}" });
// diffTrust, a wrong type
void diffTrust({ before: 7, after: "{}" });
// diffTrust, a missing one
void diffTrust({ before: "{}" });
// diffTrust, a misspelt name
void diffTrust({ befor: "{}", after: "{}" });
// renderTrust, a wrong type
void renderTrust({ accountId, github: web, maxSessionDuration: "an hour" });
// renderTrust, a missing one
void renderTrust({ github: web });
// renderTrust, a misspelt name
void renderTrust({ acountId: accountId, github: web });
// renderTrust, a misspelt name inside
void renderTrust({ accountId, github: { repository: web.repositories } });
// renderTrust, a value that there is not
void renderTrust({ accountId, github: web, partition: "aws-usgov" });
// renderTrust, a misspelt id
void renderTrust({ accountId, github: web, acceptRisks: ["github-any-refs"] });
// permissions, a wrong type
void permissions({ accountId, s3Site: "acme-site" });
// permissions, a missing one
void permissions({ accountId, terraformState: { bucket, mode: "apply" } });
// permissions, a misspelt name
void permissions({ accountId, teraformState: { bucket, key, mode: "apply" } });
// permissions, a misspelt name inside
void permissions({ accountId, terraformState: { bucket, key, mode: "apply", lockTables: "locks" } });
// permissions, a value that there is not
void permissions({ accountId, terraformState: { bucket, key, mode: "aply" } });
