package main

import (
	"io"

	contract "github.com/ci-oidc-trust/pulumi-ci-oidc-trust"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/audit"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci/all"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/report"
)

// formats are those of an audit.
var formats = []string{"text", "json", "sarif", "github", "csv"}

// write prints a report in a format. everything shows people every role.
func write(made *report.Report, to io.Writer, format string, everything bool) error {
	switch format {
	case "json":
		return made.JSON(to)
	case "sarif":
		return made.SARIF(to, audit.Rules(all.Registry()), contract.Version())
	case "github":
		return made.GitHub(to)
	case "csv":
		return made.CSV(to)
	}
	return made.Text(to, everything)
}
