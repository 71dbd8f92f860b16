package flow

import "pkt/packet"

// Ref is what the table found out about one packet.
type Ref uint16

// Facts about a packet in its flow.
const (
	RefDst        Ref = 1 << iota // sent by Row.Dst, by what is believed after this packet
	RefOpened                     // the first packet of the flow
	RefFirst                      // the first packet of its side
	RefRetrans                    // TCP: payload that was sent before
	RefOutOfOrder                 // TCP: payload that fills a hole that has just appeared
	RefZeroWindow                 // TCP: advertises that nothing more can be taken
	RefFlipped                    // from this packet on, Src and Dst are exchanged
	RefPending                    // a SYN that may turn out to open the next connection
	RefHigh                       // sent by the side with the higher address, of equal ones the higher port: sides that are never exchanged
)

// Refs tells which flow each packet of a batch belongs to. It is valid until
// the next call of Update.
type Refs struct {
	// Flow is the flow of a packet, NoFlow for those without: not IP, held back
	// by the fragment stage, or not in the set.
	Flow [packet.BatchLen]Handle
	Info [packet.BatchLen]Ref
	// Credited are the flows that got Credits with this batch, in order, perhaps
	// repeatedly. They may have no packet in it.
	Credited []Handle
}

// clear empties the first n places.
func (r *Refs) clear(n int) {
	for i := range r.Flow[:n] {
		r.Flow[i] = NoFlow
	}
	clear(r.Info[:n])
	r.Credited = r.Credited[:0]
}
