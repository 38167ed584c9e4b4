package naive

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// parseAddress reads an address as IAM was seen to read it, which is laxer than RFC 4291 in some forms and stricter in
// others: zeros may lead the numbers of IPv4, a superfluous colon after :: or at the end does no harm, and an IPv6
// address ends in a dotted quad only after ::ffff:.
func parseAddress(s string) (netip.Addr, bool) {
	if !strings.Contains(s, ":") {
		return dotted(s)
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "::ffff:") && strings.Contains(s, ".") {
		four, ok := dotted(s[7:])
		if !ok {
			return netip.Addr{}, false
		}
		return netip.AddrFrom16(four.As16()), true
	}
	before, after, gap := strings.Cut(s, "::")
	if strings.Contains(after, "::") {
		return netip.Addr{}, false
	}
	left, right := groups(before), groups(after)
	missing := 8 - len(left) - len(right)
	if missing < 0 || missing > 0 && !gap || missing == 0 && gap {
		return netip.Addr{}, false
	}
	var octets [16]byte
	for i, group := range slices.Concat(left, slices.Repeat([]string{""}, missing), right) {
		if group == "" {
			continue // zero
		}
		n, err := strconv.ParseUint(group, 16, 16)
		if err != nil || len(group) > 4 {
			return netip.Addr{}, false
		}
		octets[2*i], octets[2*i+1] = byte(n>>8), byte(n)
	}
	return netip.AddrFrom16(octets), true
}

// groups takes a part of an IPv6 address apart. Nothing at its end is nothing, elsewhere it is zero.
func groups(s string) []string {
	list := strings.Split(s, ":")
	for len(list) > 0 && list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list
}

func dotted(s string) (netip.Addr, bool) {
	parts := strings.Split(s, ".")
	if len(parts) != 4 {
		return netip.Addr{}, false
	}
	var octets [4]byte
	for i, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(part) > 3 {
			return netip.Addr{}, false
		}
		octets[i] = byte(n)
	}
	return netip.AddrFrom4(octets), true
}

// address is one of the request: IPv4 written as IPv6 is IPv4.
func address(s string) (netip.Addr, bool) {
	a, ok := parseAddress(s)
	return a.Unmap(), ok
}

// inRange says whether an address is in a network of the policy, which keeps the family it is written in. An IPv4
// network may have bits beyond its prefix, an IPv6 network that has some is empty.
func inRange(want text, have string) bool {
	h, ok := address(have)
	if !ok {
		return false
	}
	network, length, hasLength := strings.Cut(want.String(), "/")
	w, ok := parseAddress(network)
	if !ok {
		return false
	}
	bits := w.BitLen()
	if hasLength {
		n, err := strconv.Atoi(length)
		if err != nil || n < 0 || n > bits {
			return false
		}
		bits = n
	}
	p := netip.PrefixFrom(w, bits)
	if w.Is6() && p.Masked().Addr() != w {
		return false
	}
	return p.Contains(h)
}
