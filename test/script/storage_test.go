package script

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// storageCommands are what scripts about the file store have:
//
//	newdatabase              MANTLE_DATABASE is a PostgreSQL database of its own
//	upload KEY NAME          uploads a small package under the file's name
//	fill DIR COUNT           writes that many small files
//	cutmove DIR FLAG…        runs `mantle path --move` with the flags, and kills it once files are in DIR
func storageCommands(t *testing.T) map[string]func(*testscript.TestScript, bool, []string) {
	t.Helper()
	return map[string]func(*testscript.TestScript, bool, []string){
		"newdatabase": func(ts *testscript.TestScript, _ bool, _ []string) {
			ts.Setenv("MANTLE_DATABASE", storetest.PostgresURL(t))
		},
		"upload": upload, "fill": fill, "cutmove": cutMove,
	}
}

func upload(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: upload KEY NAME")
	}
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", args[1])
	ts.Check(err)
	_, err = part.Write([]byte("PK\x05\x06" + string(make([]byte, 18)))) // an empty archive
	ts.Check(err)
	ts.Check(form.Close())
	req, err := http.NewRequest(http.MethodPost, ts.Getenv("URL")+"/api/packages/raw", &body)
	ts.Check(err)
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("X-Octopus-ApiKey", args[0])
	resp, err := http.DefaultClient.Do(req)
	ts.Check(err)
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		ts.Fatalf("upload: %s", resp.Status)
	}
}

func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fill DIR COUNT")
	}
	var count int
	_, err := fmt.Sscan(args[1], &count)
	ts.Check(err)
	dir := ts.MkAbs(args[0])
	ts.Check(os.MkdirAll(dir, 0o700))
	for i := range count {
		ts.Check(os.WriteFile(filepath.Join(dir, fmt.Sprintf("%05d", i)), fmt.Appendf(nil, "file %d", i), 0o600))
	}
}

// cutMove kills the command in the middle of its work. Where it ends before, the test has proved nothing and fails.
func cutMove(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: cutmove DIR FLAG…")
	}
	program, err := exec.LookPath(filepath.Join(ts.Getenv("SERVER_DIR"), "mantle"))
	ts.Check(err)
	cmd := exec.Command(program, append([]string{"path", "--move"}, args[1:]...)...)
	cmd.Dir, cmd.Env = ts.MkAbs("."), environment(ts)
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ctx, cancel := context.WithTimeout(context.Background(), readyWithin)
	defer cancel()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case err := <-ended:
			ts.Fatalf("the move ended before it could be killed: %v", err)
		case <-ctx.Done():
			ts.Fatalf("the move has copied nothing in %s", readyWithin)
		case <-tick.C:
		}
		if files, _ := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*")); len(files) >= 20 {
			break
		}
	}
	ts.Check(cmd.Process.Kill())
	if err := <-ended; err == nil {
		ts.Fatalf("the move ended before it was killed")
	}
}
