// Package verb holds what both the command line and the Pulumi functions do: evaluate and audit trust policies, in the
// forms in which people have them.
package verb
