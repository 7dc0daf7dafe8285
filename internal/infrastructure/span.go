package infrastructure

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"time"
)

// Span is a length of time, written as "HH:MM:SS", or "D.HH:MM:SS" from a day on: clients break at any other form.
type Span time.Duration

// maxDays keeps a span within what a time.Duration can hold.
const maxDays = 36500

// spanForm is what is read: days, and parts of a second, are optional.
func spanForm() *regexp.Regexp {
	return regexp.MustCompile(`^(?:(\d{1,8})\.)?(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.\d{1,7})?)?$`)
}

// ParseSpan reads a span; parts of a second are cut off.
func ParseSpan(text string) (Span, error) {
	m := spanForm().FindStringSubmatch(text)
	if m == nil {
		if days, err := strconv.ParseUint(text, 10, 24); err == nil && days <= maxDays {
			return Span(time.Duration(days) * 24 * time.Hour), nil
		}
		return 0, fmt.Errorf("the length of time %q is not of the form HH:MM:SS or D.HH:MM:SS", text)
	}
	var n [5]time.Duration
	for i := 1; i < len(m); i++ {
		v, _ := strconv.ParseInt("0"+m[i], 10, 64) // digits only; nothing is 0
		n[i] = time.Duration(v)
	}
	if n[1] > maxDays || n[2] > 23 || n[3] > 59 || n[4] > 59 {
		return 0, fmt.Errorf("the length of time %q is not of the form HH:MM:SS or D.HH:MM:SS: hours end at 23, minutes and seconds at 59", text)
	}
	return Span(n[1]*24*time.Hour + n[2]*time.Hour + n[3]*time.Minute + n[4]*time.Second), nil
}

// Duration returns the span as Go has it.
func (s Span) Duration() time.Duration { return time.Duration(s) }

func (s Span) String() string {
	d := time.Duration(s)
	days := d / (24 * time.Hour)
	text := fmt.Sprintf("%02d:%02d:%02d", d/time.Hour%24, d/time.Minute%60, d/time.Second%60)
	if days > 0 {
		return fmt.Sprintf("%d.%s", days, text)
	}
	return text
}

// MarshalJSON writes the span in its one form.
func (s Span) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// UnmarshalJSON reads a span; null is zero.
func (s *Span) UnmarshalJSON(data []byte) error {
	var text *string
	if err := json.Unmarshal(data, &text); err != nil {
		return fmt.Errorf("a length of time must be a string of the form HH:MM:SS, not %s", data)
	}
	if text == nil || *text == "" {
		*s = 0
		return nil
	}
	parsed, err := ParseSpan(*text)
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}
