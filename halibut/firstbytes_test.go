package halibut

import (
	"crypto/tls"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFirstBytes sends what was sent to a real listener and compares the answers.
func TestFirstBytes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		file, trusted string
	}{
		{"testdata/transcripts/listening-19-raw-first-bytes.json.gz", "server"},
		{"testdata/transcripts/polling-19-raw-first-bytes.json.gz", "tentacle"},
	}
	certs := replayCertificates()
	for _, test := range tests {
		tr, page := readTranscript(t, test.file), "<html><body><p>Hello!</p></body></html>"
		sent := 0
		for _, step := range tr.Steps {
			if strings.HasPrefix(step.Step, "page content") {
				page = "<p>hä €</p>"
			}
			if len(step.Sent) == 0 || strings.HasPrefix(step.End, "unwrap") { // it could not see an answer
				continue
			}
			sent++
			cfg := ListenerConfig{Page: page, PageHeaders: map[string]string{}, Handshake: true, Certificate: certs[1], Timeouts: Timeouts{IdentificationTimeout: 5 * time.Second}}
			if page == "<p>hä €</p>" {
				step.Received = strings.Replace(step.Received, "X-One: 1\r\nContent-Security-Policy: default-src 'none'", "Content-Security-Policy: default-src 'none'\r\nX-One: 1", 1)
				cfg.PageHeaders = map[string]string{"X-One": "1", "Content-Security-Policy": "default-src 'none'"}
			}
			cfg.Queue, cfg.Services = NewQueue(QueueConfig{}), goldenServices(t)
			t.Run(tr.Scenario+"/"+step.Step, func(t *testing.T) {
				t.Parallel()
				got, open := firstBytes(t, cfg, step, test.trusted)
				if diff := cmp.Diff(step.Received, got); diff != "" {
					t.Error(diff)
				}
				if wantOpen := strings.HasPrefix(step.End, "peer still open"); open != wantOpen {
					t.Errorf("open = %v, want %v (%s)", open, wantOpen, step.End)
				}
			})
		}
		if sent < 23 {
			t.Errorf("%s: %d probes", test.file, sent)
		}
	}
}

// firstBytes sends a probe, and returns what came back and whether the
// connection was open some time after.
func firstBytes(t *testing.T, cfg ListenerConfig, step transcriptStep, trusted string) (got string, open bool) {
	t.Helper()
	certs := replayCertificates()
	trust, err := NewTrust(Thumbprint(certs[0]))
	if err != nil {
		t.Fatal(err)
	}
	cfg.Trust = trust
	l, err := NewListener(cfg)
	if err != nil {
		t.Fatal(err)
	}
	client := clientTLS(tlsConfig(certs[0], 0), "", "")
	switch step.ClientCertificate {
	case "none":
		client.GetClientCertificate, client.Certificates = nil, nil
	case trusted:
	default:
		stranger := certs[1]
		client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &stranger, nil }
	}
	c, err := tls.Dial("tcp", serveReplay(t, l), client)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for _, text := range step.Sent {
		b := []byte(text)
		if strings.Contains(step.Step, "null message") {
			b = latin1(text)
		}
		if _, err := c.Write(b); err != nil {
			break // it has closed already
		}
	}
	if strings.Contains(step.Step, "then TLS close") {
		if err := c.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
	_ = c.SetReadDeadline(time.Now().Add(300 * time.Millisecond))
	b, err := io.ReadAll(c)
	var timeout interface{ Timeout() bool }
	return string(b), errors.As(err, &timeout) && timeout.Timeout()
}

// latin1 undoes how the recording shows bytes that are no text.
func latin1(s string) []byte {
	var b []byte
	for _, r := range s {
		b = append(b, byte(r))
	}
	return b
}
