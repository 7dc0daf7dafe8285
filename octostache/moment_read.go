package octostache

import (
	"strconv"
	"strings"
	"time"
)

// momentReader reads dates and times as people write them in the invariant
// culture: month first, names in English, ISO 8601, with or without a zone.
type momentReader struct {
	rest             string
	year, month, day int
	hour, minute     int
	second, nanos    int
	weekday          int // -1 if not named
	zoned, utc       bool
	offset           int // seconds
	dateForm         dateForm
	today            time.Time // what a time without a date, and a date without a year, belong to
}

// dateForm says how a date was written, on which depends what may follow.
type dateForm byte

const (
	wholeDate   dateForm = iota
	yearFirst            // 2020-01-02: a T may follow
	withoutYear          // 1/2: an hour may follow
	withoutDay           // January 2020: nothing may follow
)

// readMoment reads s; ok is false if it is not a date, or not in the calendar.
func readMoment(s string, today time.Time) (r momentReader, ok bool) {
	start := momentReader{rest: undecorated(s), weekday: -1, today: today}
	r = start
	if !r.readDate() || !r.readTime() {
		r = start
		if !r.readTimeFirst() {
			return r, false
		}
	}
	r.readLastWeekday()
	return r, strings.TrimSpace(r.rest) == "" && r.valid()
}

// readLastWeekday reads the name of a day behind everything else.
func (r *momentReader) readLastWeekday() {
	if r.weekday >= 0 {
		return
	}
	end := *r
	end.separator()
	if day := weekdayNamed(end.word()); day >= 0 && end.rest == "" {
		r.weekday, r.rest = day, ""
	}
}

// undecorated takes away what may stand around a date and says nothing: blanks, a
// pair of #, the era; and writes the marks of Chinese dates as hyphens.
func undecorated(s string) string {
	s = strings.TrimSpace(strings.TrimRight(s, "\x00"))
	if len(s) > 2 && s[0] == '#' && s[len(s)-1] == '#' {
		s = strings.TrimSpace(s[1 : len(s)-1])
	}
	for _, era := range [...]string{"A.D.", "AD"} {
		if n := len(s) - len(era) - 1; n > 0 && strings.EqualFold(s[n:], " "+era) {
			s = s[:n]
		} else if n > 0 && strings.EqualFold(s[:len(era)+1], era+" ") {
			s = strings.TrimSpace(s[len(era):])
		}
	}
	if strings.Contains(s, "年") {
		s = strings.NewReplacer("年", "-", "月", "-", "日", "").Replace(s)
	}
	return strings.TrimSpace(s)
}

// readTimeFirst reads a time alone, or before its date.
func (r *momentReader) readTimeFirst() bool {
	if !r.readClock() {
		return false
	}
	r.space()
	if r.rest != "" {
		return r.readDate()
	}
	r.year, r.month, r.day = r.today.Year(), int(r.today.Month()), r.today.Day()
	return true
}

func (r *momentReader) valid() bool {
	if r.year < 1 || r.year > 9999 || r.month < 1 || r.month > 12 || r.day < 1 || r.day > daysIn(r.year, r.month) {
		return false
	}
	if r.hour > 23 || r.minute > 59 || r.second > 59 || r.offset > 14*3600 || r.offset < -14*3600 {
		return false
	}
	return r.weekday < 0 || int(r.wall(time.UTC).Weekday()) == r.weekday
}

func (r *momentReader) wall(location *time.Location) time.Time {
	return time.Date(r.year, time.Month(r.month), r.day, r.hour, r.minute, r.second, r.nanos, location)
}

func (r *momentReader) space() { r.rest = strings.TrimLeft(r.rest, " \t\r\n\v\f") }

// accept takes one of the bytes.
func (r *momentReader) accept(bytes string) byte {
	if r.rest != "" && strings.IndexByte(bytes, r.rest[0]) >= 0 {
		c := r.rest[0]
		r.rest = r.rest[1:]
		return c
	}
	return 0
}

// number takes up to nine digits, and says how many there were.
func (r *momentReader) number() (value, width int) {
	for width < len(r.rest) && '0' <= r.rest[width] && r.rest[width] <= '9' {
		width++
	}
	value, err := strconv.Atoi(r.rest[:width])
	if err != nil || width > 9 {
		return 0, 0
	}
	r.rest = r.rest[width:]
	return value, width
}

// word takes letters.
func (r *momentReader) word() string {
	n := 0
	for n < len(r.rest) && ('a' <= r.rest[n]|0x20 && r.rest[n]|0x20 <= 'z') {
		n++
	}
	w := r.rest[:n]
	r.rest = r.rest[n:]
	return w
}

// named returns the place of word among names, whole or the first three letters.
func named(word string, count int, name func(int) string) int {
	for i := range count {
		if full := name(i); strings.EqualFold(word, full) || strings.EqualFold(word, full[:3]) {
			return i
		}
	}
	return -1
}

func weekdayNamed(word string) int {
	return named(word, 7, func(i int) string { return time.Weekday(i).String() })
}

func monthNamed(word string) int {
	return named(word, 12, func(i int) string { return time.Month(i + 1).String() }) + 1
}

func (r *momentReader) separator() {
	r.space()
	r.accept(",")
	r.space()
}

func (r *momentReader) readDate() bool {
	word := r.word()
	if day := weekdayNamed(word); word != "" && day >= 0 {
		r.weekday = day
		r.separator()
		word = r.word()
	}
	if word != "" {
		return r.monthFirst(word)
	}
	first, width := r.number()
	if width == 0 {
		return false
	}
	if len(r.rest) > 1 && strings.IndexByte("-/.", r.rest[0]) >= 0 && '0' <= r.rest[1] && r.rest[1] <= '9' {
		return r.numeric(first, width, r.accept("-/."))
	}
	if r.spacedNumbers() {
		r.separator()
		return r.numeric(first, width, ' ')
	}
	return r.numberFirst(first, width)
}

// spacedNumbers says whether two numbers follow, with blanks or commas before them.
func (r *momentReader) spacedNumbers() bool {
	next := *r
	for range 2 {
		before := next.rest
		next.separator()
		if _, width := next.number(); width == 0 || len(before)-len(next.rest) == width {
			return false
		}
	}
	return !strings.HasPrefix(next.rest, ":")
}

// numberFirst reads `2 January 2020` and `2020 January 2` behind the number.
func (r *momentReader) numberFirst(first, width int) bool {
	r.dateSeparator()
	if r.month = monthNamed(r.word()); r.month == 0 {
		return false
	}
	r.dateSeparator()
	if width == 4 && r.rest != "" {
		r.year = first
		r.day, width = r.number()
		return width == 1 || width == 2
	}
	if before := r.rest; before == "" || before[0] < '0' || before[0] > '9' {
		return r.yearAndMonth(first, width)
	}
	r.day = first
	return width <= 2 && r.readYear()
}

// yearAndMonth takes a number before the name of a month alone: it is the year.
func (r *momentReader) yearAndMonth(year, width int) bool {
	r.dateForm, r.year, r.day = withoutDay, century(year, width), 1
	return width <= 4
}

// dateSeparator skips what may stand between a day and the name of a month.
func (r *momentReader) dateSeparator() {
	r.separator()
	r.accept("-/.")
	r.space()
}

// readYearOrNone reads a year; without one it is this year.
func (r *momentReader) readYearOrNone() bool {
	if r.rest == "" {
		r.year, r.dateForm = r.today.Year(), withoutYear
		return true
	}
	return r.readYear()
}

// monthFirst reads `January 2, 2020` and `January 2020` behind the name.
func (r *momentReader) monthFirst(word string) bool {
	if r.month = monthNamed(word); r.month == 0 {
		return false
	}
	r.dateSeparator()
	before := r.rest
	day, width := r.number()
	if width > 2 {
		r.rest = before
		r.day, r.dateForm = 1, withoutDay
		return r.readYear()
	}
	r.day = day
	r.dateSeparator()
	return width > 0 && r.readYearOrNone()
}

// numeric reads the rest of y-m-d, y-m and m/d/y behind the first mark.
func (r *momentReader) numeric(first, width int, mark byte) bool {
	second, w := r.number()
	if w == 0 || w > 2 {
		return false
	}
	if width > 2 {
		r.year, r.month, r.day, r.dateForm = first, second, 1, withoutDay
		if width > 4 {
			return false
		}
		if !r.mark(mark) {
			return true
		}
		r.dateForm = yearFirst
		r.day, w = r.number()
		return w == 1 || w == 2
	}
	r.month, r.day, r.dateForm = first, second, withoutYear
	if !r.mark(mark) {
		r.year = r.today.Year()
		return true
	}
	r.dateForm = wholeDate
	return r.readYear()
}

// mark takes the mark between the parts of a date; a blank stands for blanks and
// commas.
func (r *momentReader) mark(mark byte) bool {
	if mark != ' ' {
		return r.accept(string(mark)) != 0
	}
	r.separator()
	return true
}

// readYear reads a year of two digits (to 2049) or four.
func (r *momentReader) readYear() bool {
	year, width := r.number()
	r.year = century(year, width)
	return width >= 1 && width <= 4
}

// century completes a year of one or two digits.
func century(year, width int) int {
	if width > 2 {
		return year
	}
	if year += 2000; year > 2049 {
		year -= 100
	}
	return year
}

// readTime reads nothing, or a time and a zone.
func (r *momentReader) readTime() bool {
	if r.rest == "" {
		return true
	}
	if r.dateForm == withoutDay {
		return false
	}
	if r.dateForm == yearFirst && r.accept("Tt") != 0 {
		return r.readStandardClock()
	}
	before := r.rest
	r.separator()
	if r.dateForm != withoutYear {
		if strings.HasPrefix(r.rest, "+") || strings.HasPrefix(r.rest, "-") {
			return r.readZone()
		}
		if zone := strings.ToUpper(r.rest); zone == "Z" || zone == "GMT" {
			return r.readZone()
		}
	}
	if word := *r; weekdayNamed(word.word()) >= 0 {
		return true
	}
	if r.dateForm == yearFirst && before != r.rest && r.accept("Tt") != 0 {
		return r.readStandardClock()
	}
	return before != r.rest && r.readClock()
}

// readStandardClock reads the time of ISO 8601, whose parts have two digits each,
// and a zone, of which a name is Z alone.
func (r *momentReader) readStandardClock() bool {
	var width int
	if r.hour, width = r.number(); width != 2 || r.accept(":") == 0 {
		return false
	}
	if r.minute, width = r.number(); width != 2 {
		return false
	}
	if r.accept(":") != 0 {
		if r.second, width = r.number(); width != 2 {
			return false
		}
		if r.accept(".,") != 0 && !r.readFraction() {
			return false
		}
	}
	r.space()
	if len(r.rest) > 1 && isLetter(r.rest[0]) && isLetter(r.rest[1]) {
		return false
	}
	return r.readZone()
}

// readClock reads a time and a zone; an hour alone needs AM or PM.
func (r *momentReader) readClock() bool {
	var width int
	if r.hour, width = r.number(); width == 0 || width > 2 {
		return false
	}
	if r.accept(":") == 0 {
		r.space()
		before := r.rest
		return r.readHalf() && before != r.rest && (r.dateForm == withoutYear && r.rest == "" || r.dateForm != withoutYear && r.readZone())
	}
	if r.dateForm == withoutYear {
		return false
	}
	if r.minute, width = r.number(); width == 0 || width > 2 {
		return false
	}
	if r.accept(":") != 0 {
		if r.second, width = r.number(); width == 0 || width > 2 {
			return false
		}
		if mark := r.accept(".,"); mark != 0 && !r.readFraction() && mark == ',' {
			return false
		}
	}
	r.space()
	return r.readHalf() && r.readZone()
}

// readFraction reads the digits behind the seconds, rounded to seven.
func (r *momentReader) readFraction() bool {
	n := len(r.rest) - len(strings.TrimLeft(r.rest, "0123456789"))
	digits := r.rest[:n]
	r.rest = r.rest[n:]
	up := n > 7 && digits[7] >= '5'
	value, err := strconv.Atoi((digits + "0000000")[:7])
	r.nanos = (value + btoi(up)) * 100
	if r.nanos >= int(time.Second) {
		r.nanos = int(time.Second) - 100
	}
	return n > 0 && err == nil
}

// readHalf reads AM or PM.
func (r *momentReader) readHalf() bool {
	if len(r.rest) < 2 || len(r.rest) > 2 && isLetter(r.rest[2]) {
		return true
	}
	switch strings.ToUpper(r.rest[:2]) {
	case "AM":
		if r.hour > 12 {
			return false
		}
		r.hour %= 12
	case "PM":
		if r.hour < 12 {
			r.hour += 12
		}
	default:
		return true
	}
	r.rest = r.rest[2:]
	r.space()
	return true
}

func (r *momentReader) readZone() bool {
	switch word := strings.ToUpper(r.word()); word {
	case "":
	case "Z", "GMT":
		r.zoned, r.utc = true, true
		return true
	default:
		return false
	}
	sign := r.accept("+-")
	if sign == 0 {
		return true
	}
	hours, width := r.number()
	minutes := 0
	switch {
	case width == 3 || width == 4:
		hours, minutes = hours/100, hours%100
	case width != 1 && width != 2:
		return false
	case r.accept(":") != 0:
		if minutes, width = r.number(); width != 1 && width != 2 {
			return false
		}
	}
	r.zoned = true
	r.offset = hours*3600 + minutes*60
	if sign == '-' {
		r.offset = -r.offset
	}
	return minutes < 60
}

// local returns the wall clock in a zone, at standard time where the clock shows
// it twice or not at all.
func (r *momentReader) local(location *time.Location) time.Time {
	wall := r.wall(time.UTC)
	var standard, fitting *time.Location
	for _, near := range [...]time.Time{wall.Add(-24 * time.Hour), wall.Add(24 * time.Hour)} {
		around := near.In(location)
		_, offset := around.Zone()
		zone := time.FixedZone("", offset)
		if !around.IsDST() {
			standard = zone
		}
		at := r.wall(zone).In(location)
		if _, actual := at.Zone(); actual == offset && (fitting == nil || !at.IsDST()) {
			fitting = zone
		}
	}
	switch {
	case fitting != nil:
		return r.wall(fitting)
	case standard != nil:
		return r.wall(standard)
	}
	return r.wall(location)
}

// inCalendar reports whether t is between the years 1 and 9999.
func inCalendar(t time.Time) bool { return t.Year() >= 1 && t.Year() <= 9999 }

// offsetMoment returns what was read with its own offset, or the local one.
func (r *momentReader) offsetMoment(location *time.Location) (moment, bool) {
	at := r.local(location)
	if r.zoned {
		at = r.wall(time.FixedZone("", r.offset))
	}
	return moment{at, shifted}, inCalendar(at.UTC())
}

// localMoment returns what was read in the local zone; without a zone it stays
// as it is.
func (r *momentReader) localMoment(location *time.Location) (moment, bool) {
	if !r.zoned {
		return moment{r.local(location), unzoned}, true
	}
	at := r.wall(time.FixedZone("", r.offset)).UTC()
	if at.Year() < 1 {
		at = at.AddDate(0, 0, 1)
	}
	at = at.In(location)
	return moment{at, localized}, inCalendar(at)
}
