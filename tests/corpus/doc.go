// Package corpus runs the vectors of this folder: hand-written pairs of a trust policy and a token with the answer that
// AWS's documentation gives. README.md says how they are written.
package corpus
