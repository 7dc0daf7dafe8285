package variables

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
)

// The encrypted form is fixed by the agents: mark, 16 bytes of initialisation vector, AES-CBC with PKCS#7 padding,
// key from the password by PBKDF2 with SHA-1. Keys are 32 bytes, or 16 where an agent itself encrypted the file.
const (
	mark       = "IV__"
	salt       = "Octopuss"
	iterations = 1000
)

// ErrPassword is the error of a file that the password does not open.
var ErrPassword = errors.New("the password does not open the file, or the file is damaged or was never encrypted")

func deriveKey(password string, size int) ([]byte, error) {
	return pbkdf2.Key(sha1.New, password, []byte(salt), iterations, size)
}

// Encrypt returns the encrypted form of a file, with a 32-byte key.
func Encrypt(plain []byte, password string) ([]byte, error) {
	return encrypt(plain, password, 32)
}

func encrypt(plain []byte, password string, size int) ([]byte, error) {
	key, err := deriveKey(password, size)
	if err != nil {
		return nil, fmt.Errorf("derive the key of a variables file: %w", err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("encrypt a variables file: %w", err)
	}
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	padded := append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	head := append([]byte(mark), make([]byte, aes.BlockSize)...)
	if _, err := io.ReadFull(rand.Reader, head[len(mark):]); err != nil {
		return nil, fmt.Errorf("encrypt a variables file: %w", err)
	}
	cipher.NewCBCEncrypter(block, head[len(mark):]).CryptBlocks(padded, padded)
	return append(head, padded...), nil
}

// Decrypt opens an encrypted file. With a wrong password the padding is right once in 256 times, so the caller must
// check the content; accept does, and decides between the two sizes of keys.
func Decrypt(secret []byte, password string, accept func(plain []byte) bool) ([]byte, error) {
	if len(secret) < len(mark)+2*aes.BlockSize || !bytes.HasPrefix(secret, []byte(mark)) || (len(secret)-len(mark))%aes.BlockSize != 0 {
		return nil, ErrPassword
	}
	for _, size := range []int{32, 16} {
		if plain, ok := decrypt(secret, password, size); ok && accept(plain) {
			return plain, nil
		}
	}
	return nil, ErrPassword
}

func decrypt(secret []byte, password string, size int) ([]byte, bool) {
	key, err := deriveKey(password, size)
	if err != nil {
		return nil, false
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, false
	}
	vector := secret[len(mark) : len(mark)+aes.BlockSize]
	plain := bytes.Clone(secret[len(mark)+aes.BlockSize:])
	cipher.NewCBCDecrypter(block, vector).CryptBlocks(plain, plain)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.Equal(plain[len(plain)-pad:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, false
	}
	return plain[:len(plain)-pad], true
}
