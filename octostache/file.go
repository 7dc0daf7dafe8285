package octostache

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"time"
)

var errNoObject = errors.New("the text is not a JSON object of names and values; write one, as Save does")

const byteOrderMark = "\ufeff"

// Save writes the variables, unevaluated, as a JSON object: UTF-8 with a byte
// order mark, two blanks of indentation.
func (v *Variables) Save(w io.Writer) error {
	_, err := io.WriteString(w, byteOrderMark+v.JSON())
	return err
}

// JSON is what Save writes, without the byte order mark.
func (v *Variables) JSON() string {
	if len(v.entries) == 0 {
		return "{}"
	}
	var b strings.Builder
	b.WriteString("{")
	for i, e := range v.entries {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("\n  ")
		writeJSONString(&b, e.name)
		b.WriteString(": ")
		if e.value.Null {
			b.WriteString("null")
			continue
		}
		writeJSONString(&b, e.value.Text)
	}
	b.WriteString("\n}")
	return b.String()
}

// Load sets the variables of a JSON object as Save writes it, in its order.
// Numbers and booleans are taken as they are written.
func (v *Variables) Load(r io.Reader) error {
	data, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	object, err := readJSON(string(data), time.UTC)
	if err != nil || object.kind != jsonObject {
		return errNoObject
	}
	for i, item := range object.items {
		if !item.isText() {
			return &ValueError{object.keys[i], "is not a text in the file; write it as one, in quotes"}
		}
	}
	for i, item := range object.items {
		value := Text(item.raw)
		if item.kind == jsonNull {
			value = Null()
		}
		v.SetValue(object.keys[i], value)
	}
	return nil
}

// isText reports whether a value in a file is one that a variable can have.
func (v *jsonValue) isText() bool {
	switch v.kind {
	case jsonArray, jsonObject, jsonConstructor, jsonUndefined:
		return false
	case jsonDate:
		return v.raw != "" // not new Date(…)
	}
	return true
}
