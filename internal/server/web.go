package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"syscall"
	"time"

	"github.com/mantledeploy/mantle/internal/buildinfo"
	"github.com/mantledeploy/mantle/internal/fault"
)

type listener = net.Listener

func productVersion() string { return buildinfo.Version() }

// listen opens the API's address.
func (s *Server) listen() (*web, error) {
	tcp, err := open("--listen", string(s.cfg.Listen))
	if err != nil {
		return nil, err
	}
	return &web{tcp: tcp, server: &http.Server{
		Handler: s.handler(), ReadHeaderTimeout: 20 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
	}}, nil
}

// open listens, and says what to do where the port is in use.
func open(flag, address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fault.Conflict("the address %s is in use by another program; stop it, or choose another address with %s", address, flag)
	}
	if errors.Is(err, syscall.EACCES) {
		return nil, fault.Forbidden("this user may not listen on %s; choose a port above 1023 with %s, or grant the capability", address, flag)
	}
	if err != nil {
		return nil, fmt.Errorf("listen on %s (%s): %w", address, flag, err)
	}
	return l, nil
}

func (w *web) run(context.Context) error {
	if err := w.server.Serve(w.tcp); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// shutDown lets requests end, for a while.
func (w *web) shutDown() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if w.server.Shutdown(ctx) != nil {
		_ = w.server.Close()
	}
}

// handler serves the API, and for now a word of where the API is on every other path.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api", s.engine)
	mux.Handle("/api/", s.engine)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "Mantle %s\nThe API is at /api, its description at /api/swagger.json.\n", buildinfo.Version())
	})
	return mux
}
