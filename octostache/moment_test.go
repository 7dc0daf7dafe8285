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
		"2 January":           "2002-01-01T00:00:00", // a year: it stands before the month
		"2020 Jan":            "2020-01-01T00:00:00",
		"2020-Jan":            "2020-01-01T00:00:00",
		"2020-01-02+02:00":    "2020-01-01T22:00:00",
		"2 Jan 2020 +2:0":     "2020-01-01T22:00:00",
		"1/2/2020T03:04":      "",
		"2020.1.2T03:04":      "2020-01-02T03:04:00",
		"2020-01-02T3:04":     "",
		"2020-01-02T03:04 PM": "",
		"2020-01-02 T03:04":   "2020-01-02T03:04:00",
		"2020-01-02 3:04 PMz": "",
		"2020-01-02 03:04:5.": "2020-01-02T03:04:05",
		"2020-01-02T03:04:5.": "",
		"1/2 3:04":            "",
		"1/2 3 PM":            "2024-01-02T15:00:00",
		"1/2 3 PM Z":          "",
		"2020-01 03:04":       "",
		"Jan 2020 03:04":      "",
		"2020 01 02":          "2020-01-02T00:00:00",
		"1, 2, 2020 3:04":     "2020-01-02T03:04:00",
		"1/2/020":             "0020-01-02T00:00:00",
		"2020-01-02 Thu":      "2020-01-02T00:00:00",
		"2020-01-02 Friday":   "",
		"#2020-01-02#":        "2020-01-02T00:00:00",
		"A.D. 2020-01-02":     "2020-01-02T00:00:00",
		"2020年1月2日":           "2020-01-02T00:00:00",
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

// A percent sign takes one character alone; a format of one character that is no letter of one is none.
func TestMomentFormats(t *testing.T) {
	t.Parallel()
	for format, want := range map[string]string{
		"%d": "2", "%dd": "22", "%dMM": "201", "%h": "3", "%'": "", "%%": "", "%": "", "é": "", "éé": "éé", "s.%F": "5", "%K": "", "\\d": "d", "%\\": "",
	} {
		vs := New(Config{Location: time.UTC})
		vs.Set("F", format)
		got, err := vs.Evaluate("#{V | Format DateTime #{F}}")
		if err == nil {
			t.Errorf("no value, but %q", got)
		}
		vs.Set("V", "2020-01-02T03:04:05")
		got, err = vs.Evaluate("#{V | Format DateTime #{F}}")
		if refused := want == "" && format != "%K"; refused && err == nil || !refused && (got != want || err != nil) {
			t.Errorf("%q gives %q (error %v), want %q", format, got, err, want)
		}
	}
}
