package mainjob

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
)

// Apart is a network namespace: a machine of its own, as far as the network goes. It is connected with this one by a cable for each kind of traffic, and where
// a cable is pulled the system loses the packets, whoever sends them. Linux alone has it, and it needs root.
type Apart struct {
	house *House
	name  string
	net   string
	ways  []string
}

// Apart makes a namespace with a cable for each name. An error says why this system does not let us.
func (h *House) Apart(ways ...string) (*Apart, error) {
	h.t.Helper()
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("only root may make a network namespace")
	}
	number := rand.IntN(1 << 16)
	a := &Apart{house: h, name: fmt.Sprintf("mantle-%04x", number), net: fmt.Sprintf("10.249.%d.", 1+number%250), ways: ways}
	h.t.Cleanup(a.remove) // before the house's: nothing works there any more when its processes are looked for
	commands := []string{"netns add " + a.name, "-n " + a.name + " link set lo up"}
	for i, way := range ways {
		here, there := a.cable(way), a.cable(way)+"p"
		commands = append(commands,
			fmt.Sprintf("link add %s type veth peer name %s netns %s", here, there, a.name),
			fmt.Sprintf("address add %s%d/30 dev %s", a.net, 4*i+1, here),
			fmt.Sprintf("-n %s address add %s/30 dev %s", a.name, a.Own(way), there),
			fmt.Sprintf("link set %s up", here),
			fmt.Sprintf("-n %s link set %s up", a.name, there),
			// What is asked for from there has an address that does not depend on the cable: others ask for it, too.
			fmt.Sprintf("address add %s/32 dev lo", a.Service(way)),
			fmt.Sprintf("-n %s route add %s/32 via %s%d", a.name, a.Service(way), a.net, 4*i+1))
	}
	for _, c := range commands {
		if err := ip(c); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// ipProgram is Debian's iproute2.
func ipProgram() string {
	if path, err := exec.LookPath("ip"); err == nil {
		return path
	}
	return "/usr/sbin/ip"
}

func ip(arguments string) error {
	if out, err := exec.Command(ipProgram(), strings.Fields(arguments)...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w: %s", arguments, err, strings.TrimSpace(string(out)))
	}
	return nil
}

func (a *Apart) place(way string) int {
	for i, w := range a.ways {
		if w == way {
			return i
		}
	}
	panic("there is no cable " + way)
}

func (a *Apart) cable(way string) string {
	return fmt.Sprintf("m%s-%d", a.name[len("mantle-"):], a.place(way))
}

// Own is the namespace's address at a cable; Service is this machine's, for what is reached over it.
func (a *Apart) Own(way string) string { return fmt.Sprintf("%s%d", a.net, 4*a.place(way)+2) }

// Service is the address of what the namespace reaches over a cable.
func (a *Apart) Service(way string) string { return fmt.Sprintf("%s%d", a.net, 101+a.place(way)) }

// Pull pulls a cable: no packet passes, in neither direction, and nobody is told. Plug puts it back.
func (a *Apart) Pull(way string) { a.set(way, "down") }

// Plug puts a cable back.
func (a *Apart) Plug(way string) { a.set(way, "up") }

func (a *Apart) set(way, state string) {
	a.house.t.Helper()
	if err := ip("link set " + a.cable(way) + " " + state); err != nil {
		a.house.t.Fatal(err)
	}
}

// remove takes everything away again; what was never made is no problem.
func (a *Apart) remove() {
	for _, way := range a.ways {
		_ = ip("link delete " + a.cable(way))
		_ = ip("address delete " + a.Service(way) + "/32 dev lo")
	}
	_ = ip("netns delete " + a.name)
}

// command makes a program run in the namespace, under its own process ID.
func (a *Apart) command(program string, args []string) (string, []string) {
	return ipProgram(), append([]string{"netns", "exec", a.name, program}, args...)
}
