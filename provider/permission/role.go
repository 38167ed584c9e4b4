package permission

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Role is what decides what a role may do.
type Role struct {
	Policies []Policy // attached and inline
	Boundary *Policy  // nil without one
}

// A Policy is one policy of a role.
type Policy struct {
	// Name says which it is, for people: its ARN, or "the inline policy upload".
	Name string
	// Arn is that of a managed policy; "" for an inline one.
	Arn string
	// Document is the policy as JSON; "" where it could not be read.
	Document string
	// Unread says why there is no document: "iam:GetPolicy is not allowed".
	Unread string
}

// A Use is something that a role may do: an action on a resource, and what allows it.
type Use struct {
	Action   string // "iam:PassRole"; with wildcards where no single action stands for it
	Resource string // an ARN or "*", wildcards included
	// Power says what can be done with it, in words: "give any role to a service".
	Power     string
	Policy    string // the name of the policy that allows it
	Statement int    // its number there, from 1; 0 where the policy could not be read
}

// String is the use in words: "iam:PassRole on * (the inline policy admin, statement 1): hands roles to services".
func (u Use) String() string {
	text := u.Action
	if u.Resource != "" {
		text += " on " + u.Resource
	}
	text += " (" + u.Policy
	if u.Statement > 0 {
		text += fmt.Sprintf(", statement %d", u.Statement)
	}
	text += ")"
	if u.Power != "" {
		text += ": " + u.Power
	}
	return text
}

// A Judgement is what a role may do beyond reading what is no secret. Its lists are in the order of danger, the worst
// first, and have one use of each kind.
type Judgement struct {
	Writes  []Use // more than reading
	Secrets []Use // reading what may be or hold a secret
	Assumes []Use // sts:AssumeRole: the roles that come next, each resource once
	Unread  []string
}

// Judge says what a role may do.
func Judge(role Role) Judgement {
	r := read(role)
	var j Judgement
	j.Unread = r.unread
	all := set{patterns: []string{"*"}}
	anything := &statement{actions: all, resources: all, written: all.patterns}
	_, writes := r.writesAtAll(anything)
	secrets := slices.ContainsFunc(secretReads, func(kind power) bool {
		_, reads := r.readsSecret(kind.actions[0], anything, nil)
		return reads
	})
	for _, p := range r.policies { // a Deny and a boundary take from what was not read, too
		if p.unreadable != "" && writes {
			j.Writes = append(j.Writes, Use{Action: "anything", Policy: p.name, Power: "it could not be read (" +
				p.unreadable + "), so it counts as writing"})
		}
		if p.secrets && secrets {
			j.Secrets = append(j.Secrets, Use{Action: "reading of all kinds", Policy: p.name,
				Power: "its document was not read, and AWS lets it read data that may be secret"})
		}
	}
	j.Writes = append(r.writes(), j.Writes...)
	j.Secrets = append(r.secrets(), j.Secrets...)
	j.Assumes = r.assumes()
	return j
}

// May is the judgement in words, as an audit takes it.
func (j Judgement) May() *trust.May {
	return &trust.May{Write: Sentences(j.Writes), ReadSecrets: Sentences(j.Secrets)}
}

// Sentences are some uses in words, at most three, and how many more there are.
func Sentences(uses []Use) string {
	var texts []string
	for i, u := range uses {
		if i == 3 {
			texts = append(texts, fmt.Sprintf("and %d more", len(uses)-i))
			break
		}
		texts = append(texts, u.String())
	}
	return strings.Join(texts, "; ")
}

// A rulebook is a role's policies, read.
type rulebook struct {
	policies []policy
	denies   []*statement // unconditional ones of all policies, and of the boundary
	boundary []*statement // the Allows of a boundary that was read
	bounded  bool
	unread   []string
	budget   int // how many more steps searches may take
}

type policy struct {
	name       string
	allows     []*statement
	unreadable string
	secrets    bool // a known policy of AWS that was not read and gives out data that may be secret
}

// most bounds the steps of the searches of one judgement, so that a hostile policy is answered quickly. Beyond it
// everything counts as allowed.
const most = 10_000_000

func read(role Role) *rulebook {
	r := &rulebook{budget: most}
	for _, given := range role.Policies {
		p := policy{name: given.Name}
		statements, err := parse(given.Document)
		switch {
		case given.Document == "" && ReadsOnly(given.Arn):
			p.secrets = !withoutSecrets(given.Arn)
			r.unread = append(r.unread, given.Name)
		case given.Document == "":
			p.unreadable = given.Unread
			if p.unreadable == "" {
				p.unreadable = "there is no document"
			}
			r.unread = append(r.unread, given.Name)
		case err != nil:
			p.unreadable = err.Error()
			r.unread = append(r.unread, given.Name)
		}
		for _, s := range statements {
			switch {
			case s.allow:
				s.known = ReadsOnly(given.Arn)
				p.allows = append(p.allows, s)
			case !s.conditional:
				r.denies = append(r.denies, s)
			}
		}
		r.policies = append(r.policies, p)
	}
	if role.Boundary != nil {
		statements, err := parse(role.Boundary.Document)
		if role.Boundary.Document == "" || err != nil {
			r.unread = append(r.unread, role.Boundary.Name)
			return r
		}
		r.bounded = true
		for _, s := range statements {
			switch {
			case s.allow:
				r.boundary = append(r.boundary, s)
			case !s.conditional:
				r.denies = append(r.denies, s)
			}
		}
	}
	return r
}

// uses collects uses, one of each power.
type uses struct{ list []Use }

func (u *uses) add(use Use) {
	if !slices.ContainsFunc(u.list, func(other Use) bool { return other.Power == use.Power }) {
		u.list = append(u.list, use)
	}
}

func (u *uses) has(power string) bool {
	return slices.ContainsFunc(u.list, func(other Use) bool { return other.Power == power })
}
