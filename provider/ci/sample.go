package ci

import (
	"slices"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/language"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A Sample is a subject of a form. Texts are those of its fields.
type Sample struct {
	Subject string
	Texts   []string
	// Real says that the form reads the subject so. A sample that is not real stands for subjects of which that is not
	// known: there may be none.
	Real bool
}

// Samples returns subjects of the form, one for each combination of values that its subjects fit: values of the
// subject, and values of single fields by Field.Name. A demand in fixed holds for all of them. Steps bounds the work;
// what was done is subtracted. exact makes all samples real, for more work. The error is ErrTooLarge.
func (f *Form) Samples(
	values []trust.Value, fields map[string][]trust.Value, fixed map[string]Demand, exact bool, steps *int,
) ([]Sample, error) {
	source := &f.meetings.wide
	if exact {
		source = &f.meetings.exact
	}
	product, err := source.of(f, !exact)
	if err != nil {
		return nil, err
	}
	tracks := []language.Track{{Field: language.Whole, Values: values}}
	for i, field := range f.Fields {
		if product, err = product.Satisfying(fixed[field.Name], i); err != nil {
			return nil, err
		}
		if len(fields[field.Name]) > 0 {
			tracks = append(tracks, language.Track{Field: i, Values: fields[field.Name]})
		}
	}
	found, err := product.Samples(tracks, steps)
	if err != nil {
		return nil, err
	}
	samples := make([]Sample, len(found))
	for n, one := range found {
		s := Sample{Subject: language.Text(one.Text)}
		texts, ok := f.Parse(s.Subject)
		if s.Real = ok; !ok {
			texts = make([]string, len(f.Fields))
		}
		s.Texts = slices.Clone(texts)
		for i, track := range tracks[1:] {
			text := language.Text(one.Parts[i+1])
			s.Real = s.Real && texts[track.Field] == text
			s.Texts[track.Field] = text
		}
		samples[n] = s
	}
	return samples, nil
}
