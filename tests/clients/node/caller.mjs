// Prints who a job is by the default chain of the AWS SDK for JavaScript, or the name of the error. An argument is the
// length of the session in seconds.
import console from "node:console";
import process from "node:process";

import { fromNodeProviderChain, fromTokenFile } from "@aws-sdk/credential-providers";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const seconds = process.argv[2];
const credentials = seconds ? fromTokenFile({ durationSeconds: Number(seconds) }) : fromNodeProviderChain();
try {
    const answer = await new STSClient({ credentials }).send(new GetCallerIdentityCommand({}));
    console.log(answer.Arn);
} catch (error) {
    console.log(error.name);
    process.exitCode = 1;
}
