// What an SDK that `pulumi package add` generated does with a misspelt input: prints the inputs that were registered.
/* eslint-disable @typescript-eslint/no-require-imports */
/* global require, console, process */
const pulumi = require("@pulumi/pulumi");
const { CiOidcTrust } = require("pulumi-ci-oidc-trust");

const registered = {};
pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => {
        registered[name] = inputs;
        return { id: "", state: inputs };
    },
    call: () => ({}),
});

const boundary = "arn:aws:iam::123456789012:policy/ci-boundary";
new CiOidcTrust("misspelt", { permissionBoundary: boundary });
new CiOidcTrust("spelt", { permissionsBoundary: boundary });

process.on("exit", () => console.log(JSON.stringify(registered)));
