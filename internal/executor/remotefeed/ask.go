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

// ErrPassing is in the chain of errors that may be gone when the feed is asked again.
var ErrPassing = errors.New("may be gone later")

// get asks for a document. One that is not there is nothing.
func (s *source) get(ctx context.Context, address *url.URL) ([]byte, error) {
	client := s.client()
	defer client.CloseIdleConnections()
	answer, err := s.send(ctx, client, address, http.Header{"Accept": {"application/json, application/atom+xml, application/xml"}})
	if err != nil || answer == nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, s.unreachable(address, err)
	}
	if len(text) > maxAnswer {
		return nil, fault.Invalid("the feed %q answers with more than %d MiB; search for something narrower", s.Name, maxAnswer>>20)
	}
	return text, nil
}

// send asks for a file and returns the answer, whose body the caller closes; nil where there is no such file.
func (s *source) send(ctx context.Context, client *http.Client, address *url.URL, header http.Header) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
	if err != nil {
		return nil, fault.Invalid("the feed %q names an address at %q that cannot be asked", s.Name, address.Host).Because(err)
	}
	if !s.follows(address) {
		return nil, fault.Invalid("the feed %q sends questions to %s://%s, which is not asked: an address must begin with https://, or with http:// where the feed's own does, and have no user name in it",
			s.Name, address.Scheme, address.Host)
	}
	request.Header = header
	request.Header.Set("User-Agent", "Mantle")
	if s.owns(address) && !s.Password.Empty() {
		request.SetBasicAuth(s.Username, s.Password.Reveal())
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, s.unreachable(address, err)
	}
	if answer.StatusCode == http.StatusOK {
		return answer, nil
	}
	answer.Body.Close()
	if answer.StatusCode == http.StatusNotFound {
		return nil, nil
	}
	return nil, s.refused(answer.Request.URL, answer.StatusCode)
}

// refused says what a feed's answer means.
func (s *source) refused(address *url.URL, status int) error {
	switch {
	case (status == http.StatusUnauthorized || status == http.StatusForbidden) && !s.owns(address):
		return fault.Invalid("the feed %q keeps its files at %s, which refuses to give them (it answered %d): the feed's user name and password are not sent to another host; look into the feed's settings", s.Name, address.Host, status)
	case status == http.StatusUnauthorized || status == http.StatusForbidden:
		if s.Password.Empty() {
			return fault.Invalid("the feed %q wants a user name and a password (it answered %d); give it some", s.Name, status)
		}
		return fault.Invalid("the feed %q refuses its user name and password (it answered %d); correct them", s.Name, status)
	}
	f := fault.Invalid("the feed %q answered %d when it was asked for %s; look into its own log", s.Name, status, address.Path)
	if status >= 500 || status == http.StatusTooManyRequests || status == http.StatusRequestTimeout {
		f = f.Because(ErrPassing)
	}
	return f
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
	cause := fmt.Errorf("%w: %w", ErrPassing, err)
	switch {
	case errors.Is(err, errLocalLink):
		why, cause = "the address is one of the local link, which is never asked", err
	case errors.Is(err, errElsewhere):
		why, cause = "it sends the question on to an address that is not asked, or too often", err
	case errors.As(err, &unknown):
		why = "the name is not known; check the address"
	case errors.As(err, &untrusted) || errors.As(err, &authority):
		why, cause = "its certificate is not trusted; give the server the authority that signed it", err
	case errors.Is(err, syscall.ECONNREFUSED):
		why = "nobody listens there; check the address and the port"
	case errors.Is(err, context.DeadlineExceeded):
		why = fmt.Sprintf("it did not answer in %d seconds", int(patience.Seconds()))
	}
	return fault.Invalid("the feed %q at %s cannot be asked: %s", s.Name, address.Host, why).Because(cause)
}

// notHere is what is said where a feed's first document is missing.
func (s *source) notHere() error {
	return fault.Invalid("there is no NuGet feed at the address of %q (it answered 404); an address of version 3 ends in index.json", s.Name)
}

// strange is what is said of an answer that is not of the protocol.
func (s *source) strange(err error) error {
	return fault.Invalid("what answers at the address of the feed %q is no NuGet feed; check the address: one of version 3 ends in index.json", s.Name).Because(err)
}
