// Package settings keeps an agent's configuration file: the XML file of keys and values that a Tentacle has, read
// and written so that either program can take the other's file over. Keys that this release does not know stay as
// they are. It is for internal/agent/setup and whoever starts an agent; it opens no connection.
package settings

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// File is a configuration file in memory. It is not safe for concurrent use.
type File struct {
	path   string
	values map[string]string
}

type document struct {
	XMLName xml.Name `xml:"octopus-settings"`
	Sets    []struct {
		Key   string `xml:"key,attr"`
		Value string `xml:",chardata"`
	} `xml:"set"`
}

// Open reads the file at path. A missing file is an error for which errors.Is(err, fs.ErrNotExist) holds.
func Open(path string) (*File, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read configuration file: %w", err)
	}
	f := &File{path: path, values: map[string]string{}}
	if len(bytes.TrimSpace(data)) == 0 {
		return f, nil
	}
	if err := f.decode(data); err != nil {
		return nil, fmt.Errorf("configuration file %s is not readable as a Tentacle configuration: %w", path, err)
	}
	return f, nil
}

// Create returns the file at path, or an empty one that exists only once it is saved; created says which.
func Create(path string) (f *File, created bool, err error) {
	f, err = Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &File{path: path, values: map[string]string{}}, true, nil
	}
	return f, false, err
}

func (f *File) decode(data []byte) error {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var doc document
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(charset string, r io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "utf-8") {
			return r, nil
		}
		return nil, fmt.Errorf("encoding %q; save it as UTF-8", charset)
	}
	if err := d.Decode(&doc); err != nil {
		return err
	}
	for _, s := range doc.Sets {
		f.values[s.Key] = s.Value
	}
	return nil
}

// Path returns where the file lies.
func (f *File) Path() string { return f.path }

// Get returns the value of a key, and whether the key is there.
func (f *File) Get(key string) (string, bool) {
	v, ok := f.values[key]
	return v, ok
}

// Set gives a key a value. It is on disk after Save.
func (f *File) Set(key, value string) { f.values[key] = value }

// Remove takes a key away.
func (f *File) Remove(key string) { delete(f.values, key) }

// Keys returns all keys in the order in which they are written.
func (f *File) Keys() []string {
	keys := make([]string, 0, len(f.values))
	for k := range f.values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// Bytes returns the file's text: a byte order mark, keys sorted by their bytes, LF, no newline at the end.
func (f *File) Bytes() []byte {
	var b bytes.Buffer
	b.WriteString("\ufeff<?xml version=\"1.0\" encoding=\"utf-8\"?>\n")
	b.WriteString(`<octopus-settings xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">` + "\n")
	for _, k := range f.Keys() {
		if v := f.values[k]; v == "" {
			fmt.Fprintf(&b, "  <set key=\"%s\" />\n", escape(k, true))
		} else {
			fmt.Fprintf(&b, "  <set key=\"%s\">%s</set>\n", escape(k, true), escape(v, false))
		}
	}
	b.WriteString("</octopus-settings>")
	return b.Bytes()
}

func escape(s string, attribute bool) string {
	pairs := []string{"&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#xD;"}
	if attribute {
		pairs = append(pairs, `"`, "&quot;", "\n", "&#xA;", "\t", "&#x9;")
	}
	return strings.NewReplacer(pairs...).Replace(s)
}

// Save writes the file as a whole: a reader sees the old text or the new one. A new file is readable by its owner
// only, because it holds the agent's private key; an existing file keeps its mode.
func (f *File) Save() error {
	dir := filepath.Dir(f.path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("create the directory of configuration file %s: %w", f.path, err)
	}
	mode := fs.FileMode(0o600)
	if info, err := os.Stat(f.path); err == nil {
		mode = info.Mode().Perm()
	}
	if err := replaceFile(f.path, f.Bytes(), mode); err != nil {
		return fmt.Errorf("write configuration file %s: %w", f.path, err)
	}
	return nil
}

func replaceFile(path string, data []byte, mode fs.FileMode) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			tmp.Close()
			os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
		return err
	}
	if err = tmp.Chmod(mode); err != nil {
		return err
	}
	if err = keepOwner(path, tmp); err != nil {
		return err
	}
	if err = tmp.Sync(); err != nil {
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
