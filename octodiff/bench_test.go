package octodiff

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"
)

// benchFiles are 100 MiB of noise, and the same with ten places of 104,857 bytes changed: about 1 MB.
func benchFiles() (basis, file []byte) {
	const size, places, changed = 100 << 20, 10, 104_857
	basis = make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(basis)
	file = bytes.Clone(basis)
	for i := range places {
		_, _ = rand.NewChaCha8([32]byte{2, byte(i)}).Read(file[i*size/places+12_345:][:changed])
	}
	return basis, file
}

func BenchmarkSignature(b *testing.B) {
	basis, _ := benchFiles()
	b.SetBytes(int64(len(basis)))
	b.ReportAllocs()
	for b.Loop() {
		if err := WriteSignature(io.Discard, bytes.NewReader(basis), SignatureOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDelta(b *testing.B) {
	basis, file := benchFiles()
	for _, kind := range []Rolling{Adler32, Adler32V2} {
		b.Run(string(kind), func(b *testing.B) {
			var sig, delta bytes.Buffer
			if err := WriteSignature(&sig, bytes.NewReader(basis), SignatureOptions{Rolling: kind}); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				delta.Reset()
				s, err := ReadSignature(bytes.NewReader(sig.Bytes()))
				if err == nil {
					err = WriteDelta(&delta, s, bytes.NewReader(file), int64(len(file)))
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(delta.Len()), "delta-bytes")
		})
	}
}

func BenchmarkPatch(b *testing.B) {
	basis, file := benchFiles()
	var sig, delta bytes.Buffer
	if err := WriteSignature(&sig, bytes.NewReader(basis), SignatureOptions{}); err != nil {
		b.Fatal(err)
	}
	s, err := ReadSignature(&sig)
	if err == nil {
		err = WriteDelta(&delta, s, bytes.NewReader(file), int64(len(file)))
	}
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		if err := Patch(io.Discard, bytes.NewReader(basis), int64(len(basis)), bytes.NewReader(delta.Bytes()), 0); err != nil {
			b.Fatal(err)
		}
	}
}
