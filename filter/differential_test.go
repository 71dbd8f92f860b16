package filter

import (
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/vm"
	"pkt/field"
	"pkt/packet"
)

// envOf returns what expr's VM sees of row i: v_NAME and h_NAME for every field,
// and the functions of pairs.
func envOf(b *packet.Batch, i int) map[string]any {
	env := map[string]any{
		"net24": func(s string) string { return mustPrefix(s, 24, 64).String() },
		"inNet": func(s, network string) bool {
			p, err := netip.ParsePrefix(network)
			return err == nil && p.Contains(netip.MustParseAddr(s)) || err != nil && s == network
		},
		"floorTo": func(v, w int) int { return v - (v%w+w)%w },
	}
	var in packet.Set
	if b != nil {
		in.Add(i)
	}
	var vec field.Vector
	for _, e := range packets().Entries {
		id := strings.ReplaceAll(e.Name, ".", "_")
		if e.List {
			env["v_"+id] = sampleList(&e, b, i)
			continue
		}
		has := false
		if b != nil {
			set := e.Col(b, in, &vec)
			has = set.Has(i)
		}
		env["h_"+id] = has
		env["v_"+id] = zero(e.Field)
		switch {
		case !has:
		case e.Kind == field.Uint:
			env["v_"+id] = int(vec.Cells[i].Lo)
		case e.Kind == field.Bool:
			env["v_"+id] = vec.Cells[i].Lo != 0
		case e.Kind == field.String:
			env["v_"+id] = string(vec.TextAt(i))
		case e.Kind == field.Enum:
			env["v_"+id] = e.Names[vec.Cells[i].Lo]
		case e.Kind == field.Addr:
			env["v_"+id] = vec.Cells[i].Addr().String()
		}
		if e.Kind == field.Addr && !has {
			env["v_"+id] = "0.0.0.0"
		}
	}
	return env
}

func mustPrefix(s string, bits4, bits6 int) netip.Prefix {
	a := netip.MustParseAddr(s)
	if a.Is4() {
		bits6 = bits4
	}
	return netip.PrefixFrom(a, bits6).Masked()
}

func sampleList(e *field.Entry[*packet.Batch], b *packet.Batch, i int) any {
	ints, texts := []int{}, []string{}
	if b != nil {
		for _, c := range e.ListCol(b, i, nil) {
			ints = append(ints, int(c.Lo))
			texts = append(texts, string(appendText(nil, &e.Field, c)))
		}
	}
	if e.Kind == field.Uint {
		return ints
	}
	return texts
}

// differ compares the kernels of an expression with expr's VM on its
// counterpart, and both with what is pushed down.
func differ(t *testing.T, e pair, b *packet.Batch, envs []map[string]any) {
	t.Helper()
	p, err := Compile(e.text, packets())
	if err != nil {
		t.Fatalf("%s: %v", e.text, err)
	}
	program, err := expr.Compile(e.value, expr.Env(envOf(nil, 0)), expr.AsBool())
	if err != nil {
		t.Fatalf("%s: %v", e.value, err)
	}
	got := p.Filter(b, b.All())
	again := p.Filter(b, got)
	if again != got {
		t.Errorf("%s: asked again, %d of %d", e.text, again.Len(), got.Len())
	}
	prog, bpf, ok := p.Pushdown(1)
	for i := range b.N {
		want, err := vm.Run(program, envs[i])
		if err != nil {
			t.Fatalf("%s: %v", e.value, err)
		}
		if got.Has(i) != want.(bool) {
			t.Errorf("%s: packet %d: %v, the VM says %v\n%x", e.text, i, got.Has(i), want, b.Frame(i))
		}
		if ok && got.Has(i) && !prog.Matcher().Match(b.Frame(i), b.Records[i].WireLen) {
			t.Errorf("%s: packet %d matches and is dropped by %s\n%x", e.text, i, bpf, b.Frame(i))
		}
	}
	if t.Failed() {
		t.FailNow()
	}
}

func differSeed(t *testing.T, seed uint64) {
	g := &generator{rand.New(rand.NewPCG(seed, 1))}
	b := batchOf(1, g.frames(64)...)
	envs := make([]map[string]any, b.N)
	for i := range envs {
		envs[i] = envOf(b, i)
	}
	for range 12 {
		differ(t, g.truth(g.IntN(4)), b, envs)
	}
}

func TestKernelsAgree(t *testing.T) {
	for seed := range uint64(40) {
		differSeed(t, seed)
	}
}

// FuzzKernels: kernels, expr's VM and the pushed down BPF agree on random
// expressions and packets.
func FuzzKernels(f *testing.F) {
	for seed := range uint64(4) {
		f.Add(seed)
	}
	f.Fuzz(differSeed)
}

// FuzzCompile: no text makes the compiler panic, errors have a place, and what
// compiles runs.
func FuzzCompile(f *testing.F) {
	for _, s := range []string{`dst_port == 443 && len > 1kB`, `any(vlans, # > 5)`, `src_ip in ["10.0.0.0/8"]`, `let a = 5; a > len`, `"x`, `1..`, "len ? 1 : 2", `host != "::1" ?? 5`, "ts > \"2026-01-01\"", "min(len, 5, 6.0) in 1..9"} {
		f.Add(s)
	}
	b := batchOf(1, ordinary()...)
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 300 || strings.Contains(text, "repeat") {
			return
		}
		begin := time.Now()
		defer func() {
			if d := time.Since(begin); d > 3*time.Second {
				t.Errorf("%q took %v", text, d)
			}
		}()
		p, err := Compile(text, packets())
		if err != nil {
			if e := err.(*Error); e.Off < 0 || e.Len < 0 || e.Off+e.Len > len(e.Text) || e.Error() == "" {
				t.Errorf("%q: place %d+%d", text, e.Off, e.Len)
			}
			return
		}
		p.Filter(b, b.All())
		p.AppendParts(p.AppendEarly(nil, 1), true)
	})
}
