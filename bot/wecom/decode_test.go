package wecom

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"cxbot/chat"
)

func sampleDecoder() decoder { return decoder{corp: sampleCorp, agent: sampleAgent} }

// ordinary writes an ordinary message with its own elements.
func ordinary(kind, more string) string {
	return "<xml><MsgType>" + kind + "</MsgType>" + more + "<FromUserName>LiChunmei</FromUserName><AgentID>218</AgentID>" +
		"<MsgId>18446744073709551615</MsgId><CreateTime>1409659813</CreateTime><ToUserName>" + sampleCorp + "</ToUserName></xml>"
}

func TestDecodeMessages(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, inner string
		want        chat.Event
	}{
		{"text", ordinary("text", "<Content><![CDATA[ 我要报\n课题 ]]></Content>"), chat.Event{Kind: chat.Text, Text: " 我要报\n课题 "}},
		{
			"image", ordinary("image", "<PicUrl>http://p/1?a=1&amp;b=2</PicUrl><MediaId>m1</MediaId>"),
			chat.Event{Kind: chat.Image, URL: "http://p/1?a=1&b=2", Media: chat.Media{ID: "m1"}},
		},
		{"voice", ordinary("voice", "<MediaId>m2</MediaId><Format>amr</Format>"), chat.Event{Kind: chat.Voice, Media: chat.Media{ID: "m2", Format: "amr"}}},
		{
			"voice with its text", ordinary("voice", "<MediaId>m2</MediaId><Format>amr</Format><Recognition>你好</Recognition>"),
			chat.Event{Kind: chat.Voice, Text: "你好", Media: chat.Media{ID: "m2", Format: "amr"}},
		},
		{"video", ordinary("video", "<MediaId>m3</MediaId><ThumbMediaId>t</ThumbMediaId>"), chat.Event{Kind: chat.Video, Media: chat.Media{ID: "m3"}}},
		{
			"location", ordinary("location", "<Location_X>30.5</Location_X><Location_Y>104.1</Location_Y><Scale>16</Scale><Label>县委大院</Label>"),
			chat.Event{Kind: chat.Location, Text: "县委大院"},
		},
		{
			"location without a label", ordinary("location", "<Location_X>30.5</Location_X><Location_Y>104.1</Location_Y>"),
			chat.Event{Kind: chat.Location, Text: "30.5,104.1"},
		},
		{
			"link", ordinary("link", "<Title>通知</Title><Description>d</Description><Url>https://a/b</Url><PicUrl>p</PicUrl>"),
			chat.Event{Kind: chat.Link, Text: "通知", URL: "https://a/b"},
		},
		{
			"file", ordinary("file", "<MediaId>m4</MediaId><FileName>方案.docx</FileName><FileSize>2048</FileSize>"),
			chat.Event{Kind: chat.File, Media: chat.Media{ID: "m4", Name: "方案.docx", Size: 2048}},
		},
		{"file with nothing", ordinary("file", "<FileSize>-1</FileSize>"), chat.Event{Kind: chat.File}},
		{"unknown type", ordinary("sticker", "<Content>x</Content>"), chat.Event{Kind: chat.Unknown, Text: "sticker"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var doc document
			got, err := sampleDecoder().decode(&doc, []byte(test.inner), noon())
			if err != nil {
				t.Fatal(err)
			}
			test.want.ID = "app|" + sampleCorp + "|218|18446744073709551615"
			test.want.Channel, test.want.From = chat.App, "lichunmei"
			test.want.SentAt, test.want.At = time.Unix(1409659813, 0).UTC(), noon()
			if !reflect.DeepEqual(got.event, test.want) || got.quiet {
				t.Errorf("event\n%+v (quiet %v)\nwant\n%+v", got.event, got.quiet, test.want)
			}
		})
	}
}

func TestDecodeEvents(t *testing.T) {
	t.Parallel()
	const click = "<EventKey>通过</EventKey><TaskId>t-1</TaskId><CardType>x</CardType><ResponseCode>RC</ResponseCode>"
	unknown := func(name string) chat.Event { return chat.Event{Kind: chat.Unknown, Text: name} }
	pressed := chat.Event{Kind: chat.Click, Click: chat.Press{Task: "t-1", Key: "通过", Code: "RC"}}
	picked := pressed
	picked.Text = "q1=b\nwho=u1,u2\nnone="
	tests := []struct {
		name, more string
		want       chat.Event
		quiet      bool
	}{
		{"subscribe", "<EventKey></EventKey>", chat.Event{Kind: chat.Subscribe}, false},
		{"unsubscribe", "", chat.Event{Kind: chat.Unsubscribe}, false},
		{"enter_agent", "<EventKey/>", chat.Event{Kind: chat.Enter}, false},
		{"click", "<EventKey>我的课题</EventKey>", chat.Event{Kind: chat.Menu, Text: "我的课题"}, false},
		{
			"scancode_waitmsg", "<EventKey>SCAN</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>https://a</ScanResult></ScanCodeInfo>",
			chat.Event{Kind: chat.Menu, Text: "SCAN", URL: "https://a"}, false,
		},
		{
			"scancode_push", "<EventKey>SCAN</EventKey><ScanCodeInfo><ScanType>qrcode</ScanType><ScanResult>1</ScanResult></ScanCodeInfo>",
			chat.Event{Kind: chat.Menu, Text: "SCAN", URL: "1"}, false,
		},
		{
			"location_select", "<EventKey>L</EventKey><SendLocationInfo><Location_X>30</Location_X><Location_Y>104</Location_Y><Label>县委</Label></SendLocationInfo>",
			chat.Event{Kind: chat.Location, Text: "县委"}, false,
		},
		{"template_card_event", click, pressed, false},
		{
			"template_card_event", click + "<SelectedItems>" +
				"<SelectedItem><QuestionKey>q1</QuestionKey><OptionIds><OptionId>b</OptionId></OptionIds></SelectedItem>" +
				"<SelectedItem><QuestionKey>who</QuestionKey><OptionIds><OptionId>u1</OptionId><OptionId>u2</OptionId></OptionIds></SelectedItem>" +
				"<SelectedItem><QuestionKey>none</QuestionKey><OptionIds></OptionIds></SelectedItem></SelectedItems>",
			picked, false,
		},
		{"template_card_menu_event", click, pressed, false},
		{"taskcard_click", "<EventKey>yes</EventKey><TaskId>old</TaskId>", chat.Event{Kind: chat.Click, Click: chat.Press{Task: "old", Key: "yes"}}, false},
		{"LOCATION", "<Latitude>1</Latitude><Longitude>2</Longitude><Precision>3</Precision>", unknown("LOCATION"), true},
		{"view", "<EventKey>https://a</EventKey>", unknown("view"), true},
		{"view_miniprogram", "<EventKey>p</EventKey>", unknown("view_miniprogram"), true},
		{
			"pic_sysphoto", "<EventKey>P</EventKey><SendPicsInfo><Count>1</Count><PicList><item><PicMd5Sum>x</PicMd5Sum></item></PicList></SendPicsInfo>",
			unknown("pic_sysphoto"), true,
		},
		{"pic_photo_or_album", "<EventKey>P</EventKey>", unknown("pic_photo_or_album"), true},
		{"pic_weixin", "<EventKey>P</EventKey>", unknown("pic_weixin"), true},
		{"batch_job_result", "<BatchJob><JobId>1</JobId><JobType>sync_user</JobType><ErrCode>0</ErrCode></BatchJob>", unknown("batch_job_result"), true},
		{
			"open_approval_change", "<ApprovalInfo><ThirdNo>1</ThirdNo><ApprovalNodes><ApprovalNode><Items><Item><ItemUserId>a</ItemUserId></Item>" +
				"<Item><ItemUserId>b</ItemUserId></Item></Items></ApprovalNode></ApprovalNodes></ApprovalInfo>",
			unknown("open_approval_change"), true,
		},
		{"sys_approval_change", "<ApprovalInfo><SpNo>1</SpNo></ApprovalInfo>", unknown("sys_approval_change"), true},
		{
			"change_contact", "<ChangeType>update_user</ChangeType><UserID>a</UserID><ExtAttr><Item><Name>n</Name><Type>0</Type><Text><Value>v</Value></Text></Item></ExtAttr>",
			unknown("change_contact"), true,
		},
		{"share_agent_change", "", unknown("share_agent_change"), true},
		{"close_inactive_agent", "", unknown("close_inactive_agent"), true},
		{"inactive_alert", "<EffectTime>1</EffectTime>", unknown("inactive_alert"), true},
		{"app_email_change", "<ChangeType>receive_email</ChangeType><Amount>1</Amount>", unknown("app_email_change"), true},
		{"tomorrow_s_event", "", unknown("tomorrow_s_event"), true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			inner := event(test.name, test.more)
			var doc document
			got, err := sampleDecoder().decode(&doc, []byte(inner), noon())
			if err != nil {
				t.Fatal(err)
			}
			sum := sha256.Sum256([]byte(inner))
			test.want.ID = hex.EncodeToString(sum[:])
			test.want.Channel, test.want.From = chat.App, "lichunmei"
			test.want.SentAt, test.want.At = time.Unix(1409659813, 0).UTC(), noon()
			if !reflect.DeepEqual(got.event, test.want) || got.quiet != test.quiet || got.what != test.name {
				t.Errorf("event\n%+v (quiet %v)\nwant\n%+v", got.event, got.quiet, test.want)
			}
		})
	}
}

func TestDecodeWithoutAgent(t *testing.T) {
	t.Parallel()
	inner := "<xml><ToUserName>" + sampleCorp + "</ToUserName><FromUserName>sys</FromUserName><CreateTime>1</CreateTime>" +
		"<MsgType>event</MsgType><Event>change_contact</Event><ChangeType>delete_user</ChangeType><UserID>a</UserID></xml>"
	var doc document
	got, err := sampleDecoder().decode(&doc, []byte(inner), noon())
	if err != nil || !got.quiet || got.agent || got.event.From != "sys" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestIDs(t *testing.T) {
	t.Parallel()
	ids := map[string]string{}
	for name, change := range map[string][2]string{
		"one message":         {"", ""},
		"another id":          {">7<", ">8<"},
		"id with a zero":      {">7<", ">07<"},
		"id 0":                {">7<", ">0<"},
		"21 digits":           {">7<", ">777777777777777777777<"},
		"full-width digits":   {">7<", ">７<"},
		"id with spaces":      {">7<", "> 7 <"},
		"two events a second": {"[text]", "[event]"},
	} {
		inner := strings.Replace(text("a", "7", "x"), change[0], change[1], 1)
		var doc document
		got, err := sampleDecoder().decode(&doc, []byte(inner), noon())
		if err != nil {
			t.Fatal(name, err)
		}
		if other, twice := ids[got.event.ID]; twice {
			t.Errorf("%s and %s share the id %s", name, other, got.event.ID)
		}
		ids[got.event.ID] = name
		if plain := strings.HasPrefix(got.event.ID, "app|"); plain != (name == "one message" || name == "another id") {
			t.Errorf("%s: id %s", name, got.event.ID)
		}
	}
}

func TestSentAt(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]time.Time{
		"0": time.Unix(0, 0).UTC(), "1409659813": time.Unix(1409659813, 0).UTC(),
		"": {}, "-1": {}, "1e9": {}, "99999999999999999999": {}, "253402300800": {},
	} {
		if got := sentAt(raw); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", raw, got, want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, v := range vectors() {
		f.Add([]byte(v.message))
	}
	f.Add([]byte(ordinary("file", "<FileSize>9</FileSize>")))
	f.Add([]byte(event("template_card_event", "<EventKey>k</EventKey><SelectedItems><SelectedItem><OptionId>o</OptionId></SelectedItem></SelectedItems>")))
	f.Fuzz(func(t *testing.T, inner []byte) {
		var doc document
		got, err := sampleDecoder().decode(&doc, inner, noon())
		if err != nil {
			return
		}
		if got.event.ID == "" || got.event.Kind == "" || got.event.Channel != chat.App {
			t.Fatalf("half an event: %+v", got.event)
		}
		if !got.quiet {
			if again, ok := personID(got.event.From); !ok || again != got.event.From {
				t.Fatalf("person %q", got.event.From)
			}
		}
		second, err := sampleDecoder().decode(new(document), inner, noon())
		if err != nil || !reflect.DeepEqual(second.event, got.event) {
			t.Fatalf("decoded twice: %+v, %+v, %v", got.event, second.event, err)
		}
	})
}

func TestDecodeErrors(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inner string
		want  error
	}{
		"another corp":  {strings.Replace(text("a", "7", "x"), sampleCorp, "ww1", 1), errOtherCorp},
		"another app":   {strings.Replace(text("a", "7", "x"), ">218<", ">1<", 1), errOtherAgent},
		"no type":       {"<xml><ToUserName>" + sampleCorp + "</ToUserName></xml>", errMissing},
		"no receiver":   {"<xml><MsgType>text</MsgType></xml>", errMissing},
		"nobody":        {text("", "7", "x"), errPerson},
		"not a message": {"hello", errSyntax},
	} {
		var doc document
		if _, err := sampleDecoder().decode(&doc, []byte(test.inner), noon()); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
}
