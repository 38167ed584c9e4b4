// What the compiler lets through: it looks for names that do not exist in literals alone, not in what is spread.
import { CiOidcProviders, CiOidcTrust, auditTrust, type CiOidcTrustArgs } from "pulumi-ci-oidc-trust";

const said: Record<string, string> = {};
function attempt(name: string, code: () => unknown): void {
    try {
        code();
        said[name] = "";
    } catch (error) {
        said[name] = (error as Error).message;
    }
}

const shared = { permissionBoundary: "arn:aws:iam::123456789012:policy/ci-boundary", path: "/ci/" };
const spread: CiOidcTrustArgs = { ...shared, github: { repositories: [{ repository: "acme/web", branches: ["main"] }] } };
const providers = { retained: false, retain: true };
const policy = { trustPolicies: "{}", trustPolicy: "{}" };
attempt("boundary", () => new CiOidcTrust("deploy", spread));
attempt("providers", () => new CiOidcProviders("all", { ...providers }));
attempt("function", () => auditTrust({ ...policy }));
console.log(JSON.stringify({ said, done: [] }));
