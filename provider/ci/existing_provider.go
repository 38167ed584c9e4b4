package ci

import (
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/input"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/spelling"
)

var providerArn = NewExpression(`^arn:([a-z-]+):iam::([0-9]{12}):oidc-provider/(.+)$`)

// readExistingProvider reads which provider of the account is used, if one is: that of an ARN, or that of the issuer.
func (t *Trust) readExistingProvider(section input.Value, account Account, problems *input.Problems) {
	arn, existing := section.Field("providerArn"), section.Field("existingProvider")
	if !existing.Known {
		problems.Add(existing,
			"must be known at preview: it decides whether a provider is created; write true or false")
	}
	switch {
	case arn.Present && existing.Bool():
		problems.Add(existing, "says the same as providerArn; leave one of the two out")
	case arn.Present:
		t.usesProvider, t.namedAt = true, arn
		refuseShaping(section, "providerArn", problems)
		if arn.HasText() {
			t.readProviderArn(arn, t.shownIssuer(section), account, problems)
		}
	case existing.Bool():
		t.usesProvider, t.namedAt = true, existing
		refuseShaping(section, "existingProvider", problems)
		if t.issuer != "" && account.ID != "" && account.Partition != "" {
			t.providerArn = t.ArnIn(account)
		}
	}
}

// refuseShaping reports what only a provider can have that is created here. named is the property that names another.
func refuseShaping(section input.Value, named string, problems *input.Problems) {
	for _, name := range []string{"retainProvider", "thumbprints"} {
		if v := section.Field(name); v.Present && !(name == "retainProvider" && v.Known && !v.Bool()) {
			problems.Add(v, "has no meaning beside "+named+
				": the provider is not created here, and stays when the stack goes")
		}
	}
}

// shownIssuer is the issuer as a message about another property may show it: that of one organization alone shows the
// organization's id.
func (t *Trust) shownIssuer(section input.Value) string {
	if t.issuer == "" || section.HasSecret() {
		return "https://ISSUER"
	}
	return t.issuer
}

// useHandedOn takes the provider of a trust from the map providerArns, where that is written: then none is created. A
// section that says which provider it uses needs no ARN in the map.
func (t *Trust) useHandedOn(arns input.Value, account Account, problems *input.Problems) {
	if !arns.Present || t.usesProvider || t.builtIn {
		return
	}
	t.usesProvider, t.handedOn = true, true
	refuseShaping(t.Input, "providerArns", problems)
	switch t.namedAt = arns.Field(t.Section); {
	case !arns.Known: // at preview, where CiOidcProviders is new
		t.namedAt.Present, t.namedAt.Known = true, false
	case !t.namedAt.Present:
		problems.Add(arns, "has no ARN for the section "+t.Section+", and no provider is created where "+
			"providerArns is written; add the section to the CiOidcProviders that it comes from, or write "+
			t.Input.Field("existingProvider").Path+": true",
			"(it has "+strings.Join(append(arns.Names(), "no other"), ", ")+")"+
				spelling.Guess(t.Section, arns.Names()))
	case t.namedAt.HasText():
		t.readProviderArn(t.namedAt, t.shownIssuer(t.Input), account, problems)
	}
}

// readProviderArn checks what can be seen from the ARN alone; the look-up in the account is the component's. issuer is
// the issuer as a message may show it.
func (t *Trust) readProviderArn(arn input.Value, issuer string, account Account, problems *input.Problems) {
	parts := providerArn.FindStringSubmatch(arn.Text())
	if parts == nil {
		problems.Add(arn, "must be the ARN of an IAM OIDC provider, arn:PARTITION:iam::ACCOUNT:oidc-provider/"+
			HostOf(issuer), input.Got(arn))
		return
	}
	switch {
	case t.issuer != "" && parts[3] != t.Host():
		problems.Add(arn, "is the provider of another issuer; this section needs the one of "+issuer, input.Got(arn))
	case account.Partition != "" && parts[1] != account.Partition:
		problems.Add(arn, "lies in another partition than the role, which is in "+account.Partition, input.Got(arn))
	case account.ID != "" && parts[2] != account.ID:
		problems.Add(arn, "lies in another account than the role, which is in "+account.ID+
			"; a role trusts only providers of its own account", input.Got(arn))
	default:
		t.providerArn = arn.Text()
	}
}
