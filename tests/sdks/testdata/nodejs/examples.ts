// Runs one program that was printed, with stand-ins that answer as canned.json says, and prints what it asks of them.
import * as fs from "fs";
import * as pulumi from "@pulumi/pulumi";

const canned = JSON.parse(fs.readFileSync("canned.json", "utf8"));
const last = (token: string) => token.slice(token.lastIndexOf(":") + 1);
const print = (of: string, value: unknown) => console.log(JSON.stringify({ of, value }));

pulumi.runtime.setAllConfig({ "project:trustPolicy": canned.config.trustPolicy });
pulumi.runtime.setMocks({
    newResource: ({ name, type, inputs }) => {
        print("resource " + name, inputs);
        return { id: "", state: canned[last(type)] };
    },
    call: ({ token, inputs }) => {
        print("call " + last(token), inputs);
        return canned[last(token)];
    },
});

async function run(file: string) {
    const outputs: Record<string, unknown> = { ...(await import("./" + file)) };
    delete outputs.default; // what a CommonJS module looks like to `import`
    for (const [name, value] of Object.entries(outputs)) {
        (pulumi.output(value) as pulumi.Output<unknown>).apply((known) => print("output " + name, known));
    }
}

void run(process.argv[2]);
