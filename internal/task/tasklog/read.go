package tasklog

import (
	"context"
	"errors"
	"io"
	"math"
	"sort"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/store"
)

// Log reads logs, and compacts them.
type Log struct {
	db    *store.DB
	files blob.Store
}

// New returns a reader of the logs in db and, once they are compacted, in files.
func New(db *store.DB, files blob.Store) *Log { return &Log{db, files} }

// Tree returns the blocks of a task, parents before their children, children in their order.
func (l *Log) Tree(ctx context.Context, taskID string) (blocks []Block, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		blocks, err = tree(tx, taskID, -1)
		return err
	})
	return blocks, err
}

// tree returns the blocks that changed after the change.
func tree(tx *store.Tx, taskID string, after int64) ([]Block, error) {
	blocks := []Block{}
	err := tx.Query(`SELECT id, parent_id, name, status, place, progress, progress_message, started_at, ended_at, lines FROM task_log_block
		WHERE task_id = $1 AND changed > $2 ORDER BY parent_id, place, id`, []any{taskID, after}, func(row *store.Row) error {
		var b Block
		var started, ended store.Time
		err := row.Scan(&b.ID, &b.ParentID, &b.Name, &b.Status, &b.Place, &b.Progress, &b.ProgressMessage, &started, &ended, &b.Lines)
		b.StartedAt, b.EndedAt = started.Ptr(), ended.Ptr()
		blocks = append(blocks, b)
		return err
	})
	return inOrder(blocks), err
}

// inOrder sorts blocks as a walk of the tree meets them; blocks whose parent is not among them are roots.
func inOrder(blocks []Block) []Block {
	present := map[string]bool{}
	children := map[string][]Block{}
	for _, b := range blocks {
		present[b.ID] = true
	}
	for _, b := range blocks {
		parent := b.ParentID
		if !present[parent] || parent == b.ID {
			parent = ""
		}
		children[parent] = append(children[parent], b)
	}
	ordered := make([]Block, 0, len(blocks))
	var walk func(parent string)
	walk = func(parent string) {
		below := children[parent]
		delete(children, parent)
		for _, b := range below {
			ordered = append(ordered, b)
			walk(b.ID)
		}
	}
	walk("")
	return ordered
}

// chunk is a stored run of lines of one block.
type chunk struct {
	Number      int64
	Block       string
	FirstLine   int64
	Lines       int64
	FirstNumber int64
	data        []byte
	// Offset and Size place the data in a compacted file.
	Offset, Size int64
}

// Window returns count lines of a block from the ordinal from (0 is the first) on.
func (l *Log) Window(ctx context.Context, taskID, blockID string, from, count int64) ([]Line, error) {
	lines := []Line{}
	err := l.eachChunk(ctx, taskID, blockID, from, from+count, func(c chunk) error {
		all, err := decompress(c.data, c.FirstNumber)
		if err != nil {
			return err
		}
		start := max(from-c.FirstLine, 0)
		end := min(from+count-c.FirstLine, int64(len(all)))
		if start < end {
			lines = append(lines, all[start:end]...)
		}
		return nil
	})
	return lines, err
}

// Tail returns the last count lines of a block.
func (l *Log) Tail(ctx context.Context, taskID string, b Block, count int64) ([]Line, error) {
	from := max(b.Lines-count, 0)
	return l.Window(ctx, taskID, b.ID, from, b.Lines-from)
}

// eachChunk calls f for the chunks of a block that overlap the lines [from, to), one in memory at a time.
func (l *Log) eachChunk(ctx context.Context, taskID, blockID string, from, to int64, f func(chunk) error) error {
	for {
		file, err := l.open(ctx, taskID)
		if err != nil {
			return err
		}
		if file != nil {
			return file.each(ctx, blockID, from, to, f)
		}
		compacted := false
		for next := from; next < to; {
			c, err := l.chunkAt(ctx, taskID, blockID, next)
			if errors.Is(err, store.ErrNoRow) {
				// The end, or the log was compacted between two reads.
				if file, err = l.open(ctx, taskID); err != nil {
					return err
				}
				if file != nil {
					from, compacted = next, true
				}
				break
			}
			if err != nil {
				return err
			}
			if err := f(c); err != nil {
				return err
			}
			next = c.FirstLine + c.Lines
		}
		if !compacted {
			return nil
		}
	}
}

// chunkAt reads the chunk that holds a line of a block.
func (l *Log) chunkAt(ctx context.Context, taskID, blockID string, line int64) (c chunk, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		c = chunk{Block: blockID}
		return tx.QueryRow(`SELECT number, first_line, lines, first_number, data FROM task_log_chunk
			WHERE task_id = $1 AND block_id = $2 AND first_line <= $3 AND first_line + lines > $3 ORDER BY first_line DESC LIMIT 1`,
			taskID, blockID, line).Scan(&c.Number, &c.FirstLine, &c.Lines, &c.FirstNumber, &c.data)
	})
	return c, err
}

// Raw writes the whole log as text, in the order of the tree, with one chunk in memory at a time.
func (l *Log) Raw(ctx context.Context, taskID string, w io.Writer) error {
	blocks, err := l.Tree(ctx, taskID)
	if err != nil {
		return err
	}
	depth := map[string]int{}
	for _, b := range blocks {
		if d, ok := depth[b.ParentID]; ok {
			depth[b.ID] = d + 1
		} else {
			depth[b.ID] = 0
		}
		if err := writeHead(w, b, depth[b.ID]); err != nil {
			return err
		}
		err := l.eachChunk(ctx, taskID, b.ID, 0, math.MaxInt64, func(c chunk) error {
			lines, err := decompress(c.data, c.FirstNumber)
			if err != nil {
				return err
			}
			return writeLines(w, lines, depth[b.ID])
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Changes are what a tail gets: blocks and lines that are newer than what it has.
type Changes struct {
	Blocks []Block
	// Lines are in the order of their numbers.
	Lines []BlockLine
	// Next is what to ask for next.
	Next int64
}

// BlockLine is a line with the block that it belongs to.
type BlockLine struct {
	Block string
	Line
}

// tailChunks bounds one answer of Since.
const tailChunks = 16

// Since returns what changed after the change numbered after (0: everything), in portions: ask again with Next until nothing comes.
func (l *Log) Since(ctx context.Context, taskID string, after int64) (Changes, error) {
	changes := Changes{Next: after}
	chunks, latest, err := l.newChunks(ctx, taskID, after, &changes)
	if err != nil {
		return changes, err
	}
	for _, c := range chunks {
		lines, err := decompress(c.data, c.FirstNumber)
		if err != nil {
			return changes, err
		}
		for _, line := range lines {
			changes.Lines = append(changes.Lines, BlockLine{c.Block, line})
		}
		changes.Next = max(changes.Next, c.Number)
	}
	sort.SliceStable(changes.Lines, func(i, j int) bool { return changes.Lines[i].Number < changes.Lines[j].Number })
	if len(chunks) < tailChunks {
		changes.Next = max(changes.Next, latest)
	}
	return changes, nil
}

// Changed returns the blocks that have changed after the number, without any lines, and the number of the latest change.
func (l *Log) Changed(ctx context.Context, taskID string, after int64) (Changes, error) {
	changes := Changes{Next: after}
	err := l.db.Read(ctx, func(tx *store.Tx) (err error) {
		var latest int64
		if err := tx.QueryRow("SELECT log_chunk FROM server_task WHERE id = $1", taskID).Scan(&latest); err != nil {
			return err
		}
		changes.Next = max(after, latest)
		changes.Blocks, err = tree(tx, taskID, after)
		return err
	})
	return changes, err
}

// newChunks reads, in one state of the database, the changed blocks, the next chunks, and the number of the latest change.
func (l *Log) newChunks(ctx context.Context, taskID string, after int64, changes *Changes) (chunks []chunk, latest int64, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		chunks = nil
		if err := tx.QueryRow("SELECT log_chunk FROM server_task WHERE id = $1", taskID).Scan(&latest); err != nil {
			return err
		}
		if changes.Blocks, err = tree(tx, taskID, after); err != nil {
			return err
		}
		return tx.Query(`SELECT number, block_id, first_line, lines, first_number, data FROM task_log_chunk WHERE task_id = $1 AND number > $2 ORDER BY number LIMIT $3`,
			[]any{taskID, after, tailChunks}, func(row *store.Row) error {
				var c chunk
				err := row.Scan(&c.Number, &c.Block, &c.FirstLine, &c.Lines, &c.FirstNumber, &c.data)
				chunks = append(chunks, c)
				return err
			})
	})
	if err != nil || len(chunks) > 0 {
		return chunks, latest, err
	}
	file, err := l.open(ctx, taskID)
	if err != nil || file == nil {
		return nil, latest, err
	}
	chunks, err = file.after(ctx, after, tailChunks)
	return chunks, latest, err
}
