// Package variables is the file of variables that goes with a step to its target: its JSON form and its encryption,
// and on the target the reading of several such files into one set.
//
// The server writes such files and the tool reads them; the substitution language itself is in octostache. It knows
// nothing of scopes, projects or snapshots. internal/step and what is above it may import it.
package variables

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// Variable is one entry of a file. A nil Value is a variable without a value. Values are templates.
type Variable struct {
	Name      string
	Value     *string
	Sensitive bool
}

// New makes an entry with a value.
func New(name, value string) Variable { return Variable{Name: name, Value: &value} }

type entry struct {
	Name      string  `json:"k"`
	Value     *string `json:"v"`
	Sensitive bool    `json:"s"`
}

// Encode writes the JSON form.
func Encode(vs []Variable) ([]byte, error) {
	entries := make([]entry, len(vs))
	for i, v := range vs {
		entries[i] = entry(v)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(entries); err != nil {
		return nil, fmt.Errorf("write variables as JSON: %w", err)
	}
	return b.Bytes(), nil
}

// ErrForm is the error of a file that is not in the JSON form.
var ErrForm = errors.New("not a list of variables in JSON")

// Decode reads the JSON form: a list of {k, v, s}, in which v may also be a number or a boolean and s a text.
func Decode(text []byte) ([]Variable, error) {
	var entries []struct {
		Name      *string         `json:"k"`
		Value     json.RawMessage `json:"v"`
		Sensitive json.RawMessage `json:"s"`
	}
	if err := decodeStrict(text, &entries); err != nil {
		return nil, err
	}
	if entries == nil {
		return nil, fmt.Errorf("%w: it is null", ErrForm)
	}
	vs := make([]Variable, 0, len(entries))
	for i, e := range entries {
		if e.Name == nil {
			return nil, fmt.Errorf("%w: entry %d has no name", ErrForm, i+1)
		}
		v := Variable{Name: *e.Name}
		var err error
		if v.Value, err = scalar(e.Value); err != nil {
			return nil, fmt.Errorf("%w: the value of %q is %w", ErrForm, v.Name, err)
		}
		if v.Sensitive, err = flag(e.Sensitive); err != nil {
			return nil, fmt.Errorf("%w: the mark \"s\" of %q is %w", ErrForm, v.Name, err)
		}
		vs = append(vs, v)
	}
	return vs, nil
}

// DecodeLegacy reads the older form, one JSON object of names and values.
func DecodeLegacy(text []byte) ([]Variable, error) {
	d := json.NewDecoder(bytes.NewReader(trimMark(text)))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("%w: it is not an object", ErrForm)
	}
	var vs []Variable
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrForm, err)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrForm, err)
		}
		v := Variable{Name: name.(string), Sensitive: true}
		if v.Value, err = scalar(raw); err != nil {
			return nil, fmt.Errorf("%w: the value of %q is %w", ErrForm, v.Name, err)
		}
		vs = append(vs, v)
	}
	if _, err := d.Token(); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	return vs, nil
}

func decodeStrict(text []byte, into any) error {
	if err := json.Unmarshal(trimMark(text), into); err != nil {
		return fmt.Errorf("%w: %w", ErrForm, err)
	}
	return nil
}

func trimMark(text []byte) []byte { return bytes.TrimPrefix(text, []byte("\ufeff")) }

// scalar keeps the spelling of numbers.
func scalar(raw json.RawMessage) (*string, error) {
	switch {
	case len(raw) == 0 || string(raw) == "null":
		return nil, nil
	case raw[0] == '{' || raw[0] == '[':
		return nil, errors.New("an object or a list, not a text")
	case raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return nil, err
		}
		return &s, nil
	}
	s := string(raw)
	return &s, nil
}

func flag(raw json.RawMessage) (bool, error) {
	switch strings.ToLower(strings.Trim(string(raw), `"`)) {
	case "", "false":
		return false, nil
	case "true":
		return true, nil
	}
	return false, fmt.Errorf("%s, neither true nor false", raw)
}
