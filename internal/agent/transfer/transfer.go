// Package transfer answers IFileTransferService: it writes files that a server sends, and sends files that it asks
// for. There is no sandbox: a trusted server may name any place on the machine, and a relative path begins at the
// agent's home. Only internal/agent imports it.
package transfer

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mantledeploy/mantle/halibut"
	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/tentacle/contract"
)

// Transfer moves files of one agent.
type Transfer struct{ home string }

// New returns the service of the agent with that home.
func New(home string) *Transfer { return &Transfer{home: home} }

// Services returns what servers call.
func (t *Transfer) Services() []halibut.Service {
	return []halibut.Service{{Name: contract.FileTransferService, ClrType: "Octopus.Tentacle.Services.FileTransfer.FileTransferService",
		Methods: map[string]any{"UploadFile": t.UploadFile, "DownloadFile": t.DownloadFile}}}
}

// UploadFile writes the stream to the path, whole or not at all, and makes the folders above it.
func (t *Transfer) UploadFile(_ context.Context, remotePath string, upload *halibut.DataStream) (*contract.UploadResult, error) {
	path, err := t.resolve(remotePath)
	if err != nil {
		return nil, err
	}
	if upload == nil {
		return &contract.UploadResult{FullPath: path}, nil
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return nil, fault.Conflict("cannot write the file %s: it is a folder; upload to a path inside it", path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, explain("create the folder "+filepath.Dir(path), err)
	}
	hash, length, err := write(path, upload)
	if err != nil {
		return nil, explain("write the file "+path, err)
	}
	return &contract.UploadResult{FullPath: path, Hash: hash, Length: length}, nil
}

// write puts the contents beside the file and moves them over it, so that nobody ever reads half a file.
func write(path string, upload *halibut.DataStream) (hash string, length int64, err error) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".upload-*")
	if err != nil {
		return "", 0, err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	sum := sha1.New()
	length, err = upload.WriteTo(io.MultiWriter(f, sum))
	mode := fs.FileMode(0o644)
	if old, statErr := os.Stat(path); statErr == nil {
		mode = old.Mode().Perm()
	}
	if err = errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return "", 0, err
	}
	return hex.EncodeToString(sum.Sum(nil)), length, os.Rename(f.Name(), path)
}

// DownloadFile sends the file as long as it is now; nil when there is no file.
func (t *Transfer) DownloadFile(_ context.Context, remotePath string) (*halibut.DataStream, error) {
	path, err := t.resolve(remotePath)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, errNotDir):
		return nil, nil
	case err != nil:
		return nil, explain("read the file "+path, err)
	case info.IsDir():
		return nil, nil
	case !info.Mode().IsRegular():
		return nil, fault.Invalid("cannot send %s: it is a device or a pipe; name a file", path)
	}
	// The stream opens the file only when the answer is on its way: too late to say why it cannot.
	f, err := os.Open(path)
	if err != nil {
		return nil, explain("read the file "+path, err)
	}
	if err := f.Close(); err != nil {
		return nil, explain("read the file "+path, err)
	}
	return halibut.StreamFile(path)
}

// resolve makes the path absolute. Both slashes separate on every system: servers on Windows send the other one.
func (t *Transfer) resolve(remotePath string) (string, error) {
	if strings.ContainsRune(remotePath, 0) {
		return "", fault.Invalid("the path %q holds a NUL character; name a file", remotePath)
	}
	path := remotePath
	if runtime.GOOS != "windows" {
		path = strings.ReplaceAll(path, `\`, "/")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(t.home, path)
	}
	return filepath.Clean(path), nil
}

func explain(what string, err error) error {
	var pathError *fs.PathError
	reason := err
	if errors.As(err, &pathError) {
		reason = pathError.Err
	}
	switch {
	case isFull(err):
		return fault.Unavailable("cannot %s: the disk is full; free some space and try again", what).Because(err)
	case errors.Is(err, fs.ErrPermission):
		return fault.Forbidden("cannot %s: access is denied to the user that the agent runs as", what).Because(err)
	case errors.Is(err, errNotDir):
		return fault.Conflict("cannot %s: a part of the path is a file, not a folder", what).Because(err)
	}
	return fmt.Errorf("cannot %s: %w", what, reason)
}
