package handlers

import "cxbot/dialog"

// laterPurposes belong to what follows filing: progress, supervision, judging,
// awards. They are told apart so that nothing of theirs is taken for a filing.
func laterPurposes() []dialog.Purpose {
	return []dialog.Purpose{
		{Name: "progress.report", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `^(?:报|上报|汇报|补报|填)(?:一下|个)?(?:\p{Han}{0,6})?进展|进展(?:报告)?:|进展情况`, Weight: 6},
			{Pattern: `(?:节点|步骤|阶段|第[一二三四五六七八九十\d]+(?:步|个节点|阶段))\s*\d*.{0,6}(?:完成|做完|搞完|结束|干完|达标)`, Weight: 5},
			{Pattern: `(?:一|二|三|四|[1-4])季度.{0,14}(?:完成|开展|印发|召开|组织|培训|进展)`, Weight: 4},
			{Pattern: `下一步|进度\d+%|完成了?\d+%`, Weight: 2},
			{Pattern: `问题是|已(?:经)?(?:印发|完成|开展|召开|建成|挂牌)`, Weight: 1},
			{Pattern: `截止|几号|谁|没报|多少|提醒|催|督查|黄单|通报|改到|申请|延|完不成|模板|表|几家|台账|记`, Weight: -4},
		}},
		{Name: "evidence.add", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `佐证`, Weight: 4},
			{Pattern: `\[(?:图片|照片|文件|视频)\]|https?://`, Weight: 4},
			{Pattern: `(?:照片|图片|会议记录|简报|报道|视频|批示|截图|文件)[^。]{0,12}(?:放|传|存|发|上传|补|归|入)|(?:放|传|存|上传|补)(?:到|进|一张|几张|个|份)[^。]{0,10}(?:照片|图片|记录|报道)`, Weight: 4},
			{Pattern: `附(?:上|件)|链接`, Weight: 1},
			{Pattern: `几张|够不够|有吗|看看|打开|机密|绝密|内部文件|秘密|模板`, Weight: -5},
		}},
		{Name: "summary.submit", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `总结(?:报告|材料)?.{0,12}(?:写好|写完|弄好|定稿|贴|发(?:你|给|过去)|交|报|提交|上传|分.{0,2}段)`, Weight: 6},
			{Pattern: `(?:交|报|提交|发)(?:一下)?(?:我们的?)?总结`, Weight: 5},
			{Pattern: `截止|几号|什么时候|啥时候|何时|模板|范本|谁|多少|定为|延|要求|字数`, Weight: -5},
		}},
		{Name: "award.requirements", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `(?:申奖|申报(?:成果)?奖?|报奖|评奖|申报材料|成果奖).{0,12}(?:要|需|准备|哪些|什么|条件|材料)`, Weight: 5},
			{Pattern: `(?:图片|照片|材料|附件).{0,8}(?:几张|多少张|够|哪些|要什么)`, Weight: 4},
			{Pattern: `(?:总结|报告).{0,6}(?:多少字|字数)|评分标准|怎么(?:算|评)分`, Weight: 4},
			{Pattern: `截止|几号|上届|往届|看看有没有`, Weight: -4},
		}},
		{Name: "award.apply", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `(?:我要|我们|想|要|正式)?(?:申报|申请|报)(?:优秀)?(?:成果奖|优秀成果|奖项)|申奖`, Weight: 5},
			{Pattern: `推开了?\d+`, Weight: 1},
			{Pattern: `要(?:准备|哪些|什么)|准备哪些|材料|截止|几号|模板|上届|谁|哪些`, Weight: -4},
		}},
		{Name: "ticket.reply", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `(?:黄单|蓝单|红单|督办(?:单|的)?).{0,16}(?:收到|补|整改|销号|完成|到位|反馈|办)`, Weight: 6},
			{Pattern: `申请销号|整改(?:到位|完成|好了|完了)|销号`, Weight: 5},
			{Pattern: `(?:发|下|出|开|签发)(?:个|一张|一份)`, Weight: -5},
		}},
		{Name: "linkpoint.visit", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `联系点`, Weight: 5},
			{Pattern: `(?:委员|书记|镇长|主任)[^。]{0,8}(?:去|到|走访|来|下)[^。]{0,10}(?:村|社区|企业|厂|点)`, Weight: 4},
			{Pattern: `记一?下|走访|听了|看了|提了`, Weight: 2},
			{Pattern: `督查`, Weight: -4},
		}},
		{Name: "promotion.report", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `推广(?:情况|应用|了|到|报)?`, Weight: 4},
			{Pattern: `(?:推开|推广)了?\d+|\d+个(?:村|社区|单位|支部).{0,8}推开`, Weight: 3},
			{Pattern: `来(?:学|参观|取经|考察|观摩)|学习(?:取经|考察)`, Weight: 3},
			{Pattern: `申报|\d+号|给\d+|打|分|编号〔|备-|试点`, Weight: -4},
		}},
		{Name: "award.query", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `(?:结果|名单|获奖|评上|得奖|奖).{0,10}(?:啥时候|什么时候|何时|几号|出来|公布|没有?|吗)`, Weight: 5},
			{Pattern: `公示(?:了|没|到|期|什么|啥|几|在哪)`, Weight: 4},
			{Pattern: `我们.{0,8}(?:评上|获奖|得奖|入围)(?:了)?(?:没|吗)`, Weight: 5},
			{Pattern: `上届|往届|意见|异议|今天开始|工作日|报上去|交上去|备案|学习`, Weight: -4},
		}},
		{Name: "objection.file", Who: []string{secretary}, Cues: []dialog.Cue{
			{Pattern: `(?:对)?公示.{0,8}(?:有意见|有异议|不服|不同意)|异议|实名(?:反映|举报)|举报|反映`, Weight: 6},
			{Pattern: `照搬|抄袭|造假|不实|弄虚作假`, Weight: 4},
			{Pattern: `没异议|无异议`, Weight: -8},
		}},
		{Name: "supervision.record", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `记(?:一下|录)?督查|督查(?:记录|情况|结果|发现)`, Weight: 6},
			{Pattern: `(?:到|去)\p{Han}{2,8}(?:督查|看现场|检查)`, Weight: 4},
			{Pattern: `听汇报|看现场|查资料|座谈|结论`, Weight: 2},
			{Pattern: `排一下|安排|通报|评审|几点|评委|入围`, Weight: -4},
		}},
		{Name: "supervision.plan", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `督查.{0,8}(?:排|安排|计划|定)|(?:排|安排|制定).{0,10}督查`, Weight: 6},
			{Pattern: `跑.{2,14}[家个]|(?:到|至)周`, Weight: 2},
			{Pattern: `记|通报|截止|要是`, Weight: -3},
		}},
		{Name: "ticket.issue", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `(?:发|下|出|开|签发|给).{0,10}(?:黄单|蓝单|红单|督办单|提醒单)|(?:黄|蓝|红)色?督办`, Weight: 7},
			{Pattern: `内反馈|限期`, Weight: 1},
		}},
		{Name: "bulletin.generate", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `(?:出|写|生成|拟|起草|做|来|编).{0,8}(?:通报|简报|专报|报告|情况汇总)|督查通报`, Weight: 5},
			{Pattern: `一期|Word|word|字以内|季度`, Weight: 1},
			{Pattern: `模板|范本|总结|进展报告|报进展|获奖|名单`, Weight: -4},
		}},
		{Name: "ledger.export", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `(?:台账|汇总表|总表|花名册).{0,10}(?:导|发|出|给|下载|做)|导(?:出|一份|个)|导出来`, Weight: 6},
			{Pattern: `绝密|机密|秘密|佐证|补齐`, Weight: -6},
		}},
		{Name: "panel.setup", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `评审(?:小组|组|专家组).{0,20}(?:组长|成员|\d+个?人|名单|定)|组建评审|(?:设|定|聘).{0,4}评委`, Weight: 7},
			{Pattern: `组长|成员`, Weight: 2},
		}},
		{Name: "recusal.set", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `回避`, Weight: 5},
			{Pattern: `让他|让她|以前在|曾|不能评`, Weight: 2},
			{Pattern: `我回避|我不评|我申请|我的|我是|我跟|我和|我原`, Weight: -4},
		}},
		{Name: "review.schedule", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `(?:评审会|汇报会|评审|答辩|座谈会)[^。]{0,8}(?:放|定|安排|在|改|时间|开)`, Weight: 5},
			{Pattern: `每家.{0,4}\d+分钟|汇报\d+分钟`, Weight: 3},
			{Pattern: `集合|截止`, Weight: -4},
		}},
		{Name: "result.compute", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `去掉最高|去(?:一个)?最高|去掉一个最高|平均分|中位数|排(?:个|一下)?名(?:次)?|算(?:一下)?(?:总分|得分|名次|成绩)|汇总(?:分数|得分|评分)`, Weight: 6},
			{Pattern: `群|评委.{0,4}给`, Weight: -2},
		}},
		{Name: "publicity.start", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `公示\d+个?工作日|(?:开始|启动|发布|挂)公示|公示.{0,8}(?:开始|起)|名单公示`, Weight: 6},
			{Pattern: `没异议|无异议|意见|啥时候|没有?$|了没`, Weight: -5},
		}},
		{Name: "award.announce", Who: []string{staff}, Cues: []dialog.Cue{
			{Pattern: `(?:会上|大会|会议).{0,4}表彰|表彰(?:名单|大会|会|决定)|奖状|证书`, Weight: 5},
			{Pattern: `没异议|无异议|底稿`, Weight: 2},
			{Pattern: `上届|往届|公示\d`, Weight: -4},
		}},
		{Name: "review.tasks", Who: []string{reviewer}, Cues: []dialog.Cue{
			{Pattern: `我(?:要|该|需要|负责)?评(?:的|审的)?|(?:分给|分到|派给)我|我的(?:评审)?任务|没打分|没评(?:的|完)|未打分|没打(?:的|完)?|还(?:剩|有|差).{0,6}(?:没打|没评|要打|要评)`, Weight: 5},
			{Pattern: `几个|几份|哪些|发我|列`, Weight: 1},
			{Pattern: `回避|评委都|就差我|弄错|别的评委`, Weight: -5},
		}},
		{Name: "review.progress", Who: []string{reviewer}, Cues: []dialog.Cue{
			{Pattern: `(?:评委|大家|他们|其他人|别人).{0,6}(?:交齐|打完|评完|交了|齐了)|就差我|打分进度|交齐`, Weight: 6},
		}},
		{Name: "material.view", Who: []string{reviewer}, Cues: []dialog.Cue{
			{Pattern: `(?:打开|看看?|调出|给我看|翻)[^。]{0,16}(?:材料|报告|佐证|照片|方案|成效|附件|视频)|(?:材料|佐证|照片|附件|报告|方案)[^。]{0,8}(?:打开|有吗|有没有|看|发我|在哪)`, Weight: 5},
			{Pattern: `\d+号`, Weight: 1},
			{Pattern: `上届|模板|放到|存|机密|绝密|获奖|得奖|拿奖|几张`, Weight: -5},
		}},
		{Name: "score.submit", Who: []string{reviewer}, Cues: []dialog.Cue{
			{Pattern: `(?:针对性|系统性|试点|推开|实效|理论|推广)(?:给|打|:)?\d{1,2}[,、;]`, Weight: 6},
			{Pattern: `(?:给|打)(?:个)?\d{2}(?:分|吧|$|[,.])|总分\d+`, Weight: 5},
			{Pattern: `\d+号`, Weight: 1},
			{Pattern: `刚才|改成|高了|低了|写反|换过来|多少分|几分`, Weight: -5},
		}},
		{Name: "score.revise", Who: []string{reviewer}, Cues: []dialog.Cue{
			{Pattern: `(?:分|实效|打|评|针对性|系统性|推广|理论)[^。]{0,10}(?:改成|改为|调成|写反|换过来|打错|高了|低了|重打|调整|弄反)`, Weight: 6},
			{Pattern: `弄错|打错|写反`, Weight: 2},
			{Pattern: `题目|试点单位|责任人`, Weight: -5},
		}},
		{Name: "conflict.declare", Who: []string{reviewer}, Cues: []dialog.Cue{
			{Pattern: `我(?:要|得|应该|申请)?(?:回避|不评|不能评|不便评)|(?:要不要|用不用|需不需要|该不该)回避`, Weight: 6},
			{Pattern: `原单位|亲戚|亲属|同学|老乡|爱人|以前(?:工作|待|在)`, Weight: 3},
			{Pattern: `让他|让她`, Weight: -4},
		}},
		{Name: "site.schedule", Who: []string{reviewer}, Cues: []dialog.Cue{
			{Pattern: `(?:看现场|实地|现场).{0,10}(?:几点|集合|哪几个|时间|路线|在哪|安排|什么时候)|几点集合|集合地点|跑哪几个|去哪几个点`, Weight: 6},
			{Pattern: `督查|排一下`, Weight: -3},
		}},
	}
}
