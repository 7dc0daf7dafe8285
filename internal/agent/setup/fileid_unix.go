//go:build unix

package setup

import (
	"fmt"
	"io/fs"
	"syscall"
)

// fileID names the file behind a path: a file that was replaced within the clock's precision has another one.
func fileID(info fs.FileInfo) string {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return fmt.Sprint(s.Ino)
	}
	return ""
}
