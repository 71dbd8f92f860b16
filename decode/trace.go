package decode

import "pkt/packet"

// Layer is a protocol that has a header of its own, as the field "layers"
// lists them.
type Layer uint8

// Layers.
const (
	LayerEthernet Layer = iota
	LayerVLAN
	LayerLLC
	LayerSLL
	LayerSLL2
	LayerNull
	LayerPPP
	LayerPPPoE
	LayerCHDLC
	LayerFrameRelay
	LayerATM
	LayerWLAN
	LayerRadiotap
	LayerPPI
	LayerPrism
	LayerAVS
	LayerNFLOG
	LayerFDDI
	LayerTokenRing
	LayerARCNET
	LayerIPFC
	LayerIPNET
	LayerIPoIB
	LayerSLIP
	LayerDSA
	LayerPKTAP
	LayerPFLOG
	LayerENC
	LayerJuniper
	LayerIEEE1394
	LayerMPLS
	LayerARP
	LayerIPv4
	LayerIPv6
	LayerHopByHop
	LayerRouting
	LayerFragment
	LayerDestOpts
	LayerAH
	LayerMobility
	LayerHIP
	LayerShim6
	LayerTCP
	LayerUDP
	LayerUDPLite
	LayerSCTP
	LayerDCCP
	LayerICMP
	LayerICMPv6
	LayerIGMP
	LayerESP
	LayerGRE
	LayerERSPAN
	LayerEtherIP
	LayerVXLAN
	LayerGeneve
	LayerGTPU
	LayerTeredo
	LayerAYIYA
	LayerL2TP
	LayerCAPWAP
	numLayers
)

// layerNames are the spellings of the layers.
var layerNames = []string{
	"eth", "vlan", "llc", "sll", "sll2", "null", "ppp", "pppoe", "chdlc", "frelay", "atm",
	"wlan", "radiotap", "ppi", "prism", "avs", "nflog", "fddi", "tr", "arcnet", "ipfc", "ipnet", "ipoib", "slip",
	"dsa", "pktap", "pflog", "enc", "juniper", "ieee1394", "mpls", "arp",
	"ip", "ipv6", "hopopt", "routing", "frag", "dstopts", "ah", "mobility", "hip", "shim6",
	"tcp", "udp", "udplite", "sctp", "dccp", "icmp", "icmp6", "igmp", "esp",
	"gre", "erspan", "etherip", "vxlan", "geneve", "gtpu", "teredo", "ayiya", "l2tp", "capwap",
}

// String returns the layer's spelling.
func (p Layer) String() string { return layerNames[p] }

// Header is one header of a frame.
type Header struct {
	Layer Layer
	Off   uint32 // where it begins in the frame
}

// Path is the way through one frame: all of its headers, where Layers has the
// innermost. The zero value is ready; Walk makes one without allocating.
type Path struct{ trace trace }

// Walk decodes packet i of a batch once more and notes its headers.
func (p *Path) Walk(b *packet.Batch, i int) {
	p.trace = trace{}
	walk(b, i, &p.trace)
}

// Headers returns the headers from the outermost in. The slice is valid until
// the next Walk. Headers that were not captured whole are among them.
func (p *Path) Headers() []Header { return p.trace.layers[:p.trace.numLayers] }

// Addresses returns where the outermost link-layer addresses of 6 bytes are in
// the frame, -1 for one that is not there.
func (p *Path) Addresses() (src, dst int) {
	src, dst = -1, -1
	if p.trace.hasSrc {
		src = p.trace.src
	}
	if p.trace.hasDst {
		dst = p.trace.dst
	}
	return src, dst
}

// maxTags is how many VLAN tags, and how many labels, a trace holds.
const maxTags = 8

// trace is what the walk through one frame passed: what Layers has no room
// for, read again when somebody asks. A nil trace takes no notes.
type trace struct {
	mark
	layers [maxHeaders]Header
	vlans  [maxTags]uint16
	labels [maxTags]uint32
	// tunnelID is the identifier of the outermost tunnel that has one: GRE
	// key, VNI, TEID, ERSPAN session, L2TP tunnel and session.
	tunnelID uint64
	// dst and src are where the outermost link-layer addresses are, of 6
	// bytes each; valid only if hasDst and hasSrc.
	dst, src       int
	hasDst, hasSrc bool
}

// mark is a place in a trace.
type mark struct {
	numLayers, numVLANs, numLabels int
	hasTunnelID                    bool
}

// rewind forgets what was passed behind m.
func (t *trace) rewind(m mark) { t.mark = m }

func (t *trace) add(p Layer, off int) {
	t.layers[t.numLayers] = Header{p, uint32(off)}
	t.numLayers++
}

func (t *trace) vlan(id uint16) {
	if t != nil && t.numVLANs < maxTags {
		t.vlans[t.numVLANs] = id
		t.numVLANs++
	}
}

func (t *trace) label(label uint32) {
	if t != nil && t.numLabels < maxTags {
		t.labels[t.numLabels] = label
		t.numLabels++
	}
}

func (t *trace) tunnel(id uint64) {
	if t != nil && !t.hasTunnelID {
		t.tunnelID, t.hasTunnelID = id, true
	}
}

// source notes where the source address is.
func (t *trace) source(off int) {
	if t != nil && !t.hasSrc {
		t.src, t.hasSrc = off, true
	}
}

// destination notes where the destination address is.
func (t *trace) destination(off int) {
	if t != nil && !t.hasDst {
		t.dst, t.hasDst = off, true
	}
}
