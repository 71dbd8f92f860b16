package pcapfilter

// SS7 signal units (ITU-T Q.703), with the extended sequence numbers of Annex A
// from mtp2HFISU on.
const (
	mtp2FISU uint32 = iota
	mtp2LSSU
	mtp2MSU
	mtp2HFISU
	mtp2HLSSU
	mtp2HMSU
)

var mtp2TypeNames = [...]string{"fisu", "lssu", "msu", "hfisu", "hlssu", "hmsu"}

// MTP3 fields (ITU-T Q.704), with extended sequence numbers from mtp3HSIO on.
const (
	mtp3SIO uint32 = iota
	mtp3OPC
	mtp3DPC
	mtp3SLS
	mtp3HSIO
	mtp3HOPC
	mtp3HDPC
	mtp3HSLS
)

var mtp3FieldNames = [...]string{"sio", "opc", "dpc", "sls", "hsio", "hopc", "hdpc", "hsls"}

// mtpHeader returns the offset of the MTP2 header. ok is false if the link
// layer is no SS7.
func (l *lowerer) mtpHeader() (at offset, ok bool) {
	switch l.opt.Link {
	case linkTypeMTP2:
		return offset{k: 0}, true
	case linkTypeMTP2Phdr:
		return offset{k: 4}, true
	case linkTypeERF:
		return offset{k: 20}, true
	}
	return offset{}, false
}

// mtp2 lowers a kind of signal unit, which its length indicator tells: 0 for
// fill-in, 1 and 2 for link status, more for messages.
func (l *lowerer) mtp2(n *mtp2Test) *formula {
	start, ok := l.mtpHeader()
	if !ok {
		kind := "MTP2"
		if n.what >= mtp2HFISU {
			kind = "MTP2_HSL"
		}
		return l.fail(n.span, "'%s' supported only on %s", mtp2TypeNames[n.what], kind)
	}
	length := l.binary(opAnd, l.at(start.add(2), 1), l.constant(0x3f))
	most := l.constant(2)
	if n.what >= mtp2HFISU {
		length = l.binary(opAnd, l.at(start.add(4), 2), l.constant(0xff80))
		most = l.constant(2 << 7)
	}
	switch n.what {
	case mtp2FISU, mtp2HFISU:
		return l.test(relEqual, length, l.constant(0))
	case mtp2LSSU, mtp2HLSSU:
		return and(l.test(relGreater, length, l.constant(0)), not(l.test(relGreater, length, most)))
	}
	return l.test(relGreater, length, most)
}

// mtp3 lowers a comparison of a field of MTP3. Point codes lie across bytes in
// little-endian order, so that only "=" compares what it says.
func (l *lowerer) mtp3(n *fieldTest) *formula {
	field := n.field
	start, ok := l.mtpHeader()
	if field >= mtp3HSIO {
		// Extended sequence numbers make the header three bytes longer.
		start, field = start.add(3), field-mtp3HSIO
	}
	name := mtp3FieldNames[field]
	if !ok {
		return l.fail(n.span, "'%s' supported only on SS7", name)
	}
	limits := [...]uint32{mtp3SIO: 255, mtp3OPC: 16383, mtp3DPC: 16383, mtp3SLS: 15}
	var f []*formula
	for _, v := range n.values {
		if v > limits[field] {
			return l.fail(n.span, "%s value %d too big; max value = %d", name, v, limits[field])
		}
		var e *expr
		switch field {
		case mtp3SIO:
			e = l.at(start.add(3), 1)
		case mtp3OPC:
			e = l.binary(opAnd, l.at(start.add(4), 4), l.constant(0x00c0ff0f))
			v = v&0x3c00>>10 | v&0x03fc<<6 | v&0x0003<<22
		case mtp3DPC:
			e = l.binary(opAnd, l.at(start.add(4), 4), l.constant(0xff3f0000))
			v = v&0x00ff<<24 | v&0x3f00<<8
		default:
			e = l.binary(opAnd, l.at(start.add(7), 1), l.constant(0xf0))
			v <<= 4
		}
		f = append(f, l.compare(n.op, e, l.constant(v)))
	}
	return or(f...)
}
