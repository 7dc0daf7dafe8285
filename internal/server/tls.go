package server

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/mantledeploy/mantle/internal/premises"
)

// certificateFiles are what HTTPS shows, from files that others renew.
type certificateFiles struct {
	certificate, key string
	log              *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	looked  time.Time
	stamp   string
}

// fileAge is how long the files are not looked at again.
const fileAge = 5 * time.Second

// tlsConfig returns what HTTPS is served with, or nil for HTTP.
func (s *Server) tlsConfig() (*tls.Config, error) {
	if s.cfg.TLSCertificate == "" && s.cfg.TLSKey == "" {
		return nil, nil
	}
	f := &certificateFiles{certificate: string(s.cfg.TLSCertificate), key: string(s.cfg.TLSKey), log: s.log}
	if err := f.read(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return f.get(), nil },
	}, nil
}

// get returns the certificate of the files, or the last one that could be read.
func (f *certificateFiles) get() *tls.Certificate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if time.Since(f.looked) < fileAge {
		return f.current
	}
	if err := f.load(); err != nil {
		f.log.Warn("the certificate for HTTPS cannot be read again; the old one stays in use", "error", err)
	}
	return f.current
}

func (f *certificateFiles) read() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.load()
}

// load reads the files if they have changed. The caller holds mu.
func (f *certificateFiles) load() error {
	f.looked = time.Now()
	stamp := ""
	for _, path := range []string{f.certificate, f.key} {
		if info, err := os.Stat(path); err == nil {
			stamp += fmt.Sprintf("%s %d;", info.ModTime(), info.Size())
		}
	}
	if stamp == f.stamp && f.current != nil {
		return nil
	}
	c, err := premises.Certificate(f.certificate, f.key)
	if err != nil {
		return err
	}
	f.current, f.stamp = c, stamp
	return nil
}

// scheme is how the API is called.
func (s *Server) scheme() string {
	if s.cfg.TLSCertificate != "" {
		return "https://"
	}
	return "http://"
}
