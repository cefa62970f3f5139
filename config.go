package main

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// envPrefix begins every setting.
const envPrefix = "CXBOT_"

// Secret is a setting that no log line, error or %v ever shows.
type Secret string

// String hides the value.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "******"
}

// GoString hides the value from %#v.
func (s Secret) GoString() string { return s.String() }

// LogValue hides the value from slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText hides the value from JSON.
//
//nolint:unparam // The signature is encoding.TextMarshaler's.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Reveal returns the value, for the one place that needs it.
func (s Secret) Reveal() string { return string(s) }

// Config holds the settings (design.md 5). The fields tagged env are as given;
// Agent, Start and Only are made of them.
type Config struct {
	Listen     string   `env:"LISTEN"       envDefault:"127.0.0.1:8080"`
	PublicURL  string   `env:"PUBLIC_URL"`
	RedisURL   Secret   `env:"REDIS_URL"`
	DataDir    string   `env:"DATA_DIR"     envDefault:"data"`
	Timezone   string   `env:"TIMEZONE"     envDefault:"Asia/Shanghai"`
	County     string   `env:"COUNTY"`
	CountyName string   `env:"COUNTY_NAME"`
	Admins     []string `env:"ADMINS"`
	Now        string   `env:"NOW"`
	Send       string   `env:"SEND"`
	AuditKey   Secret   `env:"AUDIT_KEY"`
	WeCom      WeCom    `envPrefix:"WECOM_"`

	Start time.Time `env:"-"` // of NOW; zero: the real time
	Only  []string  `env:"-"` // of SEND; empty: everybody
}

// WeCom holds the platform's settings.
type WeCom struct {
	APIBase        string `env:"API_BASE"         envDefault:"https://qyapi.weixin.qq.com"`
	CorpID         string `env:"CORP_ID"`
	AgentID        string `env:"AGENT_ID"`
	Secret         Secret `env:"SECRET"`
	Token          Secret `env:"TOKEN"`
	TokenPrevious  Secret `env:"TOKEN_PREVIOUS"`
	AESKey         Secret `env:"AES_KEY"`
	AESKeyPrevious Secret `env:"AES_KEY_PREVIOUS"`
	RobotID        string `env:"ROBOT_ID"`
	RobotSecret    Secret `env:"ROBOT_SECRET"`
	RobotURL       string `env:"ROBOT_URL"        envDefault:"wss://openws.work.weixin.qq.com"`
	GroupWebhook   Secret `env:"GROUP_WEBHOOK"`

	Agent int64 `env:"-"` // of AGENT_ID
}

// HasApp reports whether the self-built app is set up, even if only in part.
func (w *WeCom) HasApp() bool {
	return w.CorpID != "" || w.AgentID != "" || w.Secret != "" || w.Token != "" || w.AESKey != ""
}

// HasRobot reports whether the smart robot is set up, even if only in part.
func (w *WeCom) HasRobot() bool { return w.RobotID != "" || w.RobotSecret != "" }

// ConfigError lists settings that are wrong and how to mend each.
type ConfigError struct{ Problems []string }

// Error implements error.
func (e *ConfigError) Error() string {
	return "配置有问题，没有启动：\n  " + strings.Join(e.Problems, "\n  ")
}

func (e *ConfigError) addf(name, format string, args ...any) {
	e.Problems = append(e.Problems, envPrefix+name+"："+fmt.Sprintf(format, args...))
}

// loadConfig reads the settings from the environment ("NAME=value" lines).
// Unknown CXBOT_ names and ill-formed values are errors for every command;
// needWire says that the command talks to WeCom, so that its settings must be
// there. The error is a *ConfigError naming each setting, never its value when
// secret.
func loadConfig(environ []string, needWire bool) (Config, error) {
	vars := env.ToMap(environ)
	options := env.Options{Environment: vars, Prefix: envPrefix}
	config, err := env.ParseAsWithOptions[Config](options)
	problems := &ConfigError{}
	if err != nil {
		// All tagged fields are texts, so only a broken struct can get here.
		return Config{}, fmt.Errorf("read the settings: %w", err)
	}
	params, err := env.GetFieldParamsWithOptions(&config, options)
	if err != nil {
		return Config{}, fmt.Errorf("list the settings: %w", err)
	}
	reportUnknown(vars, params, problems)
	config.parse(problems)
	config.WeCom.check(problems)
	if needWire {
		config.requireWire(problems)
	}
	if len(problems.Problems) > 0 {
		return Config{}, problems
	}
	return config, nil
}

// reportUnknown finds misspelt names; those of the tests are nobody's business.
func reportUnknown(vars map[string]string, params []env.FieldParams, problems *ConfigError) {
	known := map[string]bool{}
	var names []string
	for _, p := range params {
		if p.Key != "" {
			known[p.Key] = true
			names = append(names, p.Key)
		}
	}
	var unknown []string
	for name := range vars {
		if strings.HasPrefix(name, envPrefix) && !strings.HasPrefix(name, envPrefix+"TEST_") && !known[name] {
			unknown = append(unknown, name)
		}
	}
	slices.Sort(unknown)
	for _, name := range unknown {
		hint := "没有这个配置项，请删掉或改正。"
		if near := nearest(name, names); near != "" {
			hint = "没有这个配置项，是不是想写 " + near + "？"
		}
		problems.addf(strings.TrimPrefix(name, envPrefix), "%s", hint)
	}
}

var (
	slugPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	keyPattern  = regexp.MustCompile(`^[A-Za-z0-9]+$`)
	userPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}$`)
)

// parse checks the bot's own settings and fills the fields made of them.
func (c *Config) parse(problems *ConfigError) {
	if _, err := netip.ParseAddrPort(c.Listen); err != nil {
		problems.addf("LISTEN", "“%s”不是地址和端口，请写成 127.0.0.1:8080 这样。", c.Listen)
	}
	if c.PublicURL != "" && !isURL(c.PublicURL, "https", "http") {
		problems.addf("PUBLIC_URL", "“%s”不是网址，请写成 https://bot.example.gov.cn 这样，后面不带路径。", c.PublicURL)
	}
	if c.RedisURL != "" && !isURL(c.RedisURL.Reveal(), "redis", "rediss", "unix") {
		problems.addf("REDIS_URL", "不是 Redis 网址，请写成 redis://:密码@主机:6379/0 或 unix:///路径，留空则自动启动 redis-server。")
	}
	if c.DataDir == "" {
		problems.addf("DATA_DIR", "请写一个目录，例如 data。")
	}
	if c.Timezone != "Asia/Shanghai" {
		problems.addf("TIMEZONE", "“%s”不支持，目前只支持 Asia/Shanghai。", c.Timezone)
	}
	if c.County != "" && !slugPattern.MatchString(c.County) {
		problems.addf("COUNTY", "“%s”请改成小写字母、数字和短横线，最多 32 个，例如 qinghe。", c.County)
	}
	for _, id := range c.Admins {
		if !userPattern.MatchString(id) {
			problems.addf("ADMINS", "“%s”不是企业微信的 userid，多个之间用英文逗号隔开。", id)
		}
	}
	if c.Now != "" {
		start, err := time.Parse(time.RFC3339, c.Now)
		if err != nil {
			problems.addf("NOW", "“%s”请写成 2026-11-23T09:00:00+08:00 这样。", c.Now)
		}
		c.Start = start
	}
	if c.Send != "" {
		c.parseSend(problems)
	}
	if n := len(c.AuditKey.Reveal()); n > 0 && n < auditKeyBytes {
		problems.addf("AUDIT_KEY", "只有 %d 个字符，至少要 %d 个随机字符；留空则在数据目录里自动建立。", n, auditKeyBytes)
	}
}

// parseSend reads "only:userid,userid".
func (c *Config) parseSend(problems *ConfigError) {
	list, ok := strings.CutPrefix(c.Send, "only:")
	c.Only = strings.Split(list, ",")
	for _, id := range c.Only {
		ok = ok && userPattern.MatchString(id)
	}
	if !ok {
		problems.addf("SEND", "“%s”请写成 only:userid 这样，多个之间用英文逗号隔开；正式使用请留空。", c.Send)
	}
}

// check looks at the form of the platform's settings that are given.
func (w *WeCom) check(problems *ConfigError) {
	if !isURL(w.APIBase, "https", "http") {
		problems.addf("WECOM_API_BASE", "“%s”不是网址，公有云请留空。", w.APIBase)
	}
	if !isURL(w.RobotURL, "wss", "ws") {
		problems.addf("WECOM_ROBOT_URL", "“%s”不是 wss:// 网址，公有云请留空。", w.RobotURL)
	}
	if w.GroupWebhook != "" && !isURL(w.GroupWebhook.Reveal(), "https", "http") {
		problems.addf("WECOM_GROUP_WEBHOOK", "不是网址，请把群里“消息推送”的 Webhook 地址整条复制过来。")
	}
	if w.AgentID != "" {
		agent, err := strconv.ParseInt(w.AgentID, 10, 64)
		if err != nil || agent <= 0 {
			problems.addf("WECOM_AGENT_ID", "“%s”不是数字，请填应用详情页的 AgentId，例如 1000002。", w.AgentID)
		}
		w.Agent = agent
	}
	checkAESKey("WECOM_AES_KEY", w.AESKey, problems)
	checkAESKey("WECOM_AES_KEY_PREVIOUS", w.AESKeyPrevious, problems)
	if (w.TokenPrevious == "") != (w.AESKeyPrevious == "") {
		problems.addf("WECOM_TOKEN_PREVIOUS", "更换密钥时 CXBOT_WECOM_TOKEN_PREVIOUS 和 CXBOT_WECOM_AES_KEY_PREVIOUS 要同时给出。")
	}
}

// checkAESKey checks the callback key: 43 letters and digits (WeCom document 90930).
func checkAESKey(name string, key Secret, problems *ConfigError) {
	const length = 43
	if key == "" {
		return
	}
	if n := len(key.Reveal()); n != length {
		problems.addf(name, "长度是 %d，应为 %d 个字符，请在应用的“接收消息”页面重新复制 EncodingAESKey。", n, length)
		return
	}
	if !keyPattern.MatchString(key.Reveal()) {
		problems.addf(name, "含有字母和数字以外的字符，请在应用的“接收消息”页面重新复制 EncodingAESKey。")
	}
}

// appNeeded says which settings there is no doing without.
const appNeeded = "正式运行要有自建应用，五项都要填：CORP_ID、AGENT_ID、SECRET、TOKEN、AES_KEY；智能机器人（ROBOT_ID、ROBOT_SECRET）是另加的，不能代替它"

// requireWire reports what is missing to talk to WeCom: the county and the app,
// and the robot when it is set up, each complete.
func (c *Config) requireWire(problems *ConfigError) {
	missing := func(name, value, where string) {
		if value == "" {
			problems.addf(name, "没有填写，%s", where)
		}
	}
	missing("COUNTY", c.County, "请写县的代号（小写字母），例如 qinghe。")
	missing("COUNTY_NAME", c.CountyName, "请写县的名称，例如 清河县。")
	w := c.WeCom
	switch {
	case w.HasApp():
		missing("WECOM_CORP_ID", w.CorpID, "在管理后台“我的企业”最下方。")
		missing("WECOM_AGENT_ID", w.AgentID, "在应用详情页。")
		missing("WECOM_SECRET", w.Secret.Reveal(), "在应用详情页的 Secret。")
		missing("WECOM_TOKEN", w.Token.Reveal(), "在应用的“接收消息”页面。")
		missing("WECOM_AES_KEY", w.AESKey.Reveal(), "在应用的“接收消息”页面的 EncodingAESKey。")
	case w.HasRobot():
		problems.addf("WECOM_CORP_ID", "只配了智能机器人。"+appNeeded+"。")
	default:
		problems.addf("WECOM_CORP_ID", appNeeded+"；只想试用请运行 cxbot demo。")
	}
	if w.HasRobot() {
		missing("WECOM_ROBOT_ID", w.RobotID, "在智能机器人的“API 模式”页面。")
		missing("WECOM_ROBOT_SECRET", w.RobotSecret.Reveal(), "在智能机器人的“API 模式”页面。")
	}
}

// isURL reports whether a text is an absolute URL of one of the schemes.
func isURL(text string, schemes ...string) bool {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains(schemes, u.Scheme) {
		return false
	}
	return u.Host != "" || u.Scheme == "unix" && u.Path != ""
}

// nearest returns the known name a misspelt one most likely means, "" when none
// is close.
func nearest(name string, known []string) string {
	const most = 3
	best, at := most+1, ""
	for _, k := range known {
		if d := distance(name, k); d < best {
			best, at = d, k
		}
	}
	return at
}

// distance counts the letters to insert, delete or replace between two names.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j]+1, row[j+1]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
