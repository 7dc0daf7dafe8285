//go:build unix

package shell

import (
	"io"
	"os"
	"os/exec"
	"syscall"
)

// feeder gives text to a process's file descriptor 3.
type feeder struct {
	read, write *os.File
	text        string
}

func attach(cmd *exec.Cmd, text string) (*feeder, error) {
	f := &feeder{text: text}
	if text == "" {
		return f, nil
	}
	var err error
	if f.read, f.write, err = os.Pipe(); err != nil {
		return nil, err
	}
	cmd.ExtraFiles = []*os.File{f.read}
	return f, nil
}

// begin feeds a process that has started. A process that ends without reading all breaks the pipe, which is no error.
func (f *feeder) begin() {
	if f.read == nil {
		return
	}
	_ = f.read.Close()
	go func() {
		_, _ = io.WriteString(f.write, f.text)
		_ = f.write.Close()
	}()
}

func (f *feeder) cancel() {
	if f.read != nil {
		_ = f.read.Close()
		_ = f.write.Close()
	}
}

// exitCode is what a shell would report: 128 and the signal's number for a process that a signal ended.
func exitCode(s *os.ProcessState) int {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return s.ExitCode()
}
