package chat

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// identity is what is kept of a secret.
type identity struct {
	id    string // public
	proof []byte // compared in constant time, never shown
}

// identify derives both from the secret. Without the key neither leads back to
// the secret, not even by guessing, and the id does not lead to the proof.
func identify(key []byte, secret string) identity {
	id := keyed(key, "person", secret)[:15] // 120 bits: 24 characters
	return identity{
		id:    "p" + strings.ToLower(base32.StdEncoding.EncodeToString(id)),
		proof: keyed(key, "proof", secret),
	}
}

func keyed(key []byte, purpose, secret string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(purpose))
	mac.Write([]byte{0})
	mac.Write([]byte(secret))
	return mac.Sum(nil)
}

// proves compares in constant time. Nobody proves an empty proof.
func proves(proof, kept []byte) bool { return len(kept) > 0 && hmac.Equal(proof, kept) }
