package trace

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
)

// maps are what the programs share with this process.
type maps struct {
	owners *ebpf.Map // cookie → record
	flows  *ebpf.Map // flow → socket
	spaces *ebpf.Map // flow without namespace → cookie of the namespace seen last
	cache  *ebpf.Map // with each socket: see cache_linux.go
	execs  *ebpf.Map // ring buffer of execs
}

// execRing is the size of the ring buffer: about 2,400 execs.
const execRing = 1 << 20

// newMaps makes the maps. cache needs type information of its own, since the kernel
// shows it in the storage of sockets.
func newMaps(sockets uint32) (m maps, err error) {
	for _, w := range []struct {
		to   **ebpf.Map
		spec ebpf.MapSpec
	}{
		{&m.owners, ebpf.MapSpec{Name: "pkt_owners", Type: ebpf.LRUHash, KeySize: 8, ValueSize: recSize, MaxEntries: sockets}},
		{&m.flows, ebpf.MapSpec{Name: "pkt_flows", Type: ebpf.LRUHash, KeySize: flowSize, ValueSize: sockSize, MaxEntries: sockets}},
		{&m.spaces, ebpf.MapSpec{Name: "pkt_spaces", Type: ebpf.LRUHash, KeySize: tupleSize, ValueSize: 8, MaxEntries: sockets}},
		{&m.cache, ebpf.MapSpec{Name: "pkt_cache", Type: ebpf.SkStorage, KeySize: 4, ValueSize: cacheSize,
			Flags: noPrealloc, Key: cacheKey, Value: cacheValue}},
		{&m.execs, ebpf.MapSpec{Name: "pkt_execs", Type: ebpf.RingBuf, MaxEntries: execRing}},
	} {
		if *w.to, err = ebpf.NewMap(&w.spec); err != nil {
			m.close()
			return m, fmt.Errorf("make map %s: %w", w.spec.Name, Explain(err))
		}
	}
	return m, nil
}

// noPrealloc is BPF_F_NO_PREALLOC, which storage of sockets needs.
const noPrealloc = 1

func (m *maps) close() error {
	var errs []error
	for _, x := range []*ebpf.Map{m.owners, m.flows, m.spaces, m.cache, m.execs} {
		if x != nil {
			errs = append(errs, x.Close())
		}
	}
	return errors.Join(errs...)
}
