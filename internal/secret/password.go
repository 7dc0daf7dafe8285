package secret

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of one argon2id hash: 19 MiB and two passes, some 30 ms; the lowest memory that is recommended, because
// many people may sign in at once on a small machine.
const (
	argonMemory  = 19 * 1024 // KiB
	argonPasses  = 2
	argonThreads = 1
	argonSalt    = 16
	argonHash    = 32
)

// HashPassword returns an argon2id hash with its parameters and salt, in the PHC text form.
func HashPassword(password string) string {
	var salt [argonSalt]byte
	rand.Read(salt[:])
	hash := argon2.IDKey([]byte(password), salt[:], argonPasses, argonMemory, argonThreads, argonHash)
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonPasses, argonThreads, encode(salt[:]), encode(hash))
}

// VerifyPassword reports whether the password has this hash. For a hash that is empty or not ours it does the same
// work and says no: how long a sign-in takes does not tell whether the user exists.
func VerifyPassword(hash, password string) bool {
	p, ok := parseHash(hash)
	if !ok {
		p = phc{memory: argonMemory, passes: argonPasses, threads: argonThreads, salt: make([]byte, argonSalt), hash: make([]byte, argonHash)}
	}
	got := argon2.IDKey([]byte(password), p.salt, p.passes, p.memory, p.threads, uint32(len(p.hash)))
	return subtle.ConstantTimeCompare(got, p.hash) == 1 && ok
}

type phc struct {
	memory, passes uint32
	threads        uint8
	salt, hash     []byte
}

// parseHash refuses parameters that would take the machine's memory or time: a hash can come from an import.
func parseHash(text string) (phc, bool) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, false
	}
	var p phc
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.passes, &p.threads); err != nil {
		return phc{}, false
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return phc{}, false
	}
	if p.hash, err = base64.RawStdEncoding.DecodeString(parts[5]); err != nil {
		return phc{}, false
	}
	sane := p.memory >= 8 && p.memory <= 1<<20 && p.passes >= 1 && p.passes <= 16 && p.threads >= 1 &&
		len(p.salt) >= 8 && len(p.hash) >= 16 && len(p.hash) <= 64
	return p, sane
}
