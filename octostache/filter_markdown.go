package octostache

import "github.com/mantledeploy/mantle/octostache/markdown"

// markdownHTML renders Markdown, with a line end behind it.
func markdownHTML(in string, options []string) (Value, error) {
	if len(options) > 0 {
		return Null(), nil
	}
	out, err := markdown.HTML(in)
	if err != nil {
		return Null(), &FilterError{"Markdown", err.Error()}
	}
	return Text(out + "\n"), nil
}
