package octodiff

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// The exit codes of Octodiff's program.
const (
	exitInput   = 1 // a file cannot be read or written, or ends early
	exitCorrupt = 2
	exitOther   = 3
	exitUsage   = 4 // also for a file that does not exist, and a result that is not the one that the delta was made for
)

// usageError is a call that cannot be meant.
type usageError string

func (e usageError) Error() string { return string(e) }

// subcommand is one of the program's commands. The files that it reads come first among its arguments, then the one that it writes.
type subcommand struct {
	names  []string
	help   string
	inputs []string
	output string // "" = the standard output
	suffix string // of the output's name, after the last input's, where it is not given; "" = it must be
	run    func(c *call) error
}

func subcommands() []subcommand {
	return []subcommand{
		{[]string{"signature", "sig"}, "Write the signature of a file. --chunk-size=N sets the bytes of a chunk (2048).", []string{"basis-file"}, "signature-file", ".octosig", (*call).signature},
		{[]string{"delta"}, "Write what turns the file of a signature into a new one.", []string{"signature-file", "new-file"}, "delta-file", ".octodelta", (*call).delta},
		{[]string{"patch"}, "Make the new file from the basis and a delta. --skip-verification keeps it whatever its hash is.", []string{"basis-file", "delta-file"}, "new-file", "", (*call).patch},
		{[]string{"explain-delta"}, "List what a delta does.", []string{"delta-file"}, "", "", (*call).explain},
		{[]string{"help", "?", "h"}, "Show this.", nil, "", "", nil},
	}
}

// call is one run of a command.
type call struct {
	files    []*os.File // that are read
	out      *os.File
	stdout   io.Writer
	chunk    int
	skip     bool
	progress bool
}

// Command carries out a command line of Octodiff's program, without the program's name, and returns its exit code: 0; 1 if a file cannot
// be read or ends early; 2 if one is corrupt; 3 for other faults; 4 for wrong usage, a file that does not exist, and a result that is not
// the one that the delta was made for. Like the program it says on the standard output what went wrong, and leaves what it has written.
// Relative names are below dir.
func Command(dir string, args []string, stdout io.Writer) int {
	var name string
	if len(args) > 0 {
		name = strings.ToLower(args[0])
	}
	for _, s := range subcommands() {
		for _, n := range s.names {
			if n != name {
				continue
			}
			if s.run == nil {
				writeUsage(stdout)
				return 0
			}
			err := s.carryOut(dir, args[1:], stdout)
			if err != nil {
				fmt.Fprintf(stdout, "Error: %v\n", err)
			}
			return exitCode(err)
		}
	}
	writeUsage(stdout)
	return exitUsage
}

func exitCode(err error) int {
	var bad *corruptError
	var usage usageError
	var path *fs.PathError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage), errors.Is(err, ErrMismatch), errors.Is(err, fs.ErrNotExist):
		return exitUsage
	case errors.As(err, &bad):
		return bad.exit
	case errors.As(err, &path), errors.Is(err, io.ErrUnexpectedEOF):
		return exitInput
	}
	return exitOther
}

func writeUsage(w io.Writer) {
	for _, s := range subcommands() {
		line := strings.Join(s.names, "|")
		for _, in := range s.inputs {
			line += " " + in
		}
		switch {
		case s.suffix != "":
			line += " [" + s.output + "]"
		case s.output != "":
			line += " " + s.output
		}
		fmt.Fprintf(w, "%s\n    %s\n", line, s.help)
	}
}

// carryOut opens the files, once all that are read are there, and runs the command.
func (s subcommand) carryOut(dir string, args []string, stdout io.Writer) (err error) {
	c := &call{stdout: stdout}
	names, err := c.options(args)
	if err != nil {
		return err
	}
	if len(names) < len(s.inputs) {
		return usageError(fmt.Sprintf("%s needs a %s; see help", s.names[0], s.inputs[len(names)]))
	}
	defer func() {
		for _, f := range c.files {
			_ = f.Close() // it was only read
		}
	}()
	for _, name := range names[:len(s.inputs)] {
		f, err := os.Open(below(dir, name))
		if err != nil {
			return err
		}
		c.files = append(c.files, f)
	}
	if s.output == "" {
		return s.run(c)
	}
	target := names[len(s.inputs)-1] + s.suffix
	if len(names) > len(s.inputs) {
		target = names[len(s.inputs)]
	} else if s.suffix == "" {
		return usageError(fmt.Sprintf("%s needs a %s; see help", s.names[0], s.output))
	}
	target = below(dir, target)
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if c.out, err = os.Create(target); err != nil {
		return err
	}
	return errors.Join(s.run(c), c.out.Close())
}

func below(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// options takes the options out of the arguments. One that is not known stays among the names, where there is no place for it.
func (c *call) options(args []string) (names []string, err error) {
	for i := 0; i < len(args); i++ {
		name, value, joined := strings.Cut(args[i], "=")
		switch strings.ToLower(name) {
		case "--progress":
			c.progress = true
		case "--skip-verification":
			c.skip = true
		case "--chunk-size":
			if i++; !joined && i < len(args) {
				value = args[i]
			} else {
				i--
			}
			n, err := strconv.ParseInt(value, 10, 16)
			if err != nil {
				return nil, fmt.Errorf("the chunk size %q is not a number up to %d", value, MaxChunkSize)
			}
			if n < MinChunkSize || n > MaxChunkSize {
				return nil, usageError(fmt.Sprintf("a chunk size of %d is not between %d and %d", n, MinChunkSize, MaxChunkSize))
			}
			c.chunk = int(n)
		default:
			names = append(names, args[i])
		}
	}
	return names, nil
}

// report tells that a part of the work begins, or is done.
func (c *call) report(what string, percent int) {
	if c.progress {
		fmt.Fprintf(c.stdout, "%s: %d%%\n", what, percent)
	}
}

func (c *call) signature() error {
	c.report("Hashing file", 0)
	c.report("Hashing file", 100)
	c.report("Building signatures", 0)
	if err := WriteSignature(c.out, c.files[0], SignatureOptions{ChunkSize: c.chunk}); err != nil {
		return err
	}
	c.report("Building signatures", 100)
	return nil
}

func (c *call) delta() error {
	length, err := sizeOf(c.files[0])
	if err != nil {
		return err
	}
	s, err := OpenSignature(c.files[0], length)
	if err != nil {
		return err
	}
	size, err := sizeOf(c.files[1])
	if err != nil {
		return err
	}
	c.report("Building delta", 0)
	if err := WriteDelta(c.out, s, c.files[1], size); err != nil {
		return err
	}
	c.report("Building delta", 100)
	return nil
}

func (c *call) patch() error {
	size, err := sizeOf(c.files[0])
	if err != nil {
		return err
	}
	c.report("Applying delta", 0)
	if err := Patch(c.out, c.files[0], size, c.files[1], 0); err != nil && !(c.skip && errors.Is(err, ErrMismatch)) {
		return err
	}
	c.report("Applying delta", 100)
	return nil
}

func sizeOf(f *os.File) (int64, error) {
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// shownBytes is how much of a data command is listed.
const shownBytes = 20

func (c *call) explain() error {
	r, err := newDeltaReader(c.files[0])
	if err != nil {
		return fmt.Errorf("read delta: %w", err)
	}
	for {
		one, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read delta: command %d: %w", r.count, err)
		}
		if one.data == nil {
			fmt.Fprintf(c.stdout, "Copy: %X to %X\n", one.offset, one.length)
			continue
		}
		shown := make([]byte, min(shownBytes, one.length))
		if _, err = io.ReadFull(one.data, shown); err == nil {
			_, err = io.CopyN(io.Discard, one.data, one.length-int64(len(shown)))
		}
		if err != nil {
			return fmt.Errorf("read delta: command %d: %w", r.count, truncated(err, "the bytes of a data command"))
		}
		text := strings.ReplaceAll(fmt.Sprintf("% X", shown), " ", "-")
		if int64(len(shown)) < one.length {
			text += "..."
		}
		fmt.Fprintf(c.stdout, "Data: (%d bytes): %s\n", one.length, text)
	}
}
