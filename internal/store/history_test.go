package store_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// The model of a collection: each document is a register with a revision.
type (
	register struct{ revision, legs int64 }
	// request reads a document, writes it where it still has the revision (update), or adds to what it holds (modify).
	request struct {
		id, kind       string
		revision, legs int64
	}
	// answer is what the document is after the request; refused: it had another revision.
	answer struct {
		register
		refused bool
	}
)

func registers() porcupine.NondeterministicModel {
	return porcupine.NondeterministicModel{
		Partition: func(ops []porcupine.Operation) [][]porcupine.Operation {
			parts := map[string][]porcupine.Operation{}
			for _, op := range ops {
				id := op.Input.(request).id
				parts[id] = append(parts[id], op)
			}
			return slices.Collect(maps.Values(parts))
		},
		Init: func() []any { return []any{register{revision: 1}} },
		Step: func(state, input, output any) []any {
			now, in := state.(register), input.(request)
			next, want := now, answer{}
			switch {
			case in.kind == "update" && in.revision != now.revision:
				want.refused = true
			case in.kind == "update":
				next = register{now.revision + 1, in.legs}
			case in.kind == "modify":
				next = register{now.revision + 1, now.legs + in.legs}
			}
			if !want.refused {
				want.register = next
			}
			switch output {
			case nil: // nobody knows
				return []any{now, next}
			case want:
				return []any{next}
			}
			return nil
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v → %+v", in, out) },
	}
}

// flaky loses some answers, on either side, and sometimes lets the database stay away so long that nobody learns what became of a commit.
func flaky(random *rand.Rand, away time.Duration) func() storetest.Loss {
	var until time.Time
	return func() storetest.Loss {
		how := storetest.Losses()[random.IntN(2)]
		switch n := random.IntN(100); {
		case time.Now().Before(until):
			return storetest.Before
		case n == 0:
			until = time.Now().Add(away)
			return how
		case n < 15:
			return how
		}
		return storetest.Kept
	}
}

// carryOut does what is asked of the database, and tells whether it is certain.
func (r request) carryOut(db *store.DB, doc *animal) (out answer, certain bool) {
	var err error
	switch r.kind {
	case "read":
		err = db.Read(context.Background(), func(tx *store.Tx) error {
			got, err := animals.Get(tx, r.id)
			if err == nil {
				*doc = *got
			}
			return err
		})
	case "update":
		err = db.Write(context.Background(), func(tx *store.Tx) error { return animals.Update(tx, doc) })
	case "modify":
		err = db.Write(context.Background(), func(tx *store.Tx) error {
			got, err := animals.Modify(tx, r.id, func(a *animal) error { a.Legs += int(r.legs); return nil })
			if err == nil {
				*doc = *got
			}
			return err
		})
	}
	if fault.Is(err, fault.KindConflict) {
		return answer{refused: true}, true
	}
	return answer{register: register{doc.Revision, int64(doc.Legs)}}, err == nil
}

// Concurrent clients of two nodes read and write documents while answers are lost: there is an order that explains what each was told.
func TestHistoriesOfDocuments(t *testing.T) {
	t.Parallel()
	storetest.EachSeed(t, 2, func(t *testing.T, seed uint64) {
		url := storetest.PostgresURL(t)
		db := storetest.Open(t, url)
		makeTable(t, db)
		ids := []string{add(t, db, "Cow", 0).ID, add(t, db, "Hen", 0).ID}
		h := storetest.NewHistory()
		var group sync.WaitGroup
		for client := range 6 {
			random := rand.New(rand.NewPCG(seed, uint64(client)))
			if client%3 == 0 {
				var commits *storetest.Commits
				db, commits = storetest.OpenLosing(t, url, 100*time.Millisecond)
				commits.Choose(flaky(rand.New(rand.NewPCG(seed, uint64(client+100))), 300*time.Millisecond))
			}
			node := db
			group.Go(func() { use(h, client, random, node, ids) })
		}
		group.Wait()
		h.Check(t, registers())
	})
}

// use is one client.
func use(h *storetest.History, client int, random *rand.Rand, db *store.DB, ids []string) {
	held := map[string]*animal{}
	for range 30 {
		r := request{id: ids[random.IntN(len(ids))], kind: []string{"read", "update", "update", "modify"}[random.IntN(4)], legs: random.Int64N(1000)}
		if held[r.id] == nil {
			held[r.id], r.kind = &animal{}, "read"
		}
		doc := held[r.id]
		h.Do(client, func() (any, any, bool) {
			if r.kind == "update" {
				r.revision, doc.Legs = doc.Revision, int(r.legs)
			}
			out, certain := r.carryOut(db, doc)
			return r, out, certain
		})
	}
}
