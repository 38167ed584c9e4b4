package advice

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// swapped reports that two ids stand in each other's place, and nothing else is wrong with tenant and project.
func swapped(differences []ci.Difference) bool {
	differences = slices.DeleteFunc(slices.Clone(differences), func(d ci.Difference) bool {
		return d.Decides != ci.Tenant && d.Decides != ci.Project
	})
	if len(differences) != 2 {
		return false
	}
	for i, d := range differences {
		for _, other := range differences[i+1:] {
			if d.Seen != "" && other.Seen != "" && d.Seen != other.Seen && d.Wants(other.Seen) && other.Wants(d.Seen) &&
				endsInID(d.Field) && endsInID(other.Field) {
				return true
			}
		}
	}
	return false
}

// A rank says how far a statement is from letting a token in: the less the closer, the first number that differs
// decides. The numbers are: whether it names another provider, differences in the tenant, in the project, and all
// others.
type rank [4]int

func (r rank) compare(other rank) int { return slices.Compare(r[:], other[:]) }

// rankOf ranks a statement by its closest readings, and keeps those.
func (a *adviser) rankOf(c *candidate) rank {
	if !c.named {
		return rank{1}
	}
	failing := 0
	for _, clause := range a.policy.Statements[c.number].Clauses(a.request.Provider) {
		if _, declared := a.field(clause.Claim); clause.Claim == "sub" || declared {
			continue
		}
		if a.decision.Statements[c.number].Conditions[clause.Number].Answer == trust.Denied {
			failing++
		}
	}
	var best rank
	var closest []reading
	for i := range c.readings {
		now := a.rank(&c.readings[i])
		order := -1
		if len(closest) > 0 {
			order = now.compare(best)
		}
		switch {
		case order < 0:
			best, closest = now, []reading{c.readings[i]}
		case order == 0:
			closest = append(closest, c.readings[i])
		}
	}
	c.closest = closest
	best[3] += failing
	return best
}

// rank counts the differences of a reading in tenant, project and the rest. Names do not count where the id agrees, and
// neither does what one of the two does not have.
func (a *adviser) rank(r *reading) rank {
	var n rank
	if r.form == nil && len(a.forms) > 0 && len(r.values) > 0 {
		return rank{0, 1, 1, 0}
	}
	agrees := func(decides ci.Decision) bool {
		return r.form != nil && slices.ContainsFunc(r.form.Fields, func(f ci.Field) bool {
			_, known := a.job.Texts[f.Name]
			return known && f.Decides == decides && isID(f.Name, f) &&
				!slices.ContainsFunc(r.differences, func(d ci.Difference) bool { return d.Field == f.Name })
		})
	}
	for _, d := range r.differences {
		both := d.Seen != "" && len(d.Wanted) > 0
		switch {
		case both && d.Decides == ci.Tenant && !agrees(ci.Tenant):
			n[1]++
		case both && d.Decides == ci.Project && !agrees(ci.Project):
			n[2]++
		default:
			n[3]++
		}
	}
	if swapped(r.differences) {
		n[1], n[2] = 0, 0
	}
	if r.mended != "" {
		n[3]++
	}
	return n
}
