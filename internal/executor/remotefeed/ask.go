package remotefeed

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/mantledeploy/mantle/internal/fault"
)

var (
	errLocalLink = errors.New("an address of the local link")
	errElsewhere = errors.New("sent to an address that is not asked")
)

// get asks for a document. One that is not there is nothing.
func (s *source) get(ctx context.Context, address *url.URL) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, fault.Invalid("the feed %q names an address at %q that cannot be asked", s.Name, address.Host).Because(err)
	}
	if !s.follows(address) {
		return nil, fault.Invalid("the feed %q sends questions to %s://%s, which is not asked: an address must begin with https://, or with http:// where the feed's own does, and have no user name in it",
			s.Name, address.Scheme, address.Host)
	}
	request.Header.Set("Accept", "application/json, application/atom+xml, application/xml")
	request.Header.Set("User-Agent", "Mantle")
	if s.owns(address) && !s.Password.Empty() {
		request.SetBasicAuth(s.Username, s.Password.Reveal())
	}
	client := s.client()
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		return nil, s.unreachable(address, err)
	}
	defer answer.Body.Close()
	switch {
	case answer.StatusCode == http.StatusNotFound:
		return nil, nil
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		if s.Password.Empty() {
			return nil, fault.Invalid("the feed %q wants a user name and a password (it answered %d); give it some", s.Name, answer.StatusCode)
		}
		return nil, fault.Invalid("the feed %q refuses its user name and password (it answered %d); correct them", s.Name, answer.StatusCode)
	case answer.StatusCode != http.StatusOK:
		return nil, fault.Invalid("the feed %q answered %d when it was asked for %s; look into its own log", s.Name, answer.StatusCode, address.Path)
	}
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, s.unreachable(address, err)
	}
	if len(text) > maxAnswer {
		return nil, fault.Invalid("the feed %q answers with more than %d MiB; search for something narrower", s.Name, maxAnswer>>20)
	}
	return text, nil
}

// follows reports whether the address may be asked for this feed: what began encrypted stays so.
func (s *source) follows(u *url.URL) bool {
	return u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == "http" && s.address.Scheme == "http")
}

// owns reports whether the address is at the feed's own host.
func (s *source) owns(u *url.URL) bool {
	return u.Scheme == s.address.Scheme && strings.EqualFold(u.Host, s.address.Host)
}

func (s *source) client() *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: refuseLocalLink}
	return &http.Client{
		Transport: &http.Transport{
			Proxy: http.ProxyFromEnvironment, DialContext: dialer.DialContext, ForceAttemptHTTP2: true, TLSHandshakeTimeout: 10 * time.Second,
			ResponseHeaderTimeout: patience, MaxResponseHeaderBytes: 64 << 10, TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		},
		CheckRedirect: func(next *http.Request, before []*http.Request) error {
			if len(before) > 5 || !s.follows(next.URL) {
				return errElsewhere
			}
			if !s.owns(next.URL) {
				next.Header.Del("Authorization")
			}
			return nil
		},
	}
}

// refuseLocalLink keeps questions from where clouds tell machines their secrets.
func refuseLocalLink(_, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if ip := to.Addr().Unmap(); ip.IsLinkLocalUnicast() || ip.IsMulticast() || ip.IsUnspecified() {
		return errLocalLink
	}
	return nil
}

// unreachable says in words why there was no answer. What the network's libraries say stays in the log.
func (s *source) unreachable(address *url.URL, err error) error {
	var unknown *net.DNSError
	var untrusted *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	why := "it does not answer; check the address, and that it can be reached from the server"
	switch {
	case errors.Is(err, errLocalLink):
		why = "the address is one of the local link, which is never asked"
	case errors.Is(err, errElsewhere):
		why = "it sends the question on to an address that is not asked, or too often"
	case errors.As(err, &unknown):
		why = "the name is not known; check the address"
	case errors.As(err, &untrusted) || errors.As(err, &authority):
		why = "its certificate is not trusted; give the server the authority that signed it"
	case errors.Is(err, syscall.ECONNREFUSED):
		why = "nobody listens there; check the address and the port"
	case errors.Is(err, context.DeadlineExceeded):
		why = fmt.Sprintf("it did not answer in %d seconds", int(patience.Seconds()))
	}
	return fault.Invalid("the feed %q at %s cannot be asked: %s", s.Name, address.Host, why).Because(err)
}

// notHere is what is said where a feed's first document is missing.
func (s *source) notHere() error {
	return fault.Invalid("there is no NuGet feed at the address of %q (it answered 404); an address of version 3 ends in index.json", s.Name)
}

// strange is what is said of an answer that is not of the protocol.
func (s *source) strange(err error) error {
	return fault.Invalid("what answers at the address of the feed %q is no NuGet feed; check the address: one of version 3 ends in index.json", s.Name).Because(err)
}
