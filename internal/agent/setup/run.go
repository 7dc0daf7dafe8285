package setup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent"
	"github.com/mantledeploy/mantle/internal/agent/script"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

type run struct {
	selection
	wait           string
	console        bool
	nonInteractive bool
}

func (p *Program) agentCommand() *action {
	a := newAction()
	var o run
	o.declare(a)
	a.options.String("wait", "Milliseconds to wait before starting", &o.wait)
	a.options.Flag("console", "Run in the foreground (it always does)", &o.console)
	a.options.Flag("noninteractive", "Do not stop when the input ends; for services", &o.nonInteractive)
	a.run = func(ctx context.Context, _ *action) error {
		if o.wait != "" {
			if err := p.wait(ctx, o.wait); err != nil {
				return err
			}
		}
		f, err := p.open(o.selection)
		if err != nil {
			return err
		}
		if !o.nonInteractive {
			var stop context.CancelFunc
			ctx, stop = context.WithCancel(ctx)
			defer stop()
			go p.stopAtEnter(stop)
		}
		return p.runAgent(ctx, f)
	}
	return a
}

func (p *Program) wait(ctx context.Context, text string) error {
	ms, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || ms < 0 {
		return fmt.Errorf("--wait=%s is not a number of milliseconds", text)
	}
	p.say("Waiting %d ms ...", ms)
	select {
	case <-ctx.Done():
	case <-time.After(time.Duration(ms) * time.Millisecond):
	}
	return nil
}

// stopAtEnter stops an agent that somebody runs in a terminal. The end of the input counts, as it does for a Tentacle.
func (p *Program) stopAtEnter(stop context.CancelFunc) {
	_, _ = bufio.NewReader(p.Stdin).ReadString('\n')
	stop()
}

// agentError is an agent that did not start or broke down: no mistake of the command line, whatever its kind.
type agentError struct{ message string }

func (e agentError) Error() string { return e.message }

// runAgent runs the agent of this configuration until ctx ends.
func (p *Program) runAgent(ctx context.Context, f *opened) error {
	cfg, err := p.agentConfig(f)
	if err != nil {
		return err
	}
	// Of the file as it is on the disk now: what comes later is taken up.
	seen := stampOf(f.Path())
	if now, err := openFile(f.Path()); err != nil || string(now.Bytes()) != string(f.Bytes()) {
		seen = stamp{}
	}
	if err := os.MkdirAll(cfg.Home, 0o755); err != nil {
		return fmt.Errorf("create the agent's home: %w", err)
	}
	a, err := agent.New(cfg)
	if err != nil {
		return agentError{err.Error()}
	}
	p.say("The agent %s of version %s runs. Home: %s. Thumbprint: %s", f.name, p.Version, cfg.Home, halibut.Thumbprint(cfg.Certificate))
	heartbeat, stop := context.WithCancel(ctx)
	defer stop()
	go beat(heartbeat, filepath.Join(cfg.Home, heartbeatFile))
	go p.follow(heartbeat, f, a, seen)
	if err := a.Run(ctx); err != nil && !errors.Is(err, context.Canceled) {
		return agentError{err.Error()}
	}
	p.say("The agent has stopped.")
	return nil
}

// agentConfig reads a configuration file as an agent's configuration.
func (p *Program) agentConfig(f *opened) (agent.Config, error) {
	certificate, err := p.ensureCertificate(f)
	if err != nil {
		return agent.Config{}, err
	}
	servers, err := f.TrustedServers()
	if err != nil {
		return agent.Config{}, err
	}
	cfg := agent.Config{
		Home:                 f.Home(),
		ApplicationDirectory: p.Directories.Applications,
		InstanceName:         f.name,
		Version:              p.Version,
		Certificate:          certificate.TLS(),
		Logger:               slog.New(slog.NewTextHandler(p.Stdout, nil)),
	}
	if cfg.Home == "" {
		cfg.Home = filepath.Dir(f.Path())
	}
	cfg.Home = absolute(cfg.Home)
	if dir, _ := f.Get(settings.KeyApplicationDirectory); dir != "" {
		cfg.ApplicationDirectory = dir
	}
	if !f.NoListen() {
		port, err := f.Port()
		if err != nil {
			return cfg, fault.Invalid("%v", err)
		}
		cfg.ListenAddress = net.JoinHostPort(strings.Trim(f.ListenIP(), "[]"), strconv.Itoa(port))
	}
	if cfg.Proxy, err = p.scriptProxy(f); err != nil {
		return cfg, err
	}
	return cfg, p.addServers(f, &cfg, servers)
}

// addServers adds trust and polling. Thumbprints that none can be are passed over, with a warning.
func (p *Program) addServers(f *opened, cfg *agent.Config, servers []settings.TrustedServer) error {
	connections, _ := f.PollingConnectionCount()
	proxy, err := p.pollingProxy(f)
	if err != nil {
		return err
	}
	if len(servers) == 0 {
		fmt.Fprintln(p.Stderr, "This agent trusts no server yet; nobody can use it. See: mantle-agent help join")
	}
	for _, s := range servers {
		if _, err := halibut.NormalizeThumbprint(s.Thumbprint); err != nil {
			fmt.Fprintf(p.Stderr, "The trusted server %q is passed over: that is no thumbprint.\n", s.Thumbprint)
			continue
		}
		cfg.TrustedThumbprints = append(cfg.TrustedThumbprints, s.Thumbprint)
		if !s.Polls() {
			continue
		}
		if strings.HasPrefix(strings.ToLower(*s.Address), "wss:") {
			fmt.Fprintf(p.Stderr, "The server %s is passed over: polling over web sockets is not supported.\n", *s.Address)
			continue
		}
		id := subscriptionOf([]settings.TrustedServer{s}, f, sameThumbprint(s.Thumbprint))
		if id == "" {
			return fault.Invalid("%s has no subscription for the polled server %s; register this agent again", f.Path(), *s.Address)
		}
		cfg.Polling = append(cfg.Polling, agent.PollingServer{Address: strings.TrimSuffix(*s.Address, "/") + "/", Thumbprint: s.Thumbprint,
			Subscription: id, Connections: connections, Proxy: proxy})
	}
	return nil
}

func (p *Program) scriptProxy(f *opened) (script.Proxy, error) {
	g := settings.WebProxy
	host, _ := f.Get(g.Host())
	if host == "" {
		useDefault, known := f.Get(g.UseDefault())
		return script.Proxy{Disabled: known && !strings.EqualFold(useDefault, "true")}, nil
	}
	user, _ := f.Get(g.Username())
	password, err := p.proxyPassword(f, g)
	return script.Proxy{Host: host, Port: proxyPort(f, g), User: user, Password: password}, err
}

// pollingProxy returns the proxy to the servers that are polled, or nil.
func (p *Program) pollingProxy(f *opened) (*halibut.Proxy, error) {
	g := settings.PollingProxy
	host, _ := f.Get(g.Host())
	if host == "" {
		return nil, nil
	}
	if u, err := url.Parse(host); err == nil && u.Host != "" {
		host = u.Hostname()
	}
	user, _ := f.Get(g.Username())
	password, err := p.proxyPassword(f, g)
	return &halibut.Proxy{Host: host, Port: proxyPort(f, g), User: user, Password: password}, err
}

func proxyPort(f *opened, g settings.ProxyGroup) int {
	text, _ := f.Get(g.Port())
	port, err := strconv.Atoi(text)
	if err != nil {
		return 80
	}
	return port
}
