// Package journal is the deployment journal of a target: which packages were deployed there, into which directories,
// and with what result. Retention removes what is in it and no longer wanted.
//
// The file is shared with other programs that read the same format, so that what this package does not know in it is
// kept. It deploys nothing. Only internal/step imports it.
package journal

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/mantledeploy/mantle/internal/fault"
)

// Package is one package of a deployment.
type Package struct {
	ID           string `xml:"PackageId,attr"`
	Version      string `xml:"PackageVersion,attr"`
	DeployedFrom string `xml:"DeployedFrom,attr"`
}

// Entry is one deployment. A journal that others wrote may lack any of it.
type Entry struct {
	ID           string    `xml:"Id,attr"`
	Environment  string    `xml:"EnvironmentId,attr"`
	Tenant       string    `xml:"TenantId,attr"`
	Project      string    `xml:"ProjectId,attr"`
	InstalledOn  string    `xml:"InstalledOn,attr"`
	RetentionSet string    `xml:"RetentionPolicySet,attr"`
	ExtractedTo  string    `xml:"ExtractedTo,attr"`
	CustomDir    string    `xml:"CustomInstallationDirectory,attr"`
	Successful   string    `xml:"WasSuccessful,attr"`
	Packages     []Package `xml:"Package"`

	// raw is the entry as it stands in the file.
	raw []byte
}

// Succeeded: only a clear "False" is a failure.
func (e Entry) Succeeded() bool { return !strings.EqualFold(strings.TrimSpace(e.Successful), "false") }

// Time is when the deployment was, in UTC.
func (e Entry) Time() (time.Time, error) {
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15.04.05"} {
		if t, err := time.Parse(layout, e.InstalledOn); err == nil && len(e.InstalledOn) == len(layout) {
			return t, nil
		}
	}
	return time.Time{}, fault.Invalid("the entry %q of the deployment journal has the date %q, which is not of the form yyyy-MM-dd HH:mm:ss: correct or remove it", e.ID, e.InstalledOn)
}

// Journal is the file. Its users take turns by a lock file beside it.
type Journal struct{ Path string }

// lockPatience is how long a step waits for the journal; entries are written in milliseconds.
const lockPatience = 2 * time.Minute

// Entries returns all entries, in the file's order. No file is an empty journal.
func (j Journal) Entries() ([]Entry, error) {
	text, err := os.ReadFile(j.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Unavailable("the deployment journal %s cannot be read: %v", j.Path, err).Because(err)
	}
	entries, _, err := parse(text)
	if err != nil {
		return nil, fault.Invalid("the deployment journal %s is damaged (%v): repair it, or move it away to begin a new one", j.Path, err).Because(err)
	}
	return entries, nil
}

// Add appends an entry; its ID is made here.
func (j Journal) Add(ctx context.Context, e Entry) error {
	e.ID = uuid.NewString()
	return j.change(ctx, func(entries []Entry) ([]Entry, error) { return append(entries, e), nil })
}

// Remove removes the entries that the function picks.
func (j Journal) Remove(ctx context.Context, picked func(Entry) bool) error {
	return j.change(ctx, func(entries []Entry) ([]Entry, error) {
		kept := entries[:0]
		for _, e := range entries {
			if !picked(e) {
				kept = append(kept, e)
			}
		}
		return kept, nil
	})
}

// Latest returns the newest entry of a retention set that the function accepts.
func (j Journal) Latest(set string, accept func(Entry) bool) (Entry, bool, error) {
	entries, err := j.Entries()
	if err != nil {
		return Entry{}, false, err
	}
	var best Entry
	var when time.Time
	found := false
	for _, e := range entries {
		if e.RetentionSet != set || !accept(e) {
			continue
		}
		t, err := e.Time()
		if err == nil && (!found || !t.Before(when)) {
			best, when, found = e, t, true
		}
	}
	return best, found, nil
}

func (j Journal) change(ctx context.Context, edit func([]Entry) ([]Entry, error)) error {
	if err := os.MkdirAll(filepath.Dir(j.Path), 0o755); err != nil {
		return fmt.Errorf("make the directory of the deployment journal %s: %w", j.Path, err)
	}
	unlock, err := lock(ctx, j.Path+".lock", lockPatience)
	if err != nil {
		return err
	}
	defer unlock()
	entries, err := j.Entries()
	if err != nil {
		return err
	}
	text, _ := os.ReadFile(j.Path)
	_, others, _ := parse(text)
	if entries, err = edit(entries); err != nil {
		return err
	}
	return j.write(entries, others)
}

// parse returns the entries, and the other children of the root as they stand.
func parse(text []byte) (entries []Entry, others [][]byte, err error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	depth := 0
	for {
		begin := d.InputOffset()
		token, err := d.Token()
		if err == io.EOF && depth == 0 {
			return nil, nil, errors.New("it has no root element")
		}
		if err != nil {
			return nil, nil, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; depth == 1 {
				if t.Name.Local != "Deployments" {
					return nil, nil, fmt.Errorf("its root element is %s, not Deployments", t.Name.Local)
				}
				continue
			}
			depth--
			e := Entry{}
			if t.Name.Local == "Deployment" {
				err = d.DecodeElement(&e, &t)
			} else {
				err = d.Skip()
			}
			if err != nil {
				return nil, nil, err
			}
			raw := bytes.TrimSpace(text[begin:d.InputOffset()])
			if e.raw = raw; t.Name.Local == "Deployment" {
				entries = append(entries, e)
			} else {
				others = append(others, raw)
			}
		case xml.EndElement:
			return entries, others, nil
		}
	}
}

// write replaces the file as a whole, so that a reader never sees half of it.
func (j Journal) write(entries []Entry, others [][]byte) error {
	var b bytes.Buffer
	b.WriteString(xml.Header + "<Deployments>\n")
	for _, raw := range others {
		b.WriteString("  " + string(raw) + "\n")
	}
	for _, e := range entries {
		if e.raw == nil {
			raw, err := xml.MarshalIndent(struct {
				XMLName xml.Name `xml:"Deployment"`
				Entry
			}{Entry: e}, "  ", "  ")
			if err != nil {
				return fmt.Errorf("write the deployment journal %s: %w", j.Path, err)
			}
			e.raw = bytes.TrimSpace(raw)
		}
		b.WriteString("  " + string(e.raw) + "\n")
	}
	b.WriteString("</Deployments>\n")
	f, err := os.CreateTemp(filepath.Dir(j.Path), ".DeploymentJournal-*.xml")
	if err != nil {
		return fmt.Errorf("write the deployment journal %s: %w", j.Path, err)
	}
	_, err = f.Write(b.Bytes())
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), j.Path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write the deployment journal %s: %w", j.Path, err)
	}
	return nil
}
