package portal

import (
	"archive/zip"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

const password = "A password of 31 characters ..."

// programs are built once for the tests, where they run.
var programs mainjob.Programs

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	if os.Getenv("MANTLE_TEST_BROWSER") == "" {
		return m.Run()
	}
	dir, err := os.MkdirTemp("", "mantle-programs-")
	if err == nil {
		defer os.RemoveAll(dir)
		programs, err = mainjob.Build(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// needBrowser skips the test where nobody asked for a browser, and returns the repository's directory.
func needBrowser(t *testing.T) string {
	t.Helper()
	if os.Getenv("MANTLE_TEST_BROWSER") == "" {
		t.Skip("MANTLE_TEST_BROWSER is not set: scripts/browser runs this")
	}
	repository, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(repository, "internal/portal/dist/index.html")); err != nil {
		t.Fatalf("the portal is not built; run scripts/portal: %v", err)
	}
	return repository
}

func TestPortal(t *testing.T) {
	repository := needBrowser(t)
	house := programs.House(t)
	server := house.Server(mainjob.ServerConfig{Environ: []string{"MANTLE_ADMIN_PASSWORD=" + password}})
	writePackage(t, house.Path("Shop.Web.1.0.0.zip"))
	browse(t, repository, house, "web/test/run.mjs", "MANTLE_URL="+server.URL, "MANTLE_AGENT="+programs.Path("mantle-agent"), fmt.Sprintf("MANTLE_COMMS_PORT=%d", server.CommsPort))
	sameTypes(t, repository, server, house)
}

// browse runs a program of web/test. Its failures are the test's.
func browse(t *testing.T, repository string, house *mainjob.House, script string, environ ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 9*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", script)
	cmd.Dir = repository
	shots, pictures := os.Getenv("MANTLE_SHOTS"), true
	if shots == "" {
		shots, pictures = house.Path("shots"), false // of a failure only
	}
	cmd.Env = append(append(os.Environ(), "MANTLE_ADMIN_PASSWORD="+password, "MANTLE_TEST_DIR="+house.Dir, "MANTLE_SHOTS="+shots, fmt.Sprintf("MANTLE_TEST_PICTURES=%t", pictures)), environ...)
	cmd.WaitDelay = 5 * time.Second
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
}

// sameTypes compares the portal's types with the server's own document.
func sameTypes(t *testing.T, repository string, server *mainjob.Server, house *mainjob.House) {
	t.Helper()
	fresh := house.Path("schema.ts")
	cmd := exec.Command("node", "web/scripts/types.mjs", server.URL+"/api/swagger.json", fresh)
	cmd.Dir = repository
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("types.mjs: %v\n%s", err, out)
	}
	want, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(filepath.Join(repository, "web/src/api/schema.ts"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Error("web/src/api/schema.ts is not what the server's document says: run make web-types")
	}
}

func writePackage(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z := zip.NewWriter(f)
	w, err := z.Create("hello.txt")
	if err == nil {
		_, err = w.Write([]byte("hello\n"))
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}
