package octostache

import (
	"strconv"
	"strings"
	"time"
)

// jsonText is a string, or the date and time that it spells: ISO 8601 with
// seconds, or `/Date(milliseconds)/`.
func jsonText(s string, location *time.Location) *jsonValue {
	v := &jsonValue{kind: jsonString, raw: s}
	var ok bool
	switch {
	case strings.HasPrefix(s, "/Date(") && strings.HasSuffix(s, ")/"):
		v.when, v.zone, ok = jsonEpochDate(s[6:len(s)-2], location)
	case len(s) >= 19 && len(s) <= 40 && s[10] == 'T':
		v.when, v.zone, ok = jsonISODate(s, location)
	}
	if ok {
		v.kind = jsonDate
	}
	return v
}

func jsonEpochDate(s string, location *time.Location) (time.Time, dateZone, bool) {
	zone := zoneUTC
	if i := strings.LastIndexAny(s, "+-"); i > 0 {
		if _, ok := offsetSeconds(s[i:]); !ok {
			return time.Time{}, 0, false
		}
		zone, s = zoneLocal, s[:i]
	}
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}, 0, false
	}
	t := time.UnixMilli(ms).UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, 0, false
	}
	if zone == zoneLocal {
		t = t.In(location)
	}
	return t, zone, true
}

// digits reads exactly n digits at the start of s.
func digits(s string, n int) (int, bool) {
	if len(s) < n {
		return 0, false
	}
	v := 0
	for i := 0; i < n; i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		v = v*10 + int(s[i]-'0')
	}
	return v, true
}

func jsonISODate(s string, location *time.Location) (time.Time, dateZone, bool) {
	var f [6]int
	for i, at := range [...]int{0, 5, 8, 11, 14, 17} {
		n := 2
		if i == 0 {
			n = 4
		}
		v, ok := digits(s[at:], n)
		if !ok {
			return time.Time{}, 0, false
		}
		f[i] = v
	}
	if s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' || !validClock(f) {
		return time.Time{}, 0, false
	}
	rest, nanos, ok := jsonFraction(s[19:])
	if !ok || f[3] == 24 && nanos != 0 {
		return time.Time{}, 0, false
	}
	t := time.Date(f[0], time.Month(f[1]), f[2], f[3], f[4], f[5], nanos, time.UTC)
	switch {
	case rest == "":
		return t, zoneNone, true
	case rest == "Z" || rest == "z":
		return t, zoneUTC, true
	}
	seconds, ok := offsetSeconds(rest)
	if !ok {
		return time.Time{}, 0, false
	}
	return t.Add(-time.Duration(seconds) * time.Second).In(location), zoneLocal, true
}

func validClock(f [6]int) bool {
	if f[0] < 1 || f[1] < 1 || f[1] > 12 || f[2] < 1 || f[2] > daysIn(f[0], f[1]) {
		return false
	}
	if f[3] == 24 {
		return f[4] == 0 && f[5] == 0
	}
	return f[3] < 24 && f[4] < 60 && f[5] < 60
}

func daysIn(year, month int) int {
	return time.Date(year, time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// jsonFraction reads one to seven digits behind a point.
func jsonFraction(s string) (rest string, nanos int, ok bool) {
	if !strings.HasPrefix(s, ".") {
		return s, 0, true
	}
	n := 1
	unit := 100_000_000
	for n < len(s) && n <= 7 && '0' <= s[n] && s[n] <= '9' {
		nanos += int(s[n]-'0') * unit
		unit /= 10
		n++
	}
	return s[n:], nanos, n > 1
}

// offsetSeconds reads +hh, +hhmm and +hh:mm.
func offsetSeconds(s string) (int, bool) {
	if len(s) < 3 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hours, ok := digits(s[1:], 2)
	minutes := 0
	if rest := strings.TrimPrefix(s[3:], ":"); ok && len(s) > 3 {
		minutes, ok = digits(rest, 2)
		ok = ok && len(rest) == 2
	}
	if !ok {
		return 0, false
	}
	seconds := hours*3600 + minutes*60
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}
