package mainjob

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// hasGone reports whether the other end has closed the connection, or was found to know it no more (by a keep-alive, a minute after it closed). Who
// gives up while a network is cut is never heard of at its other side; thousands who did so in ten minutes must not all arrive there when it heals.
func hasGone(c net.Conn) (gone bool) {
	s, ok := c.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) {
		info, err := unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
		gone = err == nil && info.State != unix.BPF_TCP_ESTABLISHED
	})
	return gone
}

// ownerOf finds the process of this machine at the other end of a connection; 0 where it cannot be told.
func ownerOf(c net.Conn) int {
	peer, ok := c.RemoteAddr().(*net.TCPAddr)
	if !ok {
		return 0
	}
	inode := inodeOf(peer.Port, c.LocalAddr().(*net.TCPAddr).Port)
	if inode == "" {
		return 0
	}
	sockets, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range sockets {
		if to, err := os.Readlink(fd); err == nil && to == "socket:["+inode+"]" {
			pid, _ := strconv.Atoi(strings.Split(fd, "/")[2])
			return pid
		}
	}
	return 0
}

func inodeOf(local, remote int) string {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		f, err := os.Open(table)
		if err != nil {
			continue
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		for lines.Scan() {
			fields := strings.Fields(lines.Text())
			if len(fields) > 9 && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", local)) && strings.HasSuffix(fields[2], fmt.Sprintf(":%04X", remote)) {
				return fields[9]
			}
		}
	}
	return ""
}
