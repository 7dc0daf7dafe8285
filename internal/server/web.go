package server

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"time"

	"github.com/mantledeploy/mantle/internal/api/feedapi"
	"github.com/mantledeploy/mantle/internal/buildinfo"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/portal"
	"github.com/mantledeploy/mantle/internal/store"
)

func productVersion() string { return buildinfo.Version() }

// ports are the addresses that this node has taken.
type ports struct{ web, comms, internal, metrics net.Listener }

// listen takes the addresses, before anything is made. Who connects before the node is ready waits.
func (s *Server) listen() (err error) {
	type port struct {
		to            *net.Listener
		flag, address string
	}
	all := []port{{&s.ports.web, "--listen", string(s.cfg.Listen)}, {&s.ports.comms, "--comms-listen", string(s.cfg.CommsListen)}}
	if s.db.Engine() == store.Postgres { // only then can there be other nodes
		all = append(all, port{&s.ports.internal, "--internal-listen", string(s.cfg.InternalListen)})
	}
	if s.cfg.MetricsListen != "" {
		all = append(all, port{&s.ports.metrics, "--metrics-listen", string(s.cfg.MetricsListen)})
	}
	for _, p := range all {
		l, err := open(p.flag, p.address)
		if err != nil {
			return err
		}
		*p.to = l
		s.closeLater(func() error {
			if err := l.Close(); !errors.Is(err, net.ErrClosed) {
				return err
			}
			return nil
		})
	}
	return nil
}

// web is the HTTP server and its listener.
type web struct {
	server *http.Server
	tcp    net.Listener
}

func (s *Server) web() (*web, error) {
	secure, err := s.tlsConfig()
	if err != nil {
		return nil, err
	}
	return &web{tcp: s.ports.web, server: &http.Server{
		Handler: s.front(s.handler()), TLSConfig: secure, ReadHeaderTimeout: 20 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10,
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
	serve := w.server.Serve
	if w.server.TLSConfig != nil {
		serve = func(l net.Listener) error { return w.server.ServeTLS(l, "", "") }
	}
	if err := serve(w.tcp); !errors.Is(err, http.ErrServerClosed) {
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

// handler serves the API, the NuGet feed and the portal. "/" leads people to the portal; programs that ask there get a word of where the API is.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/api", s.engine)
	mux.Handle("/api/", s.engine)
	mux.Handle("/nuget/", feedapi.NuGetHandler(s.engine))
	mux.Handle("/app", s.portal)
	mux.Handle("/app/", s.portal)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Vary", "Accept")
		if strings.Contains(r.Header.Get("Accept"), "text/html") {
			http.Redirect(w, r, portal.Base, http.StatusFound)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		fmt.Fprintf(w, "Mantle %s\nThe portal is at /app, the API at /api, its description at /api/swagger.json.\n", buildinfo.Version())
	})
	return mux
}
