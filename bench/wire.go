package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strconv"
)

// The made-up app of the benchmark.
const (
	benchCorp   = "ww00000000000bench"
	benchAgent  = "1000002"
	benchToken  = "benchtoken"
	benchAESKey = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
)

var errSealed = errors.New("a sealed text cannot be opened")

// wire is the callback's encryption (WeCom 90968) written by hand with nothing
// checked that is not needed: the floor answers with it, and the load generator
// speaks it to both programs. One goroutine uses one wire.
type wire struct {
	iv     []byte
	opener cipher.BlockMode
	sealer cipher.BlockMode
	sorted []byte
}

// resettable is what the CBC modes of the standard library offer besides.
type resettable interface{ SetIV(iv []byte) }

func newWire() (*wire, error) {
	key, err := base64.StdEncoding.DecodeString(benchAESKey + "=")
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	iv := key[:aes.BlockSize]
	return &wire{iv: iv, opener: cipher.NewCBCDecrypter(block, iv), sealer: cipher.NewCBCEncrypter(block, iv)}, nil
}

func (w *wire) crypt(mode cipher.BlockMode, data []byte) {
	if m, ok := mode.(resettable); ok {
		m.SetIV(w.iv)
	}
	mode.CryptBlocks(data, data)
}

// signature is the SHA-1 of the four texts sorted by bytes.
func (w *wire) signature(timestamp, nonce, sealed []byte) [2 * sha1.Size]byte {
	parts := [4][]byte{[]byte(benchToken), timestamp, nonce, sealed}
	for i := 1; i < len(parts); i++ {
		for j := i; j > 0 && bytes.Compare(parts[j-1], parts[j]) > 0; j-- {
			parts[j-1], parts[j] = parts[j], parts[j-1]
		}
	}
	w.sorted = w.sorted[:0]
	for _, part := range parts {
		w.sorted = append(w.sorted, part...)
	}
	sum := sha1.Sum(w.sorted)
	var out [2 * sha1.Size]byte
	hex.Encode(out[:], sum[:])
	return out
}

const padBlock = 32

// seal appends the base64 of the encrypted message to dst; plain is scratch.
func (w *wire) seal(dst, plain, message []byte) (sealed, scratch []byte) {
	plain = append(plain[:0], "0123456789abcdef"...)
	plain = binary.BigEndian.AppendUint32(plain, uint32(len(message)))
	plain = append(append(plain, message...), benchCorp...)
	pad := padBlock - len(plain)%padBlock
	for range pad {
		plain = append(plain, byte(pad))
	}
	w.crypt(w.sealer, plain)
	return base64.StdEncoding.AppendEncode(dst, plain), plain
}

// open decrypts sealed into dst and returns the message inside.
func (w *wire) open(dst, sealed []byte) (message, scratch []byte, err error) {
	dst, err = base64.StdEncoding.AppendDecode(dst[:0], sealed)
	if err != nil || len(dst) == 0 || len(dst)%padBlock != 0 {
		return nil, dst, errSealed
	}
	w.crypt(w.opener, dst)
	const head = aes.BlockSize + 4
	size := int(binary.BigEndian.Uint32(dst[aes.BlockSize:head]))
	if size < 0 || head+size+len(benchCorp) > len(dst) || string(dst[head+size:head+size+len(benchCorp)]) != benchCorp {
		return nil, dst, errSealed
	}
	return dst[head : head+size], dst, nil
}

// between returns what stands between two marks.
func between(text []byte, from, to string) []byte {
	_, after, found := bytes.Cut(text, []byte(from))
	if !found {
		return nil
	}
	inner, _, found := bytes.Cut(after, []byte(to))
	if !found {
		return nil
	}
	return inner
}

// appendMessage writes the inner document of a text message (90239).
func appendMessage(dst []byte, from, text string, at, id int64) []byte {
	dst = append(dst, "<xml><ToUserName><![CDATA["+benchCorp+"]]></ToUserName><FromUserName><![CDATA["...)
	dst = append(dst, from...)
	dst = append(dst, "]]></FromUserName><CreateTime>"...)
	dst = strconv.AppendInt(dst, at, 10)
	dst = append(dst, "</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA["...)
	dst = append(dst, text...)
	dst = append(dst, "]]></Content><MsgId>"...)
	dst = strconv.AppendInt(dst, id, 10)
	return append(dst, "</MsgId><AgentID>"+benchAgent+"</AgentID></xml>"...)
}
