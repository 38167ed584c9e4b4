package trust

import (
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// Tries are texts of the condition's key that differ in what the condition says of them. Addresses, dates and numbers
// lie on a line, which the values cut into pieces, so that a text at each cut and on both sides of it is one of every
// piece: then complete says that any other text is judged like one of these. Of texts that are matched it gives some.
func (s *Statement) Tries(condition int) (texts []string, complete bool) {
	t := &s.tests[condition]
	complete = !t.variables
	for i, value := range s.Conditions[condition].Values {
		o := &t.operands[i]
		switch t.operator.family {
		case address:
			if !o.invalid {
				texts = append(texts, addressesAround(o.prefix)...)
			}
		case date:
			if !o.invalid {
				for _, millis := range []int64{-1000, 0, 1000} {
					at := time.Unix(o.instant.seconds, int64(o.instant.millis)*int64(time.Millisecond))
					texts = append(texts,
						at.Add(time.Duration(millis)*time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z"))
				}
			}
		case numeric:
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				texts = append(texts, strconv.FormatInt(n-1, 10), value, strconv.FormatInt(n+1, 10))
			} else {
				complete = false
			}
		case boolean:
			texts = append(texts, "true", "false")
		case stringEquals, stringEqualsIgnoreCase:
			texts = append(texts, value)
		default:
			complete = false
			texts = append(texts, strings.NewReplacer("*", "x", "?", "x").Replace(value),
				strings.NewReplacer("*", "", "?", "x").Replace(value))
		}
	}
	return texts, complete
}

// addressesAround are the first and the last address of a network, and those before and behind it.
func addressesAround(prefix netip.Prefix) []string {
	first := prefix.Masked().Addr()
	bytes := first.AsSlice()
	for bit := prefix.Bits(); bit < first.BitLen(); bit++ {
		bytes[bit/8] |= 1 << (7 - bit%8)
	}
	last, _ := netip.AddrFromSlice(bytes)
	texts := []string{first.String(), last.String()}
	for _, beside := range []netip.Addr{first.Prev(), last.Next()} {
		if beside.IsValid() {
			texts = append(texts, beside.String())
		}
	}
	return texts
}
