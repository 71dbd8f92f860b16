package stats

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pkt/field"
	"pkt/filter"
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
		{"net(host,24), mac", "net(host,24)|mac"},
		{"has(service) ? service : \"none\"", "has(service) ? service : \"none\""},
		{"string(net(src_ip, 16)) + \" \" + proto as who", "who"},
		{"len > 1kB as big, upper(iface)", "big|upper(iface)"},
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
		{"", "an expression is missing here\n  \n  ^"},
		{"src_ip,,len", "an expression is missing here\n  src_ip,,len\n         ^"},
		{"len, src_ipp", "unknown field \"src_ipp\", did you mean src_ip?\n  len, src_ipp\n       ^^^^^^^"},
		{"net(len,8)", "net() takes an address, such as src_ip, not a number\n  net(len,8)\n      ^^^"},
		{"len,net(src_ip,33)", "the length of a prefix is a number from 0 to 32\n  len,net(src_ip,33)\n                 ^^"},
		{"bucket(len,0)", "the width of a bucket is above 0\n  bucket(len,0)\n             ^"},
		{"minute(len)", "minute() takes a time, such as ts, not a number\n  minute(len)\n         ^^^"},
		{"src_ip, frob(len)", "unknown function frob(): there are bucket, day, has, hour, minute, net, second, and those of expr\n  src_ip, frob(len)\n          ^^^^"},
		{"bucket(len,64", "a bracket is not closed\n  bucket(len,64\n               ^"},
		{"len)", "nothing opens this bracket\n  len)\n     ^"},
		{"as x", "as stands behind what it names\n  as x\n  ^^"},
		{"5", "the expression has the same value for all rows: name a field\n  5\n  ^"},
		{"\"len", "the quote is not closed\n  \"len\n  ^"},
		{"len,len", "two keys are called \"len\": name one with \"as\"\n  len,len\n      ^^^"},
		{"len,ü", "unknown field \"ü\"\n  len,ü\n      ^"},
		{"string(src_mac) + service", "\"src_mac\" is a field of packets and stands with one of flows: a key has fields of one of them\n  string(src_mac) + service\n         ^^^^^^^"},
	} {
		_, err := ParseBy(testSchema(), c.by)
		var e *filter.Error
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
		"len as as as", "net(net(src_ip,24),16)", "`\\`,len", "(((((", "host,mac,port,service", "((\xc7))", "\"\xff",
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
		var e *filter.Error
		if !errors.As(err, &e) {
			t.Fatalf("error of type %T", err)
		}
		// Text that is not UTF-8 may be shown in a form that is.
		if e.Text != text && e.Text != strings.ToValidUTF8(text, "?") {
			t.Errorf("error about %q", e.Text)
		}
		if e.Off < 0 || e.Len < 0 || e.Off+e.Len > len(e.Text) || e.Msg == "" {
			t.Errorf("error %+v", e)
		}
		if utf8.ValidString(text) && !utf8.ValidString(e.Error()) {
			t.Error("a rune is cut")
		}
	})
}
