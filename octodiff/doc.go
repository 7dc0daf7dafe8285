// Package octodiff makes and applies binary deltas between two versions of a file, in the
// formats that Octodiff reads and writes.
//
// A signature holds a weak and a strong checksum for each chunk of the file that the other side
// has (the basis). From a signature and the new file comes a delta: commands that copy ranges
// of the basis, and the bytes that the basis does not have. Patch applies it:
//
//	WriteSignature(sig, basis)  ->  ReadSignature  ->  WriteDelta(delta, sig, new)  ->  Patch(out, basis, delta)
//
// Everything is streamed: memory is a fixed buffer, and 32 bytes or so for each chunk of a
// signature. Input from outside is not trusted: what is malformed, copies from outside the
// basis, or grows beyond the given limit is refused with ErrCorrupt, and a result whose SHA-1
// is not the one that the delta names with ErrMismatch. Patch writes before it can know that,
// so write to a temporary file and rename it afterwards.
//
// Command is the program's command line, with its exit codes: for people who look into a file, and for
// scripts that were written for it.
//
// The package knows nothing of packages and deployments, imports nothing of the product, and
// may be imported by anybody.
package octodiff
