package decode

// Layer is a protocol that has a header of its own, as the field "layers"
// lists them.
type Layer uint8

// Layers.
const (
	layerEthernet Layer = iota
	layerVLAN
	layerLLC
	layerSLL
	layerSLL2
	layerNull
	layerPPP
	layerPPPoE
	layerCHDLC
	layerFrameRelay
	layerATM
	layerWLAN
	layerRadiotap
	layerPPI
	layerPrism
	layerAVS
	layerNFLOG
	layerFDDI
	layerTokenRing
	layerARCNET
	layerIPFC
	layerIPNET
	layerIPoIB
	layerSLIP
	layerDSA
	layerPKTAP
	layerPFLOG
	layerENC
	layerJuniper
	layerIEEE1394
	layerMPLS
	layerARP
	layerIPv4
	layerIPv6
	layerHopByHop
	layerRouting
	layerFragment
	layerDestOpts
	layerAH
	layerMobility
	layerHIP
	layerShim6
	layerTCP
	layerUDP
	layerUDPLite
	layerSCTP
	layerDCCP
	layerICMP
	layerICMPv6
	layerIGMP
	layerESP
	layerGRE
	layerERSPAN
	layerEtherIP
	layerVXLAN
	layerGeneve
	layerGTPU
	layerTeredo
	layerAYIYA
	layerL2TP
	layerCAPWAP
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

// maxTags is how many VLAN tags, and how many labels, a trace holds.
const maxTags = 8

// trace is what the walk through one frame passed: what Layers has no room
// for, read again when somebody asks. A nil trace takes no notes.
type trace struct {
	mark
	layers [maxHeaders]Layer
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

func (t *trace) add(p Layer) {
	t.layers[t.numLayers] = p
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
