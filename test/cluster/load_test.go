//go:build unix

package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// load asks the API behind the load balancer for one thing after the other, and counts what was not answered.
type load struct {
	t      *testing.T
	url    string
	apiKey string
	http   *http.Client
	name   string
	// browser, where there is one, is somebody's session, in which every second reader asks.
	browser *http.Client

	mu sync.Mutex
	// acknowledged are the IDs of what was made and acknowledged, by name; unknown the names of those whose answer was lost.
	acknowledged map[string]string
	unknown      map[string]bool
	requests     int
	failures     []string
	good         time.Time
	gap          time.Duration
	// served counts the answers of each node.
	served map[string]int

	stop context.CancelFunc
	done sync.WaitGroup
}

// reads are what the readers ask for in turn.
func reads() []string {
	return []string{"/api/Spaces-1/projects?take=10", "/api/Spaces-1/machines?take=10", "/api/tasks?take=10", "/api/Spaces-1/dashboard", "/api/users/me",
		"/api/Spaces-1/environments/all", "/api/octopusservernodes/all", "/api/Spaces-1/releases?take=5"}
}

// startLoad asks so many times a second; one request in five writes.
func (w *world) startLoad(name string, perSecond int) *load {
	return w.startLoadBy(name, perSecond, nil)
}

// startLoadBy is startLoad with somebody's session.
func (w *world) startLoadBy(name string, perSecond int, browser *http.Client) *load {
	l := &load{t: w.t, url: w.balancer.URL(), apiKey: w.nodes[0].APIKey, name: name, browser: browser, http: &http.Client{Timeout: 30 * time.Second},
		acknowledged: map[string]string{}, unknown: map[string]bool{}, good: time.Now(), served: map[string]int{}}
	ctx, cancel := context.WithCancel(context.Background())
	l.stop = cancel
	l.done.Go(func() {
		tick := time.NewTicker(time.Second / time.Duration(perSecond))
		defer tick.Stop()
		for i := 0; ctx.Err() == nil; i++ {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			l.done.Go(func() { l.one(ctx, i) })
		}
	})
	return l
}

func (l *load) one(ctx context.Context, i int) {
	if i%5 == 0 {
		l.write(ctx, fmt.Sprintf("%s %d", l.name, i))
		return
	}
	path := reads()[i%len(reads())]
	client := l.http
	if l.browser != nil && i%2 == 0 {
		client = l.browser
	}
	err := l.askBy(client, http.MethodGet, path, "", nil, nil)
	l.note(path, err)
}

// write makes a project group, and tries again with the same key until it is answered.
func (l *load) write(ctx context.Context, name string) {
	for {
		var made mainjob.Object
		err := l.ask(http.MethodPost, "/api/Spaces-1/projectgroups", "make "+name, mainjob.Object{"Name": name}, &made)
		l.note("POST projectgroups", err)
		l.mu.Lock()
		if err == nil {
			l.acknowledged[name] = made.ID()
			delete(l.unknown, name)
		} else {
			l.unknown[name] = true
		}
		l.mu.Unlock()
		if err == nil || ctx.Err() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(time.Second):
		}
	}
}

func (l *load) ask(method, path, key string, in, out any) error {
	return l.askBy(l.http, method, path, key, in, out)
}

func (l *load) askBy(client *http.Client, method, path, key string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequest(method, l.url+path, body)
	if err != nil {
		return err
	}
	if client != l.browser {
		r.Header.Set("X-Octopus-ApiKey", l.apiKey)
	}
	if key != "" {
		r.Header.Set("Idempotency-Key", strings.ReplaceAll(key, " ", "-"))
		r.Header.Set("Content-Type", "application/json")
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	l.mu.Lock()
	l.served[answer.Header.Get("Octopus-Node")]++
	l.mu.Unlock()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%d %.200s", answer.StatusCode, text)
	}
	if err == nil && out != nil {
		err = json.Unmarshal(text, out)
	}
	return err
}

func (l *load) note(what string, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.requests++
	if err != nil {
		l.failures = append(l.failures, fmt.Sprintf("%s %s: %v", now.Format("15:04:05.000"), what, err))
		return
	}
	l.gap = max(l.gap, now.Sub(l.good))
	l.good = now
}

// end stops asking, and returns what was counted.
func (l *load) end() (requests int, failures []string, gap time.Duration) {
	l.stop()
	l.done.Wait()
	l.http.CloseIdleConnections()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gap = max(l.gap, time.Since(l.good))
	return l.requests, l.failures, l.gap
}

// lost returns the names of what was acknowledged and is not there, or is there more than once.
func (l *load) lost() (names []string, err error) {
	var all []mainjob.Object
	for range 20 { // the cluster is whole by now
		if err = l.ask(http.MethodGet, "/api/Spaces-1/projectgroups/all", "", nil, &all); err == nil {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(errors.New("read what was written"), err)
	}
	found := map[string][]string{}
	for _, g := range all {
		found[g.Text("Name")] = append(found[g.Text("Name")], g.ID())
	}
	for name, id := range l.acknowledged {
		if ids := found[name]; len(ids) != 1 || ids[0] != id {
			names = append(names, fmt.Sprintf("%s: acknowledged as %s, found as %v", name, id, ids))
		}
	}
	for name := range l.unknown {
		if ids := found[name]; len(ids) > 1 {
			names = append(names, fmt.Sprintf("%s: found as %v", name, ids))
		}
	}
	return names, nil
}
