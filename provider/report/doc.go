// Package report writes what an audit found: for people, and in the formats that other programs read.
//
// All that comes out of policies, tokens and file names is a stranger's text. Each writer makes it harmless for whoever
// reads it: a terminal, the log of a GitHub job, a spreadsheet, a page.
package report
