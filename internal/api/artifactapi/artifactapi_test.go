package artifactapi_test

import (
	"bytes"
	"context"
	"io"
	"mime"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/api/apitest"
	"github.com/mantledeploy/mantle/internal/api/artifactapi"
	"github.com/mantledeploy/mantle/internal/artifact"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
	"github.com/mantledeploy/mantle/internal/task"
)

type fixture struct {
	*apitest.Server
	files blob.Store
}

func start(t *testing.T, db *store.DB) fixture {
	t.Helper()
	files, err := blob.NewDir(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return fixture{apitest.Start(t, db, apitest.Ground, func(e *api.Engine) { artifactapi.Register(e, files) }), files}
}

func (f fixture) write(t *testing.T, do func(tx *store.Tx) error) {
	t.Helper()
	if err := f.DB.Write(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// keep makes an artifact as a task does, and returns its ID and its task's.
func (f fixture) keep(t *testing.T, n task.New, name, content string) (id, taskID string) {
	t.Helper()
	key := "artifacts/" + rand(t)
	written, err := f.files.Put(t.Context(), key, strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	f.write(t, func(tx *store.Tx) error {
		n.SpaceID = "Spaces-1"
		row, err := task.Enqueue(tx, n)
		if err != nil {
			return err
		}
		taskID = row.ID
		for range 2 { // a step that is taken up again keeps its artifact again
			if err := artifact.Keep(tx, "Spaces-1", row.ID, name, "web01", key, written.Size); err != nil {
				return err
			}
		}
		made, err := artifact.Artifacts().Find(tx, store.Query{Where: []store.Cond{store.Eq("task_id", row.ID)}})
		if err != nil || len(made) != 1 {
			t.Fatalf("%d artifacts, %v", len(made), err)
		}
		id = made[0].ID
		return nil
	})
	return id, taskID
}

func rand(t *testing.T) string {
	return strings.ToLower(strings.ReplaceAll(t.Name(), "/", "-")) + "-" + strings.ReplaceAll(time.Now().Format("150405.000000000"), ".", "")
}

// count returns how many files there are.
func (f fixture) count(t *testing.T) int {
	t.Helper()
	n := 0
	for _, err := range f.files.List(t.Context(), "") {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestArtifactsEcho(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db)
		_, taskID := f.keep(t, task.New{Kind: "Deploy", ProjectID: "Projects-1"}, "first.txt", "")
		apitest.Echo(t, f.Server, apitest.EchoRow{Type: "ArtifactResource", Path: "/api/Spaces-1/artifacts",
			Sample:   map[string]any{"Filename": "notes.txt", "Source": "build", "ServerTaskId": taskID, "LogCorrelationId": "step-1", "SpaceId": "Spaces-1"},
			Change:   map[string]any{"Filename": "other.txt"},
			Computed: []string{"Id", "Created", "LastModifiedOn", "LastModifiedBy"}})
		for _, body := range []map[string]any{{"Filename": " "}, {"Filename": "a\nb"}, {"Filename": strings.Repeat("x", 1001)}, {"Filename": "a", "ServerTaskId": "ServerTasks-99"}, {"Filename": "a", "ServerTaskId": "\x00"}} {
			f.Do(t, http.MethodPost, "/api/Spaces-1/artifacts", body).Want(400)
		}
	})
}

func TestLists(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db)
		a, taskA := f.keep(t, task.New{Kind: "Deploy", ProjectID: "Projects-1", EnvironmentID: "Environments-1", Arguments: map[string]any{"DeploymentId": "Deployments-7"}}, "Überblick.txt", "a")
		b, _ := f.keep(t, task.New{Kind: "Deploy", ProjectID: "Projects-2"}, "b.log", "b")
		for query, want := range map[string][]string{
			"": {b, a}, "?order=asc": {a, b}, "?order=desc&take=1": {b}, "?regarding=" + taskA: {a}, "?regarding=Projects-2": {b}, "?regarding=Deployments-7": {a},
			"?ids=" + a: {a}, "?partialName=%C3%BCBER": {a}, "?regarding=none": {},
		} {
			if diff := cmp.Diff(want, f.ids(t, apitest.Key, query)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", query, diff)
			}
		}
		f.Do(t, http.MethodGet, "/api/Spaces-1/artifacts?order=sideways", nil).Want(400)
		role := f.Do(t, http.MethodPost, "/api/userroles", map[string]any{"Name": "Sees", "GrantedSpacePermissions": []string{"ArtifactView"}}).Want(201).Object()["Id"].(string)
		key := f.User(t, "viewer", role, "Spaces-1", access.ScopedUserRole{EnvironmentIDs: []string{"Environments-1"}})
		if diff := cmp.Diff([]string{a}, f.ids(t, key, "")); diff != "" {
			t.Errorf("who sees one environment (-want +got):\n%s", diff)
		}
		f.DoAs(t, key, http.MethodGet, "/api/Spaces-1/artifacts/"+b+"/content", nil).Want(404)
		f.DoAs(t, key, http.MethodGet, "/api/Spaces-1/artifacts/"+a+"/content", nil).Want(200)
		f.DoAs(t, key, http.MethodPut, "/api/Spaces-1/artifacts/"+a+"/content", "x").Want(403)
		f.DoAs(t, key, http.MethodDelete, "/api/Spaces-1/artifacts/"+a, nil).Want(403)
	})
}

func (f fixture) ids(t *testing.T, key, query string) []string {
	t.Helper()
	var page struct{ Items []struct{ ID string } }
	f.DoAs(t, key, http.MethodGet, "/api/Spaces-1/artifacts"+query, nil).Want(200).Into(&page)
	ids := []string{}
	for _, item := range page.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

func TestDownloads(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db)
		for name, want := range map[string][2]string{
			"report.txt": {"report.txt", "text/plain; charset=utf-8"}, "page.html": {"page.html", "application/octet-stream"}, "x.svg": {"x.svg", "application/octet-stream"},
			"../../etc/passwd": {"passwd", "application/octet-stream"}, `C:\logs\a b.json`: {"a b.json", "application/json"}, "Größe \"1\";.zip": {"Größe \"1\";.zip", "application/zip"},
			"..": {"artifact", "application/octet-stream"}, "a\r\nSet-Cookie: x=y": {"a__Set-Cookie: x=y", "application/octet-stream"},
		} {
			id, _ := f.keep(t, task.New{Kind: "Deploy"}, name, "0123456789")
			got := f.Do(t, http.MethodGet, "/api/Spaces-1/artifacts/"+id+"/content", nil).Want(200)
			disposition, params, err := mime.ParseMediaType(got.Header.Get("Content-Disposition"))
			if err != nil || disposition != "attachment" || params["filename"] != want[0] || got.Header.Get("Content-Type") != want[1] || string(got.Body) != "0123456789" {
				t.Errorf("%q: %v %s", name, got.Header, got.Body)
			}
			if got.Header.Get("X-Content-Type-Options") != "nosniff" || got.Header.Get("Set-Cookie") != "" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%q: %v", name, got.Header)
			}
		}
		id, taskID := f.keep(t, task.New{Kind: "Deploy"}, "r.bin", "0123456789")
		part := func(spec string) apitest.Answer {
			return f.Send(t, http.MethodGet, "/api/artifacts/"+id+"/content", http.Header{"X-Octopus-Apikey": {apitest.Key}, "Range": {spec}}, nil)
		}
		if got := part("bytes=2-4").Want(206); string(got.Body) != "234" || got.Header.Get("Content-Range") != "bytes 2-4/10" {
			t.Errorf("the part is %s, %v", got.Body, got.Header)
		}
		part("bytes=50-").Want(416)
		if got := f.Do(t, http.MethodHead, "/api/Spaces-1/artifacts/"+id+"/content", nil).Want(200); got.Header.Get("Content-Length") != "10" || len(got.Body) != 0 {
			t.Errorf("HEAD: %v", got.Header)
		}
		f.Do(t, http.MethodGet, "/api/Spaces-1/artifacts/"+id+"/content", nil).Want(200)
		var events struct{ Items []struct{ Category string } }
		f.Do(t, http.MethodGet, "/api/events?regarding="+taskID, nil).Want(200).Into(&events)
		if len(events.Items) != 1 || events.Items[0].Category != "ArtifactDownloaded" {
			t.Errorf("events: %v", events.Items)
		}
	})
}

func TestUploadsReplaceAndDeletesRemove(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db)
		id := f.Do(t, http.MethodPost, "/api/Spaces-1/artifacts", map[string]any{"Filename": "big.bin"}).Want(201).Object()["Id"].(string)
		content := "/api/Spaces-1/artifacts/" + id + "/content"
		f.Do(t, http.MethodGet, content, nil).Want(404)
		big := bytes.Repeat([]byte("0123456789abcdef"), 1<<19) // 8 MB: more than JSON may be
		for _, body := range [][]byte{[]byte("first"), {}, big} {
			put := f.Do(t, http.MethodPut, content, body).Want(200).Object()
			if put["SizeInBytes"] != float64(len(body)) {
				t.Errorf("after the upload: %v", put)
			}
			got := f.Do(t, http.MethodGet, content, nil).Want(200)
			if !bytes.Equal(got.Body, body) || got.Header.Get("ETag") == "" {
				t.Errorf("%d bytes came back of %d", len(got.Body), len(body))
			}
			if n := f.count(t); n != 1 {
				t.Errorf("%d files are kept", n)
			}
		}
		form := "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\nformed\r\n--b--\r\n"
		f.Send(t, http.MethodPut, content, http.Header{"X-Octopus-Apikey": {apitest.Key}, "Content-Type": {"multipart/form-data; boundary=b"}}, form).Want(200)
		if got := f.Do(t, http.MethodGet, content, nil).Want(200); string(got.Body) != "formed" {
			t.Errorf("the form gave %q", got.Body)
		}
		f.Send(t, http.MethodPut, content, http.Header{"X-Octopus-Apikey": {apitest.Key}, "Content-Type": {"multipart/form-data; boundary=b"}}, "--b").Want(400)
		f.Do(t, http.MethodPut, "/api/Spaces-1/artifacts/Artifacts-99/content", "x").Want(404)
		f.Do(t, http.MethodDelete, "/api/Spaces-1/artifacts/"+id, nil).Want(200)
		f.Do(t, http.MethodGet, content, nil).Want(404)
		if n := f.count(t); n != 0 {
			t.Errorf("%d files are left", n)
		}
	})
}

// An upload that breaks off changes nothing, and leaves nothing.
func TestACutUploadIsNotKept(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db)
		id, _ := f.keep(t, task.New{Kind: "Deploy"}, "a.txt", "before")
		ctx, cut := context.WithCancel(t.Context())
		r, w := io.Pipe()
		req, err := http.NewRequestWithContext(ctx, http.MethodPut, f.URL+"/api/Spaces-1/artifacts/"+id+"/content", r)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("X-Octopus-ApiKey", apitest.Key)
		done := make(chan struct{})
		go func() {
			defer close(done)
			res, err := http.DefaultClient.Do(req)
			if err == nil {
				res.Body.Close()
			}
		}()
		if _, err := w.Write(make([]byte, 1<<20)); err != nil {
			t.Fatal(err)
		}
		cut()
		w.CloseWithError(io.ErrClosedPipe)
		<-done
		storetest.Eventually(t, "the rest of the upload is gone", func() bool {
			var rows int
			err := f.DB.Read(t.Context(), func(tx *store.Tx) error { return tx.QueryRow("SELECT COUNT(*) FROM artifact_file").Scan(&rows) })
			return err == nil && rows == 1 && f.count(t) == 1
		})
		if got := f.Do(t, http.MethodGet, "/api/Spaces-1/artifacts/"+id+"/content", nil).Want(200); string(got.Body) != "before" {
			t.Errorf("the content is %q", got.Body)
		}
	})
}

func TestSweep(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		f := start(t, db)
		kept, _ := f.keep(t, task.New{Kind: "Deploy"}, "kept.txt", "kept")
		gone, _ := f.keep(t, task.New{Kind: "Deploy"}, "gone.txt", "gone")
		received, err := artifact.Receive(t.Context(), db, f.files, "Spaces-1", kept, strings.NewReader("never settled"))
		if err != nil {
			t.Fatal(err)
		}
		f.write(t, func(tx *store.Tx) error { return artifact.Artifacts().Delete(tx, gone) })
		for _, step := range []struct {
			age  time.Duration
			want int
		}{{time.Hour, 2}, {-time.Hour, 1}} {
			if err := artifact.Sweep(t.Context(), db, f.files, step.age); err != nil {
				t.Fatal(err)
			}
			if n := f.count(t); n != step.want {
				t.Errorf("%d files are left, not %d", n, step.want)
			}
		}
		f.write(t, func(tx *store.Tx) error {
			a, err := artifact.Artifacts().Get(tx, kept)
			if err != nil {
				return err
			}
			if _, err = artifact.Settle(tx, a, received); err == nil {
				t.Error("a swept file was settled")
			}
			return nil
		})
		f.Do(t, http.MethodGet, "/api/Spaces-1/artifacts/"+kept+"/content", nil).Want(200)
	})
}
