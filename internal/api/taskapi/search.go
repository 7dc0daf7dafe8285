package taskapi

import (
	"net/http"
	"strings"

	"github.com/mantledeploy/mantle/internal/api"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/task/tasklog"
)

// Search is what was found in a part of a log, in the log's order.
type Search struct {
	Found []Spot
	// Next is the first line that was not looked at; null at the log's end.
	Next *Spot
}

// Spot is a line of a block; 0 is its first.
type Spot struct {
	BlockID string `json:"BlockId"`
	Line    int64
}

const (
	// searchedAtOnce is how many lines one request looks at: the caller sees how far it is, and can stop.
	searchedAtOnce = 250_000
	searchedPage   = 5000
	defaultFound   = 2000
	maxFound       = 5000
)

// search finds the lines that hold a text, case ignored, from a spot on.
func (t *Tasks) search(c *api.Call) error {
	text := strings.ToLower(c.Query("text"))
	if text == "" {
		return fault.Invalid("the query has no text; say what to search for")
	}
	from, err := c.QueryInt("from", 0)
	if err != nil {
		return err
	}
	most, err := c.QueryInt("most", defaultFound)
	if err != nil {
		return err
	}
	row, err := t.readable(c)
	if err != nil {
		return err
	}
	blocks, err := t.Log.Tree(c.Request.Context(), row.ID)
	if err != nil {
		return err
	}
	line := int64(from)
	if first := c.Query("block"); first != "" {
		for len(blocks) > 0 && blocks[0].ID != first {
			blocks = blocks[1:]
		}
		if len(blocks) == 0 {
			return fault.NotFound("the log of %s has no block %q", row.ID, first)
		}
	}
	s := searcher{Tasks: t, c: c, task: row.ID, text: text, most: min(most, maxFound), left: searchedAtOnce}
	for _, b := range blocks {
		if line, err = s.block(b, line); err != nil {
			return err
		}
		if line < b.Lines {
			s.answer.Next = &Spot{b.ID, line}
			break
		}
		line = 0
	}
	if s.answer.Found == nil {
		s.answer.Found = []Spot{}
	}
	return c.JSON(http.StatusOK, s.answer)
}

// searcher is one search.
type searcher struct {
	*Tasks
	c          *api.Call
	task, text string
	most       int
	left       int64
	answer     Search
}

// block looks through the lines of a block, and returns the first one that it has not looked at.
func (s *searcher) block(b tasklog.Block, line int64) (int64, error) {
	for line < b.Lines && s.left > 0 && len(s.answer.Found) < s.most {
		lines, err := s.Log.Window(s.c.Request.Context(), s.task, b.ID, line, min(searchedPage, s.left))
		if err != nil {
			return 0, err
		}
		if len(lines) == 0 {
			return b.Lines, nil
		}
		for _, l := range lines {
			if len(s.answer.Found) == s.most {
				return line, nil
			}
			if strings.Contains(strings.ToLower(l.Text), s.text) {
				s.answer.Found = append(s.answer.Found, Spot{b.ID, line})
			}
			line++
			s.left--
		}
	}
	return line, nil
}
