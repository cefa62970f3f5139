package award

import (
	"fmt"
	"regexp"
)

// MaxFiles is how many files a filing may carry (附件).
const MaxFiles = 9

// maxFileName bounds the shown name of a file, in characters.
const maxFileName = 100

var (
	fileHash = regexp.MustCompile(`^[0-9a-f]{64}$`)
	fileLink = regexp.MustCompile(`^(?i:https?)://[^/?#@\s]+\.[^/?#@\s]+(?:[/?#]\S*)?$`)
)

// CheckFiles judges 附件: pictures that are kept, and links. What breaks a rule
// here cannot be typed; it comes of a mistake or of a record made elsewhere.
func CheckFiles(files []FileRef) *Issue {
	const field, clause = "files", "C62"
	if len(files) > MaxFiles {
		return &Issue{field, fmt.Sprintf("附件最多 %d 个，现在有 %d 个，请删掉 %d 个。", MaxFiles, len(files), len(files)-MaxFiles), clause, "files.many"}
	}
	seen := map[string]bool{}
	for i, f := range files {
		n := i + 1
		switch {
		case Length(f.Name) > maxFileName:
			return &Issue{field, fmt.Sprintf("附件第 %d 个的名称太长，请删掉重发。", n), clause, "files.name"}
		case f.Kind == "link" && (!fileLink.MatchString(f.URL) || f.Hash != ""):
			return &Issue{field, fmt.Sprintf("附件第 %d 个不是能打开的链接，请删掉重发。", n), clause, "files.link"}
		case f.Kind != "link" && (!fileHash.MatchString(f.Hash) || f.Kind != "image/jpeg" && f.Kind != "image/png" || f.URL != ""):
			return &Issue{field, fmt.Sprintf("附件第 %d 个不是能用的图片，请删掉重发。", n), clause, "files.picture"}
		case seen[f.Hash+f.URL]:
			return &Issue{field, fmt.Sprintf("附件第 %d 个和前面的一样，请删掉一个。", n), clause, "files.twice"}
		}
		if _, stop := Secrecy(f.Name); stop {
			return &Issue{field, fmt.Sprintf("附件第 %d 个的名称里有涉密字样，不能在这里填报；涉密材料请走机要渠道。", n), "", "secrecy.stop"}
		}
		seen[f.Hash+f.URL] = true
	}
	return nil
}
