package octostache

// dateNumberFilter applies the filters that read their input as a number or a
// date.
func (e *evaluation) dateNumberFilter(name, in string, options []string) (Value, error) {
	if name != "FORMAT" {
		return Null(), nil
	}
	switch len(options) {
	case 1:
		if n, ok := readDecimal(in); ok {
			return formatted(n, options[0]), nil
		}
	case 2:
		if n := readNumeral(options[0], in); n != nil {
			return formatted(n, options[1]), nil
		}
	}
	return Null(), nil
}

// readNumeral reads a number of the named type; nil if it is not one, or if the
// type is not that of a number.
func readNumeral(name, in string) *numeral {
	var n *numeral
	var ok bool
	switch foldName(name) {
	case "INT", "INT32":
		n, ok = readInt(in)
	case "DECIMAL":
		n, ok = readDecimal(in)
	case "DOUBLE":
		n, ok = readFloat(in)
	}
	if !ok {
		return nil
	}
	return n
}

func formatted(n *numeral, format string) Value {
	if out, ok := n.format(format); ok {
		return Text(out)
	}
	return Null()
}
