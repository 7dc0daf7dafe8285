package octostache

import (
	"testing"
	"time"
)

// Ways to write a date of which no row is recorded.
func TestReadMoment(t *testing.T) {
	t.Parallel()
	config := Config{Now: func() time.Time { return time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC) }, Location: time.UTC}
	for in, want := range map[string]string{
		"13:04":               "2024-05-06T13:04:00",
		"3 PM":                "2024-05-06T15:00:00",
		"3:04:05 PM 1/2/2020": "2020-01-02T15:04:05",
		"1/2/2020 3PM":        "2020-01-02T15:00:00",
		"1/2/2020 3":          "",
		"02-Jan-2020":         "2020-01-02T00:00:00",
		"2020-Jan-02":         "2020-01-02T00:00:00",
		"Jan-02-2020":         "2020-01-02T00:00:00",
		"2020 January 2":      "2020-01-02T00:00:00",
		"2 January":           "2024-01-02T00:00:00",
		"January 2":           "2024-01-02T00:00:00",
		"2020-01-02Z":         "2020-01-02T00:00:00",
		"13":                  "",
		"25:00":               "",
		"PM":                  "",
		"-":                   "",
	} {
		vs := New(config)
		vs.Set("V", in)
		got, err := vs.Evaluate("#{V | Format DateTime s}")
		if want == "" && err == nil || want != "" && got != want {
			t.Errorf("%q became %q (error %v), want %q", in, got, err, want)
		}
	}
}
