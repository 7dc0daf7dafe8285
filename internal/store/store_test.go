package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// animal is a document of the tests.
type animal struct {
	store.Meta
	Name  string
	Legs  int
	Eats  []string
	Owner struct{ Name string }
}

var animals = store.Collection[animal]{
	Table: "animal", Prefix: "Animals-", Noun: "animal",
	Columns: []store.Column[animal]{
		{Name: "name", Value: func(a *animal) any { return a.Name }},
		{Name: "name_key", Value: func(a *animal) any { return store.Fold(a.Name) }},
		{Name: "legs", Value: func(a *animal) any { return a.Legs }},
	},
	Links: []store.Link[animal]{{Name: "food", Values: func(a *animal) []string { return a.Eats }}},
	Keys: []store.Key[animal]{{Columns: []string{"name_key"}, Taken: func(a *animal) string {
		return fmt.Sprintf("an animal named %q exists already; choose another name", a.Name)
	}}},
}

func makeTable(t *testing.T, db *store.DB) {
	t.Helper()
	write(t, db, func(tx *store.Tx) error {
		for _, s := range []string{
			"CREATE TABLE animal (id TEXT PRIMARY KEY, seq BIGINT, revision BIGINT, doc TEXT, name TEXT, name_key TEXT, legs BIGINT)",
			"CREATE UNIQUE INDEX animal_name_key_key ON animal (name_key)",
			"CREATE TABLE animal_link (owner_id TEXT, kind TEXT, value TEXT, PRIMARY KEY (owner_id, kind, value))",
		} {
			if _, err := tx.Exec(s); err != nil {
				return err
			}
		}
		return nil
	})
}

func write(t *testing.T, db *store.DB, f func(*store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func add(t *testing.T, db *store.DB, name string, legs int, eats ...string) *animal {
	t.Helper()
	a := &animal{Name: name, Legs: legs, Eats: eats}
	write(t, db, func(tx *store.Tx) error { a.ID = ""; return animals.Insert(tx, a) })
	return a
}

func TestCollection(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		makeTable(t, db)
		cow := add(t, db, "Cow", 4, "grass")
		add(t, db, "Ärger_hen", 2, "corn", "grass", "corn")
		add(t, db, "ant", 6, "corn")
		if cow.ID != "Animals-1" {
			t.Errorf("ID = %s", cow.ID)
		}
		for _, test := range []struct {
			query store.Query
			want  []string
		}{
			{store.Query{}, []string{"Cow", "Ärger_hen", "ant"}},
			{store.Query{OrderBy: []string{"name_key"}}, []string{"ant", "Cow", "Ärger_hen"}},
			{store.Query{OrderBy: []string{"legs DESC"}, Take: 1, Skip: 1}, []string{"Cow"}},
			{store.Query{Skip: 2}, []string{"ant"}},
			{store.Query{Where: []store.Cond{store.Eq("food", "corn")}}, []string{"Ärger_hen", "ant"}},
			{store.Query{Where: []store.Cond{store.NotIn("food", "corn")}}, []string{"Cow"}},
			{store.Query{Where: []store.Cond{store.In("legs", 4, 6)}}, []string{"Cow", "ant"}},
			{store.Query{Where: []store.Cond{store.In[string]("id")}}, []string{}},
			{store.Query{Where: []store.Cond{store.Contains("name_key", "ÄRGER_")}}, []string{"Ärger_hen"}},
			{store.Query{Where: []store.Cond{store.Contains("name_key", "%")}}, []string{}},
			{store.Query{Where: []store.Cond{store.AtLeast("legs", 4), store.Less("legs", 6)}}, []string{"Cow"}},
		} {
			var got []string
			err := db.Read(t.Context(), func(tx *store.Tx) error {
				docs, err := animals.Find(tx, test.query)
				got = []string{}
				for _, d := range docs {
					got = append(got, d.Name)
				}
				return err
			})
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("%+v: %v\n%s", test.query, err, diff)
			}
		}
	})
}

func TestUniqueKeyIsAConflictThatNamesTheThing(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		makeTable(t, db)
		add(t, db, "Cow", 4)
		err := db.Write(t.Context(), func(tx *store.Tx) error { return animals.Insert(tx, &animal{Name: "cow"}) })
		if !fault.Is(err, fault.KindConflict) || err.Error() != `an animal named "cow" exists already; choose another name` {
			t.Errorf("err = %v", err)
		}
		err = db.Write(t.Context(), func(tx *store.Tx) error {
			return animals.Insert(tx, &animal{Meta: store.Meta{ID: "Animals-1"}, Name: "other"})
		})
		if !fault.Is(err, fault.KindConflict) {
			t.Errorf("same ID: %v", err)
		}
		if next := add(t, db, "Dog", 4); next.ID != "Animals-2" {
			t.Errorf("a rolled back insert left a gap: %s", next.ID)
		}
	})
}

func TestUpdateKeepsUnknownMembersAndRefusesStaleOnes(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		makeTable(t, db)
		id := add(t, db, "Cow", 4).ID
		write(t, db, func(tx *store.Tx) error {
			_, err := tx.Exec("UPDATE animal SET doc = $1 WHERE id = $2", `{"Id":"Animals-1","Name":"Cow","Legs":4,"Horns":2,"Owner":{"Name":"Ann","Age":40}}`, id)
			return err
		})
		var stale *animal
		write(t, db, func(tx *store.Tx) (err error) {
			stale, err = animals.Get(tx, id)
			return err
		})
		write(t, db, func(tx *store.Tx) error {
			_, err := animals.Modify(tx, id, func(a *animal) error { a.Legs, a.Owner.Name = 3, "Bob"; return nil })
			return err
		})
		err := db.Write(t.Context(), func(tx *store.Tx) error { return animals.Update(tx, stale) })
		if !fault.Is(err, fault.KindConflict) {
			t.Errorf("stale update: %v", err)
		}
		var text string
		write(t, db, func(tx *store.Tx) error { return tx.QueryRow("SELECT doc FROM animal").Scan(&text) })
		var got map[string]any
		if err := json.Unmarshal([]byte(text), &got); err != nil {
			t.Fatal(err)
		}
		want := map[string]any{"Id": id, "Name": "Cow", "Legs": 3.0, "Horns": 2.0, "Eats": nil, "Owner": map[string]any{"Name": "Bob", "Age": 40.0}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestMissingDocument(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		makeTable(t, db)
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := animals.Get(tx, "Animals-9")
			return errors.Join(err, animals.Delete(tx, "Animals-9"))
		})
		if !fault.Is(err, fault.KindNotFound) {
			t.Error(err)
		}
	})
}

func TestConcurrentWritersLoseNothing(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		makeTable(t, db)
		id := add(t, db, "Millipede", 0).ID
		const writers, each = 8, 20
		var group sync.WaitGroup
		for range writers {
			group.Go(func() {
				for range each {
					err := db.Write(context.Background(), func(tx *store.Tx) error {
						_, err := animals.Modify(tx, id, func(a *animal) error { a.Legs++; return nil })
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		write(t, db, func(tx *store.Tx) error {
			a, err := animals.Get(tx, id)
			if err == nil && a.Legs != writers*each {
				t.Errorf("%d legs, want %d", a.Legs, writers*each)
			}
			return err
		})
	})
}

func TestNotifyWakesListenersAfterCommit(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		l := db.Listen("tasks")
		defer l.Close()
		fails := errors.New("rolled back")
		if err := db.Write(t.Context(), func(tx *store.Tx) error { tx.Notify("tasks", "lost"); return fails }); !errors.Is(err, fails) {
			t.Fatal(err)
		}
		deadline := time.After(10 * time.Second)
		for {
			write(t, db, func(tx *store.Tx) error { tx.Notify("tasks", "ServerTasks-1"); return nil })
			select {
			case got := <-l.C:
				if got == "lost" {
					t.Fatal("a notice of a rolled back transaction arrived")
				}
				if got == "ServerTasks-1" {
					return
				}
			case <-deadline:
				t.Fatal("no wake-up")
			case <-time.After(50 * time.Millisecond): // the listening session may not stand yet
			}
		}
	})
}

func TestOnCommitRunsOnce(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		ran := 0
		write(t, db, func(tx *store.Tx) error { tx.OnCommit(func() { ran++ }); return nil })
		_ = db.Write(t.Context(), func(tx *store.Tx) error { tx.OnCommit(func() { ran++ }); return errors.New("no") })
		if ran != 1 {
			t.Errorf("ran %d times", ran)
		}
	})
}

func TestTimeColumn(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		want := time.Date(2026, 3, 4, 5, 6, 7, 891000, time.UTC)
		write(t, db, func(tx *store.Tx) error {
			if _, err := tx.Exec("INSERT INTO write_mark (id, at) VALUES ('x', $1)", store.At(want)); err != nil {
				return err
			}
			var got store.Time
			if err := tx.QueryRow("SELECT at FROM write_mark WHERE id = 'x'").Scan(&got); err != nil {
				return err
			}
			if !got.Equal(want) {
				t.Errorf("got %v, want %v", got, want)
			}
			return nil
		})
	})
}

func TestReadTransactionsCannotWrite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		err := db.Read(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec("INSERT INTO write_mark (id, at) VALUES ('x', 1)")
			return err
		})
		if err == nil {
			t.Error("a read transaction wrote")
		}
	})
}

func TestSecondServerOnOneSQLiteFileIsRefused(t *testing.T) {
	t.Parallel()
	url := storetest.SQLiteURL(t)
	storetest.Open(t, url)
	_, err := store.Open(t.Context(), store.Options{URL: url})
	if !fault.Is(err, fault.KindConflict) {
		t.Errorf("err = %v", err)
	}
}
