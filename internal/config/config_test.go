package config

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/mantledeploy/mantle/internal/fault"
)

const (
	master32 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	master16 = "AAECAwQFBgcICQoLDA0ODw=="
)

// samples holds a value of each setting that is not its default.
func samples() map[string]string {
	return map[string]string{
		"data-dir":             filepath.Join(string(filepath.Separator), "srv", "mantle"),
		"listen":               "0.0.0.0:80",
		"comms-listen":         ":10944",
		"database":             "postgres://mantle:dbpw@db1:5432,db2:5432/mantle?target_session_attrs=read-write",
		"internal-listen":      "10.0.0.5:10951",
		"internal-address":     "node-7.internal:10951",
		"tls-certificate":      filepath.Join(string(filepath.Separator), "etc", "cert.pem"),
		"tls-key":              filepath.Join(string(filepath.Separator), "etc", "key.pem"),
		"trusted-proxies":      "10.0.0.0/8,192.0.2.7",
		"metrics-listen":       "127.0.0.1:9100",
		"shutdown-grace":       "3s",
		"worker-patience":      "5m",
		"database-connections": "40",
		"migration-database":   "postgres://owner:dbpw@db1:5432/mantle",
		"cluster-shared":       "s3://bucket/mantle?region=eu-west-1",
		"node-name":            "node-7",
		"task-cap":             "0",
		"master-key":           master16,
		"admin-username":       "root",
		"admin-password":       "adminpw",
		"admin-email":          "root@example.org",
		"admin-api-key":        "API-ABCDEFGHIJKLMNOP",
	}
}

// TestEverySettingIsWired gives each setting from each source, and asks for its value and its origin.
func TestEverySettingIsWired(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mantle.conf")
	if got, want := len(samples()), len(Settings()); got != want {
		t.Fatalf("%d samples for %d settings", got, want)
	}
	plain, err := Load(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	field := func(c Config, s Setting) any { return reflect.ValueOf(c).Field(s.index).Interface() }
	for _, s := range Settings() {
		value, found := samples()[s.Name]
		if !found || s.Help == "" || s.Name == "" {
			t.Errorf("setting %q has no sample, help or name", s.Name)
			continue
		}
		sources := map[string]struct {
			flags map[string]string
			env   []string
		}{
			"flag --" + s.Name: {flags: map[string]string{s.Name: value}},
			file + " line 2":   {flags: map[string]string{FileFlag: file}},
		}
		for _, name := range s.Env {
			sources["environment "+name] = struct {
				flags map[string]string
				env   []string
			}{env: []string{name + "=" + value}}
		}
		if err := os.WriteFile(file, []byte("# comment\n"+s.Name+" = "+value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		var first any
		for origin, source := range sources {
			c, err := Load(source.flags, source.env)
			if err != nil {
				t.Errorf("%s from %s: %v", s.Name, origin, err)
				continue
			}
			if c.Origin(s.Name) != origin {
				t.Errorf("%s from %s has the origin %q", s.Name, origin, c.Origin(s.Name))
			}
			got := field(c, s)
			if cmp.Equal(got, field(plain, s), cmpopts.EquateComparable(netip.Prefix{})) {
				t.Errorf("%s from %s: the configuration still has the default %v", s.Name, origin, got)
			}
			if first == nil {
				first = got
			} else if !cmp.Equal(first, got, cmpopts.EquateComparable(netip.Prefix{})) {
				t.Errorf("%s from %s: %v; another source gave %v", s.Name, origin, got, first)
			}
		}
	}
}

func TestOctopusNames(t *testing.T) {
	t.Parallel()
	want := map[string]string{
		"DB_CONNECTION_STRING": "database", "MASTER_KEY": "master-key", "ADMIN_USERNAME": "admin-username",
		"ADMIN_PASSWORD": "admin-password", "ADMIN_EMAIL": "admin-email", "ADMIN_API_KEY": "admin-api-key",
		"TASK_CAP": "task-cap", "OCTOPUS_SERVER_NODE_NAME": "node-name",
	}
	got := map[string]string{}
	for _, s := range Settings() {
		for _, name := range s.Env[1:] {
			got[name] = s.Name
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	c, err := Load(nil, []string{"ADMIN_API_KEY=", "TASK_CAP=", "PATH=/bin"})
	if err != nil {
		t.Fatal(err)
	}
	dir, _ := filepath.Abs("data")
	host, _ := os.Hostname()
	want := Config{
		DataDir: Dir(dir), Listen: "127.0.0.1:8080", CommsListen: ":10943", InternalListen: ":10950", TaskCap: 5, ShutdownGrace: Duration(10 * time.Second), WorkerPatience: Duration(10 * time.Minute), DatabaseConnections: 20,
		Database: sqliteIn(filepath.Join(dir, "mantle.db")), NodeName: host, AdminUsername: "admin",
	}
	want.origins = c.origins
	if diff := cmp.Diff(want, c, cmp.AllowUnexported(Config{}), cmp.Comparer(func(a, b Key) bool { return a.Equal(b.MasterKey) })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	for _, s := range Settings() {
		if got := c.Origin(s.Name); got != "default" {
			t.Errorf("%s has the origin %q", s.Name, got)
		}
	}
}

func TestPrecedence(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "f")
	if err := os.WriteFile(file, []byte("task-cap=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	flags := map[string]string{"task-cap": "4"}
	env := []string{"TASK_CAP=2", "MANTLE_TASK_CAP=3", "MANTLE_CONFIG=" + file}
	for _, want := range []TaskCap{4, 3, 2, 1, 5} {
		c, err := Load(flags, env)
		if err != nil {
			t.Fatal(err)
		}
		if c.TaskCap != want {
			t.Errorf("task-cap %d from %s; want %d", c.TaskCap, c.Origin("task-cap"), want)
		}
		switch want {
		case 4:
			flags = nil
		case 3:
			env = []string{"TASK_CAP=2", "MANTLE_CONFIG=" + file}
		case 2:
			env = []string{"MANTLE_CONFIG=" + file}
		case 1:
			env = nil
		}
	}
}

func TestBadValues(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, value string
		want        []string
	}{
		{"listen", "8080", []string{"port alone", ":8080"}},
		{"listen", "localhost", []string{"HOST:PORT"}},
		{"listen", "localhost:http", []string{`port "http"`}},
		{"listen", ":65536", []string{`port "65536"`}},
		{"comms-listen", ":", []string{`port ""`}},
		{"task-cap", "-1", []string{"0 or more"}},
		{"task-cap", "many", []string{`"many"`}},
		{"master-key", "c2hvcnQ=", []string{"5 bytes", "32"}},
		{"master-key", "???", []string{"not base64"}},
		{"admin-api-key", "secretkey", []string{"API-"}},
		{"admin-email", "Root <root@example.org>", []string{"e-mail"}},
		{"admin-username", " ", []string{"no value"}},
		{"database", "sqlite:", []string{"sqlite:PATH"}},
		{"database", "mysql://root:pw@host/db", []string{"mysql is not a database", "postgres://"}},
		{"database", "host=db password=pw", []string{"postgres://"}},
		{"database", "Server=db,1433;Database=Octopus;User Id=sa;Password=pw", []string{"SQL Server", "PostgreSQL", "to move"}},
		{"database", "Data Source=.;Initial Catalog=Octopus;Integrated Security=True", []string{"SQL Server", "PostgreSQL"}},
		{"database", "sqlserver://sa:pw@db", []string{"SQL Server", "PostgreSQL"}},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.value, func(t *testing.T) {
			t.Parallel()
			_, err := Load(map[string]string{tt.name: tt.value}, nil)
			if !fault.Is(err, fault.KindInvalid) {
				t.Fatalf("error %v; want a fault", err)
			}
			for _, part := range append(tt.want, tt.name, "flag --"+tt.name) {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("%q does not say %q", err, part)
				}
			}
			if strings.Contains(err.Error(), "pw") || strings.Contains(err.Error(), "secretkey") {
				t.Errorf("%q shows a secret", err)
			}
		})
	}
}

func TestFile(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text string
		want       map[string]line
		problems   []string
	}{
		{"values", "\ufeff# c\r\n\r\n a=b\r\nc = d e # f\r\n", map[string]line{"a": {"b", 3}, "c": {"d e", 4}}, nil},
		{"an equals sign in a value", "a = b=c==\n", map[string]line{"a": {"b=c==", 1}}, nil},
		{"a # in a value", "a = b#c", map[string]line{"a": {"b#c", 1}}, nil},
		{"quotes", `a = "b # \"c\" \\" # d`, map[string]line{"a": {`b # "c" \`, 1}}, nil},
		{"no equals sign", "\n[server]\n", map[string]line{}, []string{`line 2: it is not "name = value"`}},
		{"open quote", `a = "b`, map[string]line{}, []string{"line 1: the value's closing quote is missing; in quotes, write \\\" for \" and \\\\ for \\"}},
		{"after the quote", `a = "b" c`, map[string]line{}, []string{"line 1: nothing may follow the value's closing quote"}},
		{"twice", "a=1\na=2\n", map[string]line{"a": {"1", 1}}, []string{"line 2: a is already set in line 1; remove one"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, problems := parseFile(tt.text)
			if diff := cmp.Diff(tt.want, got, cmp.AllowUnexported(line{})); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if diff := cmp.Diff(tt.problems, problems); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestUnknownKeys(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "mantle.conf")
	if err := os.WriteFile(file, []byte("listen = :80\ntaskcap = 4\ncolour = red\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Load(map[string]string{"config": file}, []string{
		"MANTLE_TASKCAP=4", "MANTLE_PORT=tcp://10.0.0.1:80", "MANTLE_PORT_80_TCP_ADDR=10.0.0.1", "MANTLE_SERVICE_HOST=10.0.0.1",
		"MANTLE_WEB_SERVICE_PORT_HTTP=80", "MANTLE_AGENT_HOME=/x", "MANTLE_FAULT=claim=1", "OTHER=1",
	})
	if err == nil {
		t.Fatal("unknown settings were taken")
	}
	want := []string{"3 settings", "taskcap", "line 2", "did you mean task-cap?", "colour", "line 3", "MANTLE_TASKCAP (environment)", "did you mean MANTLE_TASK_CAP?"}
	for _, part := range want {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	if _, err := Load(map[string]string{"config": file + ".none"}, nil); err == nil || !strings.Contains(err.Error(), file+".none") {
		t.Errorf("a file that is missing: %v", err)
	}
}

func TestPrintIsRedacted(t *testing.T) {
	t.Parallel()
	c, err := Load(samples(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := c.Print(&out); err != nil {
		t.Fatal(err)
	}
	for _, s := range Settings() {
		if !strings.Contains(out.String(), s.Name+" ") || !strings.Contains(out.String(), "flag --"+s.Name) {
			t.Errorf("%s or its origin is not shown", s.Name)
		}
	}
	for _, shown := range []string{out.String(), fmt.Sprintf("%v %+v %#v", c, c, c.Database)} {
		for _, secret := range []string{"dbpw", "adminpw", master16, "ABCDEFGHIJKLMNOP"} {
			if strings.Contains(shown, secret) {
				t.Errorf("%s is shown: %s", secret, shown)
			}
		}
	}
	for _, part := range []string{"postgres://mantle:********@db1:5432,db2:5432/mantle?target_session_attrs=read-write", "(key 34ccab14)", "root@example.org"} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not shown:\n%s", part, out.String())
		}
	}
}

func TestDatabaseHidesPasswords(t *testing.T) {
	t.Parallel()
	tests := [][2]string{
		{"postgres://u:p@h/d", "postgres://u:********@h/d"},
		{"postgres://u:p@ss/w:rd@h:1,g:2/d", "postgres://u:********@h:1,g:2/d"},
		{"postgres://u@h/d?sslmode=require&password=p&sslpassword=q", "postgres://u@h/d?sslmode=require&password=********&sslpassword=********"},
		{"postgres:///d?host=/run/postgresql", "postgres:///d?host=/run/postgresql"},
		{"postgres://h:5432/d", "postgres://h:5432/d"},
	}
	for _, tt := range tests {
		var d Database
		if err := d.UnmarshalText([]byte(tt[0])); err != nil {
			t.Fatal(err)
		}
		if got := d.String(); got != tt[1] {
			t.Errorf("%s is shown as %s; want %s", tt[0], got, tt[1])
		}
		if d.URL.Reveal() != tt[0] {
			t.Errorf("%s became %s", tt[0], d.URL.Reveal())
		}
	}
}

func TestFlags(t *testing.T) {
	t.Parallel()
	f := NewFlags()
	if got := f.Values(); len(got) != 0 {
		t.Errorf("no flag was given, and there are %v", got)
	}
	s := reflect.ValueOf(f.Struct()).Elem()
	s.FieldByName("TaskCap").Set(reflect.ValueOf(new("7")))
	s.FieldByName("Config").Set(reflect.ValueOf(new("file")))
	if diff := cmp.Diff(map[string]string{"task-cap": "7", "config": "file"}, f.Values()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNetworkSettings(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ setting, value, shown, problem string }{
		{"trusted-proxies", "10.1.2.3/8, ::1", "10.0.0.0/8,::1", ""},
		{"trusted-proxies", "proxy.local", "", "neither an address nor a network"},
		{"shutdown-grace", "90", "1m30s", ""},
		{"shutdown-grace", "0s", "0s", ""},
		{"shutdown-grace", "-1s", "", "is not a time"},
		{"database-connections", "1", "", "from 2 to 1000"},
		{"tls-key", "/etc/key.pem", "/etc/key.pem", ""},
	} {
		c, err := Load(map[string]string{test.setting: test.value}, nil)
		if test.problem != "" {
			if err == nil || !strings.Contains(err.Error(), test.problem) {
				t.Errorf("%s %s: %v", test.setting, test.value, err)
			}
			continue
		}
		var out strings.Builder
		if err := errors.Join(err, c.Print(&out)); err != nil || !regexp.MustCompile(`(?m)^`+test.setting+` +`+regexp.QuoteMeta(test.shown)+` `).MatchString(out.String()) {
			t.Errorf("%s %s: %v\n%s", test.setting, test.value, err, &out)
		}
	}
}
