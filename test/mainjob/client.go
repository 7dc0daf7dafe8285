package mainjob

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"testing"
	"time"
)

// Object is a resource of the API as it stands on the wire; a walk reads and changes a few members and keeps the rest.
type Object map[string]any

// ID and Text read members.
func (o Object) ID() string { return o.Text("Id") }

// Text reads a member that is a text.
func (o Object) Text(name string) string {
	s, _ := o[name].(string)
	return s
}

// Refusal is an answer of the server that is not 2xx.
type Refusal struct {
	Status int
	Body   string
}

func (r *Refusal) Error() string { return fmt.Sprintf("%d: %s", r.Status, r.Body) }

// Client calls the API with a key.
type Client struct {
	t    testing.TB
	url  string
	key  string
	http *http.Client
}

// Client returns a client of a server, or of a load balancer in front of several.
func (h *House) Client(url, apiKey string) *Client {
	return &Client{t: h.t, url: url, key: apiKey, http: &http.Client{Timeout: 30 * time.Second}}
}

// Within returns the same client with another patience.
func (c *Client) Within(d time.Duration) *Client {
	hasty := *c
	hasty.http = &http.Client{Timeout: d}
	return &hasty
}

// Ask makes a call. A path without a leading slash lies in the default space. out gets the answer's JSON; *string its text.
func (c *Client) Ask(method, path string, in, out any) error {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	return c.send(method, path, "application/json", body, out)
}

func (c *Client) send(method, path, kind string, body io.Reader, out any) error {
	if path[0] != '/' {
		path = "/api/Spaces-1/" + path
	}
	r, err := http.NewRequest(method, c.url+path, body)
	if err != nil {
		return err
	}
	r.Header.Set("X-Octopus-ApiKey", c.key)
	if body != nil {
		r.Header.Set("Content-Type", kind)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("%s %s: %w", method, path, &Refusal{answer.StatusCode, string(text)})
	}
	switch out := out.(type) {
	case nil:
		return nil
	case *string:
		*out = string(text)
		return nil
	default:
		return json.Unmarshal(text, out)
	}
}

// Get reads a resource, or fails the test.
func (c *Client) Get(path string) Object {
	c.t.Helper()
	return c.must(http.MethodGet, path, nil)
}

// Post makes a resource, or fails the test.
func (c *Client) Post(path string, in any) Object {
	c.t.Helper()
	return c.must(http.MethodPost, path, in)
}

// Put replaces a resource, or fails the test.
func (c *Client) Put(path string, in any) Object {
	c.t.Helper()
	return c.must(http.MethodPut, path, in)
}

func (c *Client) must(method, path string, in any) Object {
	c.t.Helper()
	var out Object
	if err := c.Ask(method, path, in, &out); err != nil {
		c.t.Fatal(err)
	}
	return out
}

// Items reads every item of a list.
func (c *Client) Items(path string) []Object {
	c.t.Helper()
	var list struct{ Items []Object }
	if err := c.Ask(http.MethodGet, path, nil, &list); err != nil {
		c.t.Fatal(err)
	}
	return list.Items
}

// Upload pushes a package to the built-in feed.
func (c *Client) Upload(name string, content []byte) Object {
	c.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = part.Write(content)
	}
	if err == nil {
		err = form.Close()
	}
	var out Object
	if err == nil {
		err = c.send(http.MethodPost, "packages/raw?overwriteMode=FailIfExists", form.FormDataContentType(), &body, &out)
	}
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}
