package localaws

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// account is everything IAM keeps. IAM calls hold mu for their whole length; STS holds it to look something up.
type account struct {
	id        string
	partition string

	mu        sync.Mutex
	roles     map[string]*role     // by lower-case name: names differ by more than case
	policies  map[string]*policy   // customer managed, by ARN
	providers map[string]*provider // by ARN
}

func newAccount(o Options) *account {
	return &account{
		id:        o.AccountID,
		partition: o.Partition,
		roles:     map[string]*role{},
		policies:  map[string]*policy{},
		providers: map[string]*provider{},
	}
}

// arn is the ARN of something IAM keeps for this account: arn("role", "/path/", "name").
func (a *account) arn(kind, path, name string) string {
	return fmt.Sprintf("arn:%s:iam::%s:%s%s%s", a.partition, a.id, kind, path, name)
}

// Inventory is what an account holds, sorted.
type Inventory struct {
	Roles     []string // names
	Policies  []string // ARNs of customer managed policies
	Providers []string // ARNs of OIDC providers
}

func (a *account) inventory() Inventory {
	a.mu.Lock()
	defer a.mu.Unlock()
	i := Inventory{
		Policies:  slices.Sorted(maps.Keys(a.policies)),
		Providers: slices.Sorted(maps.Keys(a.providers)),
	}
	for _, r := range a.roles {
		i.Roles = append(i.Roles, r.name)
	}
	slices.Sort(i.Roles)
	return i
}

// newID makes a unique id in the form of AWS's: a prefix that tells the kind, then capitals and digits.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids
func newID(prefix string) string { return prefix + rand.Text()[:17] }
