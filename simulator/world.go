package simulator

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"path"
	"slices"
	"sync"
	"time"

	"cxbot/talk"
)

// actPatience bounds one act of a script, retries included.
const actPatience = 60 * time.Second

// WorldConfig connects a script with a running simulator.
type WorldConfig struct {
	Sim *Sim
	// Now is the script's clock, usually the simulator's.
	Now func() time.Time
	// Set and Wait are the clock hooks of whoever runs the bot.
	Set  func(time.Time) error
	Wait func(time.Duration) error
	// Settle returns when the bot has nothing more to say at this moment; nil
	// when everything is said before the callback returns.
	Settle func() error
	// Files are what scripts attach by name; nil, or a missing name, makes up a
	// small file of the right kind.
	Files fs.FS
}

// World plays talks on a simulator, over the encrypted wire. It implements
// talk.World.
type World struct {
	cfg WorldConfig

	mu    sync.Mutex
	heard int64 // seq of the last entry reported
}

// World is what scripts are played on.
var _ talk.World = (*World)(nil)

// NewWorld starts listening at the present end of the record.
func NewWorld(cfg WorldConfig) (*World, error) {
	if cfg.Sim == nil || cfg.Now == nil || cfg.Set == nil || cfg.Wait == nil {
		return nil, fmt.Errorf("%w: Sim, Now, Set and Wait are needed", ErrConfig)
	}

	w := &World{cfg: cfg}
	if all := cfg.Sim.Timeline(0); len(all) > 0 {
		w.heard = all[len(all)-1].Seq
	}

	return w, nil
}

// Now returns the script's time.
func (w *World) Now() time.Time { return w.cfg.Now() }

// Set puts the clock.
func (w *World) Set(t time.Time) error { return w.cfg.Set(t) }

// Wait lets time pass.
func (w *World) Wait(d time.Duration) error { return w.cfg.Wait(d) }

// userid finds a person by name; a userid is taken too.
func (w *World) userid(who string) (string, error) {
	var found []string

	for _, m := range w.cfg.Sim.People() {
		if m.UserID == who {
			return who, nil
		}

		if m.Name == who {
			found = append(found, m.UserID)
		}
	}

	if len(found) != 1 {
		return "", fmt.Errorf("%w: %q names %d members", ErrNoMember, who, len(found))
	}

	return found[0], nil
}

// groupID finds a group by name.
func (w *World) groupID(name string) (string, error) {
	for _, g := range w.cfg.Sim.Groups() {
		if g.Name == name || g.ID == name {
			return g.ID, nil
		}
	}

	return "", fmt.Errorf("%w: %q", ErrNoGroup, name)
}

// Say sends a text in the app's chat, in the robot's chat or in a group.
func (w *World) Say(who, group, channel, text string) error {
	ctx, cancel := context.WithTimeout(context.Background(), actPatience)
	defer cancel()

	id, err := w.userid(who)
	if err != nil {
		return err
	}

	switch {
	case group != "":
		group, err = w.groupID(group)
		if err == nil {
			_, err = w.cfg.Sim.SayInGroup(ctx, group, id, text)
		}
	case channel == talk.RobotChannel:
		_, err = w.cfg.Sim.SayToRobot(ctx, id, text)
	default:
		_, err = w.cfg.Sim.Say(ctx, id, text)
	}

	return err
}

// Attach sends media, a place or a link.
func (w *World) Attach(who, channel, kind, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), actPatience)
	defer cancel()

	id, err := w.userid(who)
	if err != nil {
		return err
	}

	switch kind {
	case "位置":
		_, err = w.cfg.Sim.SendPlace(ctx, id, Place{Latitude: 36.86, Longitude: 115.7, Label: name})

		return err
	case "链接":
		_, err = w.cfg.Sim.SendLink(ctx, id, name, "https://example.invalid/"+path.Base(name))

		return err
	}

	wire, ok := map[string]string{
		"图片": SendKindImage, "语音": SendKindVoice, "视频": SendKindVideo, "文件": SendKindFile,
	}[kind]
	if !ok {
		return fmt.Errorf("%w: attachment kind %q", ErrConfig, kind)
	}

	data, err := w.file(wire, name)
	if err != nil {
		return err
	}

	if channel == talk.RobotChannel {
		_, err = w.cfg.Sim.SendToRobot(ctx, id, wire, name, data)
	} else {
		_, err = w.cfg.Sim.SendMedia(ctx, id, wire, name, data)
	}

	return err
}

// file reads an attachment or makes one up.
func (w *World) file(kind, name string) ([]byte, error) {
	if w.cfg.Files != nil && fs.ValidPath(name) {
		data, err := fs.ReadFile(w.cfg.Files, name)
		if err == nil {
			return data, nil
		}
	}

	return sample(kind, name)
}

// sample makes up a small file of the kind, different for every name.
func sample(kind, name string) ([]byte, error) {
	switch kind {
	case SendKindImage:
		var out bytes.Buffer

		err := png.Encode(&out, image.NewGray(image.Rect(0, 0, len(name)+1, 1)))
		if err != nil {
			return nil, fmt.Errorf("sample picture: %w", err)
		}

		return out.Bytes(), nil
	case SendKindVoice:
		return []byte("#!AMR\n" + name), nil
	case SendKindVideo:
		return []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom" + name), nil
	default:
		return []byte("示例文件：" + name), nil
	}
}

// Click presses a button by its label.
func (w *World) Click(who, label string, old int) error {
	ctx, cancel := context.WithTimeout(context.Background(), actPatience)
	defer cancel()

	id, err := w.userid(who)
	if err != nil {
		return err
	}

	_, err = w.cfg.Sim.ClickLabel(ctx, id, label, old)

	return err
}

// Heard returns what the bot said since the last call. A card that follows its
// text to the same receiver is the same utterance: its labels are added to the
// text. Greyed-out cards say nothing.
func (w *World) Heard() ([]talk.Utterance, error) {
	if w.cfg.Settle != nil {
		err := w.cfg.Settle()
		if err != nil {
			return nil, err
		}
	}

	w.mu.Lock()
	defer w.mu.Unlock()

	var out []talk.Utterance

	for _, e := range w.cfg.Sim.ShownSince(w.heard) {
		w.heard = e.Seq

		if e.Kind == KindUpdate {
			continue
		}

		u := talk.Utterance{To: e.Name, Text: e.Text, At: e.At}

		if e.Card == nil {
			out = append(out, u)

			continue
		}

		for _, b := range e.Card.Buttons {
			u.Buttons = append(u.Buttons, b.Label)
		}

		if i := textBefore(out, e.Name); i >= 0 {
			out[i].Buttons = u.Buttons
		} else {
			out = append(out, u)
		}
	}

	return out, nil
}

// textBefore finds the last utterance to the receiver if it still has no card.
func textBefore(said []talk.Utterance, to string) int {
	for i, u := range slices.Backward(said) {
		if u.To != to {
			continue
		}

		if u.Buttons == nil {
			return i
		}

		return -1
	}

	return -1
}
