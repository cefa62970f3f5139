package wecom

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha1" // The platform's signature (90968); it is keyed by the token.
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
)

// Sizes of the callback encryption (90968).
const (
	aesKeyChars   = 43 // EncodingAESKey, base64 without its last "="
	padBlock      = 32 // PKCS#7 block, twice the AES block
	prefixSize    = 16 // random bytes before the length
	lengthSize    = 4  // big-endian length of the message
	signatureSize = 2 * sha1.Size
	maxToken      = 32
	maxQueryValue = 128 // timestamp or nonce; longer ones are nobody's
)

// ErrSealed says that an encrypted text could not be opened. It is the same
// for every cause, so that the answer tells nobody which step failed.
var ErrSealed = errors.New("wecom: encrypted text cannot be opened")

// ErrReceiver says that an encrypted text was meant for another corp.
var ErrReceiver = errors.New("wecom: encrypted text is for another receiver")

// ErrConfig says that a setting is missing or has the wrong shape; the text
// names it and never shows a secret.
var ErrConfig = errors.New("wecom: configuration")

// errParameters refuses what could break out of a reply's CDATA.
var errParameters = errors.New("wecom: timestamp or nonce of a reply is not plain")

// CrypterConfig holds the callback's credentials as the admin console shows
// them. The previous pair is accepted as well while the admin rotates.
type CrypterConfig struct {
	Token  Secret
	AESKey Secret // 43 characters
	// ReceiveID is the CorpID for a self-built app.
	ReceiveID      string
	PreviousToken  Secret // optional
	PreviousAESKey Secret // optional
	// Random gives the 16 bytes before each sealed message; nil means crypto/rand.
	Random io.Reader
}

// Generation names the credentials a callback was made with, so that its reply
// uses the same ones in the middle of a rotation. The zero value is the newest.
type Generation struct{ token, key int }

// Crypter verifies, opens and seals callbacks. It is safe for concurrent use.
type Crypter struct {
	tokens    [][]byte
	keys      []*aesKey
	receiveID []byte
	random    io.Reader
	scratch   sync.Pool // *[]byte
}

// NewCrypter checks the credentials' shape.
func NewCrypter(cfg CrypterConfig) (*Crypter, error) {
	if cfg.ReceiveID == "" {
		return nil, fmt.Errorf("%w: the receive id (CorpID) is empty", ErrConfig)
	}
	c := &Crypter{receiveID: []byte(cfg.ReceiveID), random: cfg.Random}
	if c.random == nil {
		c.random = rand.Reader
	}
	c.scratch.New = func() any { return new(make([]byte, 0, 4096)) }
	for i, token := range []Secret{cfg.Token, cfg.PreviousToken} {
		if i > 0 && token == "" {
			continue
		}
		if token == "" || len(token) > maxToken {
			return nil, fmt.Errorf("%w: a callback token has %d characters, want 1 to %d", ErrConfig, len(token), maxToken)
		}
		c.tokens = append(c.tokens, []byte(token))
	}
	for i, encoded := range []Secret{cfg.AESKey, cfg.PreviousAESKey} {
		if i > 0 && encoded == "" {
			continue
		}
		key, err := newAESKey(encoded)
		if err != nil {
			return nil, err
		}
		c.keys = append(c.keys, key)
	}
	return c, nil
}

// Verify checks msg_signature over the token, timestamp, nonce and encrypted
// text. Only 40 lower-case hex digits are a signature. The comparison takes
// the same time wherever the difference is and whichever token fits.
func (c *Crypter) Verify(signature, timestamp, nonce string, encrypt []byte) (Generation, bool) {
	var want [sha1.Size]byte
	if !signatureShape(signature) || len(timestamp) > maxQueryValue || len(nonce) > maxQueryValue {
		return Generation{}, false
	}
	if _, err := hex.Decode(want[:], []byte(signature)); err != nil {
		return Generation{}, false
	}
	found := -1
	for i, token := range c.tokens {
		sum := c.sum(token, timestamp, nonce, encrypt)
		found = subtle.ConstantTimeSelect(subtle.ConstantTimeCompare(sum[:], want[:]), i, found)
	}
	return Generation{token: max(found, 0)}, found >= 0
}

// signatureShape reports whether s is 40 lower-case hex digits.
func signatureShape(s string) bool {
	if len(s) != signatureSize {
		return false
	}
	for i := range len(s) {
		if (s[i] < '0' || s[i] > '9') && (s[i] < 'a' || s[i] > 'f') {
			return false
		}
	}
	return true
}

// sum is the SHA-1 of the four strings sorted by bytes.
func (c *Crypter) sum(token []byte, timestamp, nonce string, encrypt []byte) [sha1.Size]byte {
	parts := [4][]byte{token, []byte(timestamp), []byte(nonce), encrypt}
	for i := 1; i < len(parts); i++ {
		for j := i; j > 0 && bytes.Compare(parts[j-1], parts[j]) > 0; j-- {
			parts[j-1], parts[j] = parts[j], parts[j-1]
		}
	}
	buf := c.borrow()
	defer c.giveBack(buf)
	for _, part := range parts {
		*buf = append(*buf, part...)
	}
	return sha1.Sum(*buf)
}

// Open decrypts a base64 text and returns the message inside, checking every
// byte of the padding, the length field and the receive id. The message shares
// memory with dst, whose spare room is used when it is large enough.
func (c *Crypter) Open(gen Generation, dst, encrypt []byte) ([]byte, Generation, error) {
	size := base64.StdEncoding.DecodedLen(len(encrypt))
	dst = slices.Grow(dst[:0], size)[:size]
	failure := ErrSealed
	for i, key := range c.keys {
		n, err := base64.StdEncoding.Decode(dst, encrypt)
		if err != nil || n == 0 || n%padBlock != 0 {
			return nil, gen, ErrSealed
		}
		key.decrypt(dst[:n])
		message, err := c.unwrap(dst[:n])
		if err == nil {
			gen.key = i
			return message, gen, nil
		}
		if errors.Is(err, ErrReceiver) {
			failure = ErrReceiver
		}
	}
	return nil, gen, failure
}

// unwrap takes the layout apart: random, length, message, receive id, padding.
func (c *Crypter) unwrap(plain []byte) ([]byte, error) {
	pad := int(plain[len(plain)-1])
	bad := subtle.ConstantTimeLessOrEq(1, pad) ^ 1
	bad |= subtle.ConstantTimeLessOrEq(pad, padBlock) ^ 1
	for i, b := range plain[len(plain)-padBlock:] {
		inside := subtle.ConstantTimeLessOrEq(padBlock-i, pad)
		bad |= inside & (subtle.ConstantTimeByteEq(b, byte(pad)) ^ 1)
	}
	if bad != 0 {
		return nil, ErrSealed
	}
	content := plain[:len(plain)-pad]
	const head = prefixSize + lengthSize
	if len(content) < head+len(c.receiveID) {
		return nil, ErrSealed
	}
	length := uint64(binary.BigEndian.Uint32(content[prefixSize:head]))
	content = content[head:]
	if length == 0 || length > uint64(len(content)) {
		return nil, ErrSealed
	}
	if subtle.ConstantTimeCompare(content[length:], c.receiveID) != 1 {
		return nil, ErrReceiver
	}
	return content[:length:length], nil
}

// Seal appends the encrypted reply document of message to dst (90241): the
// encrypted text and its signature over timestamp and nonce, which must be
// letters and digits.
func (c *Crypter) Seal(gen Generation, dst, message []byte, timestamp, nonce string) ([]byte, error) {
	if !alphanumeric(timestamp) || !alphanumeric(nonce) {
		return dst, errParameters
	}
	buf := c.borrow()
	defer c.giveBack(buf)
	plain := slices.Grow(*buf, prefixSize+lengthSize+len(message)+len(c.receiveID)+padBlock)[:prefixSize]
	if _, err := io.ReadFull(c.random, plain); err != nil {
		return dst, fmt.Errorf("wecom: random bytes of a reply: %w", err)
	}
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message)))
	plain = append(append(plain, message...), c.receiveID...)
	pad := padBlock - len(plain)%padBlock
	for range pad {
		plain = append(plain, byte(pad))
	}
	*buf = plain
	c.keys[gen.key].encrypt(plain)

	dst = append(dst, "<xml><Encrypt><![CDATA["...)
	start := len(dst)
	dst = base64.StdEncoding.AppendEncode(dst, plain)
	sum := c.sum(c.tokens[gen.token], timestamp, nonce, dst[start:])
	dst = append(dst, "]]></Encrypt><MsgSignature><![CDATA["...)
	dst = hex.AppendEncode(dst, sum[:])
	dst = append(dst, "]]></MsgSignature><TimeStamp>"...)
	dst = append(dst, timestamp...)
	dst = append(dst, "</TimeStamp><Nonce><![CDATA["...)
	dst = append(dst, nonce...)
	return append(dst, "]]></Nonce></xml>"...), nil
}

// alphanumeric reports whether s is 1 to 128 ASCII letters and digits.
func alphanumeric(s string) bool {
	if s == "" || len(s) > maxQueryValue {
		return false
	}
	for i := range len(s) {
		if c := s[i] | 0x20; (s[i] < '0' || s[i] > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func (c *Crypter) borrow() *[]byte {
	buf, ok := c.scratch.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	*buf = (*buf)[:0]
	return buf
}

func (c *Crypter) giveBack(buf *[]byte) { c.scratch.Put(buf) }

// aesKey is one EncodingAESKey with its cipher modes kept for reuse, because
// making a mode allocates.
type aesKey struct {
	iv      []byte
	openers sync.Pool // cbcMode
	sealers sync.Pool // cbcMode
}

// cbcMode is what crypto/cipher's CBC modes offer besides BlockMode.
type cbcMode interface {
	cipher.BlockMode
	SetIV(iv []byte)
}

// newAESKey decodes an EncodingAESKey. Its 43 characters hold two stray bits,
// which strict base64 decoders refuse, even in the platform's own sample.
func newAESKey(encoded Secret) (*aesKey, error) {
	if len(encoded) != aesKeyChars || !alphanumeric(string(encoded)) {
		return nil, fmt.Errorf("%w: an EncodingAESKey is not 43 letters and digits", ErrConfig)
	}
	raw, err := base64.StdEncoding.DecodeString(string(encoded) + "=")
	if err != nil {
		return nil, fmt.Errorf("%w: an EncodingAESKey is not base64", ErrConfig)
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, fmt.Errorf("wecom: EncodingAESKey: %w", err)
	}
	iv := raw[:aes.BlockSize]
	k := &aesKey{iv: iv}
	k.openers.New = func() any { return cipher.NewCBCDecrypter(block, iv) }
	k.sealers.New = func() any { return cipher.NewCBCEncrypter(block, iv) }
	return k, nil
}

// decrypt works in place on whole blocks.
func (k *aesKey) decrypt(data []byte) { k.crypt(&k.openers, data) }

// encrypt works in place on whole blocks.
func (k *aesKey) encrypt(data []byte) { k.crypt(&k.sealers, data) }

func (k *aesKey) crypt(pool *sync.Pool, data []byte) {
	mode, ok := pool.Get().(cbcMode)
	if !ok {
		panic("wecom: a CBC mode of the standard library cannot be reset")
	}
	mode.SetIV(k.iv)
	mode.CryptBlocks(data, data)
	pool.Put(mode)
}
