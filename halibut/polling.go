package halibut

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/mantledeploy/mantle/halibut/frame"
)

// line is one connection of a polling service. A goroutine of its own reads, all
// the time; requests are written by their askers, null messages by a timer. So an
// agent that goes away is noticed at once, and costs one goroutine.
//
//	idle → taken → exchanging → (response, NEXT, PROCEED) → idle
//	idle → keeping (null message) → (NEXT, PROCEED) → idle
//	any → gone
type line struct {
	q     *Queue
	c     *conn
	info  Connection
	keep  *time.Timer // sends a null message
	state lineState   // guarded by q.mu
	under *underway   // while exchanging; guarded by q.mu
}

type lineState int

const (
	lineBusy       lineState = iota // between two requests
	lineIdle                        // in the subscription's list
	lineTaken                       // given to an asker, who has written nothing yet
	lineExchanging                  // a request has been written, in part at least
	lineKeeping                     // a null message has been
	lineGone
)

// underway is an exchange whose response is awaited.
type underway struct {
	x    Exchange
	sent chan struct{} // closed when the asker writes no more
	done chan outcome  // gets one
}

type outcome struct {
	response *RawResponse
	err      error
}

// errNeverWritten: the connection ended before a byte of the request left.
var errNeverWritten = errors.New("the connection ended before the request was written")

// join adds a connection, unless the subscription has enough of them.
func (q *Queue) join(c *conn, name string, limit int) (*line, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	sub := q.sub(name)
	if limit > 0 && len(sub.lines) >= limit {
		return nil, fmt.Errorf("subscription %s has %d connections already, and that is the limit", name, limit)
	}
	q.lastID++
	ln := &line{q: q, c: c, info: Connection{
		ID: q.lastID, Subscription: name, Thumbprint: c.peer.Thumbprint, RemoteAddress: c.peer.RemoteAddress, Since: time.Now(),
	}}
	sub.lines[ln] = struct{}{}
	return ln, nil
}

// leave removes the connection.
func (ln *line) leave() {
	q := ln.q
	q.mu.Lock()
	sub := q.sub(ln.info.Subscription)
	delete(sub.lines, ln)
	if i := slices.Index(sub.idle, ln); i >= 0 {
		sub.idle = slices.Delete(sub.idle, i, i+1)
	}
	ln.state = lineGone
	if ln.keep != nil {
		ln.keep.Stop()
	}
	q.tidy(ln.info.Subscription, sub)
	q.mu.Unlock()
}

// run reads until the connection ends; only an end that should not be is an error.
func (ln *line) run() error {
	if f := ln.q.cfg.OnConnect; f != nil {
		f(ln.info)
	}
	if f := ln.q.cfg.OnDisconnect; f != nil {
		defer f(ln.info)
	}
	defer ln.leave() // before OnDisconnect, so that it sees the truth
	for {
		if err := ln.turn(); err != nil {
			return quiet(err)
		}
	}
}

// turn waits for one request or null message, and for what the peer says to it.
func (ln *line) turn() error {
	c := ln.c
	if err := c.expect(0); err != nil { // whoever writes sets the limit
		return err
	}
	ln.q.ready(ln)
	err := ln.listen()
	ln.q.mu.Lock()
	state, under := ln.state, ln.under
	ln.state, ln.under = lineBusy, nil
	if err != nil {
		ln.state = lineGone
	}
	if ln.keep != nil {
		ln.keep.Stop()
	}
	if i := slices.Index(ln.q.sub(ln.info.Subscription).idle, ln); i >= 0 {
		s := ln.q.sub(ln.info.Subscription)
		s.idle = slices.Delete(s.idle, i, i+1)
	}
	ln.q.mu.Unlock()
	if state == lineExchanging {
		if err = ln.finish(under, err); err != nil {
			return err
		}
	}
	if err != nil {
		c.unanswered(err)
		return err
	}
	return ln.next(state)
}

// listen waits for the peer's next byte. While an exchange is under way a stop of
// ours does not end it.
func (ln *line) listen() error {
	for {
		_, err := ln.c.br.Peek(1)
		if err == nil {
			ln.c.lastUnit.Store(0)
			ln.c.link.flowRead(ln.c.timeouts.TCPClientTimeout)
			return nil
		}
		if !ln.c.stopping.Load() || !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		ln.q.mu.Lock()
		under := ln.state == lineExchanging
		ln.q.mu.Unlock()
		if !under {
			return errStopping
		}
		if err := ln.c.link.expect(ln.c.timeouts.TCPClientReceiveResponseTimeout); err != nil {
			return err
		}
	}
}

// finish reads the response, or says why there is none.
func (ln *line) finish(u *underway, err error) error {
	var out outcome
	if err != nil {
		ln.c.unanswered(err)
	} else {
		inspect := u.x.inspect
		if inspect == nil {
			inspect = inspectStreams
		}
		<-u.sent // who answers before the end of the request waits
		var document []byte
		var streams []*DataStream
		document, streams, err = ln.c.receive(inspect)
		out.response = &RawResponse{BSON: document, Streams: streams}
	}
	if err != nil {
		err = fmt.Errorf("read the response: %w", err)
		out = outcome{err: mayHaveRun(ln.info.Subscription, err)}
	} else {
		ln.c.answered()
	}
	u.done <- out
	return err
}

// next reads the line after a response or null message, and answers it.
func (ln *line) next(state lineState) error {
	c := ln.c
	_ = c.link.expect(c.timeouts.TCPClientHeartbeatTimeout)
	word, err := frame.ReadControl(c.br, c.limits.MaxLineBytes)
	if err != nil {
		return err
	}
	c.lastUnit.Store(0)
	switch {
	case word == frame.End:
		return errEnded
	case word != frame.Next || state != lineExchanging && state != lineKeeping:
		return fmt.Errorf("%w: %q where nothing or another word is expected", ErrProtocol, clip(word))
	}
	c.answered()
	if c.stopping.Load() {
		return errStopping
	}
	return c.word(frame.Proceed)
}

// ready offers a connection that waits for the next request.
func (q *Queue) ready(ln *line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.offer(ln)
}

// offer puts a connection where requests find it, or gives it one at once; q.mu
// is held.
func (q *Queue) offer(ln *line) {
	sub := q.sub(ln.info.Subscription)
	if len(sub.jobs) > 0 && !ln.c.stopping.Load() {
		j := sub.jobs[0]
		sub.jobs = slices.Delete(sub.jobs, 0, 1)
		ln.state = lineTaken
		j.taken <- ln
		return
	}
	ln.state = lineIdle
	sub.idle = append(sub.idle, ln)
	if ln.keep == nil {
		ln.keep = time.AfterFunc(q.cfg.Timeouts.PollingQueueWaitTimeout, ln.keepAlive)
	} else {
		ln.keep.Reset(q.cfg.Timeouts.PollingQueueWaitTimeout)
	}
}

// take marks an idle connection as an asker's; q.mu is held.
func (ln *line) take() {
	ln.state = lineTaken
	ln.keep.Stop()
}

// giveBack returns a connection on which nothing was written.
func (q *Queue) giveBack(ln *line) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if ln.state == lineTaken { // otherwise it has ended
		q.offer(ln)
	}
}

// keepAlive tells a service that has waited for long that there is nothing to do.
func (ln *line) keepAlive() {
	q := ln.q
	q.mu.Lock()
	sub := q.sub(ln.info.Subscription)
	i := slices.Index(sub.idle, ln)
	if ln.state != lineIdle || i < 0 {
		q.mu.Unlock()
		return
	}
	sub.idle = slices.Delete(sub.idle, i, i+1)
	ln.state = lineKeeping
	q.mu.Unlock()
	if ln.c.link.expect(ln.c.timeouts.TCPClientHeartbeatTimeout) != nil || ln.c.send(nullMessage(), nil) != nil {
		ln.c.kill()
	}
}

// exchange writes a request and waits for its response.
func (ln *line) exchange(ctx context.Context, x Exchange) (*RawResponse, error) {
	c, q := ln.c, ln.q
	u := &underway{x: x, sent: make(chan struct{}), done: make(chan outcome, 1)}
	q.mu.Lock()
	if ln.state != lineTaken {
		q.mu.Unlock()
		return nil, errNeverWritten
	}
	ln.state, ln.under = lineExchanging, u
	before := c.link.written.Load()
	_ = c.link.expect(c.timeouts.TCPClientReceiveResponseTimeout)
	q.mu.Unlock()
	stop := context.AfterFunc(ctx, c.kill)
	defer stop()
	err := c.send(x.Request.BSON, x.Request.Streams)
	if err != nil {
		c.kill()
	}
	close(u.sent)
	if err != nil {
		<-u.done
		if c.link.written.Load() == before {
			return nil, errNeverWritten // Route finds out if the asker has gone
		}
		return nil, mayHaveRun(x.Subscription, errors.Join(ctx.Err(), fmt.Errorf("write the request: %w", err)))
	}
	out := <-u.done
	if out.err != nil {
		if ctx.Err() != nil {
			return nil, mayHaveRun(x.Subscription, ctx.Err())
		}
		return nil, out.err
	}
	return out.response, nil
}
