//go:build unix

package cluster

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/mantledeploy/mantle/test/mainjob"
)

// retire declares a node dead that lives: its next write finds that the task is another's, before its heartbeat does.
func retire(in *injection) {
	in.pauseUpTo(2 * time.Second)
	n := in.victim()
	in.result.Where = n.Name()
	in.retireNow(n)
	in.await(n.Name(), time.Now())
}

// startLate is late for a node that is about to send StartScript.
func startLate(in *injection) { in.late("agent.start.before") }

// late stops a node between the check that a task is its own and what depends on it.
func late(in *injection) {
	in.pauseUpTo(2 * time.Second)
	points := fencedPoints()
	in.late(points[in.IntN(len(points))])
}

// late stops a node at a fault point and has it declared dead. When a successor works on its tasks it goes on, before it can have
// noticed anything: its lease has not run out, so what it writes now must be turned away by the fence alone.
func (in *injection) late(point string) {
	n := in.victim()
	visit := 1 + in.IntN(2)
	in.result.Where = fmt.Sprintf("%s at visit %d of %s", n.Name(), visit, point)
	n.at(in.t, point, visit, true)
	if !mainjob.Wait(6*time.Second, n.Process().Stopped) {
		_ = os.Remove(n.order)
		n = in.victim()
		in.result.Where = n.Name() + " at a random time"
		_ = n.Process().Signal(syscall.SIGSTOP)
	}
	stopped := time.Now()
	in.retireNow(n)
	mainjob.Wait(3*time.Second, func() bool { return in.watch.held(in.open(), n.Name(), stopped) == 0 })
	if err := n.Process().Signal(syscall.SIGCONT); err != nil {
		in.t.Fatal(err)
	}
	in.await(n.Name(), stopped)
}

// retireNow takes a node's epoch away in the database, as another node would that takes it for dead.
func (in *injection) retireNow(n *node) {
	in.t.Helper()
	in.bases[in.active].In("mantle", "UPDATE node SET epoch = NULL WHERE name = '"+n.Name()+"'")
}

// drain asks a node to drain, over the API, and lets it take tasks again at the end.
func drain(in *injection) {
	in.pauseUpTo(2 * time.Second)
	n := in.victim()
	in.result.Where = n.Name()
	set := func(draining bool) {
		api := in.api()
		for _, node := range api.Items("/api/octopusservernodes?take=100") {
			if node.Text("Name") == n.Name() {
				node["IsInMaintenanceMode"] = draining
				api.Put("/api/octopusservernodes/"+node.ID(), node)
			}
		}
	}
	set(true)
	in.await(n.Name(), time.Now())
	if status := n.ping(); status != 418 {
		in.notef("ping of the drained node answers %d", status)
		in.result.Wrong++
	}
	set(false)
}

// shutDown stops a node as its service would, and starts it again.
func shutDown(in *injection) {
	in.pauseUpTo(2 * time.Second)
	n := in.victim()
	in.result.Where = n.Name()
	asked := time.Now()
	if err := n.Process().Signal(syscall.SIGTERM); err != nil {
		in.t.Fatal(err)
	}
	in.await(n.Name(), asked)
	if code := n.Process().Await(in.t, 60*time.Second); code != 0 {
		in.notef("the node's exit code is %d", code)
		in.result.Wrong++
	}
}

// loseStore takes the shared files away from all nodes for a while.
func loseStore(in *injection) {
	in.pauseUpTo(2 * time.Second)
	in.result.Where = "gone for 8 s"
	away := in.files + ".away"
	if err := os.Rename(in.files, away); err != nil {
		in.t.Fatal(err)
	}
	<-time.After(8 * time.Second)
	if err := os.Rename(away, in.files); err != nil {
		in.t.Fatal(err)
	}
}

// fillStore fills the shared files' disk, for a while.
func fillStore(in *injection) {
	in.pauseUpTo(2 * time.Second)
	in.result.Where = "full for 8 s"
	ballast := in.files + "/ballast"
	out, err := exec.Command("dd", "if=/dev/zero", "of="+ballast, "bs=64k").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "No space left") {
		in.t.Fatalf("the store did not fill: %v\n%s", err, out)
	}
	<-time.After(8 * time.Second)
	if err := os.Remove(ballast); err != nil {
		in.t.Fatal(err)
	}
}

// protectStore makes the shared files read-only for a while.
func protectStore(in *injection) {
	in.pauseUpTo(2 * time.Second)
	in.result.Where = "read-only for 8 s"
	remount := func(how string) {
		var out []byte
		done := mainjob.Wait(10*time.Second, func() (done bool) { // it is refused while somebody is just writing
			var err error
			out, err = exec.Command("mount", "-o", "remount,"+how, in.house.Path("store")).CombinedOutput()
			return err == nil
		})
		if !done {
			in.t.Fatalf("remount %s: %s", how, out)
		}
	}
	remount("ro")
	<-time.After(8 * time.Second)
	remount("rw")
}

// mountStore gives the shared files a small disk of their own, where the system lets us.
func (w *world) mountStore() {
	store := w.directory("store")
	w.disk = !w.cfg.large && exec.Command("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", store).Run() == nil
	w.files = w.directory("store/files")
}

// unmount gives the disk back.
func unmount(dir string) error {
	if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
		return fmt.Errorf("umount %s: %w\n%s", dir, err, out)
	}
	return nil
}
