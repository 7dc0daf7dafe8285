package halibut

import (
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"time"
)

// Proxy is an HTTP proxy that is asked to CONNECT.
type Proxy struct {
	Host     string // without a scheme
	Port     int
	User     string // "" = no authentication
	Password string
}

// maxProxyAnswer bounds the head of a proxy's answer.
const maxProxyAnswer = 64 << 10

func (p *Proxy) address() (string, error) {
	if p.Host == "" || strings.Contains(p.Host, "://") || p.Port < 1 || p.Port > 65535 {
		return "", fmt.Errorf("proxy %q, port %d: a host name without a scheme and a port are expected", p.Host, p.Port)
	}
	return net.JoinHostPort(p.Host, strconv.Itoa(p.Port)), nil
}

// connect asks the proxy at the other end of c for a tunnel to target.
func (p *Proxy) connect(ctx context.Context, c net.Conn, target string, limit time.Duration) error {
	deadline := time.Now().Add(limit)
	if d, ok := ctx.Deadline(); ok && d.Before(deadline) {
		deadline = d
	}
	if err := c.SetDeadline(deadline); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	request := "CONNECT " + target + " HTTP/1.0\r\nHost: " + target + "\r\n"
	if p.User != "" {
		request += "Proxy-Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(p.User+":"+p.Password)) + "\r\n"
	}
	if _, err := io.WriteString(c, request+"\r\n"); err != nil {
		return fmt.Errorf("proxy %s: %w", p.Host, err)
	}
	head, err := readHead(c)
	if err != nil {
		return fmt.Errorf("proxy %s: read its answer to CONNECT: %w", p.Host, err)
	}
	status, _, _ := strings.Cut(head, "\r\n")
	if words := strings.Fields(status); len(words) < 2 || !strings.HasPrefix(words[0], "HTTP/") || words[1] != "200" {
		return fmt.Errorf("proxy %s refused the connection to %s: %q", p.Host, target, clip(status))
	}
	return c.SetDeadline(time.Time{})
}

// readHead reads up to the empty line and not a byte further: what follows is TLS.
func readHead(r io.Reader) (string, error) {
	var head []byte
	var one [1]byte
	for !strings.HasSuffix(string(head[max(0, len(head)-4):]), "\r\n\r\n") {
		if len(head) >= maxProxyAnswer {
			return "", fmt.Errorf("%w: no end after %d bytes", ErrProtocol, len(head))
		}
		if _, err := io.ReadFull(r, one[:]); err != nil {
			return "", noEOF(err)
		}
		head = append(head, one[0])
	}
	return string(head), nil
}
