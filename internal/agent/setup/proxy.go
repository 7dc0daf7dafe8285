package setup

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/mantledeploy/mantle/internal/agent/setup/settings"
)

type proxyOptions struct {
	selection
	enable, host, port, username, password *string
}

func (p *Program) proxyCommand() *action { return p.proxyAction(settings.WebProxy) }

func (p *Program) pollingProxyCommand() *action { return p.proxyAction(settings.PollingProxy) }

func (p *Program) proxyAction(group settings.ProxyGroup) *action {
	a := newAction()
	var o proxyOptions
	o.declare(a)
	a.options.Optional("proxyEnable", "True or False", &o.enable)
	a.options.Optional("proxyUsername", "User at the proxy", &o.username)
	a.options.Optional("proxyPassword", "Password at the proxy; it is stored encrypted", &o.password)
	a.options.Optional("proxyHost", "Host of the proxy; without it the system's own proxy is used", &o.host)
	a.options.Optional("proxyPort", "Port of the proxy", &o.port)
	a.run = func(context.Context, *action) error { return p.setProxy(group, o) }
	return a
}

func (p *Program) setProxy(group settings.ProxyGroup, o proxyOptions) error {
	f, err := p.open(o.selection)
	if err != nil {
		return err
	}
	if o.port != nil {
		port, err := parsePort("--proxyPort", *o.port)
		if err != nil {
			return err
		}
		f.Set(group.Port(), strconv.Itoa(port))
		p.say("Port of the proxy: %d", port)
	}
	if o.username != nil {
		f.Set(group.Username(), *o.username)
		p.say("User at the proxy: %s", *o.username)
	}
	if o.password != nil {
		if err := p.setProxyPassword(f, group, *o.password); err != nil {
			return err
		}
	}
	if err := p.enableProxy(f, group, o); err != nil {
		return err
	}
	return f.Save()
}

func (p *Program) setProxyPassword(f *opened, group settings.ProxyGroup, password string) error {
	text := ""
	if password != "" {
		key, err := p.Protector(f.Path())
		if err != nil {
			return err
		}
		if text, err = key.Protect([]byte(password)); err != nil {
			return err
		}
	}
	f.Set(group.Password(), text)
	p.say("Password at the proxy: set")
	return nil
}

func (p *Program) enableProxy(f *opened, group settings.ProxyGroup, o proxyOptions) error {
	host := ""
	if o.host != nil {
		host = strings.TrimSpace(*o.host)
	}
	enable := host != ""
	if o.enable != nil {
		var err error
		if enable, err = parseTruth("--proxyEnable", *o.enable); err != nil {
			return err
		}
	} else if o.host == nil {
		return nil
	}
	switch {
	case !enable:
		host = ""
		p.say("No proxy is used")
	case host == "":
		p.say("The system's own proxy is used")
	default:
		p.say("The proxy %s is used", host)
	}
	f.SetFlag(group.UseDefault(), enable && host == "")
	f.Set(group.Host(), host)
	return nil
}

// proxyFunc returns how a connection of this kind finds its proxy.
func (p *Program) proxyFunc(f *opened, group settings.ProxyGroup) (func(*http.Request) (*url.URL, error), error) {
	host, _ := f.Get(group.Host())
	if host == "" {
		if useDefault, known := f.Get(group.UseDefault()); known && !strings.EqualFold(useDefault, "true") {
			return nil, nil
		}
		return http.ProxyFromEnvironment, nil
	}
	port, _ := f.Get(group.Port())
	if port == "" {
		port = "80"
	}
	u := &url.URL{Scheme: "http", Host: net.JoinHostPort(host, port)}
	if name, _ := f.Get(group.Username()); name != "" {
		password, err := p.proxyPassword(f, group)
		if err != nil {
			return nil, err
		}
		u.User = url.UserPassword(name, password)
	}
	return http.ProxyURL(u), nil
}

func (p *Program) proxyPassword(f *opened, group settings.ProxyGroup) (string, error) {
	text, _ := f.Get(group.Password())
	if text == "" {
		return "", nil
	}
	key, err := p.Protector(f.Path())
	if err != nil {
		return "", err
	}
	plain, err := key.Unprotect(text)
	if err != nil {
		return "", fmt.Errorf("read the proxy's password: %w; set it again with --proxyPassword", err)
	}
	return string(plain), nil
}
