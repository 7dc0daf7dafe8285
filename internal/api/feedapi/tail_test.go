package feedapi

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

func TestTailReader(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("0123456789\n--b-", 4000)
	for in, want := range map[string]string{
		"": "", "a": "a", "file\n--b--": "file\r\n--b--", "file\r\n--b--": "file\r\n--b--", "file\n--b--\r\n": "file\r\n--b--\r\n", "\n--b--": "\r\n--b--",
		"file\n--b--more": "file\n--b--more", "x\n--b--\nfile\n--b--\n": "x\n--b--\nfile\r\n--b--\n", long: long, long + "\n--b--": long + "\r\n--b--",
	} {
		for name, wrap := range map[string]func(io.Reader) io.Reader{
			"whole": func(r io.Reader) io.Reader { return r }, "byte by byte": iotest.OneByteReader, "with its end": iotest.DataErrReader,
		} {
			got, err := io.ReadAll(newTailReader(wrap(strings.NewReader(in)), "b"))
			if string(got) != want || err != nil {
				t.Errorf("%.40q %s: got %.60q (%d bytes), want %.60q, %v", in, name, got, len(got), want, err)
			}
		}
	}
	broken := errors.New("gone")
	got, err := io.ReadAll(newTailReader(io.MultiReader(strings.NewReader("file\n--b--"), iotest.ErrReader(broken)), "b"))
	if string(got) != "file\n--b--" || !errors.Is(err, broken) {
		t.Errorf("a body that broke off: %q, %v", got, err)
	}
}
