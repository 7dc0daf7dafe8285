// Package versioning reads, compares and counts up the versions of packages and releases.
//
// Every feed has a kind of version of its own, and a server must order them as the other
// tools of that world do. Each kind is one type here:
//
//	SemVer         lenient semantic versions: one to four numbers, labels, metadata
//	NuGet          the same shape under the stricter rules of NuGet
//	Maven          what Maven calls a comparable version
//	Octopus        loose release numbers; every part may be missing
//	Docker         image tags: loose versions with a special latest
//	Lexicographic  any text, ordered by its labels
//
// A kind has a Parse function, a Compare method and a SortKey: bytes whose order
// (bytes.Compare, or a BYTEA or BLOB column) is the order of the versions, and which are
// equal exactly when Compare says 0. Hexadecimal text of a key keeps the order. Maven's own
// order has cycles, which no key can follow; Maven.SortKey says where the two part.
//
// Besides: NuGetRange and MavenRange, ChannelRule (which packages a channel takes),
// Mask (release numbers with i and c in them), ReleaseNumbers (the numbers for a template of
// release numbers) and MavenID (coordinates and repository paths).
//
// Values are immutable and safe for concurrent use. Errors are of type *ParseError. The
// package knows nothing of feeds, packages or storage, imports nothing of the product, and
// may be imported by anybody.
package versioning
