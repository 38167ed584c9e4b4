package generate

import (
	"encoding/base64"
	"fmt"
	"math"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A condition's value is made from one of the request's, kept matching (hit) or spoilt.
// Both are aims, not promises: a spoilt value may match by accident.

// wanted makes a value for the operator (without qualifier, negation and suffix).
func (d *draft) wanted(base, have string, hit bool) any {
	if _, err := base64.StdEncoding.DecodeString(have); base == "BinaryEquals" && err != nil {
		have = base64.StdEncoding.EncodeToString([]byte(have)) // anything else would make the policy malformed
	}
	switch {
	case d.silent && d.chance(0.05):
		return d.oddValue(kindOf(base), have)
	case base == "StringLike":
		return d.pattern(have, hit)
	case strings.HasPrefix(base, "String"):
		if base == "StringEqualsIgnoreCase" && d.chance(0.5) {
			have = swapCase(have)
		}
		if !hit {
			have = d.spoil(have)
		}
		return d.escape(have, 0.3)
	case strings.HasPrefix(base, "Numeric"):
		return d.number(base, have, hit)
	case strings.HasPrefix(base, "Date"):
		return d.date(base, have, hit)
	case base == "Bool":
		b := (have == "true") == hit
		if d.silent && d.chance(0.05) {
			return strings.ToUpper(fmt.Sprint(b))
		}
		if d.chance(0.5) {
			return b
		}
		return fmt.Sprint(b)
	case base == "BinaryEquals":
		if !hit {
			return base64.StdEncoding.EncodeToString([]byte(d.spoil(have)))
		}
		return have
	case base == "IpAddress":
		return d.network(have, hit)
	}
	return d.arn(have, hit)
}

// spoil changes, adds, removes or re-cases a character.
func (d *draft) spoil(s string) string {
	if s == "" {
		return "a"
	}
	runes := []rune(s)
	i := d.Intn(len(runes))
	before, after := string(runes[:i]), string(runes[i+1:])
	switch d.Intn(5) {
	case 0:
		return before + string(letters[d.Intn(len(letters))]) + string(runes[i:])
	case 1:
		return before + after
	case 2:
		if t := swapCase(s); t != s {
			return t
		}
	case 3:
		return before + "*"
	}
	return before + "d" + after
}

func swapCase(s string) string {
	if strings.ToUpper(s) != s {
		return strings.ToUpper(s)
	}
	return strings.ToLower(s)
}

// pattern puts wildcards in place of parts of s.
func (d *draft) pattern(s string, hit bool) any {
	if !hit {
		s = d.spoil(s)
	}
	var b strings.Builder
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		switch {
		case d.chance(0.15):
			b.WriteString("*")
			i += d.Intn(len(runes)-i+1) - 1
		case d.chance(0.1) && runes[i] > 0xFFFF && d.chance(0.7):
			b.WriteString("??") // one for each UTF-16 unit
		case d.chance(0.1):
			b.WriteString("?")
		default:
			b.WriteString(fmt.Sprint(d.escape(string(runes[i]), 0.5)))
		}
	}
	if d.chance(0.1) {
		b.WriteString("*")
	}
	return b.String()
}

// escape writes special characters as ${*}, ${?} and ${$}: always where they would
// begin a variable, otherwise sometimes.
func (d *draft) escape(s string, p float64) any {
	var b strings.Builder
	for i, c := range s {
		if strings.ContainsRune("*?$", c) && (d.chance(p) || strings.HasPrefix(s[i:], "${")) {
			fmt.Fprintf(&b, "${%c}", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func (d *draft) number(base, have string, hit bool) any {
	f, err := strconv.ParseFloat(have, 64)
	if err != nil || math.Abs(f) > 1e12 || math.IsNaN(f) {
		f = 7
	}
	f += d.offset(base, hit)
	s := strconv.FormatFloat(f, 'f', -1, 64)
	switch {
	case d.chance(0.2) && !strings.Contains(s, "."):
		return s + ".0"
	case d.chance(0.3):
		return rawNumber(s)
	case d.silent && d.chance(0.05):
		return pick(d, []string{"x", "1e1", "+3", ""})
	}
	return s
}

// offset moves a policy's number or date so that the request's compares as asked.
func (d *draft) offset(base string, hit bool) float64 {
	sign := 0
	switch {
	case strings.HasSuffix(base, "LessThan"):
		sign = 1
	case strings.HasSuffix(base, "GreaterThan"):
		sign = -1
	case strings.HasSuffix(base, "LessThanEquals"):
		sign = 2
	case strings.HasSuffix(base, "GreaterThanEquals"):
		sign = -2
	}
	step := float64(1 + d.Intn(3))
	switch {
	case sign == 0 && hit:
		return 0
	case sign == 0:
		return pick(d, []float64{-step, step})
	case (sign == 2 || sign == -2) && hit, (sign == 1 || sign == -1) && !hit:
		step = float64(d.Intn(3)) // equality is on this side
	}
	if (sign > 0) == hit {
		return step
	}
	return -step
}

func (d *draft) date(base, have string, hit bool) any {
	unix, err := strconv.ParseInt(have, 10, 64)
	if err != nil {
		for _, l := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02"} {
			if t, err := time.Parse(l, have); err == nil {
				unix = t.Unix()
			}
		}
	}
	if d.silent && d.chance(0.05) {
		return pick(d, []string{"2026", "2026-01", "2026-01-02T00:00:00", "2026-01-02t00:00:00z", "soon"})
	}
	scale := pick(d, []int64{1, 60, 86_400})
	return d.dateText(unix + int64(d.offset(base, hit))*scale)
}

func (d *draft) network(have string, hit bool) any {
	a, err := netip.ParseAddr(have)
	if err != nil {
		a = netip.MustParseAddr("203.0.113.1")
	}
	bits := a.BitLen() - d.Intn(a.BitLen()/4)
	if !hit {
		b := a.AsSlice()
		b[len(b)/2] ^= 0x40 // out of any network made here
		a, _ = netip.AddrFromSlice(b)
	}
	if bits == a.BitLen() && d.chance(0.5) && (a.Is4() || d.silent) {
		return a.String()
	}
	p := netip.PrefixFrom(a, bits)
	if d.silent && d.chance(0.2) {
		return p.String() // with bits beyond the prefix
	}
	return p.Masked().String()
}

func (d *draft) arn(have string, hit bool) any {
	parts := strings.SplitN(have, ":", 6)
	if len(parts) < 6 {
		parts = strings.Split("arn:aws:sns::000000000001:topic", ":")
	}
	spoilt := d.Intn(len(parts))
	for i := range parts {
		p := parts[i]
		if i == spoilt && !hit {
			if p = d.spoil(p); strings.Contains(p, ":") && i < 5 || strings.HasSuffix(p, "*") {
				p = "zz"
			}
		} else if d.chance(0.2) {
			n := d.Intn(len(p) + 1)
			p = p[:n] + "*"
		} else if p != "" && d.chance(0.1) {
			p = p[:len(p)-1] + "?"
		}
		parts[i] = p
	}
	if d.silent && d.chance(0.05) {
		return pick(d, []string{"*", "arn:*", "arn:aws:*"})
	}
	if !hit && d.chance(0.2) { // a wildcard that would have to cross a colon
		return strings.Join(append(parts[:2:2], "*", parts[5]), ":") + "::"
	}
	return strings.Join(parts, ":")
}
