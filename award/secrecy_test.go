package award_test

import (
	"testing"

	"cxbot/award"
)

func TestSecrecy(t *testing.T) {
	t.Parallel()
	stops := []string{
		"绝密", "这份是绝密文件", "绝 密", "绝　密", "绝\u200b密", "絕密", "【绝密】", "绝-密", "绝·密", "杜绝绝密外泄", "绝*密",
		"机密", "这个方案上面盖着机密章，我拍照发你存一下行不", "机密★5年", "机 密 ★ 5 年", "機密", "机_密", "机密级文件", "有机密文件",
		"机密切勿外传", "有机密切勿外传", "有机密封存", "手机密件", "（机密）名单.docx", "机.密.docx", "ＸＸ机密",
		"秘密★10年", "秘密☆10年", "★秘密", "秘 密★", "★密级", "密级★", "秘密⭐5年",
		"内部讨论稿", "内部 讨论稿.docx", "县委内部讨论稿", "内部文件", "内部文件，请勿外传", "內部文件", "内部　文件", "内部资料、机密",
	}
	asks := map[string]string{
		"秘密": "秘密", "涉及国家秘密": "秘密", "这是个秘密": "秘密", "秘密级": "秘密", "工作秘密": "秘密",
		"内部": "内部", "内部资料": "内部", "仅供内部使用": "内部", "单位内部资料": "内部", "内部通报": "内部", "内部掌握": "内部",
		"内部传阅": "内部", "仅限内部": "内部", "内部会议纪要": "内部", "支部内部名单": "内部", "内 部 资 料": "内部",
		"涉密": "涉密", "这里面涉密": "涉密", "涉密人员名单": "涉密", "涉密切勿上传": "涉密", "附件涉密": "涉密",
		"领导行程": "领导行程", "县委书记的领导行程安排": "领导行程",
		"未公开": "未公开", "未公开的数据": "未公开", "人事未公开信息": "未公开",
	}
	passes := []string{
		"", "村级党群议事会", "内部自查", "党委内部自查记录", "保密确认", "请做好保密工作", "党内部署", "年内部署到位", "市内部分企业", "县内部门联动",
		"内部控制", "完善内部控制制度", "内部管理", "内部监督", "内部审计", "人民内部矛盾", "化解群众内部矛盾", "企业内部治理", "班子内部分工",
		"内部运行机制", "支部内部讨论通过", "内部考核", "内部公示", "单位内部培训", "党组织内部活力", "境内部队", "激发内部活力", "系统内部推开",
		"秘密投票", "设立秘密写票处", "无记名投票，秘密写票", "保守党的秘密", "对党忠诚，保守党的秘密", "商业秘密", "不涉及国家秘密", "内容没有秘密",
		"不涉密", "确认不涉密", "非涉密", "是否涉密", "有无涉密内容", "涉密自查", "牵涉密切", "没有涉密内容", "严禁涉密",
		"手机密码", "计算机密码", "有机密切结合", "危机密切相关", "打印机密集", "司机密切配合", "杜绝密闭空间", "隔绝密切接触", "拒绝密集",
		"村务未公开", "党务未公开到位", "决而未公开", "账目长期未公开", "应公开未公开的问题", "密切联系群众", "密级无", "把握时机，密切联系群众",
		"领导带头", "行程卡", "公开选拔", "机关密切配合",
	}
	if n := len(stops) + len(asks) + len(passes); n < 60 {
		t.Fatalf("only %d phrases", n)
	}
	for _, text := range stops {
		if hit, stop := award.Secrecy(text); !stop || hit == "" {
			t.Errorf("Secrecy(%q) = %q %v, want a stop", text, hit, stop)
		}
	}
	for text, want := range asks {
		if hit, stop := award.Secrecy(text); hit != want || stop {
			t.Errorf("Secrecy(%q) = %q %v, want to ask about %q", text, hit, stop, want)
		}
	}
	for _, text := range passes {
		if hit, stop := award.Secrecy(text); hit != "" || stop {
			t.Errorf("Secrecy(%q) = %q %v, want nothing", text, hit, stop)
		}
	}
}

// The hit is a word of the list, whatever surrounds it, so that it may be logged.
func TestSecrecyNeverEchoes(t *testing.T) {
	t.Parallel()
	hit, stop := award.Secrecy("张三的手机13800000011，机 密 材料")
	if hit != "机密" || !stop {
		t.Errorf("%q %v", hit, stop)
	}
}

func FuzzSecrecy(f *testing.F) {
	for _, seed := range []string{"", "机密", "手机密码", "内部", "★", "绝\u200d密", string([]byte{0xff, 0xfe})} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		hit, stop := award.Secrecy(text)
		if stop && hit == "" {
			t.Errorf("stop without a word for %q", text)
		}
		// A line of its own is found whatever stands on the lines around it.
		if _, stop := award.Secrecy(text + "\n，绝密，\n" + text); !stop {
			t.Errorf("hidden by %q", text)
		}
	})
}
