package isolation

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The sentences below stand in task logs, where people and the server's log reader know them: their words are fixed.

// Acquiring is what the log says before the first attempt.
func (c *Claim) Acquiring() string {
	level := "NoIsolation"
	if c.level == Full {
		level = "FullIsolation"
	}
	return fmt.Sprintf("Acquiring isolation mutex %s with %s in %s", c.name, level, c.task)
}

// Waiting says what the claim waits for.
func (c *Claim) Waiting() string {
	blockers := c.blockers()
	tasks := tasksOf(blockers)
	switch {
	case len(tasks) == 1 && strings.EqualFold(tasks[0], c.task):
		return "Waiting on another script in this task to finish as this task requires that no other Octopus scripts are executing on this target at the same time."
	case len(tasks) > 1:
		return fmt.Sprintf("Waiting on scripts in tasks %s to finish. This script requires that no other Octopus scripts are executing on this target at the same time.", joined(tasks))
	}
	whose := "this"
	if c.level == None && slices.ContainsFunc(blockers, func(b *Claim) bool { return b.level == Full }) {
		whose = "that"
	}
	return fmt.Sprintf("Waiting for the script in task %s to finish as %s script requires that no other Octopus scripts are executing on this target at the same time.", joined(tasks), whose)
}

// Cancelled says that the script was cancelled before it ran.
func (c *Claim) Cancelled() string {
	return "This task was canceled before it could start." + c.stillRunning()
}

// TimedOut says that the script waited too long.
func (c *Claim) TimedOut(waited time.Duration) string {
	return fmt.Sprintf("This task waited more than %d minutes and timed out.", int(waited.Minutes())) + c.stillRunning()
}

func (c *Claim) stillRunning() string {
	switch tasks := tasksOf(c.blockers()); len(tasks) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" Task %s is still running.", joined(tasks))
	default:
		return fmt.Sprintf(" Tasks %s are still running.", joined(tasks))
	}
}

// tasksOf returns the claims' tasks, each once, in the order in which they took the mutex.
func tasksOf(claims []*Claim) []string {
	var tasks []string
	for _, b := range claims {
		if !slices.Contains(tasks, b.task) {
			tasks = append(tasks, b.task)
		}
	}
	return tasks
}

// joined lists the tasks as links that the portal makes clickable.
func joined(tasks []string) string {
	links := make([]string, len(tasks))
	for i, task := range tasks {
		links[i] = fmt.Sprintf("[%s](~/app#/tasks/%s)", task, task)
	}
	if len(links) < 2 {
		return strings.Join(links, "")
	}
	return strings.Join(links[:len(links)-1], ", ") + " and " + links[len(links)-1]
}
