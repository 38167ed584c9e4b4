package generate

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// Now is when all calls are made.
var Now = time.Unix(1_789_123_721, 0)

// times fills the claims that say when a token is good, within what STS allows clocks to be off.
func (d *draft) times(claims map[string]any) {
	now := Now.Unix()
	claims["iat"] = d.seconds(now - int64(d.Intn(600)) + 300)
	claims["exp"] = d.seconds(now + int64(d.Intn(900)) - 299)
	if d.chance(0.3) {
		claims["nbf"] = d.seconds(now - int64(d.Intn(600)) + 300)
	}
}

// seconds writes an instant as tokens do: a number, or now and then a text.
func (d *draft) seconds(unix int64) any {
	if d.chance(0.1) {
		return strconv.FormatInt(unix, 10)
	}
	return json.Number(strconv.FormatInt(unix, 10))
}

// mistakes make a token that STS refuses, or almost. What nobody recorded STS's answer to, is not among them.
var mistakes = []func(d *draft, claims map[string]any){
	func(d *draft, claims map[string]any) {
		delete(claims, pick(d, []string{"iss", "sub", "aud", "iat", "exp"}))
	},
	func(d *draft, claims map[string]any) {
		claims[pick(d, []string{"sub", "aud", "iat", "exp", "nbf", "azp"})] = nil
	},
	func(d *draft, claims map[string]any) { // no whole number
		claims[pick(d, []string{"iat", "exp", "nbf"})] = pick(d, []any{
			json.Number("1789123697.5"), "1789123697.5", "soon", "", true, []any{}, []any{json.Number("1789123697")},
			map[string]any{},
		})
	},
	func(d *draft, claims map[string]any) { // ahead
		claims[pick(d, []string{"iat", "nbf"})] = d.seconds(Now.Unix() + pick(d, []int64{299, 300, 301, 3600}))
	},
	func(d *draft, claims map[string]any) { // past
		claims["exp"] = d.seconds(Now.Unix() - pick(d, []int64{298, 299, 300, 301, 600, 3600}))
	},
	func(d *draft, claims map[string]any) {
		delete(claims, "azp")
		claims["aud"] = pick(d, []any{[]any{}, []any{d.word(), d.word()}, []any{d.word()}, "", []any{""}})
	},
	func(d *draft, claims map[string]any) { // several audiences with an authorized party
		claims["aud"] = []any{d.word(), d.word()}
		claims["azp"] = pick(d, []any{d.word(), d.word(), "", nil})
	},
	func(d *draft, claims map[string]any) {
		if list, ok := claims["aud"].([]any); !ok || len(list) > 0 { // nobody recorded what STS says to both
			claims["azp"] = pick(d, []any{"", nil, d.word()})
		}
	},
	func(d *draft, claims map[string]any) {
		claims["sub"] = pick(d, []any{json.Number("123"), json.Number("-7"), json.Number("0"), ""})
	},
	func(d *draft, claims map[string]any) { // roles
		other, mine := "arn:aws:iam::444455556666:role/x", d.req.RoleARN
		claims["https://aws.amazon.com/roles"] = pick(d, []any{
			nil, "", ";;", []any{}, mine, mine + "x", other, other + "; " + mine, mine + ";" + other, []any{other},
			[]any{other, mine}, []any{" " + mine + "\t"}, []any{nil, json.Number("1"), mine}, []any{"nonsense"},
			"nonsense;" + mine, strings.ToUpper(mine), map[string]any{}, true, json.Number("1"),
		})
	},
	func(d *draft, claims map[string]any) { // tags, nested
		value := pick(d, []any{
			d.word(), []any{d.word()}, []any{d.word(), d.word()}, []any{}, []any{json.Number("1")}, []any{nil}, nil,
			true, []any{""},
		})
		claims["https://aws.amazon.com/tags"] = pick(d, []any{
			map[string]any{"principal_tags": map[string]any{"Team": value}},
			map[string]any{"principal_tags": map[string]any{"Team": value, "Stage": []any{d.word()}}},
			map[string]any{"principal_tags": pick(d, []any{"x", []any{}, map[string]any{}})},
			map[string]any{
				"principal_tags":      map[string]any{"Team": []any{d.word()}},
				"transitive_tag_keys": []any{"Team"},
			},
			map[string]any{}, nil, "x", []any{d.word()},
		})
	},
	func(d *draft, claims map[string]any) { // tags, flat
		claims["https://aws.amazon.com/tags/principal_tags/"+pick(d, []string{"Team", "Stage", "sTage"})] = pick(d,
			[]any{
				d.word(), d.word(), d.word(), "", []any{d.word()}, nil, json.Number("1"), true, map[string]any{},
			})
	},
}

// sometimesRefused puts one mistake or two into a token.
func (d *draft) sometimesRefused() {
	for d.chance(0.3) {
		pick(d, mistakes)(d, d.req.Claims)
	}
}
