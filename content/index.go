package content

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"pkt/reassembly"
)

// IndexName is the file that tells of the others.
const IndexName = "index.json"

// stamp returns a time as records have it.
func stamp(nanos int64) string {
	return time.Unix(0, nanos).UTC().Format("2006-01-02T15:04:05.000000000Z")
}

// Entry is a row of the index.
type Entry struct {
	Src           string `json:"src"`
	Dst           string `json:"dst"`
	File          string `json:"file"`
	Bytes         int64  `json:"bytes"`
	SHA256        string `json:"sha256,omitempty"`
	FlowID        string `json:"flow_id"`
	Side          string `json:"side"`
	Proto         string `json:"proto"`
	First         string `json:"first"`
	Last          string `json:"last"`
	EndReason     string `json:"end_reason,omitempty"`
	Packets       uint64 `json:"packets,omitempty"`
	Gaps          Ranges `json:"gaps"`
	GapBytes      int64  `json:"gap_bytes"`
	GapCount      uint64 `json:"gap_count,omitempty"`
	LeftOut       Ranges `json:"gaps_left_out,omitempty"`
	MissingTail   int64  `json:"missing_tail,omitempty"`
	Conflicts     uint64 `json:"conflicts"`
	FirstConflict *int64 `json:"first_conflict,omitempty"`
	RetransBytes  uint64 `json:"retrans_bytes,omitempty"`
	Late          uint64 `json:"late_bytes,omitempty"`
	Strays        uint64 `json:"strays,omitempty"`
	AfterFIN      uint64 `json:"after_fin_bytes,omitempty"`
	Urgent        uint64 `json:"urg,omitempty"`
	RSTText       uint64 `json:"rst_text,omitempty"`
	BadChecksums  uint64 `json:"bad_checksums,omitempty"`
	Cut           int64  `json:"cut_bytes,omitempty"`
	HTTP          *HTTP  `json:"http,omitempty"` // of bodies
	Error         string `json:"error,omitempty"`
}

// Ranges are written as pairs of offset and length.
type Ranges []reassembly.Range

// MarshalJSON implements json.Marshaler.
func (r Ranges) MarshalJSON() ([]byte, error) {
	b := []byte{'['}
	for i, x := range r {
		if i > 0 {
			b = append(b, ',')
		}
		b = fmt.Appendf(b, "[%d,%d]", x.Off, x.Len)
	}
	return append(b, ']'), nil
}

// indexWriter writes the rows of the index as they come: a JSON array with a row a line.
// The file is made with some room in it, so that a full disk does not cost the index.
type indexWriter struct {
	fd   *os.File
	buf  []byte
	at   int64 // where buf belongs
	rows int
	err  error
}

// indexRoom is the room that the index has from the beginning.
const indexRoom = 64 << 10

func (w *indexWriter) create(root *os.Root) (err error) {
	if w.fd, err = root.OpenFile(IndexName, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666); err != nil {
		return err
	}
	if _, err = w.fd.Write(bytes.Repeat([]byte{'\n'}, indexRoom)); err != nil {
		w.fd.Close()
		root.Remove(IndexName)
	}
	return err
}

func (w *indexWriter) add(row any) error {
	text, err := json.Marshal(row)
	if err != nil {
		return err
	}
	if w.rows++; w.rows > 1 {
		w.buf = append(w.buf, ",\n"...)
	} else {
		w.buf = append(w.buf, "[\n"...)
	}
	if w.buf = append(w.buf, text...); len(w.buf) > 64<<10 {
		w.flush()
	}
	return w.err
}

func (w *indexWriter) flush() {
	if w.err == nil {
		_, w.err = w.fd.WriteAt(w.buf, w.at)
	}
	w.at += int64(len(w.buf))
	w.buf = w.buf[:0]
}

func (w *indexWriter) close() error {
	if w.rows == 0 {
		w.buf = append(w.buf, '[')
	}
	w.buf = append(w.buf, "\n]\n"...)
	w.flush()
	if w.err == nil {
		w.err = w.fd.Truncate(w.at)
	}
	return errors.Join(w.err, w.fd.Close())
}
