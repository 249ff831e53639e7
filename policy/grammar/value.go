package grammar

import (
	"cmp"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Number is a decimal number of any size, compared exactly: a float would make large ids and small fractions equal.
type Number struct {
	sign     int    // -1, 0 or 1
	digits   string // without zeros at either end
	exponent int    // the value is 0.digits × 10^exponent
}

var decimal = regexp.MustCompile(`^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?$`)

// ParseNumber reads an integer or a decimal number, with or without an exponent.
func ParseNumber(text string) (Number, bool) {
	m := decimal.FindStringSubmatch(text)
	if m == nil || m[2]+m[3] == "" {
		return Number{}, false
	}
	exponent, _ := strconv.Atoi(m[4]) // at most nine digits, none is 0
	digits := strings.TrimLeft(m[2]+m[3], "0")
	exponent += len(digits) - len(m[3])
	digits = strings.TrimRight(digits, "0")
	switch {
	case digits == "":
		return Number{}, true
	case m[1] == "-":
		return Number{-1, digits, exponent}, true
	}
	return Number{1, digits, exponent}, true
}

// Compare is -1, 0 or 1 as n is less than, equal to or greater than other.
func (n Number) Compare(other Number) int {
	if n.sign != other.sign {
		return cmp.Compare(n.sign, other.sign)
	}
	size := cmp.Compare(n.exponent, other.exponent)
	if size == 0 {
		size = strings.Compare(n.digits, other.digits)
	}
	return n.sign * size
}

// dateLayouts are the W3C profile of ISO 8601. Go reads a fraction of a second where a layout has seconds.
// https://www.w3.org/TR/NOTE-datetime
var dateLayouts = []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"}

// epoch is seconds since 1970, as many as fit in an int64.
var epoch = regexp.MustCompile(`^-?\d{1,18}(\.\d+)?$`)

// ParseDate reads a date in the W3C profile of ISO 8601, or seconds since 1970 ("epoch time"). Four digits are a year.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_Date
func ParseDate(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	if !epoch.MatchString(text) {
		return time.Time{}, false
	}
	whole, fraction, _ := strings.Cut(text, ".")
	seconds, _ := strconv.ParseInt(whole, 10, 64) // at most 18 digits
	nanoseconds, _ := strconv.ParseInt((fraction + "000000000")[:9], 10, 64)
	if strings.HasPrefix(whole, "-") {
		nanoseconds = -nanoseconds
	}
	return time.Unix(seconds, nanoseconds), true
}

// ParseNetwork reads an address range in CIDR form, or one address, IPv4 or IPv6. Bits after the mask are ignored.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_IPAddress
func ParseNetwork(text string) (netip.Prefix, bool) {
	if strings.Contains(text, "/") {
		p, err := netip.ParsePrefix(text)
		return p.Masked(), err == nil
	}
	a, ok := ParseAddress(text)
	return netip.PrefixFrom(a, a.BitLen()), ok
}

// ParseAddress reads one IPv4 or IPv6 address. An IPv4 address in IPv6 form is the IPv4 address.
func ParseAddress(text string) (netip.Addr, bool) {
	a, err := netip.ParseAddr(text)
	return a.Unmap(), err == nil && a.Zone() == ""
}
