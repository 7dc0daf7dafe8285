package admin

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/config"
	"github.com/mantledeploy/mantle/internal/premises"
)

const (
	// scarce is how little room on a disk is said, expiresSoon how little time a certificate has.
	scarce      = 1 << 30
	expiresSoon = 21 * 24 * time.Hour
)

// machine looks at what the node needs of this machine.
func (d *doctor) machine(ctx context.Context) {
	d.dataDirectory()
	d.certificate(time.Now())
	d.addresses(ctx)
}

func (d *doctor) dataDirectory() {
	const check = "data directory"
	dir := string(d.t.Config.DataDir)
	sqlite, embedded := d.t.Config.Database.SQLite()
	if !embedded {
		sqlite = ""
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		d.warn(check, dir+" does not exist", "the server makes it at its first start; if there was one, correct --data-dir or mount its disk")
		return
	}
	taken, err := premises.Taken(dir, sqlite)
	if err != nil {
		d.problem(check, fmt.Sprintf("the lock of %s cannot be looked at: %v", dir, premises.Reason(err)), "run this command as the user that the server runs as")
	}
	d.taken = taken
	if err := premises.Writable(dir); err != nil {
		d.problem(check, err.Error(), "")
		return
	}
	runs := "no server runs on it"
	if taken {
		runs = "a server runs on it"
	}
	d.fine(check, "%s is writable for %s; %s", dir, whoAmI(), runs)
	d.room("disk of the data directory", dir)
}

func whoAmI() string {
	u, err := user.Current()
	if err != nil {
		return "this user"
	}
	return u.Username
}

// room looks how much can be written yet.
func (d *doctor) room(check, dir string) {
	free, known := premises.Free(dir)
	switch {
	case !known:
	case free < scarce:
		d.warn(check, fmt.Sprintf("%s has %d MB left", dir, free>>20), "free space there, or move the files with mantle path")
	default:
		d.fine(check, "%s has %.1f GB left", dir, float64(free)/(1<<30))
	}
}

func (d *doctor) certificate(now time.Time) {
	const check = "HTTPS"
	c, err := premises.Certificate(string(d.t.Config.TLSCertificate), string(d.t.Config.TLSKey))
	switch {
	case err != nil:
		d.problem(check, err.Error(), "")
	case c == nil:
		d.fine(check, "not served by this node itself")
	default:
		d.expiry(check, c, now)
	}
}

func (d *doctor) expiry(check string, c *tls.Certificate, now time.Time) {
	leaf, err := x509.ParseCertificate(c.Certificate[0])
	if err != nil {
		d.problem(check, fmt.Sprintf("the certificate cannot be read: %v", err), "correct --tls-certificate")
		return
	}
	what := fmt.Sprintf("%s, valid until %s", certificateName(leaf), leaf.NotAfter.UTC().Format("2006-01-02 15:04 MST"))
	const renew = "put a new one in its place; the server takes it up by itself"
	switch {
	case now.After(leaf.NotAfter):
		d.problem(check, "the certificate has expired: "+what, renew)
	case now.Before(leaf.NotBefore):
		d.problem(check, "the certificate is not valid before "+leaf.NotBefore.UTC().Format(time.RFC3339)+": "+what, "look at this machine's clock, or put another certificate in its place")
	case leaf.NotAfter.Sub(now) < expiresSoon:
		d.warn(check, "the certificate expires soon: "+what, renew)
	default:
		d.fine(check, "%s", what)
	}
}

func certificateName(c *x509.Certificate) string {
	if len(c.DNSNames) > 0 {
		return strings.Join(c.DNSNames, ", ")
	}
	return c.Subject.CommonName
}

// addresses asks who listens: the server where one runs, and nobody otherwise.
func (d *doctor) addresses(ctx context.Context) {
	c := d.t.Config
	all := []struct {
		setting string
		at      config.Address
	}{{"listen", c.Listen}, {"comms-listen", c.CommsListen}, {"metrics-listen", c.MetricsListen}}
	if _, embedded := c.Database.SQLite(); !embedded {
		all = append(all, struct {
			setting string
			at      config.Address
		}{"internal-listen", c.InternalListen})
	}
	for _, a := range all {
		host, port, err := net.SplitHostPort(string(a.at))
		if err != nil || port == "0" { // not set, or any free port
			continue
		}
		switch answers := answers(ctx, host, port); {
		case answers == d.taken && d.taken:
			d.fine(a.setting, "the server answers on %s", a.at)
		case d.taken:
			d.problem(a.setting, fmt.Sprintf("a server runs here, and nobody answers on %s", a.at), "it starts or stops, or has other settings than this command: look at its log and at mantle show-configuration")
		case answers:
			d.problem(a.setting, fmt.Sprintf("another program has %s, so that the server cannot start", a.at), "end that program, or give the server another address with --"+a.setting)
		default:
			d.fine(a.setting, "%s is free", a.at)
		}
	}
}

func answers(ctx context.Context, host, port string) bool {
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "127.0.0.1"
	}
	dialer := net.Dialer{Timeout: 2 * time.Second}
	c, err := dialer.DialContext(ctx, "tcp", net.JoinHostPort(host, port))
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}
