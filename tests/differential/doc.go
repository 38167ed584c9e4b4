// Package differential compares the product's trust engine with the naive evaluator of package naive, which was written
// from AWS's documentation and recorded answers by someone who had not read the engine. On random pairs of a policy and
// a request they must give the same answer, always: the code by which STS refuses the token, or what the policy says.
//
// TestSameAnswers compares a million pairs of a fixed seed, and says how many. Variables of the environment ask for
// more:
//
//	CI_OIDC_TRUST_PAIRS=N    compare so many pairs, or as many as a soak comes to
//	CI_OIDC_TRUST_SOAK=10m   compare for so long, with a new seed
//	CI_OIDC_TRUST_SEED=N     begin at this seed, as printed by the run to repeat
package differential
