package step

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"github.com/mantledeploy/mantle/internal/fault"
	"github.com/mantledeploy/mantle/internal/step/cache"
	"github.com/mantledeploy/mantle/internal/step/message"
	"github.com/mantledeploy/mantle/octodiff"
)

// maxRebuilt is the largest package that a delta may make.
const maxRebuilt = 64 << 30

// runApplyDelta says by a message how it ended, as the server asks for the whole package where a delta did not do.
func runApplyDelta(_ context.Context, t *tool, o given) error {
	file, err := t.applyDelta(o)
	if err != nil {
		t.log.SendVerbose(message.New(message.DeltaVerification, "error", sentence(err)))
		return nil
	}
	hash, err := cache.Hash(file)
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return fmt.Errorf("look at the package %s: %w", file, err)
	}
	t.log.SendVerbose(message.New(message.DeltaVerification, "remotePath", file, "hash", hash, "size", strconv.FormatInt(info.Size(), 10)))
	return nil
}

func (t *tool) applyDelta(o given) (string, error) {
	for _, name := range []string{"basisFileName", "fileHash", "deltaFileName", "newFileName"} {
		if o.first(name) == "" {
			return "", fault.Invalid("apply-delta needs the option --%s", name)
		}
	}
	p, err := cache.Parse(o.first("newFileName"))
	if err != nil {
		return "", err
	}
	folder, err := t.packages()
	if err != nil {
		return "", err
	}
	basis, delta := t.path(o.first("basisFileName")), t.path(o.first("deltaFileName"))
	hash, err := cache.Hash(basis)
	if err != nil {
		return "", err
	}
	if hash != o.first("fileHash") {
		return "", fault.Invalid("the earlier package %s has the hash %s, not %s", basis, hash, o.first("fileHash"))
	}
	if _, err := os.Stat(delta); err != nil {
		return "", fault.NotFound("the delta %s does not exist", delta).Because(err)
	}
	file := filepath.Join(folder, cache.Name(p.ID, p.Version.String(), p.Format, p.Extension))
	t.log.Infof("Making %s of %s and a delta", file, basis)
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return "", fmt.Errorf("make the folder of packages %s: %w", folder, err)
	}
	return file, rebuild(file, basis, delta, o.first("skipVerification") == "true")
}

// rebuild writes to another name first, so that no half of a package is ever found. Unless anyHash is set, the result
// must have the hash that the delta names.
func rebuild(file, basis, delta string, anyHash bool) error {
	b, err := os.Open(basis)
	if err != nil {
		return fmt.Errorf("read the earlier package: %w", err)
	}
	defer b.Close()
	info, err := b.Stat()
	if err != nil {
		return fmt.Errorf("read the earlier package: %w", err)
	}
	d, err := os.Open(delta)
	if err != nil {
		return fmt.Errorf("read the delta: %w", err)
	}
	defer d.Close()
	part := file + ".upload-delta"
	f, err := os.OpenFile(part, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("write the package: %w", err)
	}
	err = octodiff.Patch(f, b, info.Size(), d, maxRebuilt)
	if anyHash && errors.Is(err, octodiff.ErrMismatch) {
		err = nil
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(part, file)
	}
	if err != nil {
		_ = os.Remove(part)
		return fault.Invalid("the delta %s cannot be applied to %s: %v", delta, basis, err).Because(err)
	}
	return nil
}
