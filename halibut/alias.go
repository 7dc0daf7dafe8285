package halibut

import (
	"io"

	"github.com/mantledeploy/mantle/halibut/dialect"
)

// The types that contracts are written with; see package dialect for the rules.
type (
	// GUID is a .NET Guid, in the order of its text.
	GUID = dialect.GUID
	// Registry maps the wire's type names to Go structs.
	Registry = dialect.Registry
	// Type is one entry of a Registry.
	Type = dialect.Type
	// DataStream is a stream of bytes that travels beside a message.
	DataStream = dialect.DataStream
)

// NewRegistry makes a registry of types; it does not change afterwards.
func NewRegistry(types ...Type) (*Registry, error) { return dialect.NewRegistry(types...) }

// NewGUID returns a random GUID.
func NewGUID() GUID { return dialect.NewGUID() }

// ParseGUID reads the usual text form of a GUID.
func ParseGUID(s string) (GUID, error) { return dialect.ParseGUID(s) }

// StreamBytes makes a stream of b.
func StreamBytes(b []byte) *DataStream { return dialect.StreamBytes(b) }

// StreamFile makes a stream of the file at path, of the size it has now.
func StreamFile(path string) (*DataStream, error) { return dialect.StreamFile(path) }

// StreamReader makes a stream of the next length bytes of r; it can be sent once.
func StreamReader(r io.Reader, length int64) *DataStream { return dialect.StreamReader(r, length) }

// StreamFunc makes a stream of length bytes that open can open again and again.
func StreamFunc(length int64, open func() (io.ReadCloser, error)) *DataStream {
	return dialect.StreamFunc(length, open)
}
