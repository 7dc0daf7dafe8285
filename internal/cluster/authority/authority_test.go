package authority_test

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/clock"
	"github.com/mantledeploy/mantle/internal/cluster/authority"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

func keyring(t *testing.T) *secret.Keyring {
	t.Helper()
	keys := secret.NewKeyring(secret.NewMasterKey())
	if _, err := keys.NewDataKey(); err != nil {
		t.Fatal(err)
	}
	return keys
}

func open(t *testing.T, db *store.DB, keys *secret.Keyring) *authority.Authority {
	t.Helper()
	a, err := authority.Open(t.Context(), db, keys, "00000000-0000-0000-0000-000000000000")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// fresh is an authority that no database has.
func fresh(t *testing.T) *authority.Authority {
	t.Helper()
	a, err := authority.New("test")
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func issue(t *testing.T, a *authority.Authority, node string, now func() time.Time) *authority.Identity {
	t.Helper()
	i, err := a.Issue(node, clock.At(now))
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// meet connects two ends, and returns what each of them says: a refusal of TLS 1.3 shows at the first read.
func meet(t *testing.T, accept, dial *tls.Config) (peer string, accepted, dialled error) {
	t.Helper()
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	server, client := tls.Server(a, accept), tls.Client(b, dial)
	var wg sync.WaitGroup
	wg.Go(func() {
		if accepted = server.HandshakeContext(ctx); accepted == nil {
			state := server.ConnectionState()
			peer = authority.Peer(&state)
			_, _ = server.Write([]byte("x"))
		}
	})
	if dialled = client.HandshakeContext(ctx); dialled == nil {
		_, dialled = client.Read(make([]byte, 1))
	} else {
		b.Close()
	}
	wg.Wait()
	return peer, accepted, dialled
}

func TestNodesKnowEachOther(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		keys := keyring(t)
		first, second := issue(t, open(t, db, keys), "OctopusServerNodes-1", time.Now), issue(t, open(t, db, keys), "OctopusServerNodes-2", time.Now)
		peer, accepted, dialled := meet(t, first.Accept(), second.Dial("OctopusServerNodes-1"))
		if peer != "OctopusServerNodes-2" || accepted != nil || dialled != nil {
			t.Errorf("%q, %v, %v", peer, accepted, dialled)
		}
	})
}

func TestOnlyOneAuthority(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T, db *store.DB) {
		keys := keyring(t)
		identities := make([]*authority.Identity, 8)
		var wg sync.WaitGroup
		for i := range identities {
			wg.Go(func() {
				a, err := authority.Open(context.Background(), db, keys, "x")
				if err == nil {
					identities[i], err = a.Issue("n", clock.Clock{})
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		for _, i := range identities[1:] {
			if _, accepted, dialled := meet(t, identities[0].Accept(), i.Dial("n")); accepted != nil || dialled != nil {
				t.Errorf("%v, %v", accepted, dialled)
			}
		}
	})
}

func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	a, other := fresh(t), fresh(t)
	node, stranger := issue(t, a, "OctopusServerNodes-1", time.Now), issue(t, other, "OctopusServerNodes-2", time.Now)
	old := issue(t, a, "OctopusServerNodes-3", func() time.Time { return time.Now().AddDate(-2, 0, 0) })
	none := stranger.Dial("OctopusServerNodes-1")
	none.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &tls.Certificate{}, nil }
	agent, err := halibut.NewCertificate("OctopusServerNodes-1")
	if err != nil {
		t.Fatal(err)
	}
	selfSigned := node.Dial("OctopusServerNodes-1")
	selfSigned.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &agent, nil }
	for _, tt := range []struct {
		name       string
		dial       *tls.Config
		byServer   string // what the accepting end says
		byClient   string // what the dialling end says
		trustsNode bool
	}{
		{"no certificate", none, "client didn't provide a certificate", "", true},
		{"another cluster", stranger.Dial("OctopusServerNodes-1"), "unknown authority", "", true},
		{"another cluster, its own check", stranger.Dial("OctopusServerNodes-1"), "", "unknown authority", false},
		{"self-signed", selfSigned, "unknown authority", "", true},
		{"expired", old.Dial("OctopusServerNodes-1"), "expired", "", true},
		{"another node's address", node.Dial("OctopusServerNodes-2"), "", "octopusservernodes-2", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.dial.InsecureSkipVerify = tt.trustsNode // the end that dials does not mind
			_, accepted, dialled := meet(t, node.Accept(), tt.dial)
			if dialled == nil {
				t.Fatal("it was let in")
			}
			if tt.byServer != "" && (accepted == nil || !strings.Contains(accepted.Error(), tt.byServer)) {
				t.Errorf("the node says %v; want %q", accepted, tt.byServer)
			}
			if tt.byClient != "" && !strings.Contains(dialled.Error(), tt.byClient) {
				t.Errorf("the stranger says %v; want %q", dialled, tt.byClient)
			}
		})
	}
}

// TestCertificatesAreRenewed: a process that runs for years is let in all the time, also by clocks that are somewhat wrong.
func TestCertificatesAreRenewed(t *testing.T) {
	t.Parallel()
	a := fresh(t)
	begin := time.Now()
	var mu sync.Mutex
	passed := time.Duration(0)
	now := func() time.Time { mu.Lock(); defer mu.Unlock(); return begin.Add(passed) }
	old := issue(t, a, "a", now)
	behind := issue(t, a, "b", func() time.Time { return now().Add(-40 * time.Hour) })
	for range 20 {
		if _, accepted, dialled := meet(t, old.Accept(), behind.Dial("a")); accepted != nil || dialled != nil {
			t.Fatalf("after %v: %v, %v", passed, accepted, dialled)
		}
		mu.Lock()
		passed += 100 * 24 * time.Hour
		mu.Unlock()
	}
}

// TestAnotherMasterKey: who cannot open the key cannot be a node.
func TestAnotherMasterKey(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t)
	open(t, db, keyring(t))
	if _, err := authority.Open(t.Context(), db, keyring(t), "x"); err == nil {
		t.Error("the authority's key was opened with another master key")
	}
}
