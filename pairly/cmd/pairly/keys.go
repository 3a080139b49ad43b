package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// developmentKeysFile is where a service outside production keeps the keys
// that its environment does not set, so that its tokens survive a restart.
const developmentKeysFile = "development-keys.json"

// fillKeys sets the keys of c that the environment left empty from the data
// folder, where random ones are made at the first start. There is no built-in
// key: one that is published signs everybody's tokens. Production never gets
// here with an empty key.
func fillKeys(c *Config, dir string) error {
	if len(c.JWTSecret) > 0 && len(c.FingerprintKey) > 0 {
		return nil
	}
	keys, err := developmentKeys(filepath.Join(dir, developmentKeysFile))
	if err != nil {
		return err
	}
	if len(c.JWTSecret) == 0 {
		c.JWTSecret = []byte(keys.JWTSecret)
	}
	if len(c.FingerprintKey) == 0 {
		c.FingerprintKey = []byte(keys.FingerprintKey)
	}
	return nil
}

type keyFile struct {
	JWTSecret      string `json:"jwt_secret"`
	FingerprintKey string `json:"fingerprint_key"`
}

func developmentKeys(path string) (keyFile, error) {
	var k keyFile
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		k = keyFile{JWTSecret: randomKey(), FingerprintKey: randomKey()}
		return k, writeKeys(path, k)
	}
	if err != nil {
		return k, err
	}
	if err := json.Unmarshal(b, &k); err != nil {
		return k, fmt.Errorf("parse %s: %w", path, err)
	}
	if len(k.JWTSecret) < minSecretBytes || len(k.FingerprintKey) < minSecretBytes {
		return k, fmt.Errorf("parse %s: want two keys of %d bytes or more; remove the file to have them made", path, minSecretBytes)
	}
	return k, nil
}

func writeKeys(path string, k keyFile) error {
	b, err := json.MarshalIndent(k, "", "  ")
	if err != nil {
		return err
	}
	// O_EXCL: where two processes start at once, the second one fails here
	// instead of signing with keys that the next start will not know.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(b, '\n'))
	return errors.Join(err, f.Close())
}

func randomKey() string {
	var b [32]byte
	rand.Read(b[:]) // never fails: crypto/rand.Read aborts the process instead
	return hex.EncodeToString(b[:])
}
