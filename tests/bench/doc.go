// Package bench measures what the trust engine's own benchmarks cannot: the plugin as a process, and a whole `pulumi
// up`. cmd/figures turns the output of every benchmark into the list that `make bench` prints.
package bench
