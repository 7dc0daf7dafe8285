package storage

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// node is a node of a cluster, as far as files go.
type node struct {
	*Files
	m *cluster.Member
}

// joinNode starts a node whose default directory is the given one.
func joinNode(t *testing.T, db *store.DB, name, byDefault string, opener blob.Opener) *node {
	t.Helper()
	f, err := Open(t.Context(), Config{
		DB: db, Open: opener, Default: byDefault, Installation: installation,
		Follow: 50 * time.Millisecond, Probe: 100 * time.Millisecond, Retry: 50 * time.Millisecond, Patience: 5 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	m, err := cluster.Join(t.Context(), db, cluster.Config{Name: name, Epoch: cluster.NewEpoch(), TaskCap: 1})
	if err != nil {
		t.Fatal(err)
	}
	f.Join(t.Context(), m)
	ctx, stop := context.WithCancel(t.Context())
	var parts sync.WaitGroup
	parts.Go(func() { _ = m.Run(ctx) })
	parts.Go(func() { _ = f.Run(ctx, m) })
	t.Cleanup(func() { stop(); parts.Wait() })
	return &node{f, m}
}

// TestMoveWhileNodesWork: files are written, read and deleted by two nodes while everything moves, and nothing is lost.
func TestMoveWhileNodesWork(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		old, target := filepath.Join(t.TempDir(), "old"), filepath.Join(t.TempDir(), "new")
		nodes := []*node{joinNode(t, db, "a", old, nil)}
		if db.Engine() == store.Postgres {
			nodes = append(nodes, joinNode(t, db, "b", old, nil))
		}
		for i := range 200 {
			put(t, nodes[0], fmt.Sprintf("artifacts/Spaces-1/%03d", i), fmt.Sprint("content ", i))
		}
		ctx, stop := context.WithCancel(t.Context())
		var work sync.WaitGroup
		var written, failures atomic.Int64
		for _, n := range nodes {
			work.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					key := fmt.Sprintf("packages/Spaces-1/%s-%d", n.m.Name(), i)
					_, err := n.Put(context.Background(), key, strings.NewReader(key))
					for _, reader := range nodes {
						if text := read(t, reader, key); err == nil && text != key {
							err = errors.New("read " + text)
						}
					}
					if text := read(t, n, fmt.Sprintf("artifacts/Spaces-1/%03d", i%200)); err == nil && text != fmt.Sprint("content ", i%200) {
						err = errors.New("read " + text)
					}
					if i%3 == 0 && err == nil {
						err = n.Delete(context.Background(), key)
					} else {
						written.Add(1)
					}
					if err != nil && failures.Add(1) < 5 {
						t.Error(err)
					}
				}
			})
		}
		r, err := mover(nodes[0].Files).Run(t.Context(), Shared, target)
		stop()
		work.Wait()
		if err != nil || r.Files < 200 {
			t.Fatalf("%+v, %v", r, err)
		}
		fresh := mover(nodes[0].Files).shelf(target).files // alone, without what nodes still look at
		found := int64(0)
		for info, err := range fresh.List(t.Context(), "packages/") {
			if err != nil {
				t.Fatal(err)
			}
			if read(t, fresh, info.Key) != info.Key {
				t.Errorf("%s is damaged", info.Key)
			}
			found++
		}
		if found != written.Load() {
			t.Errorf("%d files at the target; %d were written and not deleted", found, written.Load())
		}
	})
}

// TestMoveWhoseEndIsWaitedFor: a node follows the end of a move late, after the mover's next heartbeat would have come. The move has ended well for all that.
func TestMoveWhoseEndIsWaitedFor(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	old, target := filepath.Join(t.TempDir(), "old"), filepath.Join(t.TempDir(), "new")
	n := joinNode(t, db, "a", old, nil)
	put(t, n, "artifacts/1", "content")
	late, err := cluster.Join(t.Context(), db, cluster.Config{Name: "late", TaskCap: 1}) // what the node says of its files the test writes
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var parts sync.WaitGroup
	parts.Go(func() { _ = late.Run(ctx) })
	t.Cleanup(func() { stop(); parts.Wait() })
	follow := func() error {
		return db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`INSERT INTO storage_node (node_id, epoch, generation, problem) SELECT $1, $2, generation, '' FROM storage_state
				ON CONFLICT (node_id) DO UPDATE SET generation = excluded.generation`, late.ID(), late.Epoch())
			return err
		})
	}
	m := mover(n.Files)
	var ended time.Time
	m.Progress = func(p Progress) {
		s, err := m.state(t.Context())
		if err != nil {
			t.Error(err)
		}
		if s.Move == nil && ended.IsZero() {
			ended = time.Now()
		}
		if len(p.Waiting) == 1 && p.Waiting[0] == "late" && (s.Move != nil || time.Since(ended) > 3*moverBeat/2) {
			if err := follow(); err != nil {
				t.Error(err)
			}
		}
	}
	if r, err := m.Run(t.Context(), Shared, target); err != nil || r.Files != 1 || ended.IsZero() {
		t.Errorf("%+v, %v; waited at the end: %v", r, err, !ended.IsZero())
	}
}

// failing is a store whose process dies, as it were, after some writes.
type failing struct {
	blob.Store
	left *atomic.Int64
	die  context.CancelFunc
}

func (f failing) Put(ctx context.Context, key string, content io.Reader) (blob.Written, error) {
	w, err := f.Store.Put(ctx, key, content)
	if err == nil && f.left.Add(-1) == 0 {
		f.die()
	}
	return w, err
}

// TestMoveThatIsCut goes on where it was, again and again, and ends well.
func TestMoveThatIsCut(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		n := joinNode(t, db, "a", filepath.Join(t.TempDir(), "old"), nil)
		target := filepath.Join(t.TempDir(), "new")
		for i := range 150 {
			put(t, n, fmt.Sprintf("artifacts/%03d", i), fmt.Sprint("content ", i))
		}
		put(t, n, "packages/other", "stays")
		copied, runs := 0, 0
		for done := false; !done; runs++ {
			ctx, die := context.WithCancel(t.Context())
			left := &atomic.Int64{}
			left.Store(40)
			m := mover(n.Files)
			m.Open = func(ctx context.Context, location string) (blob.Store, error) {
				s, err := blob.OpenPath(ctx, location)
				if location == target {
					s = failing{s, left, die}
				}
				return s, err
			}
			r, err := m.Run(ctx, Artifacts, target)
			if done = err == nil; !done && !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			copied += r.Files
			for _, key := range []string{"artifacts/000", "artifacts/149"} {
				if !strings.HasPrefix(read(t, n, key), "content") {
					t.Errorf("%s is not readable after run %d: %s", key, runs, read(t, n, key))
				}
			}
			die()
		}
		if runs < 3 || copied < 150 || copied > 150+runs*batchFiles {
			t.Errorf("%d files were copied in %d runs", copied, runs)
		}
		if err := n.refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		at, own := n.current().Location(Artifacts)
		if other, _ := n.current().Location(Packages); at != target || !own || other != "" || read(t, n, "packages/other") != "stays" {
			t.Errorf("artifacts are at %q, packages at %q", at, other)
		}
	})
}

func TestMoveBackAndForth(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	n := joinNode(t, db, "a", filepath.Join(t.TempDir(), "old"), nil)
	target := filepath.Join(t.TempDir(), "new")
	put(t, n, "artifacts/old", "old")
	halfway(t, n.Files, target)
	put(t, n, "artifacts/new", "new")
	if _, err := mover(n.Files).Run(t.Context(), Artifacts, filepath.Join(t.TempDir(), "third")); !fault.Is(err, fault.KindConflict) {
		t.Errorf("a second move: %v", err)
	}
	if _, err := mover(n.Files).Run(t.Context(), Shared, ""); err != nil { // turns it around
		t.Fatal(err)
	}
	if got := read(t, n, "artifacts/old") + read(t, n, "artifacts/new"); got != "oldnew" {
		t.Errorf("after the move was turned around there is %s", got)
	}
	alone := mover(n.Files).shelf("").files
	if read(t, alone, "artifacts/new") != "new" {
		t.Error("what was written to the target did not come back")
	}
	if r, err := mover(n.Files).Run(t.Context(), Shared, target); err != nil || r.Files != 2 {
		t.Errorf("there again: %+v, %v", r, err)
	}
}

func TestMoveRefuses(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	dir := t.TempDir()
	n := joinNode(t, db, "a", filepath.Join(dir, "old"), nil)
	foreign := filepath.Join(dir, "foreign")
	open(t, storetest.SQLite(t), foreign)
	other, err := blob.NewDir(filepath.Join(dir, "other"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, other, identityPrefix+"abc", `{"Installation":"another"}`)
	for target, want := range map[string]string{
		filepath.Join(dir, "old", "below"): "within each other",
		dir:                                "within each other",
		filepath.Join(dir, "old"):          "already",
		filepath.Join(dir, "other"):        "another cluster",
		"s3://bucket":                      "no driver",
	} {
		if _, err := mover(n.Files).Run(t.Context(), Shared, target); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", target, err, want)
		}
	}
	if n.current().Move != nil {
		t.Error("a refused move is under way")
	}
}

// TestMoveIsCalledOffWhereANodeDoesNotReachTheTarget: no file is written where one node would not see it.
func TestMoveIsCalledOffWhereANodeDoesNotReachTheTarget(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	old, target := filepath.Join(t.TempDir(), "old"), filepath.Join(t.TempDir(), "new")
	a := joinNode(t, db, "a", old, nil)
	elsewhere := t.TempDir()
	b := joinNode(t, db, "b", old, func(ctx context.Context, location string) (blob.Store, error) {
		if location == target {
			location = elsewhere
		}
		return blob.OpenPath(ctx, location)
	})
	put(t, b, "artifacts/k", "k")
	_, err := mover(a.Files).Run(t.Context(), Shared, target)
	if !fault.Is(err, fault.KindConflict) || !strings.Contains(err.Error(), "the node b does not reach") {
		t.Errorf("%v", err)
	}
	if err := a.refresh(t.Context()); err != nil || a.current().Move != nil || read(t, a, "artifacts/k") != "k" {
		t.Errorf("the move is still under way: %+v, %v", a.current().Move, err)
	}
}

// TestSlowWriteIsCarriedAlong: a write that began before a move and ends after it is found.
func TestSlowWriteIsCarriedAlong(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	f := open(t, db, filepath.Join(t.TempDir(), "old")) // a node that was stopped: nobody waits for it
	target := filepath.Join(t.TempDir(), "new")
	r, w := io.Pipe()
	done := make(chan error, 1)
	go func() {
		_, err := f.Put(context.Background(), "artifacts/slow", r)
		done <- err
	}()
	if _, err := w.Write([]byte("slow")); err != nil {
		t.Fatal(err)
	}
	if _, err := mover(f).Run(t.Context(), Shared, target); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := read(t, mover(f).shelf(target).files, "artifacts/slow"); got != "slow" {
		t.Errorf("at the target there is %s", got)
	}
}

func TestDamagedFilesAreTakenAlongAndTold(t *testing.T) {
	t.Parallel()
	f := open(t, storetest.SQLite(t), filepath.Join(t.TempDir(), "old"))
	put(t, f, "artifacts/good", "good")
	put(t, f, "artifacts/bad", "bad")
	m := mover(f)
	m.Recorded = func(_ context.Context, key string) (string, error) {
		if key == "artifacts/bad" {
			return strings.Repeat("0", 64), nil
		}
		return "", nil
	}
	r, err := m.Run(t.Context(), Shared, filepath.Join(t.TempDir(), "new"))
	if err != nil || len(r.Damaged) != 1 || r.Damaged[0] != "artifacts/bad" || r.Files != 2 {
		t.Errorf("%+v, %v", r, err)
	}
}
