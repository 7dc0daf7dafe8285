package dialect

import (
	"bytes"
	"encoding/binary"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// iterate calls visit with each element of a document or array, in order. It
// allocates nothing for them: a document may have as many as it has bytes.
func iterate(document bson.RawValue, visit func(key string, value bson.RawValue) error) error {
	if err := checkDocument(document.Value); err != nil {
		return err
	}
	rest := document.Value[4 : len(document.Value)-1]
	for len(rest) > 0 {
		kind := bson.Type(rest[0])
		end := bytes.IndexByte(rest[1:], 0)
		if kind == 0 || end < 0 {
			return errMalformed
		}
		key := rest[1 : 1+end]
		rest = rest[end+2:]
		n, ok := valueLength(kind, rest)
		if !ok {
			return errMalformed
		}
		if err := visit(string(key), bson.RawValue{Type: kind, Value: rest[:n:n]}); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}

// valueLength returns how many bytes of b are a value of that kind; kinds that no
// .NET writer makes are not known.
func valueLength(kind bson.Type, b []byte) (n int, ok bool) {
	var fixed, extra int64
	switch kind {
	case bson.TypeNull, bson.TypeUndefined:
		return 0, true
	case bson.TypeBoolean:
		fixed = 1
	case bson.TypeInt32:
		fixed = 4
	case bson.TypeInt64, bson.TypeDouble, bson.TypeDateTime, bson.TypeTimestamp:
		fixed = 8
	case bson.TypeObjectID:
		fixed = 12
	case bson.TypeDecimal128:
		fixed = 16
	case bson.TypeString, bson.TypeSymbol, bson.TypeJavaScript:
		extra = 4
	case bson.TypeBinary:
		extra = 5
	case bson.TypeEmbeddedDocument, bson.TypeArray:
	default:
		return 0, false
	}
	if fixed == 0 {
		if len(b) < 4 {
			return 0, false
		}
		length := int64(int32(binary.LittleEndian.Uint32(b)))
		if length < 0 {
			return 0, false
		}
		fixed = length + extra
	}
	return int(fixed), fixed <= int64(len(b))
}
