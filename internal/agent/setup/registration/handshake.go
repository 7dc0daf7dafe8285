package registration

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	handshakeTries      = 5
	handshakeFirstPause = 750 * time.Millisecond
)

// Handshake is the check that a server's communications port can be reached.
type Handshake struct {
	Address     *url.URL // https://host:port
	Proxy       func(*http.Request) (*url.URL, error)
	DialContext func(ctx context.Context, network, address string) (net.Conn, error)
	Say         func(format string, args ...any)
	// FirstPause is how long to wait after the first failure; each later pause is half as long again. 0 = 750 ms.
	FirstPause time.Duration
}

// Check asks until the port answers, a few times.
func (h Handshake) Check(ctx context.Context) error {
	client := &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			Proxy:       h.Proxy,
			DialContext: h.DialContext,
			// Who the server is, is decided by its thumbprint when the agent polls; this is about reaching it.
			TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, //nolint:gosec // see above
			DisableKeepAlives: true,
		},
	}
	pause := h.FirstPause
	if pause == 0 {
		pause = handshakeFirstPause
	}
	for try := 1; ; try++ {
		err := h.ask(ctx, client)
		if err == nil || try == handshakeTries {
			return err
		}
		h.Say("%v; trying again (%d of %d) in %s", err, try, handshakeTries, pause)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause += pause / 2
	}
}

func (h Handshake) ask(ctx context.Context, client *http.Client) error {
	address := h.Address.Scheme + "://" + strings.TrimSuffix(h.Address.Host, ":443") + "/handshake"
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, http.NoBody)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("the server's communications port at %s cannot be reached: %w", h.Address.Host, err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20))
	// An older server has no handshake and says "bad request"; it is there all the same.
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusBadRequest {
		return fmt.Errorf("what listens at %s is not a server's communications port: it answered %s", h.Address.Host, resp.Status)
	}
	return nil
}
