package tasklog

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
)

// A compacted log is the chunks' data one after the other, ordered by block and first line, then the index (deflated JSON, a
// list of chunks without their data), then the trailer: the index's offset (int64, little endian) and the magic.
const (
	magic       = "MTLLOG1\n"
	trailerSize = 8 + int64(len(magic))
)

// file is an open compacted log.
type file struct {
	files  blob.Store
	key    string
	chunks []chunk
}

// open returns the compacted log of a task, or nil where its chunks are in the database.
func (l *Log) open(ctx context.Context, taskID string) (*file, error) {
	var key string
	var size int64
	err := l.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT key, size FROM task_log_file WHERE task_id = $1", taskID).Scan(&key, &size)
	})
	if errors.Is(err, store.ErrNoRow) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	f := &file{files: l.files, key: key}
	if err := f.readIndex(ctx, size); err != nil {
		return nil, fmt.Errorf("read the log of %s: %w", taskID, err)
	}
	return f, nil
}

func (f *file) readIndex(ctx context.Context, size int64) error {
	trailer, err := f.part(ctx, size-trailerSize, trailerSize)
	if err != nil {
		return err
	}
	if string(trailer[8:]) != magic {
		return errors.New("the file is not a compacted log")
	}
	offset := int64(binary.LittleEndian.Uint64(trailer))
	if offset < 0 || offset > size-trailerSize {
		return errors.New("the compacted log is damaged: its index lies outside of it")
	}
	index, err := f.part(ctx, offset, size-trailerSize-offset)
	if err != nil {
		return err
	}
	return json.NewDecoder(flate.NewReader(bytes.NewReader(index))).Decode(&f.chunks)
}

func (f *file) part(ctx context.Context, offset, length int64) ([]byte, error) {
	if length == 0 {
		return nil, nil
	}
	in, err := f.files.Open(ctx, f.key, blob.Part{Offset: offset, Length: length})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	data := make([]byte, length)
	_, err = io.ReadFull(in, data)
	return data, err
}

func (f *file) load(ctx context.Context, c chunk) (chunk, error) {
	var err error
	c.data, err = f.part(ctx, c.Offset, c.Size)
	return c, err
}

// each calls use for the chunks of a block that overlap the lines [from, to).
func (f *file) each(ctx context.Context, blockID string, from, to int64, use func(chunk) error) error {
	for _, c := range f.chunks {
		if c.Block != blockID || c.FirstLine >= to || c.FirstLine+c.Lines <= from {
			continue
		}
		c, err := f.load(ctx, c)
		if err != nil {
			return err
		}
		if err := use(c); err != nil {
			return err
		}
	}
	return nil
}

// after returns the first chunks with numbers above after.
func (f *file) after(ctx context.Context, after int64, most int) ([]chunk, error) {
	var newer []chunk
	for _, c := range f.chunks {
		if c.Number > after {
			newer = append(newer, c)
		}
	}
	sort.Slice(newer, func(i, j int) bool { return newer[i].Number < newer[j].Number })
	newer = newer[:min(most, len(newer))]
	for i := range newer {
		var err error
		if newer[i], err = f.load(ctx, newer[i]); err != nil {
			return nil, err
		}
	}
	return newer, nil
}

// Compact moves the chunks of a task that has ended into one file. It does nothing where that was done before.
func (l *Log) Compact(ctx context.Context, taskID string) error {
	if f, err := l.open(ctx, taskID); f != nil || err != nil {
		return err
	}
	var spaceID string
	err := l.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow("SELECT space_id FROM server_task WHERE id = $1", taskID).Scan(&spaceID)
	})
	if err != nil {
		return err
	}
	if spaceID == "" {
		spaceID = "system"
	}
	key := fmt.Sprintf("tasklogs/%s/%s/%s.log", spaceID, taskID, uuid.NewString())
	written, err := l.writeFile(ctx, taskID, key)
	if err != nil {
		return fmt.Errorf("compact the log of %s: %w", taskID, err)
	}
	err = l.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.QueryRow("SELECT space_id FROM server_task WHERE id = $1"+tx.ForShare(), taskID).Scan(&spaceID); err != nil {
			return err // the task was removed meanwhile: the file is nobody's
		}
		if _, err := tx.Exec("INSERT INTO task_log_file (task_id, key, size, sha256) VALUES ($1, $2, $3, $4)", taskID, key, written.Size, written.SHA256); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM task_log_chunk WHERE task_id = $1", taskID)
		return err
	})
	if err != nil && !fault.Is(err, fault.KindUnknownResult) {
		return errors.Join(err, l.files.Delete(context.WithoutCancel(ctx), key))
	}
	return err
}

// writeFile streams the chunks of a task into a new file.
func (l *Log) writeFile(ctx context.Context, taskID, key string) (blob.Written, error) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(l.writeChunks(ctx, taskID, w)) }()
	defer r.Close()
	return l.files.Put(ctx, key, r)
}

func (l *Log) writeChunks(ctx context.Context, taskID string, w io.Writer) error {
	var index []chunk
	offset := int64(0)
	for block, line := "", int64(-1); ; {
		c, err := l.nextChunk(ctx, taskID, block, line)
		if errors.Is(err, store.ErrNoRow) {
			break
		}
		if err != nil {
			return err
		}
		if _, err := w.Write(c.data); err != nil {
			return err
		}
		block, line = c.Block, c.FirstLine
		c.Offset, c.Size, c.data = offset, int64(len(c.data)), nil
		offset += c.Size
		index = append(index, c)
	}
	deflate, err := flate.NewWriter(w, flate.DefaultCompression)
	if err != nil {
		return err
	}
	if err := errors.Join(json.NewEncoder(deflate).Encode(index), deflate.Close()); err != nil {
		return err
	}
	_, err = w.Write(append(binary.LittleEndian.AppendUint64(nil, uint64(offset)), magic...))
	return err
}

// nextChunk reads the chunk after the one of a block that begins with the line.
func (l *Log) nextChunk(ctx context.Context, taskID, block string, line int64) (c chunk, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT number, block_id, first_line, lines, first_number, data FROM task_log_chunk
			WHERE task_id = $1 AND (block_id > $2 OR (block_id = $2 AND first_line > $3)) ORDER BY block_id, first_line LIMIT 1`,
			taskID, block, line).Scan(&c.Number, &c.Block, &c.FirstLine, &c.Lines, &c.FirstNumber, &c.data)
	})
	return c, err
}

// Uncompacted returns IDs of tasks that have ended and whose logs are still in the database.
func (l *Log) Uncompacted(ctx context.Context, most int) (ids []string, err error) {
	err = l.db.Read(ctx, func(tx *store.Tx) error {
		ids = nil
		return tx.Query(`SELECT id FROM server_task WHERE state IN ('Success', 'Failed', 'Canceled', 'TimedOut') AND log_line > 0
			AND NOT EXISTS (SELECT 1 FROM task_log_file f WHERE f.task_id = server_task.id) ORDER BY seq LIMIT $1`, []any{most}, func(row *store.Row) error {
			var id string
			err := row.Scan(&id)
			ids = append(ids, id)
			return err
		})
	})
	return ids, err
}
