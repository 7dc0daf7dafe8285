package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Decode reads the request's JSON object into v. Names match in any case, unknown members are passed over.
func (c *Call) Decode(v any) error {
	body, err := c.Body()
	if err != nil {
		return err
	}
	return decode(body, v)
}

// drainMost is how much of a body that is too large is read, and thrown away, before it is refused.
const drainMost = 256 << 20

// Body returns the request's body, which may not be larger than the engine's limit. It must be read before a transaction begins.
func (c *Call) Body() ([]byte, error) {
	if c.bodyRead {
		return c.body, nil
	}
	limit := c.Engine.MaxJSON
	body, err := io.ReadAll(io.LimitReader(c.Request.Body, limit+1))
	if err != nil {
		return nil, fault.Invalid("the request's body could not be read to its end; send it again").Because(err)
	}
	if int64(len(body)) > limit {
		// A client that still sends would not read the answer.
		_, _ = io.CopyN(io.Discard, c.Request.Body, drainMost)
		return nil, fault.TooLarge("the request's body is larger than the limit of %d bytes for JSON; send less", limit)
	}
	c.body, c.bodyRead = body, true
	return body, nil
}

func decode(body []byte, v any) error {
	trimmed := bytes.TrimPrefix(bytes.TrimSpace(body), []byte("\xef\xbb\xbf"))
	if len(trimmed) == 0 {
		return fault.Invalid("the request has no body; send a JSON object")
	}
	if trimmed[0] != '{' && trimmed[0] != '[' {
		return fault.Invalid("the request's body is not a JSON object")
	}
	if at := zeroEscape(trimmed); at >= 0 {
		return fault.Invalid("a text in the request's body holds a zero character (line %d); leave it out", line(body, int64(at)))
	}
	offset := int64(bytes.Index(body, trimmed))
	err := json.Unmarshal(trimmed, v)
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &syntax):
		return fault.Invalid("the request's body is not valid JSON: %v (line %d)", syntax, line(body, offset+syntax.Offset)).Because(err)
	case errors.As(err, &wrong) && wrong.Field != "":
		return fault.Invalid("the member %s (line %d) is of the wrong type: it must be %s, not %s",
			wrong.Field, line(body, offset+wrong.Offset), kindName(wrong.Type.Kind().String(), wrong.Type.String()), wrong.Value).Because(err)
	case errors.As(err, &wrong):
		return fault.Invalid("the request's body is of the wrong type: it must be %s, not %s", kindName(wrong.Type.Kind().String(), wrong.Type.String()), wrong.Value).Because(err)
	}
	return fault.Invalid("the request's body could not be read: %s", strings.TrimPrefix(err.Error(), "json: ")).Because(err)
}

// zeroEscape returns where a JSON text has the escape of the zero character, or -1.
func zeroEscape(body []byte) int {
	for from := 0; ; {
		at := bytes.Index(body[from:], []byte(`\u0000`))
		if at < 0 {
			return -1
		}
		at += from
		slashes := 1
		for slashes <= at && body[at-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 1 {
			return at
		}
		from = at + 1
	}
}

func line(body []byte, offset int64) int {
	return 1 + bytes.Count(body[:max(0, min(offset, int64(len(body))))], []byte("\n"))
}

// kindName says a Go type in the words of JSON.
func kindName(kind, name string) string {
	switch {
	case name == "time.Time":
		return "a time"
	case kind == "string":
		return "a string"
	case kind == "bool":
		return "true or false"
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"):
		return "a whole number"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "slice", kind == "array":
		return "an array"
	}
	return "an object"
}
