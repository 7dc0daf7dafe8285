package task

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

// request is what a client asks about one task; to retire an epoch is asked about all.
type request struct {
	task, kind string
	// epoch claims, adopts, or is retired; fence is the run's, or the new one; old is the one that is adopted away.
	epoch, fence, old string
	// how tells the two kinds of claim apart.
	how string
	// value is what is written, or what a look showed with the state seen.
	value     string
	seen, end State
	// exclusive: the task excludes others.
	exclusive bool
}

// answer tells whether it was done.
type answer struct{ done bool }

// row is the model of a task: claim, fence, end.
type row struct {
	state        State
	owner, fence string
	value        string
	// retired are the epochs that have ended, each between commas.
	retired string
}

func (r row) isRetired(epoch string) bool { return strings.Contains(r.retired, ","+epoch+",") }

// after returns the task after the request is carried out, or false where it is refused.
func (r row) after(in request) (row, bool) {
	mine := r.state.Started() && r.fence == in.fence
	switch in.kind {
	case "retire":
		r.retired += "," + in.epoch + ","
		return r, true
	case "claim":
		free := r.state == Queued || r.state.Started() && (r.owner == "" || r.isRetired(r.owner))
		if !free || r.isRetired(in.epoch) || (in.how == "new") != (r.state == Queued) {
			return r, false
		}
		if r.state == Queued {
			r.state = Executing
		}
		r.owner, r.fence = in.epoch, in.fence
		return r, true
	case "adopt":
		if !r.state.Started() || r.fence != in.old || r.isRetired(in.epoch) {
			return r, false
		}
		r.owner, r.fence = in.epoch, in.fence
		return r, true
	case "cancel":
		switch {
		case r.state.Completed():
			return r, false
		case r.state == Queued:
			r.state = Canceled
		default:
			r.state = Cancelling
		}
		return r, true
	case "look":
		return r, true
	case "write":
		r.value = in.value
	case "release":
		r.owner, r.fence = "", ""
	case "end":
		r.state, r.owner, r.fence = in.end, "", ""
	}
	return r, mine
}

// queueModel is the model of each task for itself. A claim of one is no statement about the others, for it may pass over them.
func queueModel() porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Partition: func(ops []porcupine.Operation) [][]porcupine.Operation {
			parts := map[string][]porcupine.Operation{}
			for _, op := range ops {
				if in := op.Input.(request); in.task != "" {
					parts[in.task] = append(parts[in.task], op)
				}
			}
			for _, op := range ops {
				if op.Input.(request).kind == "retire" {
					for id := range parts {
						parts[id] = append(parts[id], op)
					}
				}
			}
			return slices.Collect(maps.Values(parts))
		},
		Init: func() []any { return []any{row{state: Queued}} },
		Step: func(state, input, output any) []any {
			now, in := state.(row), input.(request)
			next, done := now.after(in)
			out, known := output.(answer)
			switch {
			case !known && done:
				return []any{now, next}
			case !known:
				return []any{now}
			case out.done != done, in.kind == "look" && (in.seen != now.state || in.value != now.value):
				return nil
			case !done:
				return []any{now}
			}
			return []any{next}
		},
		DescribeOperation: describe,
	}
}

// exclusionModel is the model of an exclusion: one task that has been started and has not ended.
func exclusionModel() porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Partition: func(ops []porcupine.Operation) [][]porcupine.Operation {
			var part []porcupine.Operation
			for _, op := range ops {
				in := op.Input.(request)
				out, known := op.Output.(answer)
				if in.exclusive && (in.kind == "claim" && in.how == "new" || in.kind == "end") && (out.done || !known) {
					part = append(part, op)
				}
			}
			return [][]porcupine.Operation{part}
		},
		Init: func() []any { return []any{""} },
		Step: func(state, input, output any) []any {
			holder, in := state.(string), input.(request)
			next, possible := in.task, holder == ""
			if in.kind == "end" {
				next, possible = "", holder == in.task
			}
			switch {
			case output == nil && possible:
				return []any{holder, next}
			case output == nil:
				return []any{holder}
			case possible:
				return []any{next}
			}
			return nil
		},
		DescribeOperation: describe,
	}
}

func describe(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) }
