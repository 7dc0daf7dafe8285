package identity

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// machineIDIV is the initialization vector that goes with a key from /etc/machine-id; a fact of the file format.
const machineIDIV = "743677397A244326"

const keyLength = 32

// MachineKey is the Protector of Unix machines: AES-256 in CBC mode.
type MachineKey struct{ key, iv []byte }

// KeyFromMachineID uses the 32 characters of a machine-id as the key.
func KeyFromMachineID(id string) (*MachineKey, error) {
	id = strings.TrimSpace(id)
	if len(id) != keyLength {
		return nil, fmt.Errorf("a machine-id has %d characters, this one %d", keyLength, len(id))
	}
	return &MachineKey{key: []byte(id), iv: []byte(machineIDIV)}, nil
}

// OpenMachineKey returns the key of the key file if there is one, otherwise of the machine-id file; when neither is
// there it makes a key file.
func OpenMachineKey(machineIDFile, keyFile string) (*MachineKey, error) {
	text, err := os.ReadFile(keyFile)
	if err == nil {
		return parseKeyFile(keyFile, string(text))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the machine key: %w", err)
	}
	if id, err := os.ReadFile(machineIDFile); err == nil {
		if k, err := KeyFromMachineID(string(id)); err == nil {
			return k, nil
		}
	}
	return createKeyFile(keyFile)
}

func parseKeyFile(path, text string) (*MachineKey, error) {
	a, b, _ := strings.Cut(strings.TrimSpace(text), ".")
	key, err := decodeBase64(a)
	if err == nil {
		var iv []byte
		if iv, err = decodeBase64(b); err == nil && len(key) == keyLength && len(iv) == aes.BlockSize {
			return &MachineKey{key: key, iv: iv}, nil
		}
	}
	return nil, fmt.Errorf("machine key file %s is damaged: it should hold a key of %d bytes and a vector of %d, in base64, joined by a dot; "+
		"restore it from a backup, or delete it and import the certificate again", path, keyLength, aes.BlockSize)
}

func createKeyFile(path string) (*MachineKey, error) {
	buf := make([]byte, keyLength+aes.BlockSize)
	if _, err := rand.Read(buf); err != nil {
		return nil, fmt.Errorf("generate a machine key: %w", err)
	}
	k := &MachineKey{key: buf[:keyLength], iv: buf[keyLength:]}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("create the directory of the machine key: %w", err)
	}
	text := base64.StdEncoding.EncodeToString(k.key) + "." + base64.StdEncoding.EncodeToString(k.iv)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		other, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the machine key: %w", err)
		}
		return parseKeyFile(path, string(other))
	}
	if err != nil {
		return nil, fmt.Errorf("write the machine key: %w", err)
	}
	defer file.Close()
	if _, err := file.WriteString(text); err != nil {
		return nil, fmt.Errorf("write the machine key: %w", err)
	}
	return k, file.Sync()
}

// Protect encrypts and returns base64.
func (k *MachineKey) Protect(plain []byte) (string, error) {
	block, err := aes.NewCipher(k.key)
	if err != nil {
		return "", err
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	data := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, k.iv).CryptBlocks(data, data)
	return base64.StdEncoding.EncodeToString(data), nil
}

// Unprotect decrypts what Protect returned.
func (k *MachineKey) Unprotect(text string) ([]byte, error) {
	data, err := decodeBase64(text)
	if err != nil || len(data) == 0 || len(data)%aes.BlockSize != 0 {
		return nil, ErrProtected
	}
	block, err := aes.NewCipher(k.key)
	if err != nil {
		return nil, err
	}
	cipher.NewCBCDecrypter(block, k.iv).CryptBlocks(data, data)
	pad := int(data[len(data)-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.Equal(data[len(data)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, ErrProtected
	}
	return data[:len(data)-pad], nil
}
