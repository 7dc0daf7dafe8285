package tasklog

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"time"
	"unicode/utf8"
)

// batches cuts lines into chunks, and lines that are too long into several.
func batches(lines []Line) iter.Seq[[]Line] {
	return func(yield func([]Line) bool) {
		var batch []Line
		size := 0
		for line := range cut(lines) {
			if len(batch) == chunkLines || size+len(line.Text) > chunkBytes {
				if len(batch) > 0 && !yield(batch) {
					return
				}
				batch, size = nil, 0
			}
			batch, size = append(batch, line), size+len(line.Text)
		}
		if len(batch) > 0 {
			yield(batch)
		}
	}
}

func cut(lines []Line) iter.Seq[Line] {
	return func(yield func(Line) bool) {
		for _, line := range lines {
			rest := line.Text
			for len(rest) > lineBytes {
				n := lineBytes
				for n > lineBytes-utf8.UTFMax && !utf8.RuneStart(rest[n]) {
					n--
				}
				line.Text, rest = rest[:n], rest[n:]
				if !yield(line) {
					return
				}
			}
			line.Text = rest
			if !yield(line) {
				return
			}
		}
	}
}

// compress writes lines as deflated records: category, microseconds since the record before, length, text.
func compress(lines []Line) ([]byte, error) {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	var head []byte
	before := int64(0)
	for _, line := range lines {
		at := line.At.UnixMicro()
		head = binary.AppendUvarint(head[:0], uint64(max(slices.Index(categories, line.Category), 0)))
		head = binary.AppendVarint(head, at-before)
		head = binary.AppendUvarint(head, uint64(len(line.Text)))
		before = at
		if _, err := w.Write(head); err != nil {
			return nil, err
		}
		if _, err := io.WriteString(w, line.Text); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// decompress reads what compress wrote, and numbers the lines from first.
func decompress(data []byte, first int64) ([]Line, error) {
	text, err := io.ReadAll(flate.NewReader(bytes.NewReader(data)))
	if err != nil {
		return nil, fmt.Errorf("read a chunk of a task's log: %w", err)
	}
	var lines []Line
	before := int64(0)
	for r := bytes.NewBuffer(text); r.Len() > 0; {
		category, err1 := binary.ReadUvarint(r)
		delta, err2 := binary.ReadVarint(r)
		size, err3 := binary.ReadUvarint(r)
		if err := errors.Join(err1, err2, err3); err != nil || size > uint64(r.Len()) || category >= uint64(len(categories)) {
			return nil, fmt.Errorf("a chunk of a task's log is damaged: %v", err)
		}
		before += delta
		lines = append(lines, Line{
			Number: first + int64(len(lines)), Category: categories[category],
			At: time.UnixMicro(before).UTC(), Text: string(r.Next(int(size))),
		})
	}
	return lines, nil
}
