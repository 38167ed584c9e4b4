package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/report"
)

const formatNames = "text, json"

// writer is what prints a report in a format.
func writer(format string, all bool) (func(*report.Report, io.Writer) error, error) {
	switch format {
	case "text":
		return func(r *report.Report, to io.Writer) error { return r.Text(to, all) }, nil
	case "json":
		return func(r *report.Report, to io.Writer) error { return r.JSON(to) }, nil
	}
	return nil, fmt.Errorf("--format is one of %s, got %q", strings.ReplaceAll(formatNames, " or ", ", "), format)
}
