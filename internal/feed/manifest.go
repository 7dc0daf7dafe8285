package feed

import (
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/mantledeploy/mantle/internal/blob"
)

// What a manifest may cost: a hostile archive must not fill memory.
const (
	maxDirectory = 16 << 20 // bytes of the archive's list of files that are looked at
	maxManifest  = 1 << 20  // bytes of the manifest, unpacked
	maxText      = 256 << 10
)

var (
	errNoManifest  = errors.New("the archive has no manifest")
	errBadManifest = errors.New("the archive's manifest cannot be read")
)

// manifest is what is read of a .nuspec.
type manifest struct {
	Metadata struct {
		ID           string `xml:"id"`
		Version      string `xml:"version"`
		Title        string `xml:"title"`
		Summary      string `xml:"summary"`
		Description  string `xml:"description"`
		ReleaseNotes string `xml:"releaseNotes"`
		manifestFacts
	} `xml:"metadata"`
}

// describe reads title, summary, description, release notes and facts from the .nuspec at the root of a zip or nupkg. It is no error that there
// is none.
func (r *Repository) describe(ctx context.Context, p *Package) error {
	switch strings.ToLower(p.Extension) {
	case ".zip", ".nupkg":
	default:
		return nil
	}
	text, err := r.manifest(ctx, p)
	if errors.Is(err, errNoManifest) {
		return nil
	}
	if err != nil {
		return err
	}
	m, err := parseManifest(text)
	if err == nil {
		p.take(m)
	}
	return err
}

// manifest reads the text of the .nuspec at the root of the package's file.
func (r *Repository) manifest(ctx context.Context, p *Package) ([]byte, error) {
	var lost error // the file cannot be read, whatever it holds
	text, err := readManifest(p.Size, func(offset, length int64) ([]byte, error) {
		f, err := r.Blobs.Open(ctx, p.BlobKey, blob.Part{Offset: offset, Length: length})
		if err != nil {
			lost = err
			return nil, err
		}
		defer f.Close()
		part, err := io.ReadAll(io.LimitReader(f, length))
		lost = err
		return part, err
	})
	if err != nil && lost == nil && !errors.Is(err, errNoManifest) {
		err = fmt.Errorf("%w: %w", errBadManifest, err)
	}
	return text, err
}

func parseManifest(text []byte) (m manifest, err error) {
	decoder := xml.NewDecoder(bytes.NewReader(text))
	decoder.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	if err := decoder.Decode(&m); err != nil {
		return m, fmt.Errorf("read the manifest: %w", err)
	}
	return m, nil
}

// take keeps the texts of a manifest.
func (p *Package) take(m manifest) {
	p.Title, p.Summary = clean(m.Metadata.Title), clean(m.Metadata.Summary)
	p.Description, p.ReleaseNotes = clean(m.Metadata.Description), clean(m.Metadata.ReleaseNotes)
	p.Facts = m.Metadata.facts()
}

// clean makes a text that every database takes.
func clean(text string) string {
	text = strings.TrimSpace(strings.ReplaceAll(strings.ToValidUTF8(text, string(utf8.RuneError)), "\x00", ""))
	if len(text) > maxText {
		text = strings.ToValidUTF8(text[:maxText], "")
	}
	return text
}

// readManifest finds the manifest in the list of files at the end of an archive of a size, and unpacks it. Only that list and that file
// are read.
func readManifest(size int64, read func(offset, length int64) ([]byte, error)) ([]byte, error) {
	tail := min(size, 22+65535)
	end, err := read(size-tail, tail)
	if err != nil || tail < 22 {
		return nil, errors.Join(err, errNoManifest)
	}
	at := bytes.LastIndex(end, []byte("PK\x05\x06"))
	if at < 0 || len(end)-at < 22 {
		return nil, errNoManifest
	}
	length, offset := int64(binary.LittleEndian.Uint32(end[at+12:])), int64(binary.LittleEndian.Uint32(end[at+16:]))
	if offset == 0xffffffff || length == 0xffffffff { // zip64 has its list elsewhere; a manifest is not worth the search
		return nil, errNoManifest
	}
	if length > maxDirectory || offset+length > size {
		return nil, fmt.Errorf("its list of files has %d bytes, which is too much to look through", length)
	}
	list, err := read(offset, length)
	if err != nil {
		return nil, err
	}
	entry, err := findManifest(list)
	if err != nil {
		return nil, err
	}
	return entry.unpack(size, read)
}

// zipEntry is a file in a zip archive.
type zipEntry struct {
	method         uint16
	packed, offset int64
}

// findManifest looks through the list of files for a .nuspec that lies in no folder.
func findManifest(list []byte) (zipEntry, error) {
	for len(list) >= 46 && string(list[:4]) == "PK\x01\x02" {
		nameLen, rest := int(binary.LittleEndian.Uint16(list[28:])), int(binary.LittleEndian.Uint16(list[30:]))+int(binary.LittleEndian.Uint16(list[32:]))
		if len(list) < 46+nameLen+rest {
			break
		}
		name := string(list[46 : 46+nameLen])
		if strings.HasSuffix(strings.ToLower(name), ".nuspec") && !strings.ContainsAny(name, `/\`) {
			return zipEntry{
				method: binary.LittleEndian.Uint16(list[10:]), packed: int64(binary.LittleEndian.Uint32(list[20:])),
				offset: int64(binary.LittleEndian.Uint32(list[42:])),
			}, nil
		}
		list = list[46+nameLen+rest:]
	}
	return zipEntry{}, errNoManifest
}

// unpack reads the file, up to maxManifest bytes.
func (e zipEntry) unpack(size int64, read func(offset, length int64) ([]byte, error)) ([]byte, error) {
	if e.packed > maxManifest || e.offset+30 > size {
		return nil, errors.New("its manifest is too large or lies outside of it")
	}
	head, err := read(e.offset, 30)
	if err != nil {
		return nil, err
	}
	if len(head) < 30 || string(head[:4]) != "PK\x03\x04" {
		return nil, errors.New("its manifest is not where its list of files says")
	}
	start := e.offset + 30 + int64(binary.LittleEndian.Uint16(head[26:])) + int64(binary.LittleEndian.Uint16(head[28:]))
	packed, err := read(start, max(1, e.packed))
	if err != nil {
		return nil, err
	}
	switch e.method {
	case 0:
		return packed, nil
	case 8:
		text, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), maxManifest+1))
		if err == nil && len(text) > maxManifest {
			err = errors.New("its manifest is larger than 1 MB")
		}
		return text, err
	}
	return nil, fmt.Errorf("its manifest is packed by the method %d, which is not known", e.method)
}
