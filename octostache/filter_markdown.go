package octostache

import "github.com/mantledeploy/mantle/octostache/markdown"

// markdownHTML renders Markdown, with a line end behind it.
func (e *evaluation) markdownHTML(in string, options []string) (Value, error) {
	if len(options) > 0 {
		return Null(), nil
	}
	if err := e.spend(len(in)/8 + markdown.Effort(in)/64); err != nil {
		return Null(), err
	}
	out, err := markdown.HTML(in)
	if err != nil {
		return Null(), &FilterError{"Markdown", err.Error()}
	}
	return Text(out + "\n"), nil
}
