package taskapi

import (
	"fmt"
	"math"
	"time"

	"github.com/mantledeploy/mantle/internal/task"
)

// completed says when a task ended, in words, or what it does until then.
func completed(row *task.Task) string {
	if row.CompletedAt == nil {
		return string(row.State) + "..."
	}
	return row.CompletedAt.UTC().Format("Monday, January 2, 2006 3:04 PM")
}

// duration says how long a task ran, in words; nothing for one that never did.
func duration(row *task.Task, now time.Time) string {
	if row.StartedAt == nil {
		return ""
	}
	if row.CompletedAt != nil {
		now = *row.CompletedAt
	}
	return span(now.Sub(*row.StartedAt))
}

// span words a duration in its largest unit: "34 seconds".
func span(d time.Duration) string {
	seconds := int64(math.Round(d.Seconds()))
	count := func(n int64, unit string) string {
		if n == 1 {
			return "1 " + unit
		}
		return fmt.Sprintf("%d %ss", n, unit)
	}
	switch {
	case seconds < 1:
		return "less than 1 second"
	case seconds < 60:
		return count(seconds, "second")
	case seconds < 3600:
		return count((seconds+30)/60, "minute")
	case seconds < 24*3600:
		return count((seconds+1800)/3600, "hour")
	}
	return count((seconds+12*3600)/(24*3600), "day")
}
