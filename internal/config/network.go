package config

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Prefixes are networks of addresses.
type Prefixes []netip.Prefix

// UnmarshalText reads addresses and networks in CIDR form, separated by commas.
func (p *Prefixes) UnmarshalText(text []byte) error {
	for part := range strings.SplitSeq(string(text), ",") {
		part = strings.TrimSpace(part)
		if address, err := netip.ParseAddr(part); err == nil && address.Zone() == "" {
			*p = append(*p, netip.PrefixFrom(address.Unmap(), address.Unmap().BitLen()))
			continue
		}
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			return fmt.Errorf("%q is neither an address nor a network; write for example 10.0.0.0/8,192.0.2.7", part)
		}
		*p = append(*p, prefix.Masked())
	}
	return nil
}

// String lists them as they are written.
func (p Prefixes) String() string {
	parts := make([]string, len(p))
	for i, prefix := range p {
		parts[i] = strings.TrimSuffix(prefix.String(), fmt.Sprintf("/%d", prefix.Addr().BitLen()))
	}
	return strings.Join(parts, ",")
}

// Duration is a time that is not negative.
type Duration time.Duration

// UnmarshalText reads 10s, 1m30s, or a number of seconds.
func (d *Duration) UnmarshalText(text []byte) error {
	s := string(text)
	if n, err := strconv.ParseUint(s, 10, 31); err == nil {
		*d = Duration(time.Duration(n) * time.Second)
		return nil
	}
	parsed, err := time.ParseDuration(s)
	if err != nil || parsed < 0 {
		return fmt.Errorf("%q is not a time; write for example 10s or 1m30s", s)
	}
	*d = Duration(parsed)
	return nil
}

// String writes it as it is read.
func (d Duration) String() string { return time.Duration(d).String() }

// Count is a number from 2 to 1000.
type Count int

// UnmarshalText reads it.
func (c *Count) UnmarshalText(text []byte) error {
	n, err := strconv.Atoi(string(text))
	if err != nil || n < 2 || n > 1000 {
		return fmt.Errorf("%q is not a number from 2 to 1000", text)
	}
	*c = Count(n)
	return nil
}

// String writes the number.
func (c Count) String() string { return strconv.Itoa(int(c)) }

// Path is a file's path, made absolute.
type Path string

// UnmarshalText makes the path absolute.
func (p *Path) UnmarshalText(text []byte) error {
	path, err := filepath.Abs(string(text))
	if err != nil {
		return err
	}
	*p = Path(path)
	return nil
}
