package identity

import (
	"encoding/base64"
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Machine returns this machine's protector: the data protection API with the machine's key.
func Machine(_, _ string) (Protector, error) { return dataProtection{}, nil }

// KeyBeside does nothing: the data protection API has no key files.
func KeyBeside(string) error { return nil }

type dataProtection struct{}

const localMachine = 0x4 // CRYPTPROTECT_LOCAL_MACHINE

func (dataProtection) Protect(plain []byte) (string, error) {
	var out windows.DataBlob
	if err := windows.CryptProtectData(blob(plain), nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN|localMachine, &out); err != nil {
		return "", fmt.Errorf("encrypt with the machine's key: %w", err)
	}
	return base64.StdEncoding.EncodeToString(take(out)), nil
}

func (dataProtection) Unprotect(text string) ([]byte, error) {
	data, err := decodeBase64(text)
	if err != nil || len(data) == 0 {
		return nil, ErrProtected
	}
	var out windows.DataBlob
	if err := windows.CryptUnprotectData(blob(data), nil, nil, 0, nil, windows.CRYPTPROTECT_UI_FORBIDDEN, &out); err != nil {
		return nil, ErrProtected
	}
	return take(out), nil
}

func blob(b []byte) *windows.DataBlob {
	return &windows.DataBlob{Size: uint32(len(b)), Data: unsafe.SliceData(b)}
}

func take(b windows.DataBlob) []byte {
	data := append([]byte(nil), unsafe.Slice(b.Data, b.Size)...)
	_, _ = windows.LocalFree(windows.Handle(unsafe.Pointer(b.Data)))
	return data
}
