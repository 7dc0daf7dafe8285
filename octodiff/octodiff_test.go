package octodiff

import (
	"bytes"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
)

// noise is an endless file whose bytes follow from their position, so that it needs no memory.
type noise struct{ flipped int64 } // one byte is another, to make two files

func (n noise) ReadAt(b []byte, at int64) (int, error) {
	for i := range b {
		p := uint64(at + int64(i))
		x := (p>>3 + 1) * 0x9E3779B97F4A7C15
		x ^= x >> 29
		b[i] = byte(x * 0xBF58476D1CE4E5B9 >> (8 * (p & 7)))
		if int64(p) == n.flipped {
			b[i]++
		}
	}
	return len(b), nil
}

// TestFlatMemory moves 24 MiB through every step and holds what is allocated in all against a bound
// that a copy of the file would break.
func TestFlatMemory(t *testing.T) {
	const size = 24 << 20
	basis, file := noise{flipped: -1}, noise{flipped: size / 2}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var sig, delta bytes.Buffer
	if err := WriteSignature(&sig, io.NewSectionReader(basis, 0, size), SignatureOptions{}); err != nil {
		t.Fatal(err)
	}
	s, err := ReadSignature(&sig)
	if err != nil {
		t.Fatal(err)
	}
	if err := WriteDelta(&delta, s, file, size); err != nil {
		t.Fatal(err)
	}
	small := delta.Len()
	if err := Patch(io.Discard, basis, size, &delta, size); err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > size/3 {
		t.Errorf("%d bytes were allocated for files of %d", used, size)
	}
	if small > DefaultChunkSize+200 {
		t.Errorf("the delta for one byte has %d bytes", small)
	}
}

func header(hash [hashSize]byte) []byte {
	b := appendName(append([]byte(deltaMagic), formatVersion), hashName)
	b = binary.LittleEndian.AppendUint32(b, hashSize)
	return append(append(b, hash[:]...), endOfMetadata...)
}

func commandBytes(kind byte, numbers ...uint64) []byte {
	b := []byte{kind}
	for _, n := range numbers {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

func TestHostileDeltas(t *testing.T) {
	t.Parallel()
	basis := []byte("0123456789")
	head := header([hashSize]byte{})
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	all := commandBytes(copyCommand, 0, 10)
	for name, tt := range map[string]struct {
		delta []byte
		want  error
	}{
		"empty":                    {nil, ErrCorrupt},
		"wrong hash":               {join(head, all), ErrMismatch},
		"copy past the end":        {join(head, commandBytes(copyCommand, 5, 6)), ErrCorrupt},
		"copy that overflows":      {join(head, commandBytes(copyCommand, 1<<63-1, 1<<63-1)), ErrCorrupt},
		"negative offset":          {join(head, commandBytes(copyCommand, 1<<63, 1)), ErrCorrupt},
		"negative data":            {join(head, commandBytes(dataCommand, 1<<63)), ErrCorrupt},
		"data that never comes":    {join(head, commandBytes(dataCommand, 15), []byte("abc")), ErrCorrupt},
		"data beyond the limit":    {join(head, commandBytes(dataCommand, 1<<62), []byte("abc")), ErrCorrupt},
		"copies beyond the limit":  {join(head, all, all, all), ErrCorrupt},
		"unknown command":          {join(head, []byte{0x61}), ErrCorrupt},
		"cut in a number":          {join(head, all[:12]), ErrCorrupt},
		"long name":                {append([]byte(deltaMagic), formatVersion, 0xFF), ErrCorrupt},
		"another length of a hash": {bytes.Replace(head, []byte{20, 0, 0, 0}, []byte{0xFF, 0xFF, 0xFF, 0x7F}, 1), ErrCorrupt},
	} {
		var out bytes.Buffer
		err := Patch(&out, bytes.NewReader(basis), 10, bytes.NewReader(tt.delta), 20)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
		if out.Len() > 20 {
			t.Errorf("%s: %d bytes were written", name, out.Len())
		}
	}
}

// TestErrorsNameThePlace: it is said which command of a delta is wrong, and how, and which chunk of a signature.
func TestErrorsNameThePlace(t *testing.T) {
	t.Parallel()
	delta := append(header([hashSize]byte{}), commandBytes(copyCommand, 0, 10)...)
	delta = append(delta, commandBytes(copyCommand, 5, 6)...)
	err := Patch(io.Discard, bytes.NewReader(make([]byte, 10)), 10, bytes.NewReader(delta), 0)
	if want := "command 2: octodiff: corrupt file: it copies 6 bytes at 5 of a basis of 10"; err == nil || !strings.HasSuffix(err.Error(), want) {
		t.Errorf("a copy outside of the basis: %v, want %s", err, want)
	}
	var sig bytes.Buffer
	if err := WriteSignature(&sig, bytes.NewReader(make([]byte, 5000)), SignatureOptions{}); err != nil {
		t.Fatal(err)
	}
	raw := sig.Bytes()
	raw[len(raw)-recordSize+1] = 0xff
	for name, read := range map[string]func() (*Signature, error){
		"read":   func() (*Signature, error) { return ReadSignature(bytes.NewReader(raw)) },
		"opened": func() (*Signature, error) { return OpenSignature(bytes.NewReader(raw), int64(len(raw))) },
	} {
		if _, err := read(); err == nil || !strings.Contains(err.Error(), "chunk 2 has -") {
			t.Errorf("a signature with a negative length, %s: %v", name, err)
		}
	}
}

// TestOpenSignature: a signature whose hashes stay in the file leads to the same delta, and one that is cut afterwards to an error.
func TestOpenSignature(t *testing.T) {
	t.Parallel()
	const size = 1 << 20
	basis, file := noise{flipped: -1}, noise{flipped: size / 3}
	var sig, want, got bytes.Buffer
	if err := WriteSignature(&sig, io.NewSectionReader(basis, 0, size), SignatureOptions{ChunkSize: 500}); err != nil {
		t.Fatal(err)
	}
	read, err := ReadSignature(bytes.NewReader(sig.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	opened, err := OpenSignature(bytes.NewReader(sig.Bytes()), int64(sig.Len()))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteDelta(&want, read, file, size), WriteDelta(&got, opened, file, size)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want.Bytes(), got.Bytes()) || want.Len() > 1000 {
		t.Errorf("deltas of %d and %d bytes", want.Len(), got.Len())
	}
	opened.hashes = recordReader{file: bytes.NewReader(sig.Bytes()[:100]), start: opened.hashes.start}
	if err := WriteDelta(io.Discard, opened, file, size); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a signature that was cut meanwhile: %v", err)
	}
}

// TestChunksOfManyLengths: a signature may have any lengths, and chunks of none.
func TestChunksOfManyLengths(t *testing.T) {
	t.Parallel()
	basis := make([]byte, 4000)
	_, _ = noise{flipped: -1}.ReadAt(basis, 0)
	sig := appendName(appendName(append([]byte(signatureMagic), formatVersion), hashName), string(Adler32))
	sig = append(sig, endOfMetadata...)
	at := 0
	for _, n := range []int{0, 500, 0, 500, 700, 500, 0, 500, 1300} {
		hash := sha1.Sum(basis[at : at+n])
		sig = binary.LittleEndian.AppendUint16(sig, uint16(n))
		sig = binary.LittleEndian.AppendUint32(sig, newRolling(Adler32, basis[at:at+n]).sum())
		sig = append(sig, hash[:]...)
		at += n
	}
	checkPatch(t, "delta", basis, makeDelta(t, sig, basis), basis)
	if delta := makeDelta(t, sig, basis); len(delta) > 2800 {
		t.Errorf("%d bytes for a file of which a chunk of 1,300 is known", len(delta))
	}
}

func TestBrokenFiles(t *testing.T) {
	t.Parallel()
	broken := errors.New("disk is gone")
	if err := WriteSignature(io.Discard, iotest.ErrReader(broken), SignatureOptions{}); !errors.Is(err, broken) {
		t.Errorf("signature of a broken basis: %v", err)
	}
	if _, err := ReadSignature(iotest.ErrReader(broken)); !errors.Is(err, broken) {
		t.Errorf("broken signature: %v", err)
	}
	if err := WriteDelta(io.Discard, &Signature{}, bytes.NewReader(nil), 5); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("delta of a file that is shorter than said: %v", err)
	}
	delta := append(header([hashSize]byte{}), commandBytes(copyCommand, 0, 10)...)
	if err := Patch(io.Discard, bytes.NewReader(nil), 10, bytes.NewReader(delta), 0); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("patch of a basis that is shorter than said: %v", err)
	}
	if err := WriteSignature(io.Discard, bytes.NewReader(nil), SignatureOptions{Rolling: "Adler99"}); err == nil {
		t.Error("an unknown rolling checksum is taken")
	}
}

// FuzzRoundTrip: whatever the two files and the chunk size, the delta makes the new file.
func FuzzRoundTrip(f *testing.F) {
	f.Add([]byte("abc"), []byte("abd"), uint16(128), true)
	f.Add(bytes.Repeat([]byte{1, 2, 3}, 300), bytes.Repeat([]byte{2, 3, 1}, 301), uint16(200), false)
	f.Add(bytes.Repeat([]byte("x"), 257), bytes.Repeat([]byte("x"), 1000), uint16(128), false)
	f.Fuzz(func(t *testing.T, basis, file []byte, size uint16, second bool) {
		o := SignatureOptions{ChunkSize: MinChunkSize + int(size)%(MaxChunkSize-MinChunkSize)}
		if second {
			o.Rolling = Adler32V2
		}
		var sig bytes.Buffer
		if err := WriteSignature(&sig, bytes.NewReader(basis), o); err != nil {
			t.Fatal(err)
		}
		checkPatch(t, "delta", basis, makeDelta(t, sig.Bytes(), file), file)
	})
}

// FuzzHostile: any bytes as a signature and as a delta; what a signature leads to still makes the
// file, unless its chunks are not those of the basis.
func FuzzHostile(f *testing.F) {
	var sig bytes.Buffer
	basis := bytes.Repeat([]byte("0123456789"), 40)
	if err := WriteSignature(&sig, bytes.NewReader(basis), SignatureOptions{ChunkSize: MinChunkSize}); err != nil {
		f.Fatal(err)
	}
	f.Add(sig.Bytes(), append(header([hashSize]byte{}), commandBytes(copyCommand, 3, 5)...))
	f.Fuzz(func(t *testing.T, sig, delta []byte) {
		if s, err := ReadSignature(bytes.NewReader(sig)); err == nil {
			var out bytes.Buffer
			if err := WriteDelta(&out, s, bytes.NewReader(basis), int64(len(basis))); err != nil {
				t.Fatal(err)
			}
			delta = out.Bytes()
		}
		var out bytes.Buffer
		err := Patch(&out, bytes.NewReader(basis), int64(len(basis)), bytes.NewReader(delta), 1000)
		if out.Len() > 1000 {
			t.Fatalf("%d bytes were written", out.Len())
		}
		if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrMismatch) {
			t.Fatalf("an error without a cause: %v", err)
		}
	})
}
