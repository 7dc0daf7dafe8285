package admin

import (
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/mantledeploy/mantle/internal/cluster/storage"
)

// moveBar shows how far a move is. Where nobody looks at a terminal, only its end is written.
type moveBar struct {
	out  io.Writer
	name string

	mu      sync.Mutex
	bars    *mpb.Progress
	bar     *mpb.Bar
	total   int64
	waiting string
}

func newMoveBar(out io.Writer, name string) *moveBar {
	if out == nil {
		out = io.Discard
	}
	return &moveBar{out: out, name: name}
}

// show takes the progress up; several goroutines call it.
func (b *moveBar) show(p storage.Progress) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(p.Waiting) > 0 {
		if names := strings.Join(p.Waiting, ", "); names != b.waiting && b.bar == nil {
			b.waiting = names
			fmt.Fprintf(b.out, "Waiting for %s\n", names)
		}
		return
	}
	if b.bar == nil {
		b.bars, b.total = mpb.New(mpb.WithOutput(b.out)), max(p.TotalBytes, 1)
		b.bar = b.bars.AddBar(b.total,
			mpb.PrependDecorators(decor.Name(b.name+"  "), decor.CountersKibiByte("% .1f of % .1f")),
			mpb.AppendDecorators(decor.Percentage(), decor.Name("  "), decor.AverageSpeed(decor.SizeB1024(0), "% .1f"), decor.Name("  "), decor.AverageETA(decor.ET_STYLE_MMSS)))
	}
	b.bar.SetCurrent(min(p.Bytes, b.total-1)) // the end is the switch's, not the last file's
}

// end completes the bar, or leaves it where it is.
func (b *moveBar) end(done bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar == nil {
		return
	}
	if done {
		b.bar.SetCurrent(b.total)
	} else {
		b.bar.Abort(false)
	}
	b.bars.Wait()
}
