package simulator

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Sizes of the callback encryption (WeCom document 90968). The padding block is
// 32 bytes although the AES block is 16, so pads of 17 to 32 are ordinary.
const (
	aesKeyChars = 43
	randomSize  = 16
	lengthSize  = 4
	padBlock    = 32
)

// Errors of opening what the other side sealed.
var (
	errKey       = errors.New("encoding AES key is not 43 base64 characters")
	errSignature = errors.New("signature does not match")
	errSealed    = errors.New("sealed text is damaged")
	errReceiver  = errors.New("receive id is not the corp id")
)

// seals signs and encrypts callbacks and opens the replies. It is written from
// the protocol notes alone, so that a mistake of the bot's codec cannot hide
// behind the same mistake here.
type seals struct {
	token    string
	receiver string
	key      []byte
}

// newSeals reads the console's Token and EncodingAESKey; receiver is the corp id.
func newSeals(token, aesKey, receiver string) (seals, error) {
	if len(aesKey) != aesKeyChars {
		return seals{}, errKey
	}
	// Lenient decoding on purpose: 43 characters leave two stray bits, which a
	// strict decoder refuses even in the platform's own sample.
	key, err := base64.StdEncoding.DecodeString(aesKey + "=")
	if err != nil {
		return seals{}, fmt.Errorf("%w: %w", errKey, err)
	}

	return seals{token: token, receiver: receiver, key: key}, nil
}

// sign returns the lower-case hex signature of one sealed text.
func (s seals) sign(timestamp, nonce, sealed string) string {
	parts := []string{s.token, timestamp, nonce, sealed}
	slices.Sort(parts)

	sum := sha1.Sum([]byte(strings.Join(parts, "")))

	return hex.EncodeToString(sum[:])
}

// verify compares a signature in constant time.
func (s seals) verify(signature, timestamp, nonce, sealed string) error {
	want := s.sign(timestamp, nonce, sealed)
	if subtle.ConstantTimeCompare([]byte(want), []byte(signature)) != 1 {
		return errSignature
	}

	return nil
}

// seal encrypts one message; random must be 16 bytes.
func (s seals) seal(random, msg []byte) (string, error) {
	if len(random) != randomSize {
		return "", fmt.Errorf("%w: random prefix has %d bytes", errSealed, len(random))
	}

	block, err := aes.NewCipher(s.key)
	if err != nil {
		return "", fmt.Errorf("seal: %w", err)
	}

	var plain bytes.Buffer

	plain.Write(random)
	plain.Write(binary.BigEndian.AppendUint32(nil, uint32(len(msg))))
	plain.Write(msg)
	plain.WriteString(s.receiver)

	pad := padBlock - plain.Len()%padBlock
	plain.Write(bytes.Repeat([]byte{byte(pad)}, pad))

	out := plain.Bytes()
	cipher.NewCBCEncrypter(block, s.key[:aes.BlockSize]).CryptBlocks(out, out)

	return base64.StdEncoding.EncodeToString(out), nil
}

// open decrypts one sealed text and checks padding, length and receive id.
func (s seals) open(sealed string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errSealed, err)
	}

	if len(data) == 0 || len(data)%padBlock != 0 {
		return nil, fmt.Errorf("%w: %d bytes are no whole blocks", errSealed, len(data))
	}

	block, err := aes.NewCipher(s.key)
	if err != nil {
		return nil, fmt.Errorf("open: %w", err)
	}

	cipher.NewCBCDecrypter(block, s.key[:aes.BlockSize]).CryptBlocks(data, data)

	plain, err := unpad(data)
	if err != nil {
		return nil, err
	}

	if len(plain) < randomSize+lengthSize {
		return nil, fmt.Errorf("%w: no room for a length", errSealed)
	}

	size := int64(binary.BigEndian.Uint32(plain[randomSize:]))
	rest := plain[randomSize+lengthSize:]

	if size > int64(len(rest)) {
		return nil, fmt.Errorf("%w: length %d is beyond the text", errSealed, size)
	}

	if string(rest[size:]) != s.receiver {
		return nil, errReceiver
	}

	return rest[:size], nil
}

// unpad checks every padding byte before cutting them off.
func unpad(data []byte) ([]byte, error) {
	pad := int(data[len(data)-1])
	if pad < 1 || pad > padBlock {
		return nil, fmt.Errorf("%w: pad byte %d", errSealed, pad)
	}

	text, tail := data[:len(data)-pad], data[len(data)-pad:]
	if !bytes.Equal(tail, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, fmt.Errorf("%w: uneven padding", errSealed)
	}

	return text, nil
}
