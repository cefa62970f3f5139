package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"
)

// goodEnviron is a complete setting of a self-built app.
func goodEnviron() []string {
	return []string{
		"PATH=/bin", "CXBOT_COUNTY=qinghe", "CXBOT_COUNTY_NAME=清河县", "CXBOT_ADMINS=wangfang,zhoulei",
		"CXBOT_WECOM_CORP_ID=ww1", "CXBOT_WECOM_AGENT_ID=1000002", "CXBOT_WECOM_SECRET=s3cr3t-value",
		"CXBOT_WECOM_TOKEN=t0ken-value", "CXBOT_WECOM_AES_KEY=abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
	}
}

// with replaces or adds settings; "NAME=" alone leaves it empty.
func with(environ []string, changes ...string) []string { return append(environ, changes...) }

func TestConfigReadsAllSettings(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(with(goodEnviron(), "CXBOT_NOW=2026-11-23T09:00:00+08:00", "CXBOT_SEND=only:sunjing", "CXBOT_TEST_REQUIRE_REDIS=1",
		"CXBOT_REDIS_URL=unix:///run/redis.sock"), true)
	if err != nil {
		t.Fatal(err)
	}
	if c.Listen != "127.0.0.1:8080" || c.DataDir != "data" || c.WeCom.APIBase != "https://qyapi.weixin.qq.com" || len(c.Admins) != 2 {
		t.Errorf("defaults = %+v", c)
	}
	if c.WeCom.Agent != 1000002 || c.Only[0] != "sunjing" || !c.Start.Equal(time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)) {
		t.Errorf("made of settings: %+v", c)
	}
}

func TestConfigNeedsNothingForATrial(t *testing.T) {
	t.Parallel()
	if _, err := loadConfig([]string{"HOME=/root"}, false); err != nil {
		t.Errorf("no settings: %v", err)
	}
}

func TestConfigRefusesNamingTheField(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		change string
		want   string
	}{
		{"CXBOT_LISEN=:8080", "CXBOT_LISEN：没有这个配置项，是不是想写 CXBOT_LISTEN？"},
		{"CXBOT_WECOM_AESKEY=x", "是不是想写 CXBOT_WECOM_AES_KEY？"},
		{"CXBOT_SOMETHING_ELSE=x", "CXBOT_SOMETHING_ELSE：没有这个配置项，请删掉或改正。"},
		{"CXBOT_LISTEN=8080", "CXBOT_LISTEN：“8080”不是地址和端口"},
		{"CXBOT_PUBLIC_URL=bot.example.cn", "CXBOT_PUBLIC_URL：“bot.example.cn”不是网址"},
		{"CXBOT_REDIS_URL=localhost:6379", "CXBOT_REDIS_URL：不是 Redis 网址"},
		{"CXBOT_DATA_DIR=", ""},
		{"CXBOT_TIMEZONE=UTC", "CXBOT_TIMEZONE：“UTC”不支持"},
		{"CXBOT_COUNTY=清河", "CXBOT_COUNTY：“清河”请改成"},
		{"CXBOT_COUNTY=", "CXBOT_COUNTY：没有填写"},
		{"CXBOT_COUNTY_NAME=", "CXBOT_COUNTY_NAME：没有填写"},
		{"CXBOT_ADMINS=王芳", "CXBOT_ADMINS：“王芳”不是企业微信的 userid"},
		{"CXBOT_NOW=2026-11-23", "CXBOT_NOW：“2026-11-23”请写成"},
		{"CXBOT_SEND=sunjing", "CXBOT_SEND：“sunjing”请写成 only:userid"},
		{"CXBOT_SEND=only:", "CXBOT_SEND：“only:”请写成"},
		{"CXBOT_WECOM_API_BASE=qyapi", "CXBOT_WECOM_API_BASE：“qyapi”不是网址"},
		{"CXBOT_WECOM_AGENT_ID=abc", "CXBOT_WECOM_AGENT_ID：“abc”不是数字"},
		{"CXBOT_WECOM_SECRET=", "CXBOT_WECOM_SECRET：没有填写，在应用详情页的 Secret。"},
		{"CXBOT_WECOM_AES_KEY=short", "CXBOT_WECOM_AES_KEY：长度是 5，应为 43 个字符"},
		{"CXBOT_WECOM_AES_KEY=abcdefghijklmnopqrstuvwxyz0123456789ABCDE-_", "CXBOT_WECOM_AES_KEY：含有字母和数字以外的字符"},
		{"CXBOT_WECOM_TOKEN_PREVIOUS=old", "CXBOT_WECOM_TOKEN_PREVIOUS：更换密钥时"},
		{"CXBOT_WECOM_ROBOT_ID=aib1", "CXBOT_WECOM_ROBOT_SECRET：没有填写"},
		{"CXBOT_WECOM_ROBOT_URL=https://x", "CXBOT_WECOM_ROBOT_URL：“https://x”不是 wss:// 网址"},
		{"CXBOT_WECOM_GROUP_WEBHOOK=key", "CXBOT_WECOM_GROUP_WEBHOOK：不是网址"},
	} {
		_, err := loadConfig(with(goodEnviron(), c.change), true)
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", c.change, err)
			}
			continue
		}
		var config *ConfigError
		if !errors.As(err, &config) || len(config.Problems) != 1 || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v\nwant %q alone", c.change, err, c.want)
		}
	}
	_, err := loadConfig(nil, true)
	if err == nil || !strings.Contains(err.Error(), "cxbot demo") || !strings.Contains(err.Error(), "要有自建应用") {
		t.Errorf("no settings: %v", err)
	}
	// The robot alone is refused by every command that talks to WeCom, and says why.
	_, err = loadConfig([]string{
		"CXBOT_COUNTY=qinghe", "CXBOT_COUNTY_NAME=清河县", "CXBOT_WECOM_ROBOT_ID=aib1", "CXBOT_WECOM_ROBOT_SECRET=x",
	}, true)
	if err == nil || !strings.Contains(err.Error(), "只配了智能机器人") || !strings.Contains(err.Error(), "不能代替它") {
		t.Errorf("the robot alone: %v", err)
	}
}

func TestSecretsAreNeverShown(t *testing.T) {
	t.Parallel()
	c, err := loadConfig(with(goodEnviron(), "CXBOT_REDIS_URL=redis://:s3cr3t-value@h:6379/0"), true)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "config", c, "secret", c.WeCom.Secret)
	asJSON, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%v %+v %#v %s %q", c, c, c, c.WeCom.Token, c.WeCom.AESKey), logged.String(), string(asJSON)} {
		for _, secret := range []string{"s3cr3t-value", "t0ken-value", "abcdefghijk"} {
			if strings.Contains(text, secret) {
				t.Errorf("%q shows %q", text, secret)
			}
		}
	}
	if c.WeCom.Secret.Reveal() != "s3cr3t-value" {
		t.Error("Reveal does not give the value")
	}
	// A wrong secret must not be quoted in the complaint either.
	_, err = loadConfig(with(goodEnviron(), "CXBOT_WECOM_AES_KEY=s3cr3t-value", "CXBOT_REDIS_URL=s3cr3t-value"), true)
	if err == nil || strings.Contains(err.Error(), "s3cr3t-value") {
		t.Errorf("err = %v", err)
	}
}
