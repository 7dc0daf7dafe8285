package octodiff

// Rolling names the weak checksum of a signature, as the file does.
type Rolling string

const (
	Adler32   Rolling = "Adler32"   // sums modulo 2^16, not the Adler-32 of zlib
	Adler32V2 Rolling = "Adler32V2" // sums modulo 65521
)

func (r Rolling) modulus() uint32 {
	if r == Adler32V2 {
		return 65521
	}
	return 1 << 16
}

// rolling is the checksum of a window that moves over a file byte by byte.
type rolling struct {
	a, b    uint32
	modulus uint32
}

// unreduced is how many bytes the sums take from below 65521 without passing 32 bits.
const unreduced = 5552

func newRolling(kind Rolling, block []byte) rolling {
	r := rolling{a: 1, modulus: kind.modulus()}
	for len(block) > 0 {
		part := block[:min(unreduced, len(block))]
		a, b := r.a, r.b
		for _, c := range part {
			a += uint32(c)
			b += a
		}
		r.a, r.b = a%r.modulus, b%r.modulus
		block = block[len(part):]
	}
	return r
}

// rotate drops the first byte of a window of the given size and takes one in at its end.
func (r *rolling) rotate(out, in byte, size int) {
	m := r.modulus
	r.a = (r.a + m - uint32(out) + uint32(in)) % m
	drop := uint32(size) * uint32(out) % m
	r.b = (r.b + m - drop + r.a + m - 1) % m
}

func (r rolling) sum() uint32 { return r.b<<16 | r.a }
