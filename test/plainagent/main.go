// Command plainagent is an agent with a Tentacle's own services and nothing more: no tool for steps, and with -v1 not
// even tickets. Tests of test/ deploy to it.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/agent/script"
	"github.com/mantledeploy/mantle/internal/agent/transfer"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// options are the command line.
type options struct {
	home, listen, trust, shim string
	v1                        bool
	cleanAge                  time.Duration
	hold                      string
}

func main() {
	var o options
	flag.StringVar(&o.home, "home", "", "the agent's directory")
	flag.StringVar(&o.listen, "listen", "", "host:port")
	flag.StringVar(&o.trust, "trust", "", "the server's thumbprint")
	flag.StringVar(&o.shim, "shim", "", "the program that owns scripts")
	flag.BoolVar(&o.v1, "v1", false, "offer version 1 of the script service alone, and no capabilities")
	flag.DurationVar(&o.cleanAge, "clean-age", 0, "delete scripts that ended so long ago; 0: never")
	flag.StringVar(&o.hold, "hold", "", "a file: while it is there, a script of the agent's own keeps isolated ones waiting")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run makes an identity where the home has none, writes its thumbprint there, and serves.
func run(ctx context.Context, o options) error {
	certificate, err := identity(filepath.Join(o.home, "identity.pem"))
	if err != nil {
		return err
	}
	trust, err := halibut.NewTrust(o.trust)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	runner, err := script.NewRunner(script.Config{
		Work: filepath.Join(o.home, "Work"), Shim: []string{o.shim, "shim"}, Logger: log,
		Environment: script.Environment{Home: o.home, Applications: filepath.Join(o.home, "Applications"), InstanceName: "plain",
			Executable: filepath.Join(o.home, "Tentacle"), Version: "6.3.0"},
		CleanAge: o.cleanAge, CleanDelay: o.cleanAge,
	})
	if err != nil {
		return err
	}
	defer runner.Close()
	if err := runner.Attach(); err != nil {
		return err
	}
	if o.cleanAge > 0 {
		go runner.CleanUp(ctx)
	}
	if err := hold(ctx, runner, o.hold); err != nil {
		return err
	}
	services, err := offered(runner, o)
	if err != nil {
		return err
	}
	listener, err := halibut.NewListener(halibut.ListenerConfig{Certificate: certificate, Trust: trust, Services: services, Logger: log})
	if err != nil {
		return err
	}
	tcp, err := net.Listen("tcp", o.listen)
	if err != nil {
		return err
	}
	thumbprint := filepath.Join(o.home, "thumbprint")
	if err := os.WriteFile(thumbprint+".new", []byte(halibut.Thumbprint(certificate)), 0o600); err != nil {
		return err
	}
	if err := os.Rename(thumbprint+".new", thumbprint); err != nil {
		return err
	}
	return listener.Serve(ctx, tcp)
}

// identity reads the agent's certificate, or makes one.
func identity(path string) (tls.Certificate, error) {
	found, err := tls.LoadX509KeyPair(path, path)
	if !errors.Is(err, fs.ErrNotExist) {
		return found, err
	}
	made, err := halibut.NewCertificate("plain agent")
	if err != nil {
		return made, err
	}
	key, err := x509.MarshalPKCS8PrivateKey(made.PrivateKey)
	if err != nil {
		return made, err
	}
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: made.Certificate[0]}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	return made, os.WriteFile(path, text, 0o600)
}

// hold runs a script that has the agent to itself as long as the file is there. An agent that was started again has it still.
func hold(ctx context.Context, runner *script.Runner, path string) error {
	if _, err := os.Stat(path); err != nil {
		return nil
	}
	start, _ := runner.Services()[1].Methods["StartScript"].(func(context.Context, *contract.StartScriptCommandV2) (*contract.ScriptStatusResponseV2, error))
	if start == nil {
		return errors.New("version 2 of the script service is not where it was")
	}
	_, err := start(ctx, &contract.StartScriptCommandV2{ScriptTicket: &contract.ScriptTicket{TaskId: "hold"}, TaskId: "ServerTasks-0",
		ScriptBody: fmt.Sprintf("while [ -e '%s' ]; do sleep 0.1; done\n", path), Isolation: contract.FullIsolation, ScriptIsolationMutexTimeout: time.Hour})
	return err
}

// forgetful makes version 1 of the script service say of a script that it does not know what a Tentacle says: that it has succeeded.
func forgetful(s halibut.Service) error {
	status, _ := s.Methods["GetStatus"].(func(context.Context, *contract.ScriptStatusRequest) (*contract.ScriptStatusResponse, error))
	if status == nil {
		return errors.New("GetStatus of version 1 of the script service has another form")
	}
	s.Methods["GetStatus"] = func(ctx context.Context, q *contract.ScriptStatusRequest) (*contract.ScriptStatusResponse, error) {
		answer, err := status(ctx, q)
		if err == nil && answer.ExitCode == contract.ExitUnknownScript {
			answer.ExitCode = 0
		}
		return answer, err
	}
	return nil
}

func offered(runner *script.Runner, o options) (*halibut.Services, error) {
	registry, err := contract.Registry()
	if err != nil {
		return nil, err
	}
	all := append(runner.Services(), transfer.New(o.home).Services()...)
	var kept []halibut.Service
	for _, s := range all {
		if o.v1 && s.Name == contract.ScriptServiceV1 {
			if err := forgetful(s); err != nil {
				return nil, err
			}
		}
		if !o.v1 || s.Name != contract.ScriptServiceV2 {
			kept = append(kept, s)
		}
	}
	if !o.v1 {
		kept = append(kept, halibut.Service{Name: contract.CapabilitiesService, ClrType: "Octopus.Tentacle.Services.Capabilities.CapabilitiesServiceV2",
			Methods: map[string]any{"GetCapabilities": func(context.Context) (*contract.CapabilitiesResponseV2, error) {
				return &contract.CapabilitiesResponseV2{SupportedCapabilities: []string{contract.ScriptServiceV1, contract.FileTransferService, contract.ScriptServiceV2}}, nil
			}}})
	}
	return halibut.NewServices(halibut.ServicesConfig{Registry: registry, Services: kept, UnknownService: func(name string) error {
		return &halibut.Exception{Type: "Octopus.Tentacle.Communications.UnknownServiceNameException",
			Message: "Error: " + name + " has not been registered through an IAutofacServiceSource"}
	}})
}
