package presence

import (
	"context"
)

// Await returns a channel that gets a value when the agent may have connected somewhere. It is a hint, and ends with stop.
func (b *Book) Await(subscription string) (changed <-chan struct{}, stop func()) {
	c := make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.waiting[subscription] == nil {
		b.waiting[subscription] = map[chan struct{}]bool{}
	}
	b.waiting[subscription][c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.waiting[subscription], c)
		if len(b.waiting[subscription]) == 0 {
			delete(b.waiting, subscription)
		}
	}
}

// listen wakes those who wait.
func (b *Book) listen(ctx context.Context) {
	notices := b.c.DB.Listen(Channel)
	defer notices.Close()
	for {
		select {
		case <-ctx.Done():
			return
		case subscription := <-notices.C:
			b.wake(subscription)
		}
	}
}

// wake wakes those who wait for one agent, or all.
func (b *Book) wake(subscription string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if subscription != "" {
		signal(b.waiting[subscription])
		return
	}
	for _, waiting := range b.waiting {
		signal(waiting)
	}
}

func signal(waiting map[chan struct{}]bool) {
	for c := range waiting {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}
