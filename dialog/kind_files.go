package dialog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// File is one row of a value of Files: a kept picture, or a link.
type File struct {
	Hash string // SHA-256 in hex, "" for a link
	Name string
	Kind string // "image/jpeg", "image/png" or KindLink
	Size int64  // bytes
	URL  string // of a link
}

// KindLink is the kind of a file that lives elsewhere.
const KindLink = "link"

// JoinFiles builds the canonical value of files: rows of hash, name, kind, size
// and address.
func JoinFiles(files []File) string {
	rows := make([][]string, len(files))
	for i, f := range files {
		rows[i] = []string{f.Hash, f.Name, f.Kind, strconv.FormatInt(f.Size, 10), f.URL}
	}
	return JoinRows(rows)
}

// SplitFiles is the inverse of JoinFiles.
func SplitFiles(value string) []File {
	rows := SplitRows(value)
	files := make([]File, 0, len(rows))
	for _, row := range rows {
		const cells = 5
		for len(row) < cells {
			row = append(row, "")
		}
		f := File{Hash: row[0], Name: row[1], Kind: row[2], URL: row[4]}
		if n, err := strconv.ParseInt(row[3], 10, 64); err == nil {
			f.Size = n
		}
		files = append(files, f)
	}
	return files
}

// String shows a file in one line: order is the list's, never an id.
func (f File) String() string {
	if f.Kind == KindLink {
		return f.Name + " " + f.URL
	}
	return strings.TrimSpace("图片 "+f.Name) + "（" + sizeText(f.Size) + "）"
}

// sizeText shows bytes as people know them.
func sizeText(n int64) string {
	const kilo, mega = 1 << 10, 1 << 20
	if n < mega {
		return fmt.Sprintf("%d KB", max(1, (n+kilo-1)/kilo))
	}
	return fmt.Sprintf("%.1f MB", float64(n)/mega)
}

// CountFiles says what a value of Files holds: "3 张图片、1 个链接", "" for nothing.
func CountFiles(value string) string {
	links := 0
	files := SplitFiles(value)
	for _, f := range files {
		if f.Kind == KindLink {
			links++
		}
	}
	var parts []string
	if n := len(files) - links; n > 0 {
		parts = append(parts, fmt.Sprintf("%d 张图片", n))
	}
	if links > 0 {
		parts = append(parts, fmt.Sprintf("%d 个链接", links))
	}
	return join(parts)
}

// Files is up to Max pictures and links (dialog.md 5.8). Pictures come as events
// of their own and are put in by the machine; what is typed are links, and
// changes of the list: 删 2. Canonical is JoinFiles.
type Files struct {
	Max int
}

const (
	maxLinkName = 40  // characters
	maxLink     = 500 // bytes
)

var (
	linkForm = regexp.MustCompile(`(?i)https?://[^\s，。；、<>“”"'（）]+`)
	goodLink = regexp.MustCompile(`^(?i:https?)://[^/?#@\s]+\.[^/?#@\s]+(?:[/?#]\S*)?$`)
	dropFile = regexp.MustCompile(`^(?:请|帮我)?(?:把)?(?:删除|删掉|删去|删了|删|去掉|不要)\s*((?:第?\s*(?:\d{1,2}|[一二三四五六七八九十])\s*(?:个|张|号|项|条)?(?:图片|附件|照片|链接)?[、,， 和]*)+)(?:了|吧)?$`)
	fileNo   = regexp.MustCompile(`\d{1,2}|[一二三四五六七八九十]`)
)

// Read implements Kind. An empty value without a problem takes the last file away.
func (k Files) Read(text string, env Env) Reading {
	typed := Normalise(text)
	if !Visible(typed) {
		return NotRead("没有看到内容，" + k.Form() + "。")
	}
	old := SplitFiles(env.Old)
	if len(old) > 0 && typed == Normalise(k.Show(env.Old)) {
		return Reading{Value: env.Old} // a copied preview changes nothing (UX rule 30)
	}
	if m := dropFile.FindStringSubmatch(typed); m != nil {
		return k.drop(fileNo.FindAllString(m[1], -1), old)
	}
	added, problem := readLinks(typed)
	if !problem.OK() {
		return Reading{Problem: problem}
	}
	for _, f := range added {
		if slices.ContainsFunc(old, func(o File) bool { return o.URL == f.URL }) {
			return Breaks("这个链接已经在附件里了：" + Cut(f.URL, 60))
		}
		old = append(old, f)
	}
	if len(old) > k.Max {
		return Breaks(fmt.Sprintf("附件最多 %d 个，加上这些就有 %d 个了。先删掉用不着的，如 删 1。", k.Max, len(old)))
	}
	value := JoinFiles(old)
	return Reading{Value: value, Echo: "现在共 " + CountFiles(value)}
}

// drop takes files out by their numbers.
func (k Files) drop(numbers []string, old []File) Reading {
	if len(old) == 0 {
		return Breaks("现在还没有附件，不用删。")
	}
	gone := map[int]bool{}
	for _, s := range numbers {
		n, _ := smallNumber(s)
		if n < 1 || n > len(old) {
			return Breaks(fmt.Sprintf("附件现在是 1 到 %d 号，没有 %s 号。", len(old), s))
		}
		gone[n-1] = true
	}
	var kept []File
	for i, f := range old {
		if !gone[i] {
			kept = append(kept, f)
		}
	}
	value := JoinFiles(kept)
	if value == "" {
		return Reading{Echo: "都删掉了"}
	}
	return Reading{Value: value, Echo: fmt.Sprintf("删掉 %d 个，还有 %s", len(gone), CountFiles(value))}
}

// readLinks reads addresses, each with the words before it on its line as its name.
func readLinks(typed string) ([]File, Problem) {
	var out []File
	for line := range strings.SplitSeq(typed, "\n") {
		name := ""
		at := 0
		for _, span := range linkForm.FindAllStringIndex(line, -1) {
			address := strings.TrimRight(line[span[0]:span[1]], ".,;!?)]}")
			if !goodLink.MatchString(address) || len(address) > maxLink {
				return nil, Problem{NotUnderstood, "这个链接看不懂：" + Cut(address, 60) + "。请在文档里点“分享”或“复制链接”，再粘贴过来。"}
			}
			if name = linkName(line[at:span[0]]); name == "" {
				name = "链接"
			}
			out = append(out, File{Name: name, Kind: KindLink, URL: address})
			at = span[1]
		}
		if rest := linkName(line[at:]); at > 0 && rest != "" && name == "链接" {
			out[len(out)-1].Name = rest // the name stands behind the address
		}
	}
	if len(out) == 0 {
		return nil, Problem{NotUnderstood, "附件请直接发图片，或把在线文档的链接发来（https:// 开头）；现在没有，以后再补，回复 跳过。"}
	}
	return out, Problem{}
}

// linkName is what words beside an address call it.
func linkName(words string) string {
	words = strings.Trim(words, " ：:，,、—-（）()【】“”\"加链接是")
	runes := []rune(words)
	if len(runes) > maxLinkName {
		runes = runes[:maxLinkName]
	}
	return string(runes)
}

// Show implements Kind.
func (Files) Show(value string) string {
	files := SplitFiles(value)
	lines := make([]string, len(files))
	for i, f := range files {
		lines[i] = fmt.Sprintf("%d. %s", i+1, f)
	}
	return strings.Join(lines, "\n")
}

// Form implements Kind.
func (Files) Form() string { return "直接发图片，或发在线文档的链接" }

// Numeric implements Kind.
func (Files) Numeric() bool { return false }

// Long implements Kind.
func (Files) Long() bool { return false }
