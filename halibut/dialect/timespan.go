package dialect

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

const (
	maxSpan = "10675199.02:48:05.4775807"  // TimeSpan.MaxValue
	minSpan = "-10675199.02:48:05.4775808" // TimeSpan.MinValue
)

// FormatTimeSpan writes d in .NET's "c" format: [-][d.]hh:mm:ss[.fffffff]. The
// largest and the smallest Duration stand for TimeSpan's own limits.
func FormatTimeSpan(d time.Duration) string {
	switch d {
	case math.MaxInt64:
		return maxSpan
	case math.MinInt64:
		return minSpan
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -d
	}
	if days := d / (24 * time.Hour); days > 0 {
		fmt.Fprintf(&b, "%d.", days)
		d -= days * 24 * time.Hour
	}
	fmt.Fprintf(&b, "%02d:%02d:%02d", d/time.Hour, d/time.Minute%60, d/time.Second%60)
	if ticks := d % time.Second / 100; ticks > 0 {
		fmt.Fprintf(&b, ".%07d", ticks)
	}
	return b.String()
}

// ParseTimeSpan reads [-][d.]hh:mm[:ss[.f…]] or whole days. What is longer than
// a Duration can hold becomes the largest or smallest Duration.
func ParseTimeSpan(s string) (time.Duration, error) {
	text := strings.TrimSpace(s)
	rest, negative := strings.CutPrefix(text, "-")
	bad := fmt.Errorf("%q is not a time span", clip(s))
	if rest == "" {
		return 0, bad
	}
	var days uint64
	var err error
	if !strings.Contains(rest, ":") {
		if days, err = strconv.ParseUint(rest, 10, 32); err != nil {
			return 0, bad
		}
		return span(days, 0, negative), nil
	}
	if head, tail, ok := strings.Cut(rest, "."); ok && !strings.Contains(head, ":") {
		if days, err = strconv.ParseUint(head, 10, 32); err != nil {
			return 0, bad
		}
		rest = tail
	}
	clock, ok := parseClock(rest)
	if !ok {
		return 0, bad
	}
	return span(days, clock, negative), nil
}

// parseClock reads hh:mm[:ss[.f…]].
func parseClock(s string) (time.Duration, bool) {
	parts := strings.Split(s, ":")
	if len(parts) < 2 || len(parts) > 3 {
		return 0, false
	}
	var fraction string
	if len(parts) == 3 {
		var dotted bool
		if parts[2], fraction, dotted = strings.Cut(parts[2], "."); dotted && fraction == "" {
			return 0, false
		}
	}
	var total time.Duration
	for i, limit := range []uint64{23, 59, 59}[:len(parts)] {
		n, err := strconv.ParseUint(parts[i], 10, 8)
		if err != nil || n > limit {
			return 0, false
		}
		total += time.Duration(n) * []time.Duration{time.Hour, time.Minute, time.Second}[i]
	}
	if fraction != "" {
		if len(fraction) > 7 {
			return 0, false
		}
		ticks, err := strconv.ParseUint(fraction+"0000000"[len(fraction):], 10, 32)
		if err != nil {
			return 0, false
		}
		total += time.Duration(ticks) * 100
	}
	return total, true
}

func span(days uint64, clock time.Duration, negative bool) time.Duration {
	const day = 24 * time.Hour
	over := days > uint64(math.MaxInt64/day)-1
	switch {
	case over && negative:
		return math.MinInt64
	case over:
		return math.MaxInt64
	}
	d := time.Duration(days)*day + clock
	if negative {
		return -d
	}
	return d
}
