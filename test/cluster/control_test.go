//go:build unix

package cluster

import (
	"testing"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// TestNegativeControl stops nodes between their lease check and StartScript, in programs that were built without fencing. The
// same strike and the same checks that find nothing in the others must find scripts that ran twice here, or they prove nothing.
func TestNegativeControl(t *testing.T) {
	seed := seedOf(t)
	t.Logf("seed %d", seed)
	unfenced, err := mainjob.BuildWith(t.TempDir(), mainjob.BuildConfig{Tags: "mantle_faults,mantle_unfenced"})
	if err != nil {
		t.Fatal(err)
	}
	w := openWorld(t, worldConfig{nodes: 2, listening: 2, programs: unfenced})
	late := fault{name: "without fencing", strike: startLate}
	const tries = 8
	for i := range tries {
		r := w.inject(late, i, seed, 2)
		t.Logf("%s: %+v, %d tasks ended wrongly", r.Where, r.Findings, r.Wrong)
		if r.Findings.Double > 0 {
			return
		}
	}
	t.Errorf("%d injections without fencing, and no script ran twice: the checks of this package see nothing", tries)
}
