package relay_test

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// frame is a frame of any kind and any claimed length.
func frame(kind byte, length uint32, content string) string {
	return string(binary.BigEndian.AppendUint32([]byte{kind}, length)) + content
}

func askFrame(t *testing.T, head map[string]any) string {
	t.Helper()
	text, err := json.Marshal(head)
	must(t, err)
	return frame('Q', uint32(len(text)), string(text))
}

// post sends bytes as a node of the cluster would, and returns what comes back.
func post(t *testing.T, n *node, dial *tls.Config, epoch, path, body string) (int, string, error) {
	t.Helper()
	protocols := &http.Protocols{}
	protocols.SetHTTP2(true)
	transport := &http.Transport{TLSClientConfig: dial, Protocols: protocols}
	defer transport.CloseIdleConnections()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+n.Address+path, strings.NewReader(body))
	must(t, err)
	req.Header.Set("Mantle-Node-Epoch", epoch)
	res, err := transport.RoundTrip(req)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

func TestStrangersHaveNoRelay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.node(t, "a")
	foreign := identity(t, newAuthority(t), "b").Dial("a")
	foreign.InsecureSkipVerify = true
	none := identity(t, h.authority, "b").Dial("a")
	none.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &tls.Certificate{}, nil }
	agents := identity(t, h.authority, "b").Dial("a")
	agents.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &h.agent, nil }
	for name, dial := range map[string]*tls.Config{"no certificate": none, "another cluster's": foreign, "an agent's": agents} {
		if status, _, err := post(t, a, dial, a.Epoch, "/relay/exchange", ""); err == nil {
			t.Errorf("%s: answered %d", name, status)
		}
	}
	mine := identity(t, h.authority, "b").Dial("a")
	if status, _, err := post(t, a, mine, "another", "/relay/exchange", ""); err != nil || status != http.StatusMisdirectedRequest {
		t.Errorf("another epoch: %d, %v", status, err)
	}
	if status, _, err := post(t, a, mine, a.Epoch, "/", ""); err != nil || status != http.StatusNotFound {
		t.Errorf("another path: %d, %v", status, err)
	}
}

// TestWrongFrames: whatever a node sends, it gets a failure that says so, nothing is handed over, and the next request is served.
func TestWrongFrames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a, b := h.node(t, "a"), h.node(t, "b")
	h.poll(t, a)
	dial := identity(t, h.authority, "b").Dial("a")
	good := map[string]any{"Subscription": subscription, "ID": "1", "Within": 2000, "Document": 10}
	with := func(key string, value any) map[string]any {
		m := map[string]any{}
		for k, v := range good {
			m[k] = v
		}
		m[key] = value
		return m
	}
	streams := func(n int, length int64) []map[string]any {
		all := make([]map[string]any, n)
		for i := range all {
			all[i] = map[string]any{"ID": fmt.Sprintf("00000000-0000-0000-0000-%012d", i), "Length": length}
		}
		return all
	}
	for _, tt := range []struct{ name, body, want string }{
		{"nothing", "", "EOF"},
		{"another kind", frame('R', 0, ""), "where"},
		{"a head of 4 GB", frame('Q', 1<<32-1, ""), "are allowed"},
		{"a head that ends early", frame('Q', 100, "{"), "EOF"},
		{"no JSON", frame('Q', 1, "{"), "JSON"},
		{"a document of 1 TB", askFrame(t, with("Document", int64(1)<<40)), "are allowed"},
		{"a negative document", askFrame(t, with("Document", -1)), "are allowed"},
		{"too many streams", askFrame(t, with("Streams", streams(5000, 1))), "are allowed"},
		{"a stream of an exabyte", askFrame(t, with("Streams", streams(1, 1<<60))), "are allowed"},
		{"a stream without ID", askFrame(t, with("Streams", []map[string]any{{"ID": "x", "Length": 1}})) + frame('D', 10, "0123456789"), "x"},
		{"no subscription", askFrame(t, with("Subscription", "https://x/")), "x"},
		{"a part above what is left", askFrame(t, good) + frame('D', 11, "01234567890"), "11 bytes of data"},
		{"a part of 4 GB", askFrame(t, good) + frame('D', 1<<32-1, "x"), "bytes of data"},
		{"something else in the document", askFrame(t, good) + frame('Y', 0, ""), "inside of data"},
		{"no answer at the hand-over", askFrame(t, good) + frame('D', 10, "0123456789"), "did not confirm"},
		{"no at the hand-over", askFrame(t, good) + frame('D', 10, "0123456789") + frame('N', 2, "no"), "took it back"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			status, text, err := post(t, a, dial, a.Epoch, "/relay/exchange", tt.body)
			if err != nil || status != http.StatusOK || !strings.Contains(text, `"NotRun":true`) || !strings.Contains(text, tt.want) {
				t.Errorf("%d, %v, %q; want %q", status, err, text, tt.want)
			}
		})
	}
	must(t, b.call(t.Context(), "Echo", nil, "x"))
}

// TestWrongAnswers: whatever the far node answers, the asker says what is certain.
func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	reply := func(head string) string { return frame('R', uint32(len(head)), head) }
	for _, tt := range []struct {
		name, answer string
		yes          bool // the asker has agreed to the hand-over before it
	}{
		{"nothing", "", false},
		{"nothing after the hand-over", "", true},
		{"a head of 4 GB", frame('R', 1<<32-1, ""), true},
		{"a document of 1 TB", reply(`{"Document":1099511627776}`), true},
		{"a document that ends early", reply(`{"Document":100}`) + frame('D', 1, "x"), true},
		{"a stream that is not there", frame('O', 4, "\x00\x00\x00\x07"), true},
		{"a failure that is no JSON", frame('E', 1, "x"), true},
		{"an asker's frame", frame('Y', 0, ""), true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			b := h.node(t, "b")
			h.here(&node{Place: h.impostor(t, tt.yes, tt.answer)}, true)
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			err := b.call(ctx, "Echo", nil, "x")
			if mayHave := mayHaveRun(err); err == nil || mayHave != tt.yes {
				t.Errorf("%v; may have run: %v", err, mayHave)
			}
		})
	}
}
