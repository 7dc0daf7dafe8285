package clock_test

import (
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/clock"
)

func TestNowIsCut(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("test", 3600)
	c := clock.At(func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 678999, zone) })
	if got, want := c.Now(), time.Date(2026, 1, 2, 2, 4, 5, 678000, time.UTC); got != want {
		t.Errorf("Now = %v, want %v", got, want)
	}
}
