package server

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/space"
	"github.com/mantledeploy/mantle/internal/store"
)

// firstStart is what the first start of an installation has made, to be shown once.
type firstStart struct {
	madeKey  bool
	master   secret.MasterKey
	created  bool
	password secret.Text
	// brought: the operator set the password, so it is not shown.
	brought bool
	apiKey  secret.Text
}

// seed makes the built-in teams, the administrator and the default space where they are missing.
func (s *Server) seed(ctx context.Context, first *firstStart) error {
	first.password, first.brought = s.cfg.AdminPassword.Text, true
	if first.password.Empty() {
		first.password, first.brought = secret.NewToken(), false
	}
	return s.db.Write(ctx, func(tx *store.Tx) (err error) {
		if err := access.Seed(tx); err != nil {
			return err
		}
		first.apiKey, first.created, err = access.SeedAdministrator(tx, access.Administrator{
			Username: s.cfg.AdminUsername, Email: string(s.cfg.AdminEmail), Password: first.password, APIKey: s.cfg.AdminAPIKey.Text,
		})
		if err != nil {
			return err
		}
		return space.SeedDefault(tx, s.spaceHooks())
	})
}

// announce says that the server is ready, in the log and to the operator.
func (s *Server) announce(w *web, first *firstStart, started time.Time) {
	address := s.scheme() + shownAddress(w.tcp.Addr().String())
	s.log.Info("ready", "address", address, "node", s.cfg.NodeName, "database", s.db.Engine(), "seconds", time.Since(started).Round(time.Millisecond).Seconds())
	var b strings.Builder
	fmt.Fprintf(&b, "\nMantle %s serves on %s\n", productVersion(), address)
	if first.madeKey {
		fmt.Fprintf(&b, "\n  Master key       %s\n                   Keep a copy in a safe place: without it the secrets in the database are lost. Shown once.\n", first.master.Text().Reveal())
	}
	if first.created {
		s.announceFirst(&b, first, address)
	} else {
		stop := "run"
		if s.db.Engine() == store.SQLite {
			stop = "stop the server and run"
		}
		fmt.Fprintf(&b, "  Sign in as before. If the password or the API key is lost, %s, with this server's settings:\n  mantle admin --username %s --reset-password --new-api-key\n", stop, s.cfg.AdminUsername)
	}
	fmt.Fprintln(s.tell, b.String())
}

// announceFirst shows what the first start has made; what the operator brought along is not repeated.
func (s *Server) announceFirst(b *strings.Builder, first *firstStart, address string) {
	fmt.Fprintf(b, "\n  Administrator    %s\n", s.cfg.AdminUsername)
	if !first.brought {
		fmt.Fprintf(b, "  Password         %s   (shown once)\n", first.password.Reveal())
	}
	key := "API-…"
	if s.cfg.AdminAPIKey.Empty() {
		key = first.apiKey.Reveal()
		fmt.Fprintf(b, "  API key          %s   (shown once)\n", key)
	}
	fmt.Fprintf(b, "\nNext:\n  export OCTOPUS_URL=%s OCTOPUS_API_KEY=%s OCTOPUS_SPACE=Default\n  octopus environment create --name Development --no-prompt\n", address, key)
}

// shownAddress is an address that can be opened on this machine.
func shownAddress(address string) string {
	for _, all := range []string{"[::]:", "0.0.0.0:", "127.0.0.1:"} {
		if port, ok := strings.CutPrefix(address, all); ok {
			return "localhost:" + port
		}
	}
	return address
}
