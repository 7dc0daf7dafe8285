package mainjob

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Behind is a node as a load balancer reaches it: the ways to its API and to its port for agents.
type Behind struct{ Web, Comms *Link }

// Balancer is a load balancer that runs, and the ports that clients and agents know.
type Balancer struct {
	Port, CommsPort int
	process         *Process
}

// HAProxy runs HAProxy in front of nodes, with a configuration written for node1, node2, …
func (h *House) HAProxy(configuration string, nodes []Behind) *Balancer {
	h.t.Helper()
	program, err := exec.LookPath("haproxy")
	if err != nil {
		program = "/usr/sbin/haproxy"
	}
	text, err := os.ReadFile(configuration)
	if err != nil {
		h.t.Fatal(err)
	}
	b := &Balancer{Port: freePort(h.t), CommsPort: freePort(h.t)}
	file := h.Path("haproxy.cfg")
	if err := os.WriteFile(file, []byte(b.fill(string(text), nodes)), 0o600); err != nil {
		h.t.Fatal(err)
	}
	b.process = h.Start("haproxy", program, []string{"-f", file, "-db"}, h.environ(h.Dir))
	Eventually(h.t, 20*time.Second, "HAProxy listens", func() bool {
		c, err := net.Dial("tcp", "127.0.0.1:"+strconv.Itoa(b.Port))
		if err == nil {
			c.Close()
		}
		return err == nil
	})
	return b
}

// URL is the address of the API behind the load balancer.
func (b *Balancer) URL() string { return fmt.Sprintf("http://127.0.0.1:%d", b.Port) }

// fill puts real addresses in, and leaves out servers that there are not.
func (b *Balancer) fill(text string, nodes []Behind) string {
	lines := strings.Split(text, "\n")
	kept := lines[:0]
	for _, line := range lines {
		line = strings.Replace(line, "bind :80", fmt.Sprintf("bind 127.0.0.1:%d", b.Port), 1)
		line = strings.Replace(line, "bind :10943", fmt.Sprintf("bind 127.0.0.1:%d", b.CommsPort), 1)
		m := regexp.MustCompile(`^(\s*server node)(\d) node\d:(8080|10943)(?: port 8080)?`).FindStringSubmatch(line)
		if m == nil {
			kept = append(kept, line)
			continue
		}
		i, _ := strconv.Atoi(m[2])
		if i > len(nodes) {
			continue
		}
		n := nodes[i-1]
		address := n.Web.Address()
		if m[3] == "10943" {
			address = fmt.Sprintf("%s port %d", n.Comms.Address(), n.Web.Port)
		}
		kept = append(kept, fmt.Sprintf("%s%d %s%s", m[1], i, address, line[len(m[0]):]))
	}
	return strings.Join(kept, "\n")
}
