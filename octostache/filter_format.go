package octostache

import (
	"math"
	"time"
)

// dateNumberFilter applies the filters that read their input as a number or a
// date.
func (e *evaluation) dateNumberFilter(name, in string, options []string) (Value, error) {
	switch {
	case name == "ADDDAYS" && len(options) == 1:
		return e.addTime(in, options[0], 24*time.Hour), nil
	case name == "ADDHOURS" && len(options) == 1:
		return e.addTime(in, options[0], time.Hour), nil
	case name == "FORMAT" && len(options) == 1:
		if n, ok := readDecimal(in); ok {
			return formatted(n.format(options[0])), nil
		}
		return e.formatMoment("DATETIMEOFFSET", in, options[0]), nil
	case name == "FORMAT" && len(options) == 2:
		if n := readNumeral(options[0], in); n != nil {
			return formatted(n.format(options[1])), nil
		}
		return e.formatMoment(foldName(options[0]), in, options[1]), nil
	}
	return Null(), nil
}

// readNumeral reads a number of the named type; nil if it is not one, or if the
// type is not that of a number.
func readNumeral(name, in string) *numeral {
	var n *numeral
	var ok bool
	switch foldName(name) {
	case "INT", "INT32":
		n, ok = readInt(in)
	case "DECIMAL":
		n, ok = readDecimal(in)
	case "DOUBLE":
		n, ok = readFloat(in)
	}
	if !ok {
		return nil
	}
	return n
}

func formatted(out string, ok bool) Value {
	if !ok {
		return Null()
	}
	return Text(out)
}

// formatMoment formats a date of the named type.
func (e *evaluation) formatMoment(name, in, format string) Value {
	r, ok := readMoment(in, e.config.now().In(e.config.location()))
	if !ok {
		return Null()
	}
	var m moment
	switch name {
	case "DATE", "DATETIME":
		m, ok = r.localMoment(e.config.location())
	case "DATETIMEOFFSET":
		m, ok = r.offsetMoment(e.config.location())
	default:
		return Null()
	}
	if !ok {
		return Null()
	}
	return formatted(m.format(format))
}

// addTime adds so many units to a date, and keeps what it knew of its zone.
func (e *evaluation) addTime(in, count string, unit time.Duration) Value {
	r, ok := readMoment(in, e.config.now().In(e.config.location()))
	n, isNumber := parseFloatStyle(count, false)
	if !ok || !isNumber || math.IsNaN(n) || math.Abs(n*float64(unit/100)) >= math.MaxInt64 {
		return Null()
	}
	location := time.UTC
	m := moment{kind: unzoned}
	switch {
	case r.utc:
		m.kind = universal
	case r.zoned:
		m.kind = shifted
		location = time.FixedZone("", r.offset)
	}
	start := r.wall(location)
	m.at = addTicks(start, n, unit)
	if !inCalendar(start.UTC()) || !inCalendar(m.at) || !inCalendar(m.at.UTC()) {
		return Null()
	}
	return formatted(m.format("o"))
}

// addTicks adds n units in steps of 100 nanoseconds: the product as a float has
// it, cut off, not rounded. The years that time.Duration cannot hold are added
// as days.
func addTicks(t time.Time, n float64, unit time.Duration) time.Time {
	const tick = 100 * time.Nanosecond
	const day = int64(24 * time.Hour / tick)
	ticks := int64(n * float64(unit/tick))
	return t.Add(time.Duration(ticks%day)*tick).AddDate(0, 0, int(ticks/day))
}

// nowDate prints the current time; it takes no input, and at most a format.
func (e *evaluation) nowDate(in Value, options []string, utc bool) (Value, error) {
	if !in.Null || len(options) > 1 {
		return Null(), nil
	}
	format := "o"
	if len(options) == 1 {
		format = options[0]
	}
	m := moment{e.config.now().In(e.config.location()), unzoned}
	if utc {
		m = moment{m.at.UTC(), universal}
	}
	out, ok := m.format(format)
	if !ok {
		return Null(), &FilterError{"NowDate", "the format is not one for dates: " + format}
	}
	return Text(out), nil
}
