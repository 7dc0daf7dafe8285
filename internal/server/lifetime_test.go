package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/blob"
	"github.com/mantledeploy/mantle/internal/cluster"
	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/secret"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/store/storetest"
)

// pemFiles writes a certificate and its key, and returns their paths.
func pemFiles(t *testing.T, dir string) (certificate, key config.Path) {
	t.Helper()
	c, err := halibut.NewCertificate("localhost")
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	certificate, key = config.Path(filepath.Join(dir, "cert.pem")), config.Path(filepath.Join(dir, "key.pem"))
	for path, block := range map[config.Path]*pem.Block{certificate: {Type: "CERTIFICATE", Bytes: c.Certificate[0]}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(string(path), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}

func TestANodeOverHTTPSJoinsAnewWhenItWasRetired(t *testing.T) {
	t.Parallel()
	url := storetest.PostgresURL(t)
	db := storetest.Open(t, url)
	dir := t.TempDir()
	cfg := config.Config{
		DataDir: config.Dir(filepath.Join(dir, "data")), Listen: "127.0.0.1:0", CommsListen: "127.0.0.1:0", InternalListen: "127.0.0.1:0", MetricsListen: "127.0.0.1:0", NodeName: "node-1",
		Database: config.Database{URL: secret.NewText(url)}, DatabaseConnections: 10, TaskCap: 5, AdminUsername: "admin", AdminPassword: config.Password{Text: secret.NewText("correct horse battery")},
		ShutdownGrace: config.Duration(time.Hour), // which a node alone does not wait for
	}
	cfg.TLSCertificate, cfg.TLSKey = pemFiles(t, dir)
	ctx, stop := context.WithCancel(t.Context())
	told := &record{}
	ended := make(chan error, 1)
	opener := func(context.Context, string) (blob.Store, error) { return nil, io.EOF } // directories need none
	go func() { ended <- Run(ctx, cfg, opener, slog.New(slog.DiscardHandler), told) }()
	var address string
	storetest.Eventually(t, "it serves", func() bool {
		if m := regexp.MustCompile(`serves on (https://localhost:\d+)`).FindStringSubmatch(told.String()); m != nil {
			address = m[1]
		}
		return address != ""
	})
	client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
	get := func(path string) (status int, body string) {
		res, err := client.Get(address + path)
		if err != nil {
			return 0, err.Error()
		}
		defer res.Body.Close()
		if res.Header.Get("Octopus-Node") != "node-1" {
			t.Errorf("%s: the answer does not name its node", path)
		}
		text, _ := io.ReadAll(res.Body)
		return res.StatusCode, string(text)
	}
	for path, want := range map[string]int{"/health/live": 200, "/health/ready": 200, "/api/octopusservernodes/ping": 200, "/no/such/thing": 404, "/metrics": 404} {
		if status, body := get(path); status != want {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	row := func() (n cluster.Node) {
		if err := db.Read(t.Context(), func(tx *store.Tx) (err error) { n, err = cluster.Find(tx, "node-1"); return err }); err != nil {
			t.Fatal(err)
		}
		return n
	}
	first := row()
	err := db.Write(t.Context(), func(tx *store.Tx) error { // what a reaper does
		_, err := tx.Exec("UPDATE node SET epoch = NULL WHERE id = $1", first.ID)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	storetest.Eventually(t, "it joins anew", func() bool { n := row(); return n.Online() && n.Epoch != first.Epoch })
	storetest.Eventually(t, "it serves again, at the same address", func() bool { status, _ := get("/health/ready"); return status == 200 })
	if strings.Count(told.String(), "serves on") != 1 {
		t.Error("the operator was told twice")
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not end")
	}
	if row().Online() {
		t.Error("the node is online after it ended")
	}
}
