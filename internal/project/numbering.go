package project

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/octostache"
	"github.com/mantledeploy/mantle/versioning"
)

// Numbering is what a template of release numbers may ask about.
type Numbering struct {
	// Last is the project's newest release, LastInChannel the channel's; nil where there is none.
	Last, LastInChannel versioning.Version
	ChannelName         string
	Now                 time.Time
	// Variables are the project's own, by name.
	Variables map[string]string
}

// Next returns the number of the next release: by a template such as #{Octopus.Version.LastMajor}.#{…}, or by a mask such as 1.2.i.
func (n Numbering) Next(template string) (string, error) {
	template = strings.TrimSpace(template)
	if mask, err := versioning.ParseMask(template); err == nil && mask.IsMask() {
		v, err := mask.Apply(n.Last)
		if err != nil {
			return "", fault.Invalid("the release number cannot be made from %q: %v", template, err)
		}
		return v.String(), nil
	}
	vars := octostache.New(octostache.Config{})
	for name, value := range n.values() {
		vars.Set(name, value)
	}
	text, err := vars.Evaluate(template)
	if err != nil {
		return "", fault.Invalid("the release number cannot be made from the template %q: %v; correct the project's versioning strategy, or give the release a version", template, err)
	}
	return text, nil
}

func (n Numbering) values() map[string]string {
	values := maps.Clone(n.Variables)
	if values == nil {
		values = map[string]string{}
	}
	maps.Copy(values, versioning.NumbersAfter(n.Last).Variables("Octopus.Version."))
	inChannel := versioning.NumbersAfter(n.LastInChannel)
	maps.Copy(values, inChannel.Variables("Octopus.Version.Channel."))
	if n.ChannelName != "" {
		maps.Copy(values, inChannel.Variables("Octopus.Version.Channel["+n.ChannelName+"]."))
		values["Octopus.Release.Channel.Name"] = n.ChannelName
	}
	at := n.Now.UTC()
	for name, number := range map[string]int{
		"Octopus.Date.Year": at.Year(), "Octopus.Date.Month": int(at.Month()), "Octopus.Date.Day": at.Day(), "Octopus.Date.DayOfYear": at.YearDay(),
		"Octopus.Time.Hour": at.Hour(), "Octopus.Time.Minute": at.Minute(), "Octopus.Time.Second": at.Second(),
	} {
		values[name] = strconv.Itoa(number)
	}
	return values
}
