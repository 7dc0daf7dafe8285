package halibut

import (
	"sync"
	"time"
)

// pacemaker remembers which peers need pauses between units. Peers of the 4.4 age
// drop bytes that arrive right behind a message or line, and then wait for them
// or hang up; that is all there is to recognise them by. What was learnt holds
// until the process ends.
type pacemaker struct {
	mu    sync.Mutex
	peers map[string]*peerPace
}

// peerPace is what is known about one peer.
type peerPace struct {
	mu    sync.Mutex
	good  int  // exchanges that worked although units followed each other closely
	paced bool // one failed before any of them worked
}

// provenAfter is how many exchanges prove that a peer needs no pauses: such a
// peer fails mostly, but now and then it does not.
const provenAfter = 3

func newPacemaker() *pacemaker { return &pacemaker{peers: map[string]*peerPace{}} }

func (p *pacemaker) of(thumbprint string) *peerPace {
	p.mu.Lock()
	defer p.mu.Unlock()
	peer := p.peers[thumbprint]
	if peer == nil {
		peer = &peerPace{}
		p.peers[thumbprint] = peer
	}
	return peer
}

// gap is the pause that the peer needs now.
func (p *peerPace) gap(pace Pace) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pace == PaceAlways || pace == PaceAuto && p.paced {
		return paceGap
	}
	return 0
}

// worked notes an exchange in which units followed each other closely.
func (p *peerPace) worked() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.good = min(p.good+1, provenAfter)
}

// failed notes such an exchange that got no answer; it reports whether there
// will be pauses from now on.
func (p *peerPace) failed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.good < provenAfter {
		p.paced = true
	}
	return p.paced
}
