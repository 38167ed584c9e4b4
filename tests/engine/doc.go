// Package engine runs the component in a real Pulumi engine, in this process: our provider and the stand-in AWS plugin
// are gRPC servers on loopback, and IAM is the local AWS. What users see of inputs, plans, errors and state is tested
// here.
package engine
