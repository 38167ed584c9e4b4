package ci

import (
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Job is a token as its CI system reads it, or what one way through a trust policy demands of one.
type Job struct {
	Issuer string // without its scheme
	Claims map[string]any
	Form   *Form             // of its subject; nil where that has no form of the system's
	Texts  map[string]string // of the fields: those of the subject, and those that other claims repeat
	// Demanded says that the job is what a policy demands: Claims are those that its conditions test, and no others. A
	// text, of a field or a claim, that ends in "*" stands for all that begin so, and "*" for any.
	Demanded bool
	// Compact says that the policy is taken for one in the compact form, which the component writes for what has no
	// other short one: words need not ask for it, and what it leaves out is a Placeholder.
	Compact bool
}

// Any is the text of a field or claim of which a policy demands nothing.
const Any = "*"

// A Placeholder stands in a section for what a policy does not hold.
type Placeholder struct {
	Text   string // "acme@1234567/<NAME>@89012345": no section takes it
	Sample string // what may stand there: "acme@1234567/name-of-89012345@89012345"
	Find   string // the command that prints what belongs there
}

// Reads are the texts of some fields of a job; false where one is not known.
func (j Job) Reads(fields ...string) ([]string, bool) {
	texts := make([]string, len(fields))
	for i, field := range fields {
		text, known := j.Texts[field]
		if !known {
			return nil, false
		}
		texts[i] = text
	}
	return texts, true
}

// A Reteller is a CI system whose claims say the same as fields of its subjects, although AWS fills no key for them.
type Reteller interface {
	// Retell are texts of fields, by Field.Name, that the claims of a token say.
	Retell(claims map[string]any) map[string]string
}

// A Recogniser is a CI system that knows its issuers on hosts of the user's own.
type Recogniser interface {
	// Recognises reports that an issuer, without its scheme, has the form of the system's.
	Recognises(host string) bool
}

// A Mender is a CI system that knows how its subjects are mistaken.
type Mender interface {
	// Mend are values that may be meant by one that no subject fits. Each is held against the forms before it counts.
	Mend(value string) []string
}

// A Mismatch is what differs between a token and the value of a policy that came closest.
type Mismatch struct {
	Job    Job
	Claim  string   // "sub", or the claim of the condition that does not hold
	Seen   string   // what the token has there; "" where it has none
	Wanted []string // the values that came closest, as they are written
	// Form is that of the closest value's subjects; nil where no subject of the issuer fits it.
	Form   *Form
	Fields []Difference
}

// Differs is the difference in a field; nil where the field fits.
func (m *Mismatch) Differs(field string) *Difference {
	for i := range m.Fields {
		if m.Fields[i].Field == field {
			return &m.Fields[i]
		}
	}
	return nil
}

// A Difference is a field that does not fit.
type Difference struct {
	Field   string
	Decides Decision
	Wanted  []Span // empty where the wanted subjects have no such field
	Seen    string // "" where the token has none
}

// Wants reports that one of the wanted texts is a certain one.
func (d *Difference) Wants(text string) bool {
	return slices.Contains(d.Wanted, Span{Kind: Exact, Text: text})
}

// An Adviser is a CI system that knows why its tokens do not fit.
type Adviser interface {
	// Advise says what else there is to know of a mismatch, in one sentence; "" for nothing.
	Advise(m *Mismatch) string
}

// A Guard is a CI system whose jobs may run somebody else's code inside the tenant's own project, as builds of forks
// do.
type Guard interface {
	// Foreign says so in words, of a token that does not fit: "it was built from a fork"; "" where nothing shows it.
	Foreign(m *Mismatch) string
}

// ReadJob reads a token by the forms of its system.
func ReadJob(s System, forms []*Form, issuer string, claims map[string]any) Job {
	job := Job{Issuer: issuer, Claims: claims, Texts: map[string]string{}}
	if reteller, ok := s.(Reteller); ok {
		maps.Copy(job.Texts, reteller.Retell(claims))
	}
	for _, f := range forms {
		for _, field := range f.Fields {
			if text := TextOf(claims[field.Key]); field.Key != "" && text != "" {
				job.Texts[field.Name] = text
			}
		}
	}
	for _, f := range forms {
		texts, ok := f.Parse(TextOf(claims["sub"]))
		if !ok {
			continue
		}
		job.Form = f
		for i, field := range f.Fields {
			job.Texts[field.Name] = texts[i]
		}
		break
	}
	return job
}

// Speaking is the system whose jobs an issuer's tokens are of, with what is known of the issuer: by the issuer, and on
// a host of the user's own by the form of the subjects that a policy names and the token has. It is nil where nothing
// is known.
func (r *Registry) Speaking(host string, subjects []trust.Value) (System, *Host) {
	if owner, known := r.Owner(host); owner != nil {
		return owner, known
	}
	for _, s := range r.systems {
		if recogniser, ok := s.(Recogniser); ok && recogniser.Recognises(host) {
			return s, s.Issuer().Installed
		}
	}
	if installed, known := r.Installed(host, subjects); installed != nil {
		return installed, known
	}
	for _, fits := range []func(forms []*Form) bool{
		func(forms []*Form) bool { return (&Host{Forms: forms}).beginLike(host, subjects) },
		func(forms []*Form) bool { return parsesOne(forms, subjects) },
	} {
		var found []System
		for _, s := range r.systems {
			if !s.Issuer().Any && fits(s.Forms()) {
				found = append(found, s)
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
	}
	return nil, nil
}

// parsesOne reports that a subject is of a form with some fixed text.
func parsesOne(forms []*Form, subjects []trust.Value) bool {
	return slices.ContainsFunc(subjects, func(v trust.Value) bool {
		return v.Exact() && slices.ContainsFunc(forms, func(f *Form) bool {
			_, ok := f.Parse(v.Pattern)
			return ok && f.fixed() > 2
		})
	})
}

// ForAudience adds the audience of a token to the words of a section, unless it is the one that the section has anyway.
// The audiences that a policy demands are its statements' together.
func (j Job) ForAudience(words map[string]any, usual string) map[string]any {
	if j.Demanded {
		return words
	}
	if audience := AudienceOf(j.Claims); audience != "" && audience != usual {
		words["audiences"] = []string{audience}
	}
	return words
}

// RefWords are the words for one branch or tag by its full name; nil for any other ref.
func RefWords(ref string) map[string]any {
	for _, kind := range []RefKind{Branches, Tags} {
		if name, found := strings.CutPrefix(ref, kind.Namespace); found {
			return map[string]any{kind.Word: []string{name}}
		}
	}
	return nil
}
