package workspace

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// WriteBash writes the body as the bash script, with Unix line ends, and returns its path.
func (w Workspace) WriteBash(body string) (string, error) {
	path := filepath.Join(w.Dir, BashName)
	return path, writeWhole(path, strings.ReplaceAll(body, "\r\n", "\n"))
}

// WritePowerShell writes the body as the PowerShell script, with the mark that makes Windows PowerShell read it as
// UTF-8, and returns its path.
func (w Workspace) WritePowerShell(body string) (string, error) {
	path := filepath.Join(w.Dir, PowerShellName)
	return path, writeWhole(path, "\ufeff"+body)
}

func writeWhole(path, text string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}
