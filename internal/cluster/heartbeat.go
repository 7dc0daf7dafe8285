package cluster

import (
	"context"
	"errors"
	"time"

	"github.com/mantledeploy/mantle/internal/store"
)

// Run keeps the lease, and reaps other nodes, until ctx ends or the epoch is retired.
func (m *Member) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer func() { m.endActing(context.Canceled) }()
	go m.guard(ctx)
	if m.db != nil {
		if m.db.Engine() == store.Postgres {
			go m.reap(ctx)
		}
		go m.wake(ctx)
	} else {
		go m.reap(ctx)
	}
	for {
		acknowledged, err := m.beat(ctx)
		if err != nil {
			return err
		}
		rest := m.c.Heartbeat
		if !acknowledged {
			rest /= 10
		}
		pause, done := context.WithCancel(ctx)
		go func() {
			defer done()
			select {
			case <-m.kick:
			case <-pause.Done():
			}
		}()
		_ = m.sleep(pause, rest)
		done()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// wake brings changed settings here sooner than the next heartbeat would.
func (m *Member) wake(ctx context.Context) {
	changes := m.db.Listen(WakeChannel)
	defer changes.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case id := <-changes.C:
			if id == m.id || id == "" {
				m.beatNow()
			}
		}
	}
}

// beat sends one renewal, and tells whether it was acknowledged. Only a retired epoch is an error. It waits half a lease: when that and the next one
// fail, the database was away for longer than half a lease, and every reaper begins to watch anew.
func (m *Member) beat(ctx context.Context) (acknowledged bool, err error) {
	sent := m.now()
	ctx, cancel := context.WithTimeout(ctx, m.c.Lease/2)
	defer cancel()
	m.mu.Lock()
	b := beat{id: m.id, epoch: m.epoch, running: m.running, stopping: m.stopping, trouble: m.trouble(), rewoundAt: m.rewoundAt}
	m.mu.Unlock()
	renewals, settings, err := m.ledger.renew(ctx, b)
	m.c.Metrics.Beat(m.now()-sent, err)
	switch {
	case errors.Is(err, ErrRetired):
		m.endActing(ErrRetired)
		return false, ErrRetired
	case err != nil:
		if ctx.Err() == nil || !errors.Is(err, context.Canceled) {
			m.c.Logger.Warn("the heartbeat was not acknowledged", "error", err)
		}
		return false, nil
	}
	m.renewed(sent, renewals, settings)
	return true, nil
}

// renewed takes an acknowledged renewal into account. Its lease counts from when it was sent: an answer that took longer than a lease
// renews nothing.
func (m *Member) renewed(sent time.Duration, renewals int64, settings Settings) {
	m.mu.Lock()
	defer m.mu.Unlock()
	rewound := renewals <= m.renewals
	m.renewals, m.settings = renewals, settings
	m.acknowledged = max(m.acknowledged, sent)
	m.lapse()
	if rewound {
		m.rewoundAt = time.Now()
		m.c.Logger.Error(ErrRewound.Error())
		m.c.Metrics.Rewound()
		m.stopActing(ErrRewound)
		m.beatNow()
	}
	if m.acting.Err() != nil && m.now()-m.acknowledged <= m.c.Stop {
		m.c.Logger.Info("the heartbeat is acknowledged: this node acts again")
		m.beginActing()
	}
}

// guard ends acting when the lease lapses. It does not wait for the database.
func (m *Member) guard(ctx context.Context) {
	for m.sleep(ctx, m.c.Stop/45) == nil {
		m.mu.Lock()
		m.lapse()
		m.mu.Unlock()
	}
}
