//go:build unix

package cluster

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// signIn signs somebody in with a password, through the load balancer, and returns a browser with the session: the requests that follow
// are answered by any node.
func (w *world) signIn(name string) *http.Client {
	w.t.Helper()
	api := w.api()
	login := mainjob.Object{"Username": name, "Password": "correct horse battery staple"}
	person := api.Post("/api/users", mainjob.Object{"Username": name, "DisplayName": name, "Password": login["Password"]})
	team := api.Get("/api/teams/teams-administrators")
	members, _ := team["MemberUserIds"].([]any)
	team["MemberUserIds"] = append(members, person.ID())
	api.Put("/api/teams/teams-administrators", team)
	jar, err := cookiejar.New(nil)
	if err != nil {
		w.t.Fatal(err)
	}
	browser := &http.Client{Timeout: 30 * time.Second, Jar: jar}
	text, err := json.Marshal(login)
	if err != nil {
		w.t.Fatal(err)
	}
	answer, err := browser.Post(w.balancer.URL()+"/api/users/login", "application/json", bytes.NewReader(text))
	if err != nil {
		w.t.Fatal(err)
	}
	defer answer.Body.Close()
	if said, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusOK {
		w.t.Fatalf("sign in: %d %s", answer.StatusCode, said)
	}
	return browser
}

// upload sends a package of zeros through the load balancer, and compares what is kept with what was sent.
func (w *world) upload(id string, size int64) error {
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if _, err := form.CreateFormFile("file", id+".1.0.0.tar"); err != nil {
		return err
	}
	sent := sha1.New()
	tail := "\r\n--" + form.Boundary() + "--\r\n"
	body := io.MultiReader(bytes.NewReader(head.Bytes()), io.TeeReader(tarOfZeros(size), sent), strings.NewReader(tail))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.balancer.URL()+"/api/Spaces-1/packages/raw?overwriteMode=FailIfExists", body)
	if err != nil {
		return err
	}
	r.Header.Set("X-Octopus-ApiKey", w.nodes[0].APIKey)
	r.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%d %.300s", answer.StatusCode, text)
	}
	var kept struct {
		PackageSizeBytes int64
		Hash             string
	}
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err == nil && (kept.PackageSizeBytes < size || kept.Hash != hex.EncodeToString(sent.Sum(nil))) {
		err = fmt.Errorf("sent %d bytes with the hash %x; kept %+v", size, sent.Sum(nil), kept)
	}
	return err
}

// tail follows a task's log through the load balancer, and connects again wherever it was cut off, until the log's end.
type tail struct {
	url, apiKey string
	stop        context.CancelFunc
	done        sync.WaitGroup

	// Until done, these are the follower's own.
	last  string
	lines []string
	// number is that of the last line; a line with a lower one has come before.
	number int64
	// nodes are those that the tail was connected to, one after the other.
	nodes []string
	err   error
}

// tailOf begins to follow a task.
func (w *world) tailOf(task string) *tail {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Minute)
	f := &tail{url: w.balancer.URL() + "/api/tasks/" + task + "/log/stream", apiKey: w.nodes[0].APIKey, stop: cancel}
	f.done.Go(func() {
		defer cancel()
		for ended := false; !ended && f.err == nil; {
			ended, f.err = f.connection(ctx)
		}
	})
	w.t.Cleanup(func() { cancel(); f.done.Wait() })
	return f
}

// connection reads the stream until it ends, and tells whether the log did. What a client of the portal would try again is no error.
func (f *tail) connection(ctx context.Context) (ended bool, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.url, nil)
	if err != nil {
		return false, err
	}
	r.Header.Set("X-Octopus-ApiKey", f.apiKey)
	if f.last != "" {
		r.Header.Set("Last-Event-ID", f.last)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		return false, fmt.Errorf("%d %.300s", answer.StatusCode, text)
	}
	f.nodes = append(f.nodes, answer.Header.Get("Octopus-Node"))
	in := bufio.NewScanner(answer.Body)
	in.Buffer(nil, 16<<20)
	var event, id, data string
	for in.Scan() {
		name, value, _ := strings.Cut(in.Text(), ": ")
		switch name {
		case "id":
			id = value
		case "event":
			event = value
		case "data":
			data = value
		case "": // an event counts once it is whole
			if err := f.take(event, data); err != nil {
				return false, err
			}
			if id != "" {
				f.last = id
			}
			if event == "end" {
				return true, nil
			}
			event, id, data = "", "", ""
		}
	}
	return false, ctx.Err() // a stream that is cut off, anywhere, is asked for again
}

func (f *tail) take(event, data string) error {
	if event != "lines" {
		return nil
	}
	var e struct {
		Lines []struct {
			Number      int64
			MessageText string
		}
	}
	if err := json.Unmarshal([]byte(data), &e); err != nil {
		return err
	}
	for _, l := range e.Lines {
		if l.Number > f.number {
			f.lines, f.number = append(f.lines, l.MessageText), l.Number
		}
	}
	return nil
}

// end waits for the log's end, and returns the log as the tail has seen it.
func (f *tail) end(within time.Duration) (log string, err error) {
	ended := make(chan struct{})
	go func() { defer close(ended); f.done.Wait() }()
	select {
	case <-ended:
	case <-time.After(within):
		f.stop()
		<-ended
		return "", errors.Join(fmt.Errorf("the tail did not come to the log's end within %s", within), f.err)
	}
	return strings.Join(f.lines, "\n") + "\n", f.err
}
