// JavaScript that no compiler looks at. Gives inputs that do not exist, and prints what was said to each and what was
// registered or called nevertheless.
/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, console, process */
const pulumi = require("@pulumi/pulumi");
const sdk = require("pulumi-ci-oidc-trust");

const done = [];
pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => {
        done.push(name);
        return { id: "", state: inputs };
    },
    call: ({ token }) => {
        done.push(token);
        return {};
    },
});

const said = {};
const attempt = (name, code) => {
    try {
        code();
        said[name] = "";
    } catch (error) {
        said[name] = error.message;
    }
};

const boundary = "arn:aws:iam::123456789012:policy/ci-boundary";
attempt("boundary", () => new sdk.CiOidcTrust("deploy", { permissionBoundary: boundary }));
attempt("inherited", () => new sdk.CiOidcTrust("deploy", Object.create({ permissionBoundary: boundary })));
attempt("snake case", () => new sdk.CiOidcTrust("deploy", { permissions_boundary: boundary }));
attempt("two", () => new sdk.CiOidcTrust("deploy", { gitHub: {}, somethingElse: 1 }));
attempt("output", () => new sdk.CiOidcTrust("deploy", pulumi.output({ permissionBoundary: boundary })));
attempt("promise", () => new sdk.CiOidcTrust("deploy", Promise.resolve({ permissionBoundary: boundary })));
attempt("list", () => new sdk.CiOidcTrust("deploy", [{ permissionBoundary: boundary }]));
attempt("text", () => new sdk.CiOidcTrust("deploy", "permissionBoundary"));
attempt("long", () => new sdk.CiOidcTrust("deploy", { ["x".repeat(1e6)]: 1 }));
attempt("known", () => new sdk.CiOidcTrust("known", { permissionsBoundary: boundary, roleName: undefined }));
attempt("none", () => new sdk.CiOidcTrust("none"));
attempt("no inputs", () => sdk.auditTrust());
for (const [name, exported] of Object.entries(sdk)) {
    if (typeof exported === "function") {
        const isClass = /^[A-Z]/.test(name);
        attempt("every " + name, () => (isClass ? new exported("every", { misspelt: 1 }) : exported({ misspelt: 1 })));
    }
}

process.on("exit", () => console.log(JSON.stringify({ said, done })));
