import * as pulumi from "@pulumi/pulumi";
import { CiOidcTrust } from "pulumi-ci-oidc-trust";

const deploy = new CiOidcTrust(
    "deploy",
    {
        github: { repositories: [{ repository: "acme@1234567/web@89012345", branches: ["main"] }] },
        tags: { team: process.env.TEAM ?? "web" },
    },
    {
        // Another tool writes the role's tags, and Pulumi leaves them alone.
        transforms: [
            (args) =>
                args.type === "aws:iam/role:Role"
                    ? { props: args.props, opts: pulumi.mergeOptions(args.opts, { ignoreChanges: ["tags"] }) }
                    : undefined,
        ],
    },
);

export const roleArn = deploy.roleArn;
