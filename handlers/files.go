package handlers

import (
	"fmt"
	"strconv"
	"strings"

	"cxbot/award"
	"cxbot/chat"
	"cxbot/dialog"
)

// fieldFiles is the form's field of 附件 (C62).
const fieldFiles = "files"

// filesField is 附件: pictures sent at any moment, and links.
func filesField() Field {
	return Field{
		Key: fieldFiles, Label: "附件", Aliases: []string{"附件材料", "图片", "照片"}, Section: "选填", Quiet: true,
		Kind: dialog.Files{Max: award.MaxFiles},
		Ask:  "请发图片，可一次多张，最多 9 张，发完回复 完成。", Example: "直接发图片；或 实施方案 https://doc.weixin.qq.com/doc/x",
		Help:  fmt.Sprintf("收 jpg、png 图片，单张 10 MB 以内，最多 %d 个；文档请发在线文档的链接，前面写上名称。删除回复 删 编号，如 删 1；没有就回复 跳过。涉密的不要发。", award.MaxFiles),
		Check: func(_ V, _ dialog.Answers, s string) dialog.Problem { return issue(award.CheckFiles(toFiles(s))) },
	}
}

func toFiles(s string) []award.FileRef {
	var out []award.FileRef
	for _, f := range dialog.SplitFiles(s) {
		out = append(out, award.FileRef(f))
	}
	return out
}

func fromFiles(list []award.FileRef) string {
	var files []dialog.File
	for _, f := range list {
		files = append(files, dialog.File(f))
	}
	return dialog.JoinFiles(files)
}

// filesQuery is 看附件: the pictures of a filing, sent to whoever may read it.
func filesQuery() *Query {
	return &Query{
		ID: "files", Title: "看附件",
		Intent: dialog.Intent{
			Exact: []string{"看附件", "查看附件", "看图片", "看照片", "附件图片"},
			Patterns: []string{
				`(?:看看?|查看|打开)(?:附件|图片|照片)\s*(?P<which>\d{4}-\d{4})(?:\s*的?第?\s*(?P<n>\d{1,2})\s*(?:个|张|号)?)?`,
				`(?:看看?|查看|打开)(?:附件|图片|照片)\s*第?\s*(?P<n>\d{1,2})\s*(?:个|张|号)?`,
				`(?:看看?|查看|打开)\s*` + whichTopic + `\s*的?(?:附件|图片|照片)(?:\s*第?\s*(?P<n>\d{1,2})\s*(?:个|张|号)?)?`,
			},
		},
		Answer: showFiles,
	}
}

// showFiles lists a filing's files and hands its pictures out, or the one asked for.
func showFiles(v V, s dialog.Slots) dialog.Answer {
	if s["which"] == "" && mayAll(v, award.ActionRead) == "" {
		return dialog.Answer{Text: "要看哪一份的附件？请先回复 待审 看清单，再说“看 1 的附件”；也可以说“看附件 2026-0001”。"}
	}
	t, why := shownTopic(v, s["which"])
	if why != "" {
		return dialog.Answer{Text: why}
	}
	files := t.Current().Filing.Files
	if len(files) == 0 {
		return dialog.Answer{Text: "《" + t.Title() + "》没有附件。"}
	}
	from, to := 0, len(files)
	if s["n"] != "" {
		n, err := strconv.Atoi(s["n"])
		if err != nil || n < 1 || n > len(files) {
			return dialog.Answer{Text: fmt.Sprintf("《%s》的附件是 1 到 %d 号，没有 %s 号。", t.Title(), len(files), s["n"])}
		}
		from, to = n-1, n
	}
	a := dialog.Answer{About: award.TopicRecord(t.ID)}
	for i, f := range files[from:to] {
		if f.Hash != "" {
			a.Files = append(a.Files, chat.Attachment{Hash: f.Hash, Name: fileName(from+i+1, f), Kind: f.Kind, Size: f.Size})
		}
	}
	text := "《" + t.Title() + "》的附件：\n" + dialog.Files{}.Show(fromFiles(files))
	switch n := len(a.Files); {
	case n == 0:
		text += "\n\n链接请点开看。"
	case s["n"] != "":
		text += "\n\n第 " + s["n"] + " 号图片随后发来，请勿转发。"
	default:
		text += fmt.Sprintf("\n\n%d 张图片随后发来，请勿转发。", n)
	}
	a.Text = text
	return a
}

// fileName is what a picture is called when it is sent on.
func fileName(n int, f award.FileRef) string {
	if f.Kind == "image/png" {
		return fmt.Sprintf("附件%d.png", n)
	}
	return fmt.Sprintf("附件%d.jpg", n)
}

// filesHint says how to see the pictures of a filing, "" when it has none.
func filesHint(t award.Topic) string {
	value := fromFiles(t.Current().Filing.Files)
	if value == "" {
		return ""
	}
	return "共 " + dialog.CountFiles(value) + "。看图片请回复 看附件 " + t.ID
}

// shownFiles sends the files an answer hands out to the asker, and notes who
// looked at what.
func shownFiles(req Request, out *dialog.Output[Action], res *Response) {
	if len(out.Files) == 0 {
		return
	}
	var hashes []string
	for i := range out.Files {
		f := out.Files[i]
		hashes = append(hashes, f.Hash[:min(len(f.Hash), shownHash)])
		res.Messages = append(res.Messages, chat.Message{
			Key: "file|" + req.Event.ID + "|" + itoa(i+1), To: req.Event.From, File: &f, Priority: chat.PriorityReply,
		})
	}
	res.Changes.Log = append(res.Changes.Log, award.Entry{
		At: req.Now, Who: req.Event.From, Did: "files.read", Object: out.About, Detail: strings.Join(hashes, " "), Event: req.Event.ID,
	})
}

// shownHash is how much of a hash the audit trail names a file by.
const shownHash = 16
