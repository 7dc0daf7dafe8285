package storetest

import (
	"math"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

// History is what concurrent clients asked of the database, when, and what they were answered.
type History struct {
	mu    sync.Mutex
	begun time.Time
	ops   []porcupine.Operation
}

// NewHistory returns an empty history.
func NewHistory() *History { return &History{begun: time.Now()} }

// Do records one request. f carries it out and returns the answer; certain is false where nobody knows whether it was carried out: then it may
// have been at any time from its beginning on, or never, and the model's step is given nil for its answer. A request without an input is not recorded.
func (h *History) Do(client int, f func() (input, output any, certain bool)) {
	call := time.Since(h.begun).Nanoseconds()
	input, output, certain := f()
	back := time.Since(h.begun).Nanoseconds()
	if input == nil {
		return
	}
	if !certain {
		output, back = nil, math.MaxInt64
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.ops = append(h.ops, porcupine.Operation{ClientId: client, Input: input, Output: output, Call: call, Return: back})
}

// Len tells how many requests there were.
func (h *History) Len() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.ops)
}

// Check fails the test where no order of the requests, each between its beginning and its end, explains all answers by the model. It shows the
// requests of the first part that has none.
func (h *History) Check(t *testing.T, model porcupine.NondeterministicModel) {
	t.Helper()
	h.mu.Lock()
	ops := slices.Clone(h.ops)
	h.mu.Unlock()
	parts := [][]porcupine.Operation{ops}
	if model.Partition != nil {
		parts = model.Partition(ops)
	}
	model.Partition = nil
	whole := model.ToModel()
	for _, part := range parts {
		switch porcupine.CheckOperationsTimeout(whole, part, 20*time.Second) {
		case porcupine.Illegal:
			slices.SortFunc(part, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
			t.Error("no order of these requests explains their answers:")
			for _, op := range part {
				t.Logf("  %9.3f–%9.3f ms, client %d: %s", float64(op.Call)/1e6, float64(min(op.Return, h.last()))/1e6, op.ClientId, model.DescribeOperation(op.Input, op.Output))
			}
			return
		case porcupine.Unknown:
			t.Errorf("%d requests could not be checked in time; make the history shorter", len(part))
			return
		}
	}
}

// last is the end of the history.
func (h *History) last() (end int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, op := range h.ops {
		if op.Return != math.MaxInt64 {
			end = max(end, op.Return)
		}
	}
	return end
}

// EachSeed runs a test for each of Seeds, one after another, so that what one has opened is closed before the next one begins.
func EachSeed(t *testing.T, few uint64, f func(t *testing.T, seed uint64)) {
	t.Helper()
	for seed := range Seeds(few) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) { f(t, seed) })
	}
}

// Seeds are the numbers that histories are made from: a few, or as many as MANTLE_TEST_SEEDS says.
func Seeds(few uint64) uint64 {
	if more, err := strconv.ParseUint(os.Getenv("MANTLE_TEST_SEEDS"), 10, 32); err == nil {
		return more
	}
	return few
}
