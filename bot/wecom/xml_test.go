package wecom

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestXMLAccepts(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, in, value string }{
		{"CDATA", "<xml><A><![CDATA[x<y>&z]]></A></xml>", "x<y>&z"},
		{"plain", "<xml><A>12</A></xml>", "12"},
		{"entities", "<xml><A>&lt;a&gt; &amp;amp; &quot;b&quot; &apos;</A></xml>", `<a> &amp; "b" '`},
		{"split CDATA end", "<xml><A><![CDATA[a]]]]><![CDATA[>b]]></A></xml>", "a]]>b"},
		{"text and CDATA", "<xml><A>a&amp;<![CDATA[b&amp;]]>c</A></xml>", "a&b&amp;c"},
		{"empty", "<xml><A></A></xml>", ""},
		{"empty CDATA", "<xml><A><![CDATA[]]></A></xml>", ""},
		{"self closing", "<xml><A/></xml>", ""},
		{"white space in tags", "<xml ><A >1</A\n></xml >", "1"},
		{"white space around", " \n<xml>\n <A>1</A>\r\n\t</xml>\n", "1"},
		{"B18 BOM", "\ufeff<xml><A>1</A></xml>", "1"},
		{"declaration", `<?xml version="1.0" encoding="UTF-8"?><xml><A>1</A></xml>`, "1"},
		{"declaration, other quotes", `<?xml version='1.0'?> <xml><A>1</A></xml>`, "1"},
		{"nested siblings of one name", "<xml><A>1</A><L><I>a</I><I>b</I></L></xml>", "1"},
		{"depth 8", "<xml><B><C><D><E><F><G><H>1</H></G></F></E></D></C></B><A>1</A></xml>", "1"},
		{"Chinese", "<xml><A><![CDATA[课题 𠮷 🎉]]></A></xml>", "课题 𠮷 🎉"},
		{"spaces kept", "<xml><A>  </A></xml>", "  "},
		{"element twice deeper", "<xml><A>1</A><B><A>2</A></B></xml>", "1"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var doc document
			if err := doc.parse([]byte(test.in)); err != nil {
				t.Fatal(err)
			}
			if got, found := doc.top("A"); !found || string(got) != test.value {
				t.Errorf("value %q (%v), want %q", got, found, test.value)
			}
		})
	}
}

// badDocument is one document nobody may read, with its row of the bad-input
// matrix; the same ones go through the whole handler.
type badDocument struct {
	name, text string
	want       error
}

func badDocuments() []badDocument {
	const from = "<FromUserName>a</FromUserName>"
	return []badDocument{
		{"B14 entity bomb", `<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><xml><A>&b;</A></xml>`, errSyntax},
		{"B14 external entity", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><xml><A>&e;</A></xml>`, errSyntax},
		{"B14 parameter entity", `<!DOCTYPE x [<!ENTITY % p SYSTEM "http://a/b">%p;]><xml></xml>`, errSyntax},
		{"B14 unused doctype", `<!DOCTYPE xml><xml><A>1</A></xml>`, errSyntax},
		{"B14 doctype inside", `<xml><!DOCTYPE xml><A>1</A></xml>`, errMarkup},
		{"B14 unknown entity", `<xml><A>&e;</A></xml>`, errEntity},
		{"B14 numeric entity", `<xml><A>&#65;</A></xml>`, errEntity},
		{"B14 open entity", `<xml><A>&amp</A></xml>`, errEntity},
		{"B15 too deep", strings.Repeat("<a>", 9), errRoot},
		{"B15 9 levels", "<xml>" + strings.Repeat("<a>", 8) + strings.Repeat("</a>", 8) + "</xml>", errDepth},
		{"B15 attributes", `<xml a="1"><A>1</A></xml>`, errSyntax},
		{"B15 many children", "<xml><L>" + strings.Repeat("<a/>", 2048) + "</L></xml>", errCount},
		{"B15 65,537 bytes", "<xml><A>" + strings.Repeat("x", 65537-17) + "</A></xml>", errSize},
		{"B16 FromUserName twice", "<xml>" + from + from + "</xml>", errDuplicate},
		{"B16 MsgId twice", "<xml><MsgId>1</MsgId><MsgId>2</MsgId></xml>", errDuplicate},
		{"B16 MsgType twice", "<xml><MsgType>text</MsgType><A/><MsgType>event</MsgType></xml>", errDuplicate},
		{"B16 Encrypt twice", "<xml><Encrypt>a</Encrypt><Encrypt>b</Encrypt></xml>", errDuplicate},
		{"B16 other case", "<xml><fromusername>a</fromusername></xml>", errRouting},
		{"B16 AgentId", "<xml><AgentId>1</AgentId></xml>", errRouting},
		{"B16 root of another case", "<XML><A>1</A></XML>", errRoot},
		{"B16 nested", "<xml><L>" + from + "</L></xml>", errRouting},
		{"B16 nested in itself", "<xml><FromUserName>" + from + "</FromUserName></xml>", errRouting},
		{"B16 prefix", "<xml><x:FromUserName>a</x:FromUserName></xml>", errSyntax},
		{"B16 namespace", `<xml xmlns="urn:x">` + from + "</xml>", errSyntax},
		{"B17 comment in a value", "<xml><A>a<!-- x -->b</A></xml>", errMarkup},
		{"B17 comment", "<xml><!-- x --><A>1</A></xml>", errMarkup},
		{"B17 instruction in a value", "<xml><A>a<?x y?>b</A></xml>", errMarkup},
		{"B17 element in a value", "<xml><A>a<B/>b</A></xml>", errMixed},
		{"B17 text after an element", "<xml><A><B/>b</A></xml>", errMixed},
		{"B17 CDATA after an element", "<xml><A><B/><![CDATA[b]]></A></xml>", errMixed},
		{"B18 bytes after the end", "<xml><A>1</A></xml>x", errEnd},
		{"B18 comment after the end", "<xml><A>1</A></xml><!-- -->", errEnd},
		{"B18 two documents", "<xml><A>1</A></xml><xml><A>2</A></xml>", errEnd},
		{"B18 UTF-16", "\xff\xfe<\x00x\x00m\x00l\x00>\x00", errCharacter},
		{"B18 GBK declared", `<?xml version="1.0" encoding="GBK"?><xml><A>1</A></xml>`, errDeclaration},
		{"B18 GBK bytes", "<xml><A>\xbf\xce\xcc\xe2</A></xml>", errCharacter},
		{"B18 NUL", "<xml><A>a\x00b</A></xml>", errCharacter},
		{"B18 lone surrogate", "<xml><A>\xed\xa0\x80</A></xml>", errCharacter},
		{"B18 surrogate entity", "<xml><A>&#xD800;</A></xml>", errEntity},
		{"B18 version 1.1", `<?xml version="1.1"?><xml></xml>`, errDeclaration},
		{"B18 open declaration", `<?xml version="1.0"`, errDeclaration},
		{"B18 other instruction", `<?php x ?><xml></xml>`, errDeclaration},
		{"B18 second BOM", "\ufeff\ufeff<xml></xml>", errSyntax},
		{"B19 JSON", `{"Encrypt":"x"}`, errSyntax},
		{"empty", "", errSyntax},
		{"only white space", "  \n", errSyntax},
		{"not closed", "<xml><A>1</A>", errEnd},
		{"CDATA not closed", "<xml><A><![CDATA[1</A></xml>", errEnd},
		{"wrong end", "<xml><A>1</B></xml>", errSyntax},
		{"end without start", "</xml>", errSyntax},
		{"bare ]]>", "<xml><A>a]]>b</A></xml>", errSyntax},
		{"name begins with a digit", "<xml><1A/></xml>", errSyntax},
		{"long name", "<xml><" + strings.Repeat("a", 65) + "/></xml>", errSyntax},
		{"tag cut", "<xml><A", errSyntax},
		{"top-level flood", "<xml>" + topFlood(65) + "</xml>", errCount},
	}
}

// topFlood writes n different elements.
func topFlood(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("<a" + strings.Repeat("b", i%32) + strings.Repeat("c", i/32) + "/>")
	}
	return b.String()
}

func TestXMLRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range badDocuments() {
		t.Run(bad.name, func(t *testing.T) {
			t.Parallel()
			var doc document
			if err := doc.parse([]byte(bad.text)); !errors.Is(err, bad.want) {
				t.Errorf("error %v, want %v", err, bad.want)
			}
		})
	}
}

func TestXMLReuse(t *testing.T) {
	t.Parallel()
	var doc document
	for _, value := range []string{"a&amp;b", "&lt;", "plain", "&gt;&gt;"} {
		if err := doc.parse([]byte("<xml><A>" + value + "</A></xml>")); err != nil {
			t.Fatal(err)
		}
		want := strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">").Replace(value)
		if got, _ := doc.top("A"); string(got) != want {
			t.Errorf("value %q, want %q", got, want)
		}
	}
}

func FuzzXML(f *testing.F) {
	for _, bad := range badDocuments() {
		if len(bad.text) < 1000 {
			f.Add([]byte(bad.text))
		}
	}
	for _, v := range vectors() {
		f.Add([]byte(v.message))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var doc document
		if doc.parse(data) != nil {
			return
		}
		if !utf8.Valid(data) || len(doc.elements) == 0 || string(doc.elements[0].name) != "xml" {
			t.Fatalf("accepted %q", data)
		}
		seen := map[string]bool{}
		for _, e := range doc.elements {
			if e.depth > maxDepth || !utf8.Valid(e.value) {
				t.Fatalf("element %q at depth %d", e.name, e.depth)
			}
			if e.depth == 2 && seen[string(e.name)] {
				t.Fatalf("element %q twice", e.name)
			}
			seen[string(e.name)] = seen[string(e.name)] || e.depth == 2
		}
	})
}
