package octostache

import "errors"

// errIncomplete is what an evaluation answers while the evaluator is not in place.
var errIncomplete = errors.New("octostache: evaluation is not in place yet")

// Evaluate prints template. A soft error comes with usable text, see Soft.
func (v *Variables) Evaluate(template string) (string, error) {
	r, err := v.EvaluateValue(template)
	return r.Text, err
}

// EvaluateValue is Evaluate for callers that tell an absent result (`| null`)
// from an empty one.
func (v *Variables) EvaluateValue(template string) (Value, error) {
	return Text(template), errIncomplete
}

// EvaluateLenient copies the parts of template that do not parse to the
// output and goes on behind them: the mode for files.
func (v *Variables) EvaluateLenient(template string) (Value, error) {
	return Text(template), errIncomplete
}

// EvaluateTruthy reports whether template evaluates without error to a text
// that is not "", "0", "no" or "false". Only a hard error is returned.
func (v *Variables) EvaluateTruthy(template string) (bool, error) {
	return false, errIncomplete
}

// Get evaluates the value of name; a name that is not set gives "".
func (v *Variables) Get(name string) (string, error) {
	r, err := v.GetValue(name)
	return r.Text, err
}

// GetValue is Get for callers that tell an absent value from an empty one.
func (v *Variables) GetValue(name string) (Value, error) { return Null(), errIncomplete }

// Require is Get, but a name without a value is a NameError.
func (v *Variables) Require(name string) (string, error) { return "", errIncomplete }

// GetFlag evaluates name as True or False (any case), or returns fallback.
func (v *Variables) GetFlag(name string, fallback bool) (bool, error) {
	return fallback, errIncomplete
}

// GetInt evaluates name as a 32-bit integer; false if it is not one.
func (v *Variables) GetInt(name string) (int, bool, error) { return 0, false, errIncomplete }

// GetStrings evaluates name as a list split at separators (each rune is one;
// none means a comma), trimmed, empty items left out.
func (v *Variables) GetStrings(name string, separators ...rune) ([]string, error) {
	return nil, errIncomplete
}

// GetPaths evaluates name as a list of lines, trimmed, empty ones left out.
func (v *Variables) GetPaths(name string) ([]string, error) { return nil, errIncomplete }

// Indexes lists the indexes under the collection name, as in `name[index]`.
func (v *Variables) Indexes(name string) ([]string, error) { return nil, errIncomplete }
