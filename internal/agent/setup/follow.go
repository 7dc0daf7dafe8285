package setup

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/mantledeploy/mantle/internal/agent"
)

// followInterval is how often a running agent looks at its configuration file.
const followInterval = time.Second

// reloader is a running agent.
type reloader interface {
	Reload(trusted []string, servers []agent.PollingServer) error
}

// follow makes a running agent trust and poll what its configuration file says, whenever that changes: by a command of this program, a
// Tentacle's, or an editor. A file that cannot be read changes nothing. The rest of the file counts at the next start.
func (p *Program) follow(ctx context.Context, f *opened, a reloader, seen stamp) {
	tick := time.NewTicker(followInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := stampOf(f.Path())
		if now == seen || now == (stamp{}) { // a file that is being replaced is missing for a moment
			continue
		}
		seen = now
		if err := p.reload(f, a); err != nil {
			fmt.Fprintf(p.Stderr, "The changed configuration %s is not taken up: %v\n", f.Path(), err)
		}
	}
}

func (p *Program) reload(f *opened, a reloader) error {
	file, err := openFile(f.Path())
	if err != nil {
		return err
	}
	now := &opened{file, f.name}
	servers, err := now.TrustedServers()
	if err != nil {
		return err
	}
	var cfg agent.Config
	if err := p.addServers(now, &cfg, servers); err != nil {
		return err
	}
	return a.Reload(cfg.TrustedThumbprints, cfg.Polling)
}

// stamp tells versions of a file apart, as far as looking at it from outside can. The zero stamp is that of a file which cannot be seen.
type stamp struct {
	modified time.Time
	size     int64
	file     string
}

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{info.ModTime(), info.Size(), fileID(info)}
}
