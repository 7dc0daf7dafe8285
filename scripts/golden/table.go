package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// file is the sum over the rows of one golden file.
type file struct {
	area, name                   string
	rows, agree, differ, leftOut int
	why                          string
}

// parse reads the lines that the tests logged. Several lines of one file add up: several tests may share it.
func parse(out string) ([]file, error) {
	byName := map[string]*file{}
	for line := range strings.Lines(out) {
		_, fields, found := strings.Cut(line, " golden: ")
		if !found {
			continue
		}
		f, err := parseLine(fields)
		if err != nil {
			return nil, fmt.Errorf("the line %q: %w", strings.TrimSpace(line), err)
		}
		if sum := byName[f.area+"/"+f.name]; sum != nil {
			sum.rows, sum.agree, sum.differ, sum.leftOut = sum.rows+f.rows, sum.agree+f.agree, sum.differ+f.differ, sum.leftOut+f.leftOut
		} else {
			byName[f.area+"/"+f.name] = &f
		}
	}
	var files []file
	for _, f := range byName {
		files = append(files, *f)
	}
	slices.SortFunc(files, func(a, b file) int { return cmp.Or(cmp.Compare(a.area, b.area), cmp.Compare(a.name, b.name)) })
	return files, nil
}

func parseLine(fields string) (file, error) {
	f := file{why: "windows"}
	for field := range strings.FieldsSeq(fields) {
		key, value, _ := strings.Cut(field, "=")
		var err error
		switch key {
		case "area":
			f.area = value
		case "file":
			f.name = value
		case "why":
			f.why = value
		case "rows":
			f.rows, err = strconv.Atoi(value)
		case "agree":
			f.agree, err = strconv.Atoi(value)
		case "differ":
			f.differ, err = strconv.Atoi(value)
		case "leftout":
			f.leftOut, err = strconv.Atoi(value)
		default:
			err = fmt.Errorf("nothing is called %q", key)
		}
		if err != nil {
			return f, err
		}
	}
	if f.area == "" || f.name == "" || f.rows != f.agree+f.differ {
		return f, fmt.Errorf("%d rows are not %d that agree and %d that differ", f.rows, f.agree, f.differ)
	}
	return f, nil
}

// render writes the table, and a sentence on the rows that are not in it.
func render(w io.Writer, files []file) error {
	out := bufio.NewWriter(w)
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "area\tfile\t  rows\t agree\tdiffer")
	var sum file
	leftOut := map[string]int{}
	for _, f := range files {
		fmt.Fprintf(t, "%s\t%s\t%6d\t%6d\t%6d\n", f.area, f.name, f.rows, f.agree, f.differ)
		sum.rows, sum.agree, sum.differ, sum.leftOut = sum.rows+f.rows, sum.agree+f.agree, sum.differ+f.differ, sum.leftOut+f.leftOut
		leftOut[f.why] += f.leftOut
	}
	fmt.Fprintf(t, "all\t%d files\t%6d\t%6d\t%6d\n", len(files), sum.rows, sum.agree, sum.differ)
	t.Flush()
	fmt.Fprintf(out, "\n%d more rows are left out: %d of cultures, %d with lone surrogates, %d that need Windows.\n",
		sum.leftOut, leftOut["culture"], leftOut["surrogates"], leftOut["windows"])
	return out.Flush()
}
