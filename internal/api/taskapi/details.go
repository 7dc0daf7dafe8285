package taskapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/mantledeploy/mantle/internal/access"
	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/store"
	"github.com/mantledeploy/mantle/internal/task"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// Details is a task with its log.
type Details struct {
	Task            json.RawMessage
	ActivityLogs    []*Element
	ActivityLog     *Element
	PhysicalLogSize int64
	Progress        Progress
}

// Progress is how far a task is.
type Progress struct {
	ProgressPercentage     int
	EstimatedTimeRemaining string
}

// Element is a block of the log. Its ID is the same in every answer.
type Element struct {
	ID                 string `json:"Id"`
	Name               string
	Started, Ended     *time.Time
	Status             tasklog.Status
	Children           []*Element
	ShowAtSummaryLevel bool
	LogElements        []Line
	ProgressPercentage int
	ProgressMessage    string
	// LineCount is how many lines the block has, shown or not.
	LineCount int64
}

// Line is a line of the log. A line of the category Gap stands for those that are left out.
type Line struct {
	Category    tasklog.Category
	OccurredAt  *time.Time
	MessageText string
	Detail      *string
	// Number is the line's place in the whole log, from 1; 0 for a gap.
	Number int64
}

func lineOf(l tasklog.Line) Line {
	at := l.At
	return Line{Category: l.Category, OccurredAt: &at, MessageText: l.Text, Number: l.Number}
}

// seen reads the task, rendered, and whether the caller may read its log.
func (t *Tasks) seen(c *api.Call) (row *task.Task, shown json.RawMessage, log bool, err error) {
	err = c.Read(func(tx *store.Tx) error {
		if row, err = t.load(c, tx); err != nil {
			return err
		}
		log = c.Principal.Allowed(access.TaskViewLog, scope(row))
		shown, err = t.Show(c, tx, row)
		return err
	})
	return row, shown, log, err
}

func (t *Tasks) details(c *api.Call) error {
	ask, err := readWanted(c)
	if err != nil {
		return err
	}
	row, shown, log, err := t.seen(c)
	if err != nil {
		return err
	}
	blocks, err := t.Log.Tree(c.Request.Context(), row.ID)
	if err != nil {
		return err
	}
	d := Details{Task: shown, ActivityLogs: tree(blocks), Progress: progress(row, blocks, c.Engine.DB.Now())}
	for _, b := range blocks {
		d.PhysicalLogSize += b.Lines
	}
	if log {
		if err := t.fill(c.Request.Context(), row.ID, ask, blocks, index(d.ActivityLogs)); err != nil {
			return err
		}
	}
	self := "/api/tasks/" + row.ID
	text, err := c.Resource(d, api.Links{"Self": self + "/details", "Task": self, "Raw": self + "/raw", "LogStream": self + "/log/stream"})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, text)
}

// tree arranges blocks, which come parents first.
func tree(blocks []tasklog.Block) []*Element {
	roots := []*Element{}
	known, depth := map[string]*Element{}, map[string]int{}
	for _, b := range blocks {
		e := &Element{
			ID: b.ID, Name: b.Name, Started: b.StartedAt, Ended: b.EndedAt, Status: b.Status, Children: []*Element{}, LogElements: []Line{},
			ProgressPercentage: int(b.Progress), ProgressMessage: b.ProgressMessage, LineCount: b.Lines,
		}
		known[b.ID] = e
		parent := known[b.ParentID]
		if parent == nil || parent == e {
			roots = append(roots, e)
			continue
		}
		depth[b.ID] = depth[b.ParentID] + 1
		e.ShowAtSummaryLevel = depth[b.ID] == 1
		parent.Children = append(parent.Children, e)
	}
	return roots
}

// index finds elements by ID.
func index(roots []*Element) map[string]*Element {
	all := map[string]*Element{}
	var walk func([]*Element)
	walk = func(list []*Element) {
		for _, e := range list {
			all[e.ID] = e
			walk(e.Children)
		}
	}
	walk(roots)
	return all
}

// progress tells how far a task is: what its root says, or how many of the steps below it have ended.
func progress(row *task.Task, blocks []tasklog.Block, now time.Time) Progress {
	if row.State.Completed() {
		return Progress{ProgressPercentage: 100}
	}
	roots := map[string]bool{}
	percent, steps, ended := int64(0), int64(0), int64(0)
	for _, b := range blocks {
		switch {
		case b.ParentID == "":
			roots[b.ID] = true
			percent = max(percent, b.Progress)
		case roots[b.ParentID]:
			steps++
			if b.EndedAt != nil {
				ended++
			}
		}
	}
	if percent == 0 && steps > 0 {
		percent = 100 * ended / steps
	}
	p := Progress{ProgressPercentage: int(min(percent, 99))}
	if percent > 0 && row.StartedAt != nil {
		p.EstimatedTimeRemaining = span(now.Sub(*row.StartedAt) * time.Duration(100-min(percent, 99)) / time.Duration(percent))
	}
	return p
}

// wanted is which lines a details request asks for.
type wanted struct {
	verbose bool
	tail    int64
	ranges  map[string][2]int64
}

// readWanted reads verbose (true unless it says false), tail, and ranges: "BLOCK:FROM-TO" of lines counted from 0, TO not included.
func readWanted(c *api.Call) (wanted, error) {
	w := wanted{verbose: true, ranges: map[string][2]int64{}}
	var err error
	if c.Has("verbose") {
		if w.verbose, err = c.QueryBool("verbose"); err != nil {
			return w, err
		}
	}
	tail, err := c.QueryInt("tail", defaultTail)
	if err != nil {
		return w, err
	}
	w.tail = int64(min(tail, maxTail))
	for _, text := range c.QueryList("ranges") {
		colon := strings.LastIndexByte(text, ':')
		from, to, ok := strings.Cut(text[colon+1:], "-")
		first, err1 := strconv.ParseInt(from, 10, 64)
		last, err2 := strconv.ParseInt(to, 10, 64)
		if colon < 1 || !ok || err1 != nil || err2 != nil || first < 0 || last < first {
			return w, fault.Invalid("the query's ranges has %q; it must be like BLOCK:100-200, lines counted from 0", text)
		}
		w.ranges[text[:colon]] = [2]int64{first, last}
	}
	return w, nil
}

func gap(n int64) Line {
	text := "1 line is left out here; the raw log has it."
	if n != 1 {
		text = fmt.Sprintf("%d lines are left out here; the raw log has them.", n)
	}
	return Line{Category: tasklog.Gap, MessageText: text}
}
