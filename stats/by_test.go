package stats

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pkt/field"
)

func TestParseBy(t *testing.T) {
	for _, c := range []struct{ by, names string }{
		{"src_ip", "src_ip"},
		{" src_ip , dst_port ", "src_ip|dst_port"},
		{"net(src_ip,24), dst_port as p", "net(src_ip,24)|p"},
		{"net( src_ip , 24 , 48 )", "net( src_ip , 24 , 48 )"},
		{"bucket(len,64)as size", "size"},
		{"minute(ts) as m,hour(ts)", "m|hour(ts)"},
		{"flow.state,service", "flow.state|service"},
		{"src_ip as as", "as"},
		{"bucket(bucket(len,10),4)", "bucket(bucket(len,10),4)"},
	} {
		keys, err := ParseBy(testSchema(), c.by)
		if err != nil {
			t.Errorf("%s: %v", c.by, err)
			continue
		}
		var names []string
		for _, k := range keys {
			names = append(names, k.Name)
		}
		if got := strings.Join(names, "|"); got != c.names {
			t.Errorf("%s: %s, want %s", c.by, got, c.names)
		}
	}
}

func TestParseByRepeated(t *testing.T) {
	keys, err := ParseBy(testSchema(), "src_ip", "dst_ip, port")
	if err != nil || len(keys) != 3 {
		t.Errorf("%d keys, %v", len(keys), err)
	}
}

func TestParseByErrors(t *testing.T) {
	for _, c := range []struct{ by, want string }{
		{"", "a key is missing here\n  \n  ^"},
		{"src_ip,,len", "a key is missing here\n  src_ip,,len\n         ^"},
		{"src_ipp", "unknown field src_ipp, did you mean src_ip?\n  src_ipp\n  ^^^^^^^"},
		{"net(len,8)", "net() takes an address, such as src_ip\n  net(len,8)\n      ^^^"},
		{"net(src_ip)", "net() lacks an argument: a number\n  net(src_ip)\n            ^"},
		{"net(src_ip,33)", "an IPv4 prefix has at most 32 bits\n  net(src_ip,33)\n             ^^"},
		{"net(src_ip,24,129)", "at most 128\n  net(src_ip,24,129)\n                ^^^"},
		{"net(src_ip,24,64,1)", "net() takes no further argument\n  net(src_ip,24,64,1)\n                   ^"},
		{"net(src_ip,len)", "a number belongs here\n  net(src_ip,len)\n             ^^^"},
		{"bucket(len,0)", "a bucket is at least 1 wide\n  bucket(len,0)\n             ^"},
		{"bucket(len,99999999999999999999)", "not a whole number\n  bucket(len,99999999999999999999)\n             ^^^^^^^^^^^^^^^^^^^^"},
		{"minute(len)", "minute() takes a time, such as ts\n  minute(len)\n         ^^^"},
		{"minute(ts,5)", "minute() takes one argument\n  minute(ts,5)\n            ^"},
		{"frob(len)", "unknown function: there are bucket, net, second, minute, hour and day\n  frob(len)\n  ^^^^"},
		{"bucket(len,64", "a bracket is not closed\n  bucket(len,64\n               ^"},
		{"len)", "nothing opens this bracket\n  len)\n     ^"},
		{"len + 1", "a comma or \"as NAME\" is missing before this\n  len + 1\n      ^^^"},
		{"src_ip len", "a comma or \"as NAME\" is missing before this\n  src_ip len\n         ^^^"},
		{"len as 5", "a comma or \"as NAME\" is missing before this\n  len as 5\n      ^^^^"},
		{"as x", "as stands behind what it names\n  as x\n  ^^"},
		{"5", "not the name of a field\n  5\n  ^"},
		{"'len'", "a key is a field, or a function of one\n  'len'\n  ^"},
		{"\"len", "the quote is not closed\n  \"len\n  ^"},
		{"len,len", "two keys are called \"len\": name one with \"as\"\n  len,len\n      ^^^"},
		{"ü", "a key is a field, or a function of one\n  ü\n  ^"},
		{"len,ü", "a key is a field, or a function of one\n  len,ü\n      ^"},
		{"ip..src", "not the name of a field\n  ip..src\n  ^^^^^^^"},
		{"bucket()", "a key is a field, or a function of one\n  bucket()\n         ^"},
	} {
		_, err := ParseBy(testSchema(), c.by)
		var e *SyntaxError
		if !errors.As(err, &e) || e.ExitCode() != 2 {
			t.Errorf("%s: %v", c.by, err)
			continue
		}
		if e.Error() != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.by, e, c.want)
		}
	}
	many := "len as a0"
	for i := range MaxKeys {
		many += fmt.Sprint(",len as b", i)
	}
	if _, err := ParseBy(testSchema(), many); err == nil {
		t.Error("too many keys are taken")
	}
	if _, err := ParseBy(testSchema(), strings.Repeat("bucket(", 17)+"len"+strings.Repeat(",1)", 17)); err == nil {
		t.Error("too deep nesting is taken")
	}
}

func TestFloor(t *testing.T) {
	for _, c := range []struct{ v, width, want int64 }{
		{0, 7, 0}, {6, 7, 0}, {7, 7, 7}, {-1, 7, -7}, {-7, 7, -7}, {-8, 7, -14}, {-1, 64, -64}, {130, 64, 128},
	} {
		if got := int64(floor(uint64(c.v), uint64(c.width), true)); got != c.want {
			t.Errorf("floor(%d, %d) = %d, want %d", c.v, c.width, got, c.want)
		}
	}
}

// FuzzParseBy checks that any text gives keys, or an error that points into it.
func FuzzParseBy(f *testing.F) {
	for _, s := range []string{
		"src_ip", "net(src_ip,24,64), dst_port as p", "bucket(len,64) as \"x\"", "minute(ts", "a.b.c(d[1], 'x,y') as z",
		"len as as as", "net(net(src_ip,24),16)", "`\\`,len", "(((((", "host,mac,port,service",
	} {
		f.Add(s)
	}
	schema := testSchema()
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := ParseBy(schema, text)
		if err == nil {
			if len(keys) == 0 || len(keys) > MaxKeys {
				t.Errorf("%d keys", len(keys))
			}
			for _, k := range keys {
				if k.Name == "" || (k.Column == nil) == (k.List == nil) == (k.Flow == nil) {
					t.Errorf("key %+v", k)
				}
				if k.Kind == field.Prefix && (k.Bits > 32 || k.Bits6 > 128) {
					t.Errorf("prefix of %d, %d bits", k.Bits, k.Bits6)
				}
			}
			return
		}
		var e *SyntaxError
		if !errors.As(err, &e) {
			t.Fatalf("error of type %T", err)
		}
		if e.Text != text || e.Off < 0 || e.Len < 0 || e.Off+e.Len > len(text) || e.Msg == "" {
			t.Errorf("error %+v", e)
		}
		if utf8.ValidString(text) && !utf8.ValidString(e.Error()) {
			t.Error("a rune is cut")
		}
	})
}
