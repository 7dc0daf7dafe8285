package setup

import (
	"context"
	"fmt"
	"net/url"
	"runtime"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/registration"
	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
	"github.com/mantledeploy/mantle/internal/fault"
)

// serverOptions are the options of every command that calls a server.
type serverOptions struct {
	server, apiKey, bearerToken, username, password string
	ignoreTLSErrors                                 bool
	space                                           string
}

func (o *serverOptions) declare(a *action) {
	a.options.String("server", "The server, for example https://octopus.example", &o.server)
	a.options.String("apiKey|api-key", "API key of a user who may do this", &o.apiKey)
	a.options.String("bearerToken|bearer-token", "Access token, in place of an API key", &o.bearerToken)
	a.options.String("u|username|user", "User name, in place of an API key", &o.username)
	a.options.String("p|password", "Password of that user", &o.password)
	a.options.Flag("ignoreSslErrors|ignore-ssl-errors", "Go on when the server's HTTPS certificate is not trusted here; somebody else may then read the API key", &o.ignoreTLSErrors)
}

func (o *serverOptions) declareSpace(a *action) {
	a.options.String("space", "Name of the space; the default one if left out", &o.space)
}

func (o *serverOptions) requireServer() error {
	if o.server == "" {
		return fault.Invalid("say which server: --server=https://octopus.example")
	}
	return nil
}

func (o *serverOptions) requireCredentials() error {
	ways := 0
	for _, v := range []string{o.apiKey, o.bearerToken, o.username} {
		if v != "" {
			ways++
		}
	}
	switch {
	case ways == 0:
		return fault.Invalid("say who you are: --apiKey, --bearerToken, or --username with --password")
	case ways > 1:
		return fault.Invalid("give only one of --apiKey, --bearerToken and --username")
	case o.username != "" && o.password == "":
		return fault.Invalid("--username needs --password")
	}
	return nil
}

// connect reads the server's root document and signs in.
func (p *Program) connect(ctx context.Context, f *opened, o serverOptions) (*registration.Client, error) {
	proxy, err := p.proxyFunc(f, settings.WebProxy)
	if err != nil {
		return nil, err
	}
	client, err := registration.NewClient(registration.Config{
		Server:          o.server,
		Credentials:     registration.Credentials{APIKey: o.apiKey, BearerToken: o.bearerToken, Username: o.username, Password: o.password},
		UserAgent:       p.userAgent(),
		IgnoreTLSErrors: o.ignoreTLSErrors,
		Proxy:           proxy,
		DialContext:     p.DialContext,
		Say:             p.say,
		StartupWait:     p.StartupWait,
	})
	if err != nil {
		return nil, fault.Invalid("--server: %v", err)
	}
	return client, client.Connect(ctx)
}

// userAgent says which program calls, where, and in which build system.
func (p *Program) userAgent() string {
	build := "NoneOrUnknown"
	for _, known := range []struct{ variable, name string }{
		{"TEAMCITY_VERSION", "TeamCity"}, {"GITHUB_ACTIONS", "GitHubActions"}, {"BUILD_BUILDID", "AzureDevOps"},
		{"JENKINS_URL", "Jenkins"}, {"GITLAB_CI", "GitLab"},
	} {
		if p.Getenv(known.variable) != "" {
			build = known.name
			break
		}
	}
	return fmt.Sprintf("mantle-agent/%s (%s; %s) %s", p.Version, runtime.GOOS, runtime.GOARCH, build)
}

// commsOptions say where a polling agent calls.
type commsOptions struct{ address, port, webSocket, subscription string }

func (o *commsOptions) declare(a *action) {
	a.options.String("server-comms-port", "Port where the server takes polling agents; "+defaultCommsPort+" if left out", &o.port)
	a.options.String("server-comms-address", "Where the server takes polling agents, for example https://comms.example:10943; the server's own host if left out", &o.address)
	a.options.String("server-web-socket", "Address for polling over a web socket (not supported)", &o.webSocket)
}

func (o *commsOptions) check() error {
	if o.webSocket != "" {
		return fault.Unsupported("polling over web sockets is not supported; leave --server-web-socket out and open port %s", defaultCommsPort)
	}
	return nil
}

// resolve returns https://host:port.
func (o *commsOptions) resolve(server string) (*url.URL, error) {
	u, err := registration.ParseServer(server)
	if o.address == "" && err != nil {
		return nil, fault.Invalid("--server: %v", err)
	}
	port := defaultCommsPort
	if o.address != "" {
		if u, err = registration.ParseServer(o.address); err != nil {
			return nil, fmt.Errorf("--server-comms-address=%s is not an address; give it as https://host:%s", o.address, defaultCommsPort)
		}
		if port = u.Port(); port == "" {
			port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
		}
	}
	if o.port != "" {
		if _, err := parsePort("--server-comms-port", o.port); err != nil {
			return nil, err
		}
		port = strings.TrimSpace(o.port)
	}
	return &url.URL{Scheme: "https", Host: joinHostPort(u.Hostname(), port)}, nil
}

// handshake checks that the server's communications port can be reached from here.
func (p *Program) handshake(ctx context.Context, f *opened, address *url.URL) error {
	proxy, err := p.proxyFunc(f, settings.PollingProxy)
	if err != nil {
		return err
	}
	p.say("Checking the server's communications port %s ...", address.Host)
	h := registration.Handshake{Address: address, Proxy: proxy, DialContext: p.DialContext, Say: p.say, FirstPause: p.HandshakePause}
	if err := h.Check(ctx); err != nil {
		return fmt.Errorf("%w; a polling agent needs this port open: check firewalls, --server-comms-port and --server-comms-address", err)
	}
	p.say("It can be reached.")
	return nil
}
