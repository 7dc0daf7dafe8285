//go:build unix

package cluster

import (
	"archive/tar"
	"io"
)

// tarOfZeros is an archive with one large file.
func tarOfZeros(size int64) io.Reader {
	r, w := io.Pipe()
	go func() {
		out := tar.NewWriter(w)
		err := out.WriteHeader(&tar.Header{Name: "zeros.bin", Mode: 0o644, Size: size})
		block := make([]byte, 1<<20)
		for left := size; err == nil && left > 0; left -= int64(len(block)) {
			if left < int64(len(block)) {
				block = block[:left]
			}
			_, err = out.Write(block)
		}
		if err == nil {
			err = out.Close()
		}
		w.CloseWithError(err)
	}()
	return r
}
