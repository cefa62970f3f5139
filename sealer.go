package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/scheduler"
	"cxbot/storage"
)

const (
	// sealEvery is how long an audit line may wait for its seal.
	sealEvery = time.Minute
	// sealTimeout bounds one step, the last one at a stop too.
	sealTimeout = 10 * time.Second
	// headsHour is when the heads of the days before are told.
	headsHour = 9

	auditKeyFile  = "audit.key"
	auditHeadFile = "audit.head"
	auditKeyBytes = 32
)

var errNoAuditKey = errors.New("没有封存审计记录的密钥：serve 第一次运行时在 CXBOT_DATA_DIR 里建立 " + auditKeyFile + "，或用 CXBOT_AUDIT_KEY 给出")

// auditKey returns the key of the audit chain: CXBOT_AUDIT_KEY, or the one in the
// data directory, which is made there when create says so.
func auditKey(config Config, create bool) (storage.SealKey, error) {
	if config.AuditKey != "" {
		return storage.SealKey(config.AuditKey.Reveal()), nil
	}
	path := filepath.Join(config.DataDir, auditKeyFile)
	text, err := os.ReadFile(path) //nolint:gosec // The operator's own directory.
	switch {
	case err == nil && len(strings.TrimSpace(string(text))) == 2*auditKeyBytes:
		return storage.SealKey(strings.TrimSpace(string(text))), nil
	case err == nil:
		return nil, fmt.Errorf("%s：%w", path, errAuditKey)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, because("读不了 "+path, err)
	case !create:
		return nil, errNoAuditKey
	}
	key := make([]byte, auditKeyBytes)
	_, _ = rand.Read(key) // never fails
	made := hex.EncodeToString(key)
	// Link, not rename: two replicas starting at once on one directory agree on one key.
	if err := writeNew(path, writing(made+"\n")); err != nil && !errors.Is(err, errExists) && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return auditKey(config, false)
}

var errAuditKey = errors.New("密钥文件不完整，应是 64 个字符；请从备份里找回这个文件")

// Sealer seals the audit trail each minute (design.md D17), keeps the newest seal
// in the data directory too, and each working morning tells the 监督员 the heads of
// the days before.
type Sealer struct {
	store *storage.Store
	clock *Clock
	key   storage.SealKey
	kept  string // path of the newest seal
	log   *slog.Logger
	wake  func()

	started bool
	sealed  award.Date // the last day on which every day was looked at
	told    award.Date // the last day on which heads were told
	head    storage.Seal
}

// newSealer makes a Sealer; wake hears that messages are queued.
func newSealer(config Config, store *storage.Store, clock *Clock, log *slog.Logger, wake func()) (*Sealer, error) {
	key, err := auditKey(config, true)
	if err != nil {
		return nil, err
	}
	return &Sealer{store: store, clock: clock, key: key, kept: filepath.Join(config.DataDir, auditHeadFile), log: log, wake: wake}, nil
}

// Run seals until ctx ends, and once more then.
func (s *Sealer) Run(ctx context.Context) {
	for {
		s.once(ctx)
		if s.clock.Wait(ctx, s.clock.Now().Add(sealEvery)) != nil && ctx.Err() != nil {
			s.once(context.WithoutCancel(ctx))
			return
		}
	}
}

// once runs a step; what fails is tried again a minute later.
func (s *Sealer) once(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, sealTimeout)
	defer cancel()
	if err := s.Step(ctx, s.clock.Now()); err != nil && !errors.Is(err, context.Canceled) {
		s.log.ErrorContext(ctx, "audit lines not sealed", "err", err)
	}
}

// Step seals what is new and tells what is due.
func (s *Sealer) Step(ctx context.Context, now time.Time) error {
	if !s.started {
		if err := s.start(ctx, now); err != nil {
			return err
		}
		s.started = true
	}
	today := award.DateOf(now)
	head, err := s.store.SealAudit(ctx, s.key, now, s.sealed != today)
	if err != nil {
		return err //nolint:wrapcheck // Logged as it is.
	}
	s.sealed = today
	if head.MAC != s.head.MAC {
		if err := keepSeal(s.kept, head); err != nil {
			return err
		}
		s.head = head
	}
	return s.tell(ctx, now, today)
}

// start holds the chain against the seal kept on this machine. A chain that went
// back is said loudly and written into the trail, so that nobody can do it unseen.
func (s *Sealer) start(ctx context.Context, now time.Time) error {
	kept, err := keptSeal(s.kept)
	if err != nil {
		return err
	}
	head, _, err := s.store.AuditState(ctx)
	if err != nil {
		return err //nolint:wrapcheck // Logged as it is.
	}
	if head.Key != "" && head.Key != s.key.ID() {
		s.log.ErrorContext(ctx, "!!! the audit chain goes on with another key; only the old one can check what is older", "was", head.Key, "now", s.key.ID())
	}
	err = s.store.Untouched(ctx, kept)
	if !errors.Is(err, storage.ErrRolledBack) {
		return err //nolint:wrapcheck // Logged as it is.
	}
	s.log.ErrorContext(ctx, "!!! the audit trail is not the one sealed before: restored from a backup, or cut", "serial", kept.Serial, "day", kept.Day)
	err = s.store.AppendAudit(ctx, award.Entry{
		At: now, Who: "system", Did: "audit.rolled-back", Object: "audit", Detail: fmt.Sprintf("seal %d of %s was there before", kept.Serial, kept.Day),
		Event: "audit|" + kept.MAC,
	})
	return err //nolint:wrapcheck // Logged as it is.
}

// tell queues the heads of the days before to every 监督员, from nine on a working
// day, once a day.
func (s *Sealer) tell(ctx context.Context, now time.Time, today award.Date) error {
	if s.told == today || now.Before(today.At(headsHour, 0)) {
		return nil
	}
	view := s.store.ViewAt(ctx)
	watchers := view.WithRole(award.RoleSupervisor)
	quiet := scheduler.Quiet(view.Calendar(), now)
	if err := view.Err(); err != nil || quiet || len(watchers) == 0 {
		return err //nolint:wrapcheck // Logged as it is.
	}
	heads, err := s.store.UntoldHeads(ctx, s.key, today)
	if err != nil {
		return err //nolint:wrapcheck // Logged as it is.
	}
	if len(heads) > 0 {
		last := heads[len(heads)-1].Day.String()
		messages := make([]chat.Message, len(watchers))
		for i, p := range watchers {
			messages[i] = chat.Message{
				Key: strings.Join([]string{"audit.head", last, p.UserID}, "|"), To: p.UserID, Text: headsText(heads),
				Priority: chat.PriorityDigest, Rule: "audit.head",
			}
		}
		if err := s.store.TellHeads(ctx, heads, messages, now); err != nil {
			return err //nolint:wrapcheck // Logged as it is.
		}
		s.wake()
	}
	s.told = today
	return nil
}

// headsText is what the 监督员 reads. Whoever alters a line later cannot alter this.
func headsText(heads []storage.DayHead) string {
	var b strings.Builder
	b.WriteString("【审计核对码】机器人每天的操作记录封存后给您一份核对码，请留着这条消息，不用回复。")
	for _, head := range heads {
		fmt.Fprintf(&b, "\n%s：%d条，核对码 %s", head.Day.Short(), head.N, head.Code)
	}
	fmt.Fprintf(&b, "\n要核对时，请管理员在服务器上运行 cxbot audit verify %s，显示的条数和核对码应当和这里一样；不一样，就是记录被改过，请告诉科室负责人。", heads[len(heads)-1].Day)
	return b.String()
}

// keptSeal reads the newest seal kept on this machine, the zero Seal when none is.
func keptSeal(path string) (storage.Seal, error) {
	var kept storage.Seal
	text, err := os.ReadFile(path) //nolint:gosec // The operator's own directory.
	if errors.Is(err, fs.ErrNotExist) {
		return kept, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil {
		return kept, because("读不了 "+path, err)
	}
	return kept, nil
}

// keepSeal writes the newest seal down, whole or not at all.
func keepSeal(path string, head storage.Seal) error {
	text, err := json.Marshal(head)
	if err == nil {
		err = os.WriteFile(path+".new", append(text, '\n'), privateFile)
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return because("写不了 "+path, err)
	}
	return nil
}
