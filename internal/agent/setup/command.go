package setup

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// command is a word of the command line.
type command struct {
	name        string
	aliases     []string
	description string
	action      func(p *Program) *action
}

func (p *Program) commands() []*command {
	return []*command{
		{name: "agent", aliases: []string{"run"}, description: "Run the agent in the foreground", action: (*Program).agentCommand},
		{name: "checkservices", description: "Start the services of instances that have stopped", action: (*Program).checkServicesCommand},
		{name: "clear-trusted-servers", description: "Forget the servers that this agent trusts", action: (*Program).clearTrustedServersCommand},
		{name: "configure", description: "Change settings: home, port, polling connections, trusted servers", action: (*Program).configureCommand},
		{name: "create-instance", description: "Add an agent to this machine", action: (*Program).createInstanceCommand},
		{name: "delete-instance", description: "Take an agent off this machine's list; its files stay", action: (*Program).deleteInstanceCommand},
		{name: "deregister-from", description: "Remove this agent's deployment target from a server", action: (*Program).deregisterCommand},
		{name: "deregister-worker", description: "Remove this agent's worker from a server", action: (*Program).deregisterWorkerCommand},
		{name: "extract", description: "Unpack a package", action: (*Program).extractCommand},
		{name: "help", description: "List the commands, or the options of one", action: (*Program).helpCommand},
		{name: "import-certificate", description: "Give this agent a certificate that exists already", action: (*Program).importCertificateCommand},
		{name: "join", description: "Do it all: certificate, registration with a server, then run", action: (*Program).joinCommand},
		{name: "list-instances", description: "List the agents of this machine", action: (*Program).listInstancesCommand},
		{name: "livez", description: "Tell by the exit code whether the agent is alive", action: (*Program).livezCommand},
		{name: "new-certificate", description: "Make a new certificate for this agent", action: (*Program).newCertificateCommand},
		{name: "poll-server", description: "Poll another node or address of a server that is polled already", action: (*Program).pollServerCommand},
		{name: "polling-proxy", description: "Set the proxy for polling connections", action: (*Program).pollingProxyCommand},
		{name: "proxy", description: "Set the proxy for scripts and for the server's REST API", action: (*Program).proxyCommand},
		{name: "register-k8s-target", description: "Register the agent of a Kubernetes cluster as a deployment target", action: (*Program).registerKubernetesTargetCommand},
		{name: "register-k8s-worker", description: "Register the agent of a Kubernetes cluster as a worker", action: (*Program).registerKubernetesWorkerCommand},
		{name: "register-with", description: "Register this machine as a deployment target with a server", action: (*Program).registerCommand},
		{name: "register-worker", description: "Register this machine as a worker with a server", action: (*Program).registerWorkerCommand},
		{name: "server-comms", description: "Choose who calls whom: this agent or the server", action: (*Program).serverCommsCommand},
		{name: "service", description: "Install, start, stop or remove the agent's service", action: (*Program).serviceCommand},
		{name: "set-polling-connection-count", description: "Set how many connections go to each server that is polled", action: (*Program).setPollingConnectionCountCommand},
		{name: "show-configuration", description: "Show the configuration as JSON", action: (*Program).showConfigurationCommand},
		{name: "show-thumbprint", description: "Show the thumbprint of this agent's certificate", action: (*Program).showThumbprintCommand},
		{name: "update-trust", description: "Trust a server under a new thumbprint in place of its old one", action: (*Program).updateTrustCommand},
		{name: "version", description: "Show the version", action: (*Program).versionCommand},
		{name: "watchdog", description: "Watch over the services of a machine (Windows)", action: (*Program).watchdogCommand},
	}
}

func (p *Program) command(name string) *command {
	all := p.commands()
	i := slices.IndexFunc(all, func(c *command) bool { return c.name == name || slices.Contains(c.aliases, name) })
	if i < 0 {
		return nil
	}
	return all[i]
}

func (p *Program) helpCommand() *action {
	a := newAction()
	a.operands = 1
	var format string
	formatOption(a, &format)
	a.run = func(_ context.Context, a *action) error {
		asJSON, err := wantsJSON(format)
		if err != nil {
			return err
		}
		if len(a.arguments) == 0 {
			if asJSON {
				return p.printJSON(p.describeAll())
			}
			p.printCommands(p.Stdout)
			return nil
		}
		c := p.command(strings.ToLower(a.arguments[0]))
		if c == nil {
			return fault.Invalid("there is no command %q; see: mantle-agent help", a.arguments[0])
		}
		if asJSON {
			return p.printJSON(p.describe(c))
		}
		p.printOptions(p.Stdout, c, c.action(p))
		return nil
	}
	return a
}

func (p *Program) printCommands(w io.Writer) {
	fmt.Fprintln(w, "Usage: mantle-agent <command> [<options>]")
	fmt.Fprintln(w)
	for _, c := range p.commands() {
		fmt.Fprintf(w, "  %-30s %s\n", c.title(), c.description)
	}
	if p.Step != nil {
		fmt.Fprintf(w, "  %-30s %s\n", "step", "What the server asks of a target during a deployment")
	}
	fmt.Fprintln(w, "\nThe options of a command: mantle-agent help <command>")
}

func (c *command) title() string { return strings.Join(append([]string{c.name}, c.aliases...), ", ") }

func (p *Program) printOptions(w io.Writer, c *command, a *action) {
	fmt.Fprintf(w, "Usage: mantle-agent %s [<options>]\n\n%s.\n\n", c.name, c.description)
	for _, o := range a.options.All() {
		if o.Hidden {
			continue
		}
		var names []string
		for _, n := range o.Names {
			dashes := "--"
			if len(n) == 1 {
				dashes = "-"
			}
			names = append(names, dashes+n)
		}
		title := strings.Join(names, ", ")
		if o.TakesValue {
			title += "=VALUE"
		}
		fmt.Fprintf(w, "  %s\n        %s\n", title, o.Description)
	}
}

type commandDescription struct {
	Name          string
	Description   string
	Aliases       []string
	Options       []optionDescription
	CommonOptions []optionDescription
}

type optionDescription struct{ Name, Description string }

func (p *Program) describe(c *command) commandDescription {
	d := commandDescription{Name: c.name, Description: c.description, Aliases: append([]string{}, c.aliases...), Options: []optionDescription{},
		CommonOptions: []optionDescription{{"help", "Show what this command does and its options"}}}
	for _, o := range c.action(p).options.All() {
		if !o.Hidden {
			d.Options = append(d.Options, optionDescription{longestName(o.Names), o.Description})
		}
	}
	return d
}

func longestName(names []string) string {
	// The first name of several characters is the main one: u|username|user is "username".
	for _, n := range names {
		if len(n) > 1 {
			return n
		}
	}
	return names[0]
}

func (p *Program) describeAll() any {
	list := []commandDescription{}
	for _, c := range p.commands() {
		list = append(list, p.describe(c))
	}
	return struct{ Commands []commandDescription }{list}
}

func formatOption(a *action, format *string) {
	a.options.String("format", "How to print: text (the default) or json", format)
}

func wantsJSON(format string) (bool, error) {
	switch strings.ToLower(format) {
	case "", "text":
		return false, nil
	case "json":
		return true, nil
	}
	return false, fault.Invalid("there is no format %q; choose text or json", format)
}

// printJSON prints with two blanks of indentation, as scripts read it.
func (p *Program) printJSON(v any) error {
	e := json.NewEncoder(p.Stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func (p *Program) versionCommand() *action {
	a := newAction()
	var format string
	formatOption(a, &format)
	a.run = func(context.Context, *action) error {
		asJSON, err := wantsJSON(format)
		if err != nil {
			return err
		}
		if !asJSON {
			p.say("%s", p.Version)
			return nil
		}
		core, _, _ := strings.Cut(p.Version, "+")
		numbers, pre, isPre := strings.Cut(core, "-")
		branch := "main"
		if isPre {
			branch = pre
		}
		return p.printJSON(struct {
			InformationalVersion, MajorMinorPatch, NuGetVersion, SourceBranchName string
			IsPrerelease                                                          bool
		}{p.Version, numbers, core, branch, isPre})
	}
	return a
}
