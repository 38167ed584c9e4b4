// Runs programs that were printed, and prints what each registers.
import * as pulumi from "@pulumi/pulumi";

pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => {
        console.log(JSON.stringify({ name, inputs }));
        return { id: "", state: inputs };
    },
    call: () => ({}),
});

async function run(files: string[]) {
    for (const file of files) {
        await import("./" + file);
    }
}

void run(process.argv.slice(2));
