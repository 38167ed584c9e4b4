package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/ci"
	"github.com/ci-oidc-trust/pulumi-ci-oidc-trust/provider/trust"
)

// A shown token is one that the whole policy admits.
type shown struct {
	*trust.Request
	call string // what of the call lets it in
}

// token makes a token that shows a verdict, and that the whole policy admits. shut says that no call lets a token of
// the reading in. Neither is there where none was found.
func (t *trial) token(r *reading, v ci.Verdict) (token *shown, shut bool) {
	for _, ending := range endings {
		texts, ok := t.texts(r, v, ending)
		if !ok {
			continue
		}
		if token, shut = t.try(r, v, texts); token != nil || shut || t.work < 0 {
			return token, shut
		}
	}
	return nil, false
}

// endings are put behind the names of somebody else, so that a value which could not be worked out is passed by one or
// the other.
var endings = []string{"", "x", "-evil", strings.Repeat("y", 20), strings.Repeat("z", 50)}

// try is token for the texts of a subject.
func (t *trial) try(r *reading, v ci.Verdict, texts []string) (token *shown, shut bool) {
	var ok bool
	request := t.issuer.request(t.role)
	if request.Claims, ok = t.claims(r, v, texts); !ok {
		return nil, false
	}
	open := t.policy.Decide(request) == trust.Undecided
	answer, call := t.settle(request)
	switch {
	case answer != trust.Allowed && open && t.linked(request):
		return nil, false // another token may fit another call, and which of them do was not worked out
	case answer == trust.Denied:
		return nil, open
	case answer == trust.Undecided:
		return &shown{request, t.wishes(request)}, false
	default:
		return &shown{request, call}, false
	}
}

// texts are those of the subject's fields: as the verdict wants them, and others where it says so.
func (t *trial) texts(r *reading, v ci.Verdict, ending string) ([]string, bool) {
	wanted := map[string]string{}
	maps.Copy(wanted, v.Fields)
	texts, ok := r.Witness(wanted)
	if !ok {
		return nil, false
	}
	changed := ending == ""
	for i, f := range r.Form.Fields {
		_, given := wanted[f.Name]
		other := slices.Contains(v.Other, f.Name)
		if given || !other && (ending == "" || r.Field(f.Name).Kind == ci.Exact) {
			continue
		}
		f.Other += ending
		found, ok := t.another(r, i, f.Other, wanted)
		if changed = changed || ok; !ok && other {
			found, ok = r.Other(f.Name, wanted, f.Sample)
		}
		if ok {
			texts, wanted[f.Name] = found, found[i]
		}
	}
	return texts, changed
}

// another is a subject with a text of somebody else's in a field: that text, or what the accepted value becomes with it
// in the place of its wildcards.
func (t *trial) another(r *reading, field int, theirs string, wanted map[string]string) ([]string, bool) {
	names := []string{theirs}
	for _, v := range r.Values {
		if !v.Wild() {
			continue
		}
		filled := strings.NewReplacer("*", theirs, "?", "x").Replace(v.Pattern)
		if texts, ok := r.Form.Parse(filled); ok {
			names = append(names, texts[field])
		}
	}
	for _, name := range names {
		f := r.Form.Fields[field]
		if name == f.Sample {
			continue
		}
		more := maps.Clone(wanted)
		more[f.Name] = name
		if texts, ok := r.Witness(more); ok {
			return texts, true
		}
	}
	return nil, false
}

// claims are those of a token with the texts in its subject.
func (t *trial) claims(r *reading, v ci.Verdict, texts []string) (map[string]any, bool) {
	claims := map[string]any{"iss": "https://" + t.issuer.host, "sub": r.Form.Build(texts...)}
	for i, f := range r.Form.Fields {
		if f.Key != "" {
			claims[f.Key] = texts[i]
		}
	}
	wants := maps.Clone(r.rest)
	if wants == nil {
		wants = map[string]want{}
	}
	if _, demanded := wants["aud"]; !demanded {
		wants["aud"] = want{}
	}
	for claim := range v.Claims {
		if _, demanded := wants[claim]; !demanded {
			wants[claim] = want{}
		}
	}
	for _, claim := range sorted(wants) {
		w := wants[claim]
		other := slices.Contains(v.Other, claim)
		wanted := v.Claims[claim]
		switch {
		case w.absent:
			continue
		case claim == "aud" && wanted == "" && len(w.Fit) == 0 && t.issuer.claim("aud") == nil:
			wanted = "sts.amazonaws.com"
			if _, ok := t.text(claim, w, wanted, false); !ok {
				wanted = ""
			}
		case !w.present && wanted == "" && !other && claim != "aud" && t.unprobed(w):
			continue // a token without it does
		}
		text, ok := t.text(claim, w, wanted, other)
		if !ok {
			return nil, false
		}
		claims[claim] = text
	}
	if oaud, there := claims["oaud"]; there { // the key oaud is the claim aud, where azp has taken its place
		claims["azp"], claims["aud"] = claims["aud"], oaud
		delete(claims, "oaud")
	}
	t.tags(r, claims)
	return claims, true
}

// tags adds what conditions on session tags want.
func (t *trial) tags(r *reading, claims map[string]any) {
	tags := t.carried(claims)
	for _, p := range r.demands.tagged {
		c := p.statement.Conditions[p.number]
		name, found := strings.CutPrefix(strings.ToLower(c.Key), "aws:requesttag/")
		if !found || len(c.Values) == 0 {
			continue
		}
		value := "mallory"
		if p.holds {
			value = ci.Fill(c.Values[0])
		}
		if _, given := tags[name]; !given || p.holds {
			tags[name] = value
		}
	}
	if len(tags) > 0 {
		claims[ci.TagsClaim] = ci.SessionTags(tags)[ci.TagsClaim]
	}
}

// witness is a token for people to read.
func (t *trial) witness(r *reading, v ci.Verdict, request *shown) *trust.Witness {
	w := &trust.Witness{Claims: request.Claims, Who: t.issuer.title, Call: request.call}
	sub, _ := request.Claims["sub"].(string)
	texts, _ := r.Form.Parse(sub)
	var parts []string
	if v.Who != "" {
		parts = append(parts, v.Who)
	}
	for i, f := range r.Form.Fields {
		if f.Decides != ci.Nothing && i < len(texts) && texts[i] != "" {
			parts = append(parts, f.Name+" "+texts[i])
		}
	}
	for _, f := range t.issuer.known.Claims {
		if text, there := request.Claims[f.Name].(string); there && f.Decides != ci.Nothing &&
			!slices.ContainsFunc(r.Form.Fields, func(field ci.Field) bool { return field.Key == f.Name }) {
			parts = append(parts, f.Name+" "+text)
		}
	}
	if len(parts) > 0 {
		w.Who += ": " + strings.Join(parts, ", ")
	}
	return w
}

// wishes say what the call must be like.
func (t *trial) wishes(request *trust.Request) string {
	var wishes []string
	for i := range t.policy.Statements {
		s := &t.policy.Statements[i]
		if !s.Concerns(request) || !s.Names(request.Provider) {
			continue
		}
		held := true
		for k := range s.Conditions {
			held = held && s.Holds(k, request) != trust.Denied
		}
		if !held {
			continue
		}
		for k, c := range s.Conditions {
			if s.Holds(k, request) != trust.Undecided {
				continue
			}
			verb := "the call satisfies"
			if s.Effect == "Deny" {
				verb = "the call does not satisfy"
			}
			wishes = append(wishes, fmt.Sprintf("%s %s %s %s", verb, c.Operator, c.Key, strings.Join(c.Values, " or ")))
		}
	}
	return strings.Join(wishes, " and ")
}
