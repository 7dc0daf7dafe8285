package taskapi

import (
	"cmp"
	"context"
	"slices"

	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// Bounds of an answer with lines.
const (
	defaultTail = 1000  // lines of one block, where the request does not say
	maxTail     = 10000 // the same, whatever it says
	answerLines = 20000 // of all blocks together
	answerBytes = 8 << 20
	// answerBlocks is how many blocks show lines; of more, those that are under way, that failed, and the last ones do.
	answerBlocks = 1000
)

// fill gives elements their lines: the ranges that were asked for, or the last ones, and gaps for the rest.
func (t *Tasks) fill(ctx context.Context, taskID string, ask wanted, blocks []tasklog.Block, elements map[string]*Element) error {
	r := reader{log: t.Log, task: taskID, bytes: answerBytes}
	chosen := choose(blocks)
	level := share(chosen, ask.tail)
	loaded := map[string]bool{}
	for _, b := range chosen {
		from, to := max(b.Lines-level, 0), b.Lines
		if span, ok := ask.ranges[b.ID]; ok {
			from, to = min(span[0], b.Lines), min(span[1], b.Lines)
			from = max(from, to-maxTail)
		}
		lines, first, err := r.backwards(ctx, b.ID, from, to)
		if err != nil {
			return err
		}
		loaded[b.ID] = true
		elements[b.ID].LogElements = shownLines(lines, first, b.Lines, ask.verbose)
	}
	for _, b := range blocks {
		if !loaded[b.ID] && b.Lines > 0 {
			elements[b.ID].LogElements = []Line{gap(b.Lines)}
		}
	}
	return nil
}

// shownLines renders lines whose first has the ordinal first in a block of total lines.
func shownLines(lines []tasklog.Line, first, total int64, verbose bool) []Line {
	shown := make([]Line, 0, len(lines)+2)
	if first > 0 {
		shown = append(shown, gap(first))
	}
	for _, l := range lines {
		if verbose || l.Category != tasklog.Verbose {
			shown = append(shown, lineOf(l))
		}
	}
	if after := total - first - int64(len(lines)); after > 0 {
		shown = append(shown, gap(after))
	}
	return shown
}

// choose returns the blocks that show lines, the most telling first.
func choose(blocks []tasklog.Block) []tasklog.Block {
	var chosen []tasklog.Block
	for _, b := range blocks {
		if b.Lines > 0 {
			chosen = append(chosen, b)
		}
	}
	if len(chosen) <= answerBlocks {
		return chosen
	}
	rank := func(b tasklog.Block) int {
		switch b.Status {
		case tasklog.Running, tasklog.Failed, tasklog.SuccessWithWarning:
			return 0
		}
		return 1
	}
	slices.Reverse(chosen)
	slices.SortStableFunc(chosen, func(a, b tasklog.Block) int { return cmp.Compare(rank(a), rank(b)) })
	return chosen[:answerBlocks]
}

// share returns how many lines each block may show, so that all together stay below answerLines: the small ones show all that they have.
func share(blocks []tasklog.Block, tail int64) int64 {
	sum := func(level int64) (n int64) {
		for _, b := range blocks {
			n += min(b.Lines, level)
		}
		return n
	}
	low, high := min(tail, 1), tail
	for low < high {
		middle := (low + high + 1) / 2
		if sum(middle) <= answerLines {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return low
}

// reader reads lines for one answer until its bytes are used up.
type reader struct {
	log   *tasklog.Log
	task  string
	bytes int64
}

// Pages in which a reader goes backwards: they grow while they are small.
const (
	firstPage  = 64
	smallPage  = 256 << 10
	fullPage   = 4096
	lineWeight = 100 // bytes that a line costs besides its text
)

// backwards returns the last lines of a block's range [from, to) that fit, and the ordinal of the first of them.
func (r *reader) backwards(ctx context.Context, block string, from, to int64) (lines []tasklog.Line, first int64, err error) {
	var pages [][]tasklog.Line
	first = to
	for page := int64(firstPage); first > from && r.bytes > 0; {
		start := max(first-page, from)
		got, err := r.log.Window(ctx, r.task, block, start, first-start)
		if err != nil {
			return nil, 0, err
		}
		kept, size := r.fit(got)
		pages = append(pages, kept)
		first -= int64(len(kept))
		if len(kept) < len(got) || len(got) == 0 {
			break
		}
		if size < smallPage {
			page = min(2*page, fullPage)
		}
	}
	slices.Reverse(pages)
	return slices.Concat(pages...), first, nil
}

// forwards returns the first lines of a block's range that fit.
func (r *reader) forwards(ctx context.Context, block string, from, to int64) (lines []tasklog.Line, err error) {
	for page := int64(firstPage); from < to && r.bytes > 0; {
		got, err := r.log.Window(ctx, r.task, block, from, min(page, to-from))
		if err != nil || len(got) == 0 {
			return lines, err
		}
		size := int64(0)
		for _, l := range got {
			size += int64(len(l.Text)) + lineWeight
		}
		r.bytes -= size
		lines, from = append(lines, got...), from+int64(len(got))
		if size < smallPage {
			page = min(2*page, fullPage)
		}
	}
	return lines, nil
}

// fit takes from the end of lines what there is room for.
func (r *reader) fit(lines []tasklog.Line) (kept []tasklog.Line, size int64) {
	at := len(lines)
	for at > 0 && r.bytes > 0 {
		at--
		weight := int64(len(lines[at].Text)) + lineWeight
		r.bytes -= weight
		size += weight
	}
	return lines[at:], size
}
