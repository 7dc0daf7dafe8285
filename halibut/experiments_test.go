package halibut

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// experiment is what real peers made of a way of writing, summed over sizes.
type experiment struct {
	Group, Role, Halibut, What string
	Tries, OK, Failed          int
}

func experiments(t *testing.T) []experiment {
	t.Helper()
	f, err := os.Open("testdata/experiments.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all []experiment
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	return all
}

// kindOfEnding names how a message ends in the words of the experiments.
func kindOfEnding(document, wire []byte) string {
	if len(wire) == len(document)+5 && wire[0] == 1 {
		return "stored blocks only, one write"
	}
	for k := 1; k <= len(document) && k <= 65535; k++ {
		at := len(wire) - k - 5
		if at < 0 {
			break
		}
		header := []byte{1, byte(k), byte(k >> 8), ^byte(k), ^byte(k >> 8)}
		if !bytes.Equal(wire[at:at+5], header) || !bytes.HasSuffix(document, wire[at+5:]) {
			continue
		}
		before, err := io.ReadAll(flate.NewReader(bytes.NewReader(wire[:at])))
		if errors.Is(err, io.ErrUnexpectedEOF) && bytes.Equal(before, document[:len(document)-k]) {
			return "Flush() + final stored block with the last"
		}
	}
	return "something else"
}

// TestWriterAgainstExperiments: our way of ending a message is one that no real
// peer ever failed on, and pauses are as long as the oldest needs.
func TestWriterAgainstExperiments(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, n := range []int{20, 420, 2048, 2049, 70_000, 200_000} {
		document := append([]byte{0, 0, 0, 0}, bytes.Repeat([]byte("some text "), n/10)...)
		var writes [][]byte
		err := testCodec().Encode(document, func(b []byte) error { writes = append(writes, bytes.Clone(b)); return nil })
		if err != nil || len(writes) != 1 {
			t.Fatalf("%d writes, %v", len(writes), err)
		}
		kinds[kindOfEnding(document, writes[0])] = true
	}
	want := map[string]bool{"stored blocks only, one write": true, "Flush() + final stored block with the last": true}
	if diff := cmp.Diff(want, kinds); diff != "" {
		t.Error(diff)
	}
	tries, separate, old := 0, 0, 0
	for _, e := range experiments(t) {
		ours := strings.Contains(e.What, "stored blocks only") || strings.Contains(e.What, "Flush() + final stored block") && strings.Contains(e.What, "one write")
		if (e.Group == "a-d" || e.Group == "boundary") && ours {
			if tries += e.Tries; e.Failed > 0 {
				t.Errorf("%+v", e)
			}
		}
		atOnce := strings.HasSuffix(e.What, "every unit its own record") || strings.HasSuffix(e.What, "in two writes at once")
		switch {
		case !strings.Contains(e.What, "Flush + final stored") && !strings.Contains(e.What, "MX-SERVER and"):
		case e.Halibut != "4.4.8" && atOnce:
			if separate += e.Tries; e.Failed > 0 {
				t.Errorf("without pauses: %+v", e)
			}
		case e.Halibut == "4.4.8" && strings.Contains(e.What, fmt.Sprintf("%d ms", paceGap.Milliseconds())):
			if old += e.Tries; e.Failed > 0 {
				t.Errorf("with pauses: %+v", e)
			}
		}
	}
	if tries < 14_000 || separate < 400 || old < 50 {
		t.Errorf("%d, %d and %d tries", tries, separate, old)
	}
}

// TestBackoff has the pauses of a real service whose server could not be reached.
func TestBackoff(t *testing.T) {
	t.Parallel()
	b := Backoff{Min: 5 * time.Second, Max: 2 * time.Minute}
	for _, test := range []struct {
		elapsed time.Duration
		spread  float64
		want    time.Duration
	}{
		{0, 0.5, 5 * time.Second}, {4 * time.Second, 0, 5 * time.Second}, {10 * time.Second, 0.3, 13 * time.Second},
		{time.Minute, 0.9, 114 * time.Second}, {time.Hour, 0, 2 * time.Minute},
	} {
		if got := b.pause(test.elapsed, test.spread); got != test.want {
			t.Errorf("after %v: %v, want %v", test.elapsed, got, test.want)
		}
	}
}

// TestAttempts counts how often a poller dials before it pauses.
func TestAttempts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err  error
		want int
	}{
		"refused": {syscall.ECONNREFUSED, 1}, "no such host": {&net.DNSError{IsNotFound: true}, 1}, "something else": {errors.New("reset"), 5},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			dials := 0
			enough := make(chan struct{})
			p, err := NewPoller(PollerConfig{
				Certificate: replayCertificates()[1], Services: goldenServices(t), Subscription: "poll://x",
				Server:   Endpoint{URI: "https://127.0.0.1:1", Thumbprint: Thumbprint(replayCertificates()[0])},
				Timeouts: Timeouts{RetryListeningSleepInterval: time.Millisecond},
				Dial: func(context.Context, string, string) (net.Conn, error) {
					mu.Lock()
					defer mu.Unlock()
					if dials++; dials == test.want {
						close(enough)
					}
					return nil, test.err
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- p.Run(ctx) }()
			<-enough
			select {
			case <-done:
			case <-time.After(100 * time.Millisecond): // in which there would be many more
			}
			cancel()
			<-done
			if dials != test.want {
				t.Errorf("%d attempts, want %d", dials, test.want)
			}
		})
	}
}
