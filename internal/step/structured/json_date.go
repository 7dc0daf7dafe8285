package structured

import (
	"strconv"
	"strings"
	"time"
)

// dateText tells whether a string is a date, in one of the two forms that configuration files are read for, and how it
// is written again: dates with an offset are written in the machine's own zone. The result has its quotes.
func dateText(s string, zone *time.Location) (string, bool) {
	if len(s) >= 9 && strings.HasPrefix(s, "/Date(") && strings.HasSuffix(s, ")/") {
		return millisecondDate(s[6:len(s)-2], zone)
	}
	if len(s) < 19 || len(s) > 40 || s[10] != 'T' {
		return "", false
	}
	t, rest, ok := isoTime(s)
	if !ok {
		return "", false
	}
	switch {
	case rest == "":
		return dateLiteral(t, ""), true
	case rest == "Z" || rest == "z":
		return dateLiteral(t, "Z"), true
	}
	offset, ok := zoneOffset(rest)
	if !ok {
		return "", false
	}
	local := t.Add(-offset).In(zone)
	return dateLiteral(local, local.Format("-07:00")), true
}

// isoTime reads yyyy-MM-ddTHH:mm:ss and up to seven digits of a second.
func isoTime(s string) (t time.Time, rest string, ok bool) {
	if s[4] != '-' || s[7] != '-' || s[13] != ':' || s[16] != ':' {
		return t, "", false
	}
	var n [6]int
	for i, at := range [][2]int{{0, 4}, {5, 7}, {8, 10}, {11, 13}, {14, 16}, {17, 19}} {
		if n[i], ok = digits(s[at[0]:at[1]]); !ok {
			return t, "", false
		}
	}
	rest = s[19:]
	nanos := 0
	if strings.HasPrefix(rest, ".") {
		count := len(rest) - 1 - len(strings.TrimLeft(rest[1:], "0123456789"))
		if count == 0 || count > 7 {
			return t, "", false
		}
		nanos, _ = strconv.Atoi((rest[1:1+count] + "000000000")[:9])
		rest = rest[1+count:]
	}
	if n[3] > 24 || n[4] > 59 || n[5] > 59 || n[3] == 24 && (n[4] > 0 || n[5] > 0 || nanos > 0) {
		return t, "", false
	}
	t = time.Date(n[0], time.Month(n[1]), n[2], n[3], n[4], n[5], nanos, time.UTC)
	day := time.Date(n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if n[0] == 0 || int(day.Month()) != n[1] || day.Day() != n[2] {
		return t, "", false
	}
	return t, rest, true
}

func digits(s string) (int, bool) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

// zoneOffset reads +hh, +hhmm and +hh:mm.
func zoneOffset(s string) (time.Duration, bool) {
	if len(s) < 3 || s[0] != '+' && s[0] != '-' {
		return 0, false
	}
	hours, ok := digits(s[1:3])
	if !ok {
		return 0, false
	}
	minutes := 0
	if rest := strings.TrimPrefix(s[3:], ":"); len(s) > 3 {
		if len(rest) != 2 {
			return 0, false
		}
		if minutes, ok = digits(rest); !ok {
			return 0, false
		}
	}
	offset := time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func millisecondDate(s string, zone *time.Location) (string, bool) {
	count, offset := s, ""
	if i := strings.LastIndexAny(s, "+-"); i > 0 {
		count, offset = s[:i], s[i:]
	}
	n, err := strconv.ParseInt(count, 10, 64)
	const farthest = 9999 * 366 * 24 * 3600 * 1000
	if err != nil || n > farthest || n < -farthest {
		return "", false
	}
	t := time.UnixMilli(n).UTC()
	if t.Year() < 1 || t.Year() > 9999 {
		return "", false
	}
	if offset == "" {
		return dateLiteral(t, "Z"), true
	}
	if _, ok := zoneOffset(offset); !ok {
		return "", false
	}
	local := t.In(zone)
	return dateLiteral(local, local.Format("-07:00")), true
}

func dateLiteral(t time.Time, zone string) string {
	return `"` + t.Format("2006-01-02T15:04:05.9999999") + zone + `"`
}
