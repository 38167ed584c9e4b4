package audit

import (
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/principal"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// everyProvider are ARNs of providers that a statement for all of them may be about: of the issuers whose claims it
// tests, of those that it names by a key, and of one that nobody knows, in the role's account or, where the role is not
// known, in those that it names.
func everyProvider(s *trust.Statement, role string) []string {
	partitions, accounts := []string{"aws"}, []string{ci.PlaceholderAccount}
	own := principal.AccountOf(role)
	if own != "" {
		partitions, accounts = []string{strings.Split(role, ":")[1]}, []string{own}
	}
	hosts := []string{"ci.example.com"}
	add := func(list *[]string, text string) {
		if text != "" && !slices.Contains(*list, text) {
			*list = append(*list, text)
		}
	}
	for _, c := range s.Clauses("") {
		add(&hosts, c.Issuer)
		for _, text := range c.Condition.Values {
			switch key := strings.ToLower(c.Key); {
			case key == "aws:principalaccount" && own == "":
				add(&accounts, text)
			case key == "aws:federatedprovider" || key == "aws:userid":
				before, host, _ := strings.Cut(text, ":oidc-provider/")
				add(&hosts, ci.Fill(host))
				if parts := strings.Split(before, ":"); len(parts) == 5 && own == "" {
					add(&partitions, strings.Trim(parts[1], "*?"))
					add(&accounts, strings.Trim(parts[4], "*?"))
				}
			}
		}
	}
	var arns []string
	for _, partition := range partitions {
		for _, account := range accounts {
			for _, host := range hosts {
				if len(arns) < mostProviders {
					arns = append(arns, "arn:"+partition+":iam::"+account+":oidc-provider/"+host)
				}
			}
		}
	}
	return arns
}

// mostProviders bounds how many providers a statement for all of them is tried with.
const mostProviders = 64
