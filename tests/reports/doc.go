// Package reports holds what the command line prints of an audit against what those who read it demand: the schema of
// SARIF, GitHub's annotations, pre-commit. The program is built and run as people run it.
package reports
