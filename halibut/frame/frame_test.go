package frame_test

import (
	"bufio"
	"bytes"
	"compress/flate"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/halibut/frame"
)

func codec() *frame.Codec {
	return &frame.Codec{MaxBytes: 64 << 20, MaxRatio: 250, FreeRatioBytes: 1 << 20}
}

// document makes a BSON document of n bytes: one string.
func document(n int, letter func(i int) byte) []byte {
	const overhead = 4 + 1 + 2 + 4 + 1 + 1
	text := make([]byte, max(n-overhead, 0))
	for i := range text {
		text[i] = letter(i)
	}
	b := []byte{0, 0, 0, 0, 2, 's', 0, 0, 0, 0, 0}
	b = append(append(b, text...), 0, 0)
	putLength(b, len(b))
	putLength(b[7:], len(text)+1)
	return b
}

func putLength(b []byte, n int) {
	b[0], b[1], b[2], b[3] = byte(n), byte(n>>8), byte(n>>16), byte(n>>24)
}

func random(int) byte { return byte('a' + rand.IntN(26)) }
func same(int) byte   { return 'a' }

func encode(t testing.TB, doc []byte) []byte {
	t.Helper()
	var wire []byte
	writes := 0
	err := codec().Encode(doc, func(b []byte) error { wire = bytes.Clone(b); writes++; return nil })
	if err != nil || writes != 1 {
		t.Fatalf("%v, %d writes", err, writes)
	}
	return wire
}

var sizes = []int{14, 100, 419, 2047, 2048, 2049, 2064, 4096, 8191, 8192, 8193, 65535, 65536, 65537, 131072, 200_000, 1 << 20}

// TestWriterEndsWithTheDocument holds the first rule for writers: without the last
// byte of what is written, the last byte of the document is not there either; and
// what ends it is a stored block, so that nothing is left behind it.
func TestWriterEndsWithTheDocument(t *testing.T) {
	t.Parallel()
	for _, letter := range []func(int) byte{random, same} {
		for _, n := range sizes {
			doc := document(n, letter)
			wire := encode(t, doc)
			z := flate.NewReader(bytes.NewReader(wire[:len(wire)-1]))
			got, err := io.ReadAll(z)
			if !errors.Is(err, io.ErrUnexpectedEOF) || len(got) != len(doc)-1 {
				t.Errorf("%d bytes: without the last byte of the message %d bytes can be read, %v", n, len(got), err)
			}
			tail := 16
			if n <= 2048 {
				tail = len(doc)
			}
			header := wire[len(wire)-tail-5 : len(wire)-tail]
			want := []byte{1, byte(tail), byte(tail >> 8), ^byte(tail), ^byte(tail >> 8)}
			if diff := cmp.Diff(want, header); diff != "" || !bytes.Equal(wire[len(wire)-tail:], doc[len(doc)-tail:]) {
				t.Errorf("%d bytes: the end is not a final stored block: %s", n, diff)
			}
		}
	}
}

func TestNullMessage(t *testing.T) {
	t.Parallel()
	null := []byte("\x0e\x00\x00\x00\x0aMessage\x00\x00")
	want := append([]byte{1, 0x0e, 0, 0xf1, 0xff}, null...)
	if diff := cmp.Diff(want, encode(t, null)); diff != "" {
		t.Error(diff)
	}
	zlib := []byte("\xe3\x63\x60\x60\xe0\xf2\x4d\x2d\x2e\x4e\x4c\x4f\x65\x60\x00\x00")
	got, err := codec().Decode(bufio.NewReader(bytes.NewReader(zlib)))
	if diff := cmp.Diff(null, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
}

// TestReaderStopsAtTheEnd: whatever the peer's deflate ends with, the reader takes
// all of it and nothing more.
func TestReaderStopsAtTheEnd(t *testing.T) {
	t.Parallel()
	for _, level := range []int{flate.NoCompression, flate.BestSpeed, 6, flate.HuffmanOnly} {
		for _, n := range sizes {
			doc := document(n, random)
			var wire bytes.Buffer
			w, err := flate.NewWriter(&wire, level)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write(doc)
			_ = w.Close() // with the empty block that real peers stumble over
			for name, reader := range map[string]io.Reader{
				"at once": &wire, "byte by byte": iotest.OneByteReader(bytes.NewReader(wire.Bytes())),
			} {
				src := bufio.NewReader(io.MultiReader(reader, strings.NewReader("NEXT\r\n")))
				got, err := codec().Decode(src)
				if err != nil || !bytes.Equal(got, doc) {
					t.Errorf("level %d, %d bytes, %s: %v", level, n, name, err)
				}
				if word, err := frame.ReadControl(src, 100); word != frame.Next {
					t.Errorf("level %d, %d bytes, %s: %q, %v is left", level, n, name, word, err)
				}
			}
		}
	}
}

func TestReaderLimits(t *testing.T) {
	t.Parallel()
	long := document(20, random)
	putLength(long, 1<<30)
	negative := document(20, random)
	putLength(negative, -5)
	whole := encode(t, document(5000, random))
	tests := []struct {
		name string
		wire []byte
		want error
	}{
		{"nothing", nil, io.EOF},
		{"cut", encode(t, document(5000, random))[:1000], io.ErrUnexpectedEOF},
		{"cut before the last byte", whole[:len(whole)-1], io.ErrUnexpectedEOF},
		{"a length beyond the limit", encode(t, long), frame.ErrTooLarge},
		{"a bomb", encode(t, document(8<<20, same)), frame.ErrTooLarge},
		{"a negative length", encode(t, negative), nil},
		{"data behind the document", encode(t, append(document(50, random), 1, 2, 3)), nil},
		{"no deflate", []byte("GET / HTTP/1.1\r\n\r\n"), nil},
		{"empty deflate", []byte{3, 0}, io.ErrUnexpectedEOF},
	}
	for _, test := range tests {
		_, err := codec().Decode(bufio.NewReader(bytes.NewReader(test.wire)))
		if err == nil || test.want != nil && !errors.Is(err, test.want) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	if got, err := codec().Decode(bufio.NewReader(bytes.NewReader(encode(t, document(900_000, same))))); err != nil || len(got) != 900_000 {
		t.Errorf("honest text that compresses well: %d bytes, %v", len(got), err)
	}
}

func TestReadControl(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in, want string
		ok       bool
	}{
		{"NEXT\r\n", "NEXT", true},
		{"\r\n\r\n\r\nNEXT\r\n", "NEXT", true},
		{"NEXT\n\r\n", "NEXT\n", true}, // a line feed alone is part of the line
		{"next\r\n", "next", true},
		{"NEXT \r\n", "NEXT ", true},
		{"NEXT\rX\n", "", false},
		{"NEXT", "", false},
		{"NEXT\r", "", false},
		{strings.Repeat("x", 101) + "\r\n", "", false},
		{strings.Repeat("\r\n", 200) + "NEXT\r\n", "", false},
	}
	for _, test := range tests {
		got, err := frame.ReadControl(strings.NewReader(test.in), 100)
		if got != test.want || (err == nil) != test.ok {
			t.Errorf("%q: %q, %v", test.in, got, err)
		}
	}
	if _, err := frame.ReadControl(strings.NewReader(""), 100); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

func TestIdentity(t *testing.T) {
	t.Parallel()
	tests := []struct {
		in   string
		want frame.Identity
		ok   bool
	}{
		{"MX-CLIENT 1.0\r\n\r\n", frame.Identity{Role: frame.RoleClient}, true},
		{"MX-CLIENT\r\n\r\n", frame.Identity{Role: frame.RoleClient}, true},
		{"MX-CLIENT  9.9\r\n\r\n", frame.Identity{Role: frame.RoleClient}, true},
		{"MX-SERVER 1.0\r\n\r\n", frame.Identity{Role: frame.RoleServer}, true},
		{"MX-SUBSCRIBER 1.0 poll://abc/\r\n\r\n", frame.Identity{Role: frame.RoleSubscriber, Subscription: "poll://abc/"}, true},
		{"MX-SUBSCRIBER 1.0\r\n\r\n", frame.Identity{}, false},
		{"mx-client 1.0\r\n\r\n", frame.Identity{}, false},
		{"MX-CLIENT 1.0\n\n", frame.Identity{}, false},
		{"MX-CLIENT 1.0\r\nfoo\r\n", frame.Identity{}, false},
		{"\r\n\r\n", frame.Identity{}, false},
		{"MX-\xff 1.0\r\n\r\n", frame.Identity{}, false},
	}
	for _, test := range tests {
		got, err := frame.ReadIdentity(strings.NewReader(test.in), 100)
		if diff := cmp.Diff(test.want, got); diff != "" || (err == nil) != test.ok {
			t.Errorf("%q: %v %s", test.in, err, diff)
		}
	}
}

func TestReadPreamble(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"MX\n\nMX-CLIENT": "MX\n\n", "MX\r\n\r\nrest": "MX\n\n", "\n\n": "\n\n", "": "", "M": "M",
		"GET / HTTP/1.1\r\nHost: h\r\n\r\nbody": "GET / HTTP/1.1\nHost: h\n\n",
	} {
		if got, err := frame.ReadPreamble(strings.NewReader(in), 1000); got != want || err != nil {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if got, _ := frame.ReadPreamble(strings.NewReader(strings.Repeat("x", 5000)), 1000); len(got) != 1000 {
		t.Errorf("%d bytes were read", len(got))
	}
}

func FuzzDecode(f *testing.F) {
	for _, n := range []int{14, 2049, 9000} {
		f.Add(encode(f, document(n, random)))
	}
	f.Add([]byte("\xe3\x63\x60\x60\xe0\xf2\x4d\x2d\x2e\x4e\x4c\x4f\x65\x60\x00\x00"))
	f.Fuzz(func(t *testing.T, wire []byte) {
		c := &frame.Codec{MaxBytes: 1 << 20, MaxRatio: 100, FreeRatioBytes: 1 << 16}
		doc, err := c.Decode(bufio.NewReader(bytes.NewReader(wire)))
		if err != nil {
			return
		}
		if int64(len(doc)) > c.MaxBytes {
			t.Fatalf("%d bytes", len(doc))
		}
		again, err := c.Decode(bufio.NewReader(bytes.NewReader(encode(t, doc))))
		if err != nil && !errors.Is(err, frame.ErrTooLarge) || err == nil && !bytes.Equal(doc, again) {
			t.Fatalf("written and read again: %v", err)
		}
	})
}

func FuzzLines(f *testing.F) {
	for _, s := range []string{"NEXT\r\n", "\r\nEND\r\n", "MX-CLIENT 1.0\r\n\r\n", "MX-SUBSCRIBER 1.0 poll://abc/\r\n\r\n", "MX-SERVER 1.0\r\nx\r\n", "MX\n\n", "A\rB"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		if word, err := frame.ReadControl(bytes.NewReader(in), 50); err == nil && (len(word) > 50 || word == "" || strings.Contains(word, "\r")) {
			t.Fatalf("control %q", word)
		}
		if p, err := frame.ReadPreamble(bytes.NewReader(in), 50); err != nil || len(p) > 50 {
			t.Fatalf("preamble %q, %v", p, err)
		}
		id, err := frame.ReadIdentity(bytes.NewReader(in), 50)
		if err != nil {
			return
		}
		again, err := frame.ReadIdentity(bytes.NewReader(id.Bytes()), 100)
		if err != nil || again != id {
			t.Fatalf("%v written and read again: %v, %v", id, again, err)
		}
	})
}
