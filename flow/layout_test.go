package flow

import (
	"reflect"
	"testing"
)

// TestLayout holds the sizes that the package comment publishes: hot records
// fill a cache line.
func TestLayout(t *testing.T) {
	for _, c := range []struct {
		record reflect.Type
		want   uintptr
	}{
		{reflect.TypeFor[rec4](), 64},
		{reflect.TypeFor[rec6](), 88},
		{reflect.TypeFor[link](), 16},
		{reflect.TypeFor[tcp](), 64},
		{reflect.TypeFor[tcpRest](), 48},
		{reflect.TypeFor[rare](), 384},
	} {
		if have := c.record.Size(); have != c.want {
			t.Errorf("%v has %d bytes, want %d", c.record, have, c.want)
		}
	}
}
