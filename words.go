package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"syscall"
)

// reason says in plain Chinese why the system refused something; what it does
// not know it repeats as it is, with everything private taken out.
func reason(err error) string {
	var dns *net.DNSError
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "没有这个文件，请核对文件名和所在目录"
	case errors.Is(err, fs.ErrPermission):
		return "没有权限"
	case errors.Is(err, fs.ErrExist):
		return "已经有了"
	case errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ENOTDIR):
		return "这是目录还是文件弄反了，请核对路径"
	case errors.Is(err, syscall.ENOSPC):
		return "磁盘满了"
	case errors.Is(err, syscall.EADDRINUSE):
		return "已经被别的程序占用"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "对方没有开，连接被拒绝"
	case errors.As(err, &dns):
		return "找不到这个主机名"
	case errors.Is(err, context.DeadlineExceeded):
		return "等了很久没有应答"
	case errors.Is(err, io.ErrUnexpectedEOF):
		return "内容没有写完"
	case errors.As(err, &syntax):
		return "格式不对，或没有写完"
	}
	return redactText(err.Error())
}

// saying is an error that people read in Chinese and programs by its cause.
type saying struct {
	text  string
	cause error
}

// because says what did not work and, in words, why.
func because(what string, err error) error { return &saying{what + "：" + reason(err), err} }

// Error implements error.
func (s *saying) Error() string { return s.text }

// Unwrap returns the cause.
func (s *saying) Unwrap() error { return s.cause }
