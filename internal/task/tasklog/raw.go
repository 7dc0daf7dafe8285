package tasklog

import (
	"bufio"
	"fmt"
	"io"
	"strings"
)

const rawTime = "2006-01-02 15:04:05"

// writeHead writes the line that announces a block.
func writeHead(w io.Writer, b Block, depth int) error {
	times := ""
	if b.StartedAt != nil {
		times = b.StartedAt.Format(rawTime)
	}
	_, err := fmt.Fprintf(w, "%s%-8s| == %s: %s ==\n", indent(depth), "", b.Status, b.Name+suffix(times))
	return err
}

func suffix(times string) string {
	if times == "" {
		return ""
	}
	return " (started " + times + " UTC)"
}

func writeLines(w io.Writer, lines []Line, depth int) error {
	out := bufio.NewWriter(w)
	for _, line := range lines {
		for i, text := range strings.Split(line.Text, "\n") {
			label := ""
			if i == 0 {
				label = line.At.Format("15:04:05")
			}
			fmt.Fprintf(out, "%s%-8s %-9s| %s\n", indent(depth), label, line.Category, strings.TrimSuffix(text, "\r"))
		}
	}
	return out.Flush()
}

func indent(depth int) string { return strings.Repeat("  ", depth) }
