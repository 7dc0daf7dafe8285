package storage

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func TestUnsharedDirectoryIsFoundAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	a := joinNode(t, db, "a", filepath.Join(t.TempDir(), "files"), nil)
	put(t, a, "tasklogs/x", "x")
	b := joinNode(t, db, "b", t.TempDir(), nil) // Join's probe is enough
	if trouble := b.m.Trouble(); !strings.Contains(trouble, "lacks the cluster's mark") || !strings.Contains(trouble, "mantle path") {
		t.Errorf("the node with a directory of its own says %q", trouble)
	}
	if trouble := a.m.Trouble(); trouble != "" {
		t.Errorf("the node that is right says %q", trouble)
	}
	if _, err := b.Put(t.Context(), "tasklogs/y", strings.NewReader("y")); !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("it writes: %v", err)
	}
	if _, err := b.Open(t.Context(), "tasklogs/x", blob.Part{}); !fault.Is(err, fault.KindUnavailable) {
		t.Errorf("an empty log is found before the reason is: %v", err)
	}
}

func TestVanishedStoreIsBorneWhereItIsGoneForAll(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	path := filepath.Join(t.TempDir(), "files")
	a, b := joinNode(t, db, "a", path, nil), joinNode(t, db, "b", path, nil)
	if a.m.Trouble()+b.m.Trouble() != "" || len(a.Problems())+len(b.Problems()) > 0 {
		t.Fatalf("two nodes on one store: %q %q", a.m.Trouble(), b.m.Trouble())
	}
	away := path + ".away"
	if err := os.Rename(path, away); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "both nodes see that it is gone, and take tasks", func() bool {
		return kind(a) == Away && kind(b) == Away && a.m.Trouble()+b.m.Trouble() == ""
	})
	storetest.Eventually(t, "the list of nodes tells", func() bool {
		found := problems(t, db)
		return strings.HasPrefix(found[a.m.ID()], "Away: ") && strings.HasPrefix(found[b.m.ID()], "Away: ")
	})
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "an empty mount point is trouble for both", func() bool {
		return kind(a) == Unshared && kind(b) == Unshared && a.m.Trouble() != "" && b.m.Trouble() != ""
	})
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(away, path); err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "it is well again", func() bool {
		return kind(a)+kind(b) == "" && a.m.Trouble()+b.m.Trouble() == "" && len(problems(t, db)) == 0
	})
}

func problems(t *testing.T, db *store.DB) (found map[string]string) {
	t.Helper()
	err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
		found, err = Problems(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func kind(n *node) string {
	for _, p := range n.Problems() {
		return p.Kind
	}
	return ""
}

// TestCopyOfTheStoreIsFound: a directory that was copied has the identity, but not what others write.
func TestCopyOfTheStoreIsFound(t *testing.T) {
	t.Parallel()
	db := storetest.Open(t, storetest.PostgresURL(t))
	path, copied := filepath.Join(t.TempDir(), "files"), filepath.Join(t.TempDir(), "copy")
	a := joinNode(t, db, "a", path, nil)
	if err := os.CopyFS(copied, os.DirFS(path)); err != nil {
		t.Fatal(err)
	}
	b := joinNode(t, db, "b", copied, nil)
	storetest.Eventually(t, "the node with the copy stops", func() bool { return strings.Contains(b.m.Trouble(), "What the node a writes") })
	storetest.Eventually(t, "the first node notices too", func() bool { return kind(a) == Blind })
	if trouble := a.m.Trouble(); trouble != "" {
		t.Errorf("the node that has run for longer stops: %q", trouble)
	}
}

func TestForeignStoreIsRefused(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		path := filepath.Join(t.TempDir(), "files")
		d, err := blob.NewDir(path)
		if err != nil {
			t.Fatal(err)
		}
		put(t, d, identityPrefix+"abc", `{"Installation":"another"}`)
		n := joinNode(t, db, "a", path, nil)
		if kind(n) != Foreign || !strings.Contains(n.m.Trouble(), "belongs to another cluster") {
			t.Errorf("%s: %q", kind(n), n.m.Trouble())
		}
	})
}

// still makes a node that looks only when it is told to.
func still(t *testing.T, db *store.DB, name, path string, patience time.Duration) *node {
	t.Helper()
	f, err := Open(t.Context(), Config{DB: db, Default: path, Installation: installation, Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	m, err := cluster.Join(t.Context(), db, cluster.Config{Name: name, Epoch: cluster.NewEpoch(), TaskCap: 1})
	if err != nil {
		t.Fatal(err)
	}
	f.Join(t.Context(), m)
	return &node{f, m}
}

// A database that does not answer is no trouble of the store: when it is back, nodes work at once.
func TestProbeThatWaitsForTheDatabaseBlamesNoStore(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	n := still(t, db, "a", filepath.Join(t.TempDir(), "files"), 3*time.Second)
	var hands sync.WaitGroup
	defer hands.Wait()
	held, release := make(chan bool), make(chan bool)
	hands.Go(func() {
		_ = db.Write(t.Context(), func(*store.Tx) error { // nobody else writes meanwhile
			close(held)
			<-release
			return nil
		})
	})
	<-held
	found := make(chan Problem, 1)
	hands.Go(func() {
		p, _ := n.probeOne(t.Context(), n.m, n.shelf(""))
		found <- p
	})
	longer := time.NewTimer(n.c.Patience + time.Second)
	defer longer.Stop()
	select {
	case p := <-found:
		t.Errorf("it did not wait for the database, and found %+v", p)
		found <- p
	case <-longer.C:
	}
	close(release)
	if p := <-found; p.Kind != "" {
		t.Errorf("found %+v", p)
	}
}

// A node that could not tell of its newer marker leaves the one that the others look for.
func TestMarkerStaysUntilItsSuccessorIsTold(t *testing.T) {
	t.Parallel()
	address, path := storetest.PostgresURL(t), filepath.Join(t.TempDir(), "files")
	db, commits := storetest.OpenLosing(t, address, time.Second)
	a := still(t, db, "a", path, time.Minute)
	b := still(t, storetest.Open(t, address), "b", path, time.Minute)
	commits.SetAway(true)
	if p, _ := a.probeOne(t.Context(), a.m, a.shelf("")); p.Kind != "" {
		t.Errorf("without its database one node found %+v", p)
	}
	commits.SetAway(false)
	if p, _ := b.probeOne(t.Context(), b.m, b.shelf("")); p.Kind != "" {
		t.Errorf("the other one found %+v", p)
	}
}

func TestMarkersDoNotPileUp(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "files")
	n := joinNode(t, storetest.SQLite(t), "a", path, nil)
	markers := func() (keys []string) {
		for info, err := range n.shelf("").files.List(t.Context(), markerPrefix) {
			if err == nil {
				keys = append(keys, info.Key)
			}
		}
		return keys
	}
	first := markers()
	storetest.Eventually(t, "another marker alone", func() bool { now := markers(); return len(now) == 1 && len(first) == 1 && now[0] != first[0] })
}
