// An ES module that no compiler looks at.
/* global console */
import { CiOidcTrust, CiOidcProviders, FindingId, auditTrustOutput } from "pulumi-ci-oidc-trust";

const said = {};
const attempt = (name, code) => {
    try {
        code();
        said[name] = "";
    } catch (error) {
        said[name] = error.message;
    }
};
attempt("boundary", () => new CiOidcTrust("deploy", { permissionBoundary: "arn:aws:iam::123456789012:policy/ci" }));
attempt("providers", () => new CiOidcProviders("all", { retained: false }));
attempt("function", () => auditTrustOutput({ trustPolicies: "{}" }));
console.log(JSON.stringify({ said, done: [FindingId.GithubAnyRef] }));
