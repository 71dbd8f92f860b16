package tui

import (
	"pkt/field"
	"pkt/output"
	"pkt/stats"
)

// View is what a ranking on the screen is about.
type View struct {
	By     string   // as --by has it
	Filter string   // a pcap-filter or an expression over packets; empty: all packets
	Inside []Inside // the rows that were opened to get here, the first one first
}

// Inside is a row that was opened.
type Inside struct {
	By     string        // the grouping that it is a row of
	Values []stats.Value // of the keys that By adds to those before
	Label  string        // the row's keys as they are shown
}

// Arrangement is which rows of a ranking updates have.
type Arrangement struct {
	Sort   string // field to order by; empty: as a ranking does by itself
	Desc   bool
	Totals bool // rows without packets in the widest window too
	Limit  int
}

// Worker is the run behind the screen. The screen's goroutine calls it, and all
// methods return at once: what they ask for comes with a later update. An error
// is a mistake in the text of a view, in the words that are shown for it, with a
// mark under the place in a second and a third line.
type Worker interface {
	// Open begins a ranking beside those that are there, which go on.
	Open(v View) error
	// Replace begins a ranking in place of the latest.
	Replace(v View) error
	// Back ends the latest ranking and returns to the one before.
	Back()
	// Arrange changes what rows updates have. One comes at once.
	Arrange(a Arrangement)
}

// Update is a result for the screen. It does not change any more.
type Update struct {
	View   View
	Serial int   // of the ranking: another one has another number
	Depth  int   // rankings before it that Back returns to
	Began  int64 // when the ranking began, ns since 1970
	Result *stats.Result
	// FirstKey is the place of the first key of View.By: those before it are of the
	// rows that were opened.
	FirstKey int
	// Rates and Totals are the columns of the two tables.
	Rates, Totals Sheet
	Status        Status
}

// Sheet is the columns of a table.
type Sheet struct {
	Sort    string // the column that rows are ordered by as a rule, the largest first
	Entries []field.Entry[[]stats.Row]
	Columns []output.Column
}

// Status is how complete what is shown is.
type Status struct {
	Received    uint64 // packets that the kernel's filter let through
	KernelDrops uint64 // those of them that it dropped for lack of room
	OtherDrops  uint64 // packets lost elsewhere, such as in the network card
	Notes       []string
}

// Feed carries updates to the screen. One goroutine puts them in.
type Feed struct{ latest chan *Update }

// NewFeed returns an empty feed.
func NewFeed() *Feed { return &Feed{latest: make(chan *Update, 1)} }

// Put makes an update the latest one. It does not wait.
func (f *Feed) Put(u *Update) {
	select {
	case <-f.latest:
	default:
	}
	f.latest <- u // only this goroutine puts: there is room
}

// Close says that no more updates come: the screen ends.
func (f *Feed) Close() { close(f.latest) }
