package octostache

import "github.com/mantledeploy/mantle/octostache/markdown"

// pairsPerStep is how many pairs of marks may be compared for a step.
const pairsPerStep = 64

// markdownHTML renders Markdown, with a line end behind it.
func (e *evaluation) markdownHTML(in string, options []string) (Value, error) {
	if len(options) > 0 {
		return Null(), nil
	}
	if err := e.spend(len(in) / 8); err != nil {
		return Null(), err
	}
	steps := min(e.config.Limits.Steps-e.steps, 1<<40)
	out, cost, err := markdown.HTMLWithin(in, steps*pairsPerStep)
	if spent := e.spend(cost / pairsPerStep); spent != nil {
		return Null(), spent
	}
	if err != nil {
		return Null(), &FilterError{"Markdown", err.Error()}
	}
	return Text(out + "\n"), nil
}
