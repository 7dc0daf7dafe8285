package octostache

import "io"

// Save writes the variables, unevaluated, as a JSON object: UTF-8 with a byte
// order mark, two blanks of indentation.
func (v *Variables) Save(w io.Writer) error { return errIncomplete }

// Load sets the variables of a JSON object as Save writes it, in its order.
func (v *Variables) Load(r io.Reader) error { return errIncomplete }
