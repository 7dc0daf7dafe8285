package agent_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/mantledeploy/mantle/internal/agent"
)

func keyBytes(t *testing.T, c tls.Certificate) []byte {
	t.Helper()
	raw, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	must(t, err)
	return raw
}

// runProcess is the agent that the tests kill.
func runProcess(argument string) error {
	var p processConfig
	if err := json.Unmarshal([]byte(argument), &p); err != nil {
		return err
	}
	key, err := x509.ParsePKCS8PrivateKey(p.Key)
	if err != nil {
		return err
	}
	cfg := agent.Config{Home: p.Home, Certificate: tls.Certificate{Certificate: p.Certificate, PrivateKey: key},
		TrustedThumbprints: []string{p.ServerThumbprint}}
	address := "polling"
	if p.Listen != "" {
		if cfg.Listener, err = net.Listen("tcp", p.Listen); err != nil {
			return err
		}
		address = cfg.Listener.Addr().String()
	} else {
		cfg.Polling = []agent.PollingServer{{Address: p.Server, Thumbprint: p.ServerThumbprint, Subscription: p.Subscription, Connections: p.Connections}}
	}
	a, err := agent.New(cfg)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	fmt.Println(address)
	return a.Run(ctx)
}
