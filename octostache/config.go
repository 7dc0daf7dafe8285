package octostache

import "time"

// Config is what an evaluation needs beside the variables. The zero value
// works: default limits, a cache of its own, UTC, the system's clock, no extensions.
type Config struct {
	Limits Limits
	// Cache holds parsed templates; nil is a small one of its own.
	Cache *Cache
	// Location is the local time zone of the date filters; nil is UTC.
	Location *time.Location
	// Now is the clock of the filters NowDate and NowDateUtc; nil is time.Now.
	Now func() time.Time
	// Filters are extensions by name (any case). A built-in filter of the same
	// name goes first, and the extension is asked when it gives no value.
	// Extensions are seen in the outermost template and its if bodies only.
	Filters map[string]Filter
}

// Filter turns an input into an output. An absent output leaves the token in
// place and reports it as missing. options are evaluated already.
type Filter func(input Value, options []string) (Value, error)

func (c Config) location() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}

func (c Config) now() time.Time {
	if c.Now == nil {
		return time.Now()
	}
	return c.Now()
}
