package store

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Time reads and writes a column of microseconds since 1970 UTC. The zero time is NULL.
type Time struct{ time.Time }

// At wraps a time as an argument or a destination.
func At(t time.Time) Time { return Time{t} }

// AtPtr wraps an optional time; nil is NULL.
func AtPtr(t *time.Time) Time {
	if t == nil {
		return Time{}
	}
	return Time{*t}
}

// Ptr returns nil for NULL.
func (t Time) Ptr() *time.Time {
	if t.IsZero() {
		return nil
	}
	c := t.Time
	return &c
}

// Value implements driver.Valuer.
func (t Time) Value() (driver.Value, error) {
	if t.IsZero() {
		return nil, nil
	}
	return t.UnixMicro(), nil
}

// Scan implements sql.Scanner.
func (t *Time) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		t.Time = time.Time{}
	case int64:
		t.Time = time.UnixMicro(v).UTC()
	default:
		return fmt.Errorf("a time column holds %T", src)
	}
	return nil
}
