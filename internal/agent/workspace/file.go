package workspace

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/mantledeploy/mantle/internal/fault"
)

// WriteFile puts a file into the workspace, encrypted where there is a password. The name may hold folders, and may
// not leave the workspace or replace one of its own files.
func (w Workspace) WriteFile(name string, contents io.Reader, password string) error {
	local, err := localName(name)
	if err != nil {
		return err
	}
	root, err := os.OpenRoot(w.Dir)
	if err != nil {
		return err
	}
	defer root.Close()
	if dir := filepath.Dir(local); dir != "." {
		if err := root.MkdirAll(dir, 0o755); err != nil {
			return fmt.Errorf("create the folder of script file %q: %w", name, err)
		}
	}
	f, err := root.OpenFile(local, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o644)
	if err != nil {
		return fmt.Errorf("create script file %q: %w", name, err)
	}
	if password == "" {
		_, err = io.Copy(f, contents)
	} else {
		err = encrypt(f, contents, password)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("write script file %q: %w", name, err)
	}
	return nil
}

func localName(name string) (string, error) {
	slashed := name
	if runtime.GOOS != "windows" {
		slashed = strings.ReplaceAll(name, `\`, "/")
	}
	local := filepath.FromSlash(path.Clean(filepath.ToSlash(slashed)))
	if name == "" || local == "." || !filepath.IsLocal(local) {
		return "", fault.Invalid("the script file %q would lie outside its workspace; send a name relative to it", name)
	}
	first, _, _ := strings.Cut(filepath.ToSlash(local), "/")
	for _, own := range []string{LogName, StateName, controlName} {
		if strings.EqualFold(first, own) {
			return "", fault.Invalid("the script file %q would replace a file of the agent; give it another name", name)
		}
	}
	return local, nil
}

// Parameters of the files' encryption, which the readers of the files know: AES-128-CBC under a key from the password.
const (
	keySalt       = "Octopuss"
	keyIterations = 1000
	keyBytes      = 16
	fileMark      = "IV__"
)

// encrypt writes the mark, the initialisation vector, and the padded cipher text.
func encrypt(dst io.Writer, src io.Reader, password string) error {
	key, err := pbkdf2.Key(sha1.New, password, []byte(keySalt), keyIterations, keyBytes)
	if err != nil {
		return err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return err
	}
	iv := make([]byte, aes.BlockSize)
	if _, err := rand.Read(iv); err != nil {
		return err
	}
	if _, err := dst.Write(append([]byte(fileMark), iv...)); err != nil {
		return err
	}
	return encryptBlocks(dst, src, cipher.NewCBCEncrypter(block, iv))
}

func encryptBlocks(dst io.Writer, src io.Reader, mode cipher.BlockMode) error {
	chunk := make([]byte, 64<<10, 64<<10+aes.BlockSize)
	for {
		n, err := io.ReadFull(src, chunk)
		part := chunk[:n]
		last := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
		if err != nil && !last {
			return err
		}
		if last {
			pad := aes.BlockSize - n%aes.BlockSize
			for range pad {
				part = append(part, byte(pad))
			}
		}
		mode.CryptBlocks(part, part)
		if _, err := dst.Write(part); err != nil || last {
			return err
		}
	}
}
