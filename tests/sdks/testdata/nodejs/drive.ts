// Runs one verb on the stack of one program. It needs no language host: the engine calls back into this process.
import { LocalWorkspace } from "@pulumi/pulumi/automation";

const programs: Record<string, () => Promise<object>> = {
    chain: () => import("./chain.js"),
    mixed: () => import("./mixed.js"),
    review: () => import("./review.js"),
    transform: () => import("./transform.js"),
    readme: () => import("./readme.js"),
};

async function load(name: string): Promise<Record<string, unknown>> {
    const program: object = name in programs ? await programs[name]() : await import(`../${name}`); // plain JavaScript
    const outputs: Record<string, unknown> = { ...program };
    delete outputs.default; // what a CommonJS module looks like to `import`, and no output of the stack
    return outputs;
}

async function drive(verb: string, name: string): Promise<void> {
    const stack = await LocalWorkspace.createOrSelectStack(
        { stackName: "dev", projectName: "ci-oidc-trust-nodejs", program: () => load(name) },
        { workDir: process.cwd() },
    );
    const onOutput = (text: string) => process.stdout.write(text);
    switch (verb) {
        case "up":
            await stack.up({ onOutput });
            break;
        case "plan":
            await stack.preview({ onOutput });
            break;
        case "preview":
            await stack.preview({ onOutput, expectNoChanges: true });
            break;
        case "destroy":
            await stack.destroy({ onOutput });
            break;
        default:
            throw new Error(`unknown verb ${verb}`);
    }
}

drive(process.env.VERB ?? "", process.env.PROGRAM ?? "").catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
});
