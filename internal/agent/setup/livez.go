package setup

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

const (
	heartbeatFile     = "livez.heartbeat"
	heartbeatInterval = 10 * time.Second
	heartbeatMaxAge   = 60 // seconds, unless --max-age says otherwise
)

// beat keeps the heartbeat file young while the agent runs.
func beat(ctx context.Context, path string) {
	tick := time.NewTicker(heartbeatInterval)
	defer tick.Stop()
	for {
		// An agent whose disk is full or read-only shows it by an old file.
		_ = os.WriteFile(path, nil, 0o644)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (p *Program) livezCommand() *action {
	a := newAction()
	var s selection
	maxAge := strconv.Itoa(heartbeatMaxAge)
	s.declare(a)
	a.options.String("max-age", "Seconds without a sign of life after which the agent counts as dead; "+maxAge+" if left out", &maxAge)
	a.run = func(context.Context, *action) error {
		seconds, err := strconv.Atoi(maxAge)
		if err != nil || seconds < 1 {
			return fault.Invalid("--max-age=%s is not a number of seconds from 1 on", maxAge)
		}
		f, err := p.open(s)
		if err != nil {
			return err
		}
		path := filepath.Join(f.Home(), heartbeatFile)
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return fault.NotFound("there is no sign of life at %s; the agent does not seem to run", path)
		}
		if err != nil {
			return err
		}
		if age := p.Now().Sub(info.ModTime()); age > time.Duration(seconds)*time.Second {
			return fault.Unavailable("the last sign of life is %s old; the agent does not seem to run", age.Round(time.Second))
		}
		p.say("The agent is alive.")
		return nil
	}
	return a
}
