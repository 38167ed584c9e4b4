package generate

import (
	"encoding/base64"
	"encoding/json"
)

// odd puts claims into the token that AWS's documentation does not speak of, or in forms that are rare.
func (d *draft) odd() {
	claims := d.req.Claims
	key := func(claim string) string { return d.req.Issuer + ":" + claim }
	d.sometimesRefused()
	if d.chance(0.2) {
		claims["amr"] = pick(d, []any{
			[]any{d.word(), []any{d.word()}}, []any{[]any{d.word()}}, []any{nil},
			[]any{map[string]any{}, d.word(), json.Number("1.50"), false}, []any{"", ""}, []any{"", d.word()}, "",
			d.word(), []any{d.word(), d.word(), d.word(), d.word()},
		})
	}
	if d.chance(0.2) {
		claims["email"] = pick(d,
			[]any{"é", "ÀB", "ſK", "日本", "a\nb", nil, true, json.Number("-1e3"), "\U0001F600b", "repo:a*b", "${*}",
				d.letters(), d.letters(), d.letters(), d.letters(),
			})
	}
	if d.chance(0.3) {
		d.single[kNumber] = append(d.single[kNumber], key("sub"))
		claims["sub"] = pick(d, []any{
			json.Number("9007199254740993"), "9007199254740993", "9007199254740992", "1e2", "100", "+5", "5.0", "00005",
			"-0", "0", "0.0", "1E-3", "0.001", ".5", "5.", "1e1000", "1e999", "Inf", "NaN", "0x10", "1_0", "",
			"12345678901234567890123456789", "-1.5", "99999999999999999999e-18",
		})
	}
	if d.chance(0.3) {
		d.single[kString] = append(d.single[kString], "sts:SourceIdentity")
		d.several[kString] = append(d.several[kString], "sts:TransitiveTagKeys")
		claims["https://aws.amazon.com/source_identity"] = pick(d, []any{d.word(), nil, []any{d.word()}})
		claims["https://aws.amazon.com/tags/transitive_tag_keys"] = pick(d,
			[]any{d.word(), []any{d.word(), d.word()}, nil})
		claims["https://aws.amazon.com/tags/principal_tags/sTage"] = d.word()
	}
	for _, claim := range []string{"ref", "project_id", "google", "pipeline_slug", "google/organization_number"} {
		if d.chance(0.05) {
			claims[claim] = pick(d,
				[]any{nil, []any{}, []any{d.word(), "7"}, map[string]any{"organization_number": json.Number("7")}, ""})
		}
	}
	d.oddContext()
}

// oddities are values of keys that are no token's, which a policy may want as well.
var oddities = []struct {
	kind   kind
	key    string
	values []string
}{
	{kDate, "aws:CurrentTime", []string{
		"2026", "2026-01", "2026-02-29", "2024-02-29", "2026-13-01", "2026-01-01T24:00:00Z", "2026-01-01T00:00:00",
		"2026-01-01T00:00:00.5Z", "2026-01-01T00:00:00.1234567891Z", "2026-01-01T00:00:00+23:59",
		"2026-01-01T00:00:00+24:00", "2026-01-01T00:00:60Z", "1767225600", "1767225600.5", "-1", "999999999999",
		"1000000000000", "2026-1-1", "2026-01-01t00:00:00z", "2026-01-01T00:00:00 Z", "", "0000-01-01",
		"2026-01-01T00Z",
	}},
	{kIP, "aws:SourceIp", []string{
		"203.0.1.1", "203.0.1.1/32", "::ffff:203.0.1.1", "2001:DB8:1::1", "fe80::1%eth0", "203.0.1", "0203.0.1.1",
		"203.0.1.256", "", "::", "0.0.0.0", " 203.0.1.1", "0.0.0.0/0", "::/0", "::ffff:0.0.0.0/96", "203.0.1.1/33",
		"203.0.1.1/", "fe80::/10",
	}},
	{kBinary, "example:Digest", []string{"QQ==", "QQ", "QR==", "Q\nQ==", "", "QUJD", "QUJD\n", "-_-_", "QUJDRA=="}},
	{kARN, "aws:SourceArn", []string{"", "arn", "arn:aws:s3:::", "arn:aws:s3:::a:b", "arn:aws:s3::000000000001:é",
		"::::::", ":::::", "arn:aws:iam::1", "*:*:*:*:*:*"}},
	{kBool, "aws:SecureTransport", []string{"TRUE", "True", "False", "1", "0", "yes", "", " true"}},
	{kNumber, "aws:MultiFactorAuthAge", []string{
		"1e1", "10", "1e-1", "0.1", "", "-0", "1.0e+2", "100", "1e0001", "one", "9007199254740993", "9007199254740992",
		"+5", "00005", "0x10", "Inf", "NaN", ".5", "5.",
	}},
}

func (d *draft) oddContext() {
	for _, o := range oddities {
		if d.chance(0.15) {
			d.req.Context[o.key] = []string{pick(d, o.values)}
		}
	}
}

// oddValue is a value for a policy.
func (d *draft) oddValue(k kind, have string) string {
	if d.chance(0.5) {
		return have
	}
	for _, o := range oddities {
		if o.kind != k {
			continue
		}
		value := pick(d, o.values)
		if _, err := base64.StdEncoding.DecodeString(value); k == kBinary && err != nil {
			return have // it would make the policy malformed
		}
		return value
	}
	if d.chance(0.5) {
		return d.letters()
	}
	return pick(d, []string{have, "", "É", "àb", "sk", "日?", "?", "**", "a*b", "\U0001F600?", "*\n*"})
}
