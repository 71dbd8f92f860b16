package trace

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"
	"github.com/cilium/ebpf/ringbuf"
	"github.com/cilium/ebpf/rlimit"
)

// Tracer is a set of programs that are attached. One goroutine uses it; Close may be
// called when that one has ended.
type Tracer struct {
	maps
	links    []io.Closer
	programs []*ebpf.Program
	files    *link.Iter // of PartFiles
	execRead *ringbuf.Reader
	execRec  ringbuf.Record
	missing  [NumParts]error
	// Buffers of lookups, so that they allocate nothing.
	flowKey [flowSize]byte
	sockVal [sockSize]byte
	recVal  [recSize]byte
	space   [8]byte
}

// ErrLeftOut says that Options.Without named a part.
var ErrLeftOut = errors.New("left out")

// Open loads the programs and attaches them. Each part that the kernel, a missing
// capability or the options do not allow is left out: see Missing. The error is that
// nothing at all can be loaded.
func Open(opt Options) (*Tracer, error) {
	if opt.Sockets == 0 {
		opt.Sockets = DefaultSockets
	}
	rlimit.RemoveMemlock() // only kernels before 5.11 need it, and say so otherwise
	m, err := newMaps(opt.Sockets)
	if err != nil {
		return nil, err
	}
	t := &Tracer{maps: m}
	for p := range NumParts {
		if opt.Without[p] {
			t.missing[p] = ErrLeftOut
		}
	}
	t.attachGroup()
	t.attachTasks(opt)
	if t.count() == 0 {
		err := errors.Join(t.missing[:]...)
		t.Close()
		return nil, err
	}
	return t, nil
}

// Missing returns why a part is not watched; nil if it is.
func (t *Tracer) Missing(p Part) error { return t.missing[p] }

// count returns how many parts are watched.
func (t *Tracer) count() (n int) {
	for _, err := range t.missing {
		if err == nil {
			n++
		}
	}
	return n
}

// attachGroup attaches what hangs on the control groups.
func (t *Tracer) attachGroup() {
	root, err := openRoot()
	if err != nil {
		t.miss(PartPackets, err)
		t.miss(PartCreate, err)
		return
	}
	defer root.Close()
	t.attachCgroup(root, PartCreate, ebpf.CGroupSock, ebpf.AttachCGroupInetSockCreate, "pkt_create",
		createProgram(&t.maps, true), createProgram(&t.maps, false))
	for _, way := range []struct {
		name   string
		attach ebpf.AttachType
		egress bool
	}{
		{"pkt_skb_out", ebpf.AttachCGroupInetEgress, true},
		{"pkt_skb_in", ebpf.AttachCGroupInetIngress, false},
	} {
		// Before Linux 6.14 the namespace is not told to these programs.
		t.attachCgroup(root, PartPackets, ebpf.CGroupSKB, way.attach, way.name,
			skbProgram(&t.maps, way.egress, true), skbProgram(&t.maps, way.egress, false))
	}
}

// attachTasks attaches what looks at tasks, for which type information is needed.
// The iterator comes last, so that no socket falls between it and the others.
func (t *Tracer) attachTasks(opt Options) {
	parts := []Part{PartIO, PartState, PartExec, PartFiles}
	if !slices.ContainsFunc(parts, func(p Part) bool { return t.missing[p] == nil }) {
		return
	}
	o, err := loadOffsets()
	if err != nil {
		for _, p := range parts {
			t.miss(p, err)
		}
		return
	}
	code := &taskCode{maps: t.maps, offsets: o, tuples: t.missing[PartPackets] != nil}
	if opt.Own {
		code.self = int32(os.Getpid())
	}
	t.attachPoint(PartExec, "sched_process_exec", "pkt_exec", code.execProgram())
	t.attachPoint(PartState, "inet_sock_set_state", "pkt_state", code.stateProgram())
	t.attachPoint(PartIO, "sock_send_length", "pkt_send", code.ioProgram())
	t.attachPoint(PartIO, "sock_recv_length", "pkt_recv", code.ioProgram())
	if t.missing[PartExec] == nil {
		if t.execRead, err = ringbuf.NewReader(t.execs); err != nil {
			t.miss(PartExec, err)
		}
	}
	t.attachFiles(code)
}

// attachCgroup attaches the first of several forms of a program that can be loaded to
// the root of the control groups. Its link is a file descriptor: the older way to attach
// would outlive this process.
func (t *Tracer) attachCgroup(root *os.File, p Part, typ ebpf.ProgramType, at ebpf.AttachType, name string, forms ...asm.Instructions) {
	before := t.missing[p]
	var prog *ebpf.Program
	for _, in := range forms {
		t.missing[p] = before
		if prog = t.load(p, &ebpf.ProgramSpec{Name: name, Type: typ, AttachType: at, Instructions: in}); prog != nil {
			break
		}
	}
	if prog == nil {
		return
	}
	l, err := link.AttachRawLink(link.RawLinkOptions{Target: int(root.Fd()), Program: prog, Attach: at})
	if err != nil {
		t.miss(p, fmt.Errorf("attach %s to the root of cgroup2: %w", name, Explain(err)))
		return
	}
	t.links = append(t.links, l)
}

// attachPoint attaches a program to a tracepoint.
func (t *Tracer) attachPoint(p Part, point, name string, in asm.Instructions) {
	prog := t.load(p, &ebpf.ProgramSpec{Name: name, Type: ebpf.Tracing, AttachType: ebpf.AttachTraceRawTp, AttachTo: point, Instructions: in})
	if prog == nil {
		return
	}
	l, err := link.AttachTracing(link.TracingOptions{Program: prog})
	if err != nil {
		t.miss(p, fmt.Errorf("attach to the tracepoint %s: %w", point, Explain(err)))
		return
	}
	t.links = append(t.links, l)
}

// attachFiles makes the iterator over open files and runs it.
func (t *Tracer) attachFiles(code *taskCode) {
	prog := t.load(PartFiles, &ebpf.ProgramSpec{Name: "pkt_files", Type: ebpf.Tracing, AttachType: ebpf.AttachTraceIter,
		AttachTo: "task_file", Instructions: code.fileProgram()})
	if prog == nil {
		return
	}
	it, err := link.AttachIter(link.IterOptions{Program: prog})
	if err != nil {
		t.miss(PartFiles, fmt.Errorf("iterate over open files: %w", Explain(err)))
		return
	}
	t.files = it
	t.links = append(t.links, it)
	if err := t.ReadFiles(); err != nil {
		t.miss(PartFiles, err)
	}
}

// load loads a program, and leaves its part out if it cannot be.
func (t *Tracer) load(p Part, spec *ebpf.ProgramSpec) *ebpf.Program {
	if t.missing[p] != nil {
		return nil
	}
	spec.License = "GPL"
	prog, err := ebpf.NewProgram(spec)
	if err != nil {
		t.miss(p, fmt.Errorf("load %s: %w", spec.Name, Explain(err)))
		return nil
	}
	t.programs = append(t.programs, prog)
	return prog
}

// miss notes why a part is left out, unless it is already.
func (t *Tracer) miss(p Part, err error) {
	if t.missing[p] == nil {
		t.missing[p] = err
	}
}

// ReadFiles looks again at who has sockets open: a millisecond or less. Sockets
// whose owner is known by better means keep it.
func (t *Tracer) ReadFiles() error {
	if t.files == nil {
		return t.missing[PartFiles]
	}
	r, err := t.files.Open()
	if err != nil {
		return fmt.Errorf("iterate over open files: %w", Explain(err))
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// Socket returns what a flow belongs to. A flow whose namespace is 0 is looked for
// in all of them, and its namespace is put into f.
func (t *Tracer) Socket(f *Flow) (Socket, bool) {
	f.put(&t.flowKey)
	if f.NetNS == 0 {
		if t.spaces.Lookup(t.flowKey[:tupleSize], t.space[:]) != nil {
			return Socket{}, false
		}
		copy(t.flowKey[flowNetNS:], t.space[:])
		f.setNetNS(t.space[:])
	}
	if t.flows.Lookup(t.flowKey[:], t.sockVal[:]) != nil {
		return Socket{}, false
	}
	return parseSocket(t.sockVal[:]), true
}

// Owner returns the process that owns a socket.
func (t *Tracer) Owner(cookie uint64) (Record, bool) {
	if t.owners.Lookup(&cookie, t.recVal[:]) != nil {
		return Record{}, false
	}
	return parseRecord(t.recVal[:]), true
}

// Execs calls each for every program that was started since the last call.
func (t *Tracer) Execs(each func(Exec)) error {
	if t.execRead == nil {
		return nil
	}
	t.execRead.SetDeadline(time.Unix(1, 0))
	for {
		err := t.execRead.ReadInto(&t.execRec)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read execs: %w", err)
		}
		if e, ok := parseExec(t.execRec.RawSample); ok {
			each(e)
		}
	}
}

// Close detaches and unloads everything.
func (t *Tracer) Close() error {
	var errs []error
	if t.execRead != nil {
		errs = append(errs, t.execRead.Close())
	}
	for _, l := range t.links {
		errs = append(errs, l.Close())
	}
	for _, p := range t.programs {
		errs = append(errs, p.Close())
	}
	return errors.Join(append(errs, t.maps.close())...)
}

// SetOwner tells who owns a socket, unless that is known already.
func (t *Tracer) SetOwner(cookie uint64, r Record) error {
	r.put(&t.recVal)
	err := t.owners.Update(&cookie, t.recVal[:], ebpf.UpdateNoExist)
	if errors.Is(err, ebpf.ErrKeyExist) {
		return nil
	}
	return err
}
