package isolation_test

import (
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/isolation"
)

func TestReadersAndWriters(t *testing.T) {
	t.Parallel()
	r := isolation.NewRegistry()
	readerA := r.Claim("m", "A", isolation.None)
	readerB := r.Claim("M", "B", isolation.None)
	writer := r.Claim("m", "W", isolation.Full)
	late := r.Claim("m", "C", isolation.None)
	other := r.Claim("other", "X", isolation.Full)
	expect(t, "readers share, another mutex is free", []*isolation.Claim{readerA, readerB, other}, []*isolation.Claim{writer, late})
	readerA.Release()
	expect(t, "a reader is left", nil, []*isolation.Claim{writer, late})
	readerB.Release()
	expect(t, "the writer's turn", []*isolation.Claim{writer}, []*isolation.Claim{late})
	writer.Release()
	expect(t, "the late reader's turn", []*isolation.Claim{late}, nil)
	late.Release()
	late.Release()
	if again := r.Claim("m", "W", isolation.Full); !granted(again) {
		t.Error("the mutex is not free again")
	}
}

func TestGivingUpTheQueueLetsOthersPass(t *testing.T) {
	t.Parallel()
	r := isolation.NewRegistry()
	reader := r.Claim("m", "A", isolation.None)
	writer := r.Claim("m", "W", isolation.Full)
	late := r.Claim("m", "C", isolation.None)
	writer.Release()
	expect(t, "without the writer readers share", []*isolation.Claim{reader, late}, []*isolation.Claim{writer})
}

func TestAdoptedScriptsHold(t *testing.T) {
	t.Parallel()
	r := isolation.NewRegistry()
	first := r.Adopt("m", "A", isolation.Full)
	second := r.Adopt("m", "B", isolation.None)
	waiter := r.Claim("m", "C", isolation.None)
	expect(t, "both adopted", []*isolation.Claim{first, second}, []*isolation.Claim{waiter})
	second.Release()
	expect(t, "one left", nil, []*isolation.Claim{waiter})
	first.Release()
	expect(t, "none left", []*isolation.Claim{waiter}, nil)
}

func TestMessages(t *testing.T) {
	t.Parallel()
	const only = "requires that no other Octopus scripts are executing on this target at the same time."
	type holder struct {
		task  string
		level isolation.Level
	}
	tests := []struct {
		name    string
		holders []holder
		waiter  holder
		want    string
	}{
		{"a writer behind a writer", []holder{{"ServerTasks-301", isolation.Full}}, holder{"ServerTasks-302", isolation.Full},
			"Waiting for the script in task [ServerTasks-301](~/app#/tasks/ServerTasks-301) to finish as this script " + only},
		{"of the same task", []holder{{"ServerTasks-301", isolation.Full}}, holder{"ServerTasks-301", isolation.Full},
			"Waiting on another script in this task to finish as this task " + only},
		{"a reader behind a writer", []holder{{"ServerTasks-301", isolation.Full}}, holder{"ServerTasks-303", isolation.None},
			"Waiting for the script in task [ServerTasks-301](~/app#/tasks/ServerTasks-301) to finish as that script " + only},
		{"a writer behind readers", []holder{{"T-1", isolation.None}, {"T-2", isolation.None}, {"T-1", isolation.None}, {"T-3", isolation.None}}, holder{"T-9", isolation.Full},
			"Waiting on scripts in tasks [T-1](~/app#/tasks/T-1), [T-2](~/app#/tasks/T-2) and [T-3](~/app#/tasks/T-3) to finish. This script " + only},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := isolation.NewRegistry()
			for _, h := range tt.holders {
				r.Claim("m", h.task, h.level)
			}
			if got := r.Claim("m", tt.waiter.task, tt.waiter.level).Waiting(); got != tt.want {
				t.Errorf("got  %q\nwant %q", got, tt.want)
			}
		})
	}
	r := isolation.NewRegistry()
	r.Claim("mutexT", "ServerTasks-601", isolation.Full)
	c := r.Claim("mutexT", "ServerTasks-602", isolation.Full)
	for got, want := range map[string]string{
		c.Acquiring():           "Acquiring isolation mutex mutexT with FullIsolation in ServerTasks-602",
		c.Cancelled():           "This task was canceled before it could start. Task [ServerTasks-601](~/app#/tasks/ServerTasks-601) is still running.",
		c.TimedOut(time.Minute): "This task waited more than 1 minutes and timed out. Task [ServerTasks-601](~/app#/tasks/ServerTasks-601) is still running.",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func expect(t *testing.T, when string, yes, no []*isolation.Claim) {
	t.Helper()
	for i, c := range yes {
		if !granted(c) {
			t.Errorf("%s: claim %d is not granted", when, i)
		}
	}
	for i, c := range no {
		if granted(c) {
			t.Errorf("%s: claim %d is granted", when, i)
		}
	}
}

func granted(c *isolation.Claim) bool {
	select {
	case <-c.Granted():
		return true
	default:
		return false
	}
}
