package shim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/agent/outputlog"
)

// cancelPoll is how often the shim looks whether the script is to be ended.
const cancelPoll = 100 * time.Millisecond

// killedGrace is how long output is read after everything was killed, or closed by force.
const killedGrace = 2 * time.Second

// output is the read side of the script's two pipes.
type output struct {
	files [2]*os.File
	done  chan struct{}
}

// errUnwanted says that the script was cancelled before it began.
var errUnwanted = errors.New("the script was cancelled before it began")

// start starts the script and the copying of its output.
func (r *run) start() (*output, error) {
	if r.workspace.Cancelled() {
		return nil, errUnwanted
	}
	tree, err := newTree()
	if err != nil {
		return nil, err
	}
	r.tree = tree
	cmd := command(r.job)
	cmd.Dir = r.workspace.Dir
	if err := r.allowStart(); err != nil {
		return nil, err
	}
	return r.startWithPipes(cmd)
}

func (r *run) startWithPipes(cmd *exec.Cmd) (*output, error) {
	out := &output{done: make(chan struct{})}
	var writers [2]*os.File
	for i := range out.files {
		var err error
		if out.files[i], writers[i], err = os.Pipe(); err != nil {
			return nil, err
		}
		defer writers[i].Close()
	}
	cmd.Stdout, cmd.Stderr = writers[0], writers[1]
	if err := r.tree.start(cmd); err != nil {
		return nil, err
	}
	var copying sync.WaitGroup
	for i, source := range []outputlog.Source{outputlog.Stdout, outputlog.Stderr} {
		copying.Go(func() {
			err := r.log.Copy(source, out.files[i], r.mask)
			if err != nil && !errors.Is(err, fs.ErrClosed) {
				_ = r.log.Write(outputlog.Stderr, fmt.Sprintf("The output of the script could not be read further: %v", err))
			}
		})
	}
	go func() {
		copying.Wait()
		close(out.done)
	}()
	return out, nil
}

// untilExit waits for the script's own process.
func (r *run) untilExit() int32 {
	tick := time.NewTicker(cancelPoll)
	defer tick.Stop()
	guard := r.guardTimer()
	for {
		select {
		case code := <-r.tree.exited:
			return code
		case <-guard:
			r.endUnstarted()
		case <-tick.C:
			r.killIfCancelled()
		}
	}
}

// untilDrained waits for the end of the output, within a bound: a process that the script left behind may hold it
// open for ever.
func (r *run) untilDrained(out *output) {
	tick := time.NewTicker(cancelPoll)
	defer tick.Stop()
	grace := time.NewTimer(r.job.OutputGrace)
	defer grace.Stop()
	for {
		select {
		case <-out.done:
			return
		case <-tick.C:
			if r.killIfCancelled() || r.unstarted {
				grace.Reset(0)
			}
		case <-grace.C:
			r.endHolders(out)
			return
		}
	}
}

func (r *run) endHolders(out *output) {
	if !r.killed && !r.unstarted {
		ended := r.tree.killHolders(out.files[:])
		_ = r.log.Write(outputlog.Stderr, fmt.Sprintf(
			"The script has ended, but a process that it left behind kept its output open for another %v; %s. Redirect the output of background processes.",
			r.job.OutputGrace, ended))
	}
	last := time.NewTimer(killedGrace)
	defer last.Stop()
	select {
	case <-out.done:
		return
	case <-last.C:
	}
	for _, f := range out.files {
		_ = f.Close()
	}
	_ = r.log.Write(outputlog.Stderr, "The output of the script is still held open by a process that could not be ended; what it writes from now on is lost.")
}

// killIfCancelled ends the whole tree when the agent asked for it.
func (r *run) killIfCancelled() bool {
	if !r.killed && !r.workspace.Cancelled() {
		return false
	}
	r.killed = true
	r.tree.kill()
	return true
}

// The files by which a guarded PowerShell script and the shim agree whether it may still begin.
const (
	startedName   = ".octopus_powershell_started"
	shouldRunName = ".octopus_powershell_should_run"
)

func (r *run) allowStart() error {
	if r.job.StartupGuard <= 0 {
		return nil
	}
	return os.WriteFile(filepath.Join(r.workspace.Dir, shouldRunName), nil, 0o644)
}

func (r *run) guardTimer() <-chan time.Time {
	if r.job.StartupGuard <= 0 {
		return nil
	}
	return time.After(r.job.StartupGuard)
}

// endUnstarted ends a PowerShell that never reached the first line of its script.
func (r *run) endUnstarted() {
	_ = os.Remove(filepath.Join(r.workspace.Dir, shouldRunName))
	if _, err := os.Stat(filepath.Join(r.workspace.Dir, startedName)); err == nil {
		return
	}
	r.unstarted = true
	_ = r.log.Write(outputlog.Stderr, fmt.Sprintf("PowerShell did not begin the script within %v; it was ended.", r.job.StartupGuard))
	r.tree.kill()
}
