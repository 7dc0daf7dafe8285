package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// startPostgres starts a server that dies with this process.
func startPostgres() (string, error) {
	if server := os.Getenv("MANTLE_TEST_POSTGRES"); server != "" {
		return server, nil
	}
	programs, err := postgresPrograms()
	if err != nil {
		return "", err
	}
	sweep(filepath.Join(os.TempDir(), directories+"*"))
	dir, err := os.MkdirTemp("", directories)
	if err != nil {
		return "", err
	}
	as, err := unprivileged(dir)
	if err != nil {
		return "", err
	}
	if err := as.run(filepath.Join(programs, "initdb"), "-D", dir+"/data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"); err != nil {
		return "", err
	}
	port, err := freePort()
	if err != nil {
		return "", err
	}
	settings := []string{"-D", dir + "/data", "-k", dir, "-p", strconv.Itoa(port), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300",
		"-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=64MB"}
	server := fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres", port)
	return server, as.start(filepath.Join(programs, "postgres"), settings, server)
}

// directories is what the names of the servers' directories begin with.
const directories = "mantle-postgres-"

// sweep removes what the servers of earlier tests have left: they die with their test, which cannot clean up after them.
func sweep(pattern string) {
	found, _ := filepath.Glob(pattern)
	for _, dir := range found {
		info, err := os.Stat(dir)
		if err != nil || time.Since(info.ModTime()) < 10*time.Minute { // perhaps it is just being made
			continue
		}
		text, _ := os.ReadFile(filepath.Join(dir, "data", "postmaster.pid"))
		line, _, _ := strings.Cut(string(text), "\n")
		if pid, err := strconv.Atoi(line); err == nil && !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		_ = os.RemoveAll(dir) // another test may be at it too
	}
}

func postgresPrograms() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if len(found) == 0 {
		return "", errors.New("initdb is neither in PATH nor in /usr/lib/postgresql/*/bin: apt-get install postgresql")
	}
	return filepath.Dir(found[len(found)-1]), nil
}

// account is whom PostgreSQL's programs run as: they refuse root.
type account struct{ credential *syscall.Credential }

func unprivileged(dir string) (account, error) {
	if os.Getuid() != 0 {
		return account{}, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return account{}, err
	}
	uid, _ := strconv.Atoi(u.Uid)
	gid, _ := strconv.Atoi(u.Gid)
	if err := os.Chown(dir, uid, gid); err != nil {
		return account{}, err
	}
	return account{&syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}, nil
}

func (a account) run(program string, args ...string) error {
	cmd := exec.Command(program, args...)
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", program, err, out)
	}
	return nil
}

// start runs the server until this process ends: its parent's death stops it.
func (a account) start(program string, args []string, server string) error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread() // a parent's death is that of the thread that forked
		cmd := exec.Command(program, args...)
		cmd.Dir = "/"
		var log bytes.Buffer
		cmd.Stderr = &log
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.credential, Pdeathsig: syscall.SIGQUIT}
		if err := cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		_ = cmd.Wait()
		select {}
	}()
	if err := <-started; err != nil {
		return err
	}
	return waitFor(server)
}

func waitFor(server string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, server)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL did not start: %w", err)
		case <-tick.C:
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
