package taskapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/api/taskapi"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

func TestSearchInALog(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db, nil)
		id := f.enqueue(t, task.New{SpaceID: "Spaces-1", Kind: "Deploy"})
		f.put(t, id, tasklog.Block{ID: "root", Name: "Deploy", Status: tasklog.Running})
		f.put(t, id, tasklog.Block{ID: "second", ParentID: "root", Place: 2, Status: tasklog.Pending})
		f.put(t, id, tasklog.Block{ID: "first", ParentID: "root", Place: 1, Status: tasklog.Success})
		f.append(t, id, "first", 6000)
		f.append(t, id, "second", 20)
		f.write(t, func(tx *store.Tx) error {
			return tasklog.Append(tx, id, "second", []tasklog.Line{{Category: tasklog.Info, Text: "ÄRGER with LINE 5999"}})
		})
		spot := func(block string, line int64) taskapi.Spot { return taskapi.Spot{BlockID: block, Line: line} }
		tests := []struct {
			query string
			want  taskapi.Search
		}{
			{"text=line+5999", taskapi.Search{Found: []taskapi.Spot{spot("first", 5999), spot("second", 20)}}},
			{"text=%C3%A4rger", taskapi.Search{Found: []taskapi.Spot{spot("second", 20)}}},
			{"text=nowhere", taskapi.Search{Found: []taskapi.Spot{}}},
			{"text=line+1&most=2", taskapi.Search{Found: []taskapi.Spot{spot("first", 1), spot("first", 10)}, Next: &taskapi.Spot{BlockID: "first", Line: 11}}},
			{"text=line+599&most=20&block=first&from=5995", taskapi.Search{Found: []taskapi.Spot{spot("first", 5995), spot("first", 5996), spot("first", 5997), spot("first", 5998), spot("first", 5999), spot("second", 20)}}},
			{"text=line+19&block=second&from=19", taskapi.Search{Found: []taskapi.Spot{spot("second", 19)}}},
			{"text=line&block=second&from=4000", taskapi.Search{Found: []taskapi.Spot{}}},
			{"text=line+5999&most=1", taskapi.Search{Found: []taskapi.Spot{spot("first", 5999)}, Next: &taskapi.Spot{BlockID: "second", Line: 0}}},
		}
		for _, tt := range tests {
			var got taskapi.Search
			f.Do(t, "GET", "/api/tasks/"+id+"/log/search?"+tt.query, nil).Want(200).Into(&got)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", tt.query, diff)
			}
		}
		f.Do(t, "GET", "/api/tasks/"+id+"/log/search", nil).Want(400)
		f.Do(t, "GET", "/api/tasks/"+id+"/log/search?text=a&block=none", nil).Want(404)
	})
}
