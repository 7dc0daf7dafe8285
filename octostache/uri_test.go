package octostache

import "testing"

// TestURIs holds parts of URIs of which no row is recorded. An empty text is one that is no URI, and stays.
func TestURIs(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"http://h/%41%7e/%2F%20": "http://h/A~/%2F%20", "http://h/a/%2e%2e/b": "http://h/b", "http://h/%7b": "http://h/%7b", "http://h/%c3%a9%e9": "http://h/%C3%A9%e9",
		"http://h/?a%41=%7e&b=%2f#%41%20": "http://h/?aA=~&b=%2f#A%20", `C:\100%\a#b?c`: "file:///C:/100%25/a%23b%3Fc", `\\srv\a#b`: "file://srv/a%23b", "file:///C|/a": "file:///C:/a",
		"file://srv:80/a": "", "file://me@srv/a": "", "http://a@b@h/": "", "http://@h/": "http://@h/", "http://loopback/": "http://localhost/", "custom://1.2.3/": "custom://1.2.3/",
		"http://1.2.3/": "http://1.2.0.3/", "http://a..b/": "", "http://.a/": "", "ftp://h/a?b": "ftp://h/a%3Fb", "gopher://h/a/../b": "gopher://h/a/../b", "news:a?b#c": "news:a%3Fb#c",
		"ldap:///x": "ldap:///x", "custom:///x": "custom:///x", "custom://": "custom:///", `custom://h/a\b/../c`: "custom://h/a/c", "x:y": "", "http:///x": "", "http://@/": "",
	} {
		vs := New(Config{})
		vs.Set("V", in)
		if want == "" {
			want = in
		}
		if got, err := vs.Evaluate("#{V | UriPart AbsoluteUri}"); got != want || err != nil {
			t.Errorf("%s gives %q (error %v), want %q", in, got, err, want)
		}
	}
	for in, want := range map[string]string{"http://-a.b/": "Basic", "http://_a/": "Basic", "http://a_b/": "Dns", "custom://1.2.3/": "Dns", "custom://1.2.3.4/": "IPv4", "ldap:///": "Basic"} {
		vs := New(Config{})
		vs.Set("V", in)
		if got, err := vs.Evaluate("#{V | UriPart HostNameType}"); got != want || err != nil {
			t.Errorf("the host of %s is %q (error %v), want %q", in, got, err, want)
		}
	}
}
