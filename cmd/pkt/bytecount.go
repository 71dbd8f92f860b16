package main

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// byteCount is a flag whose value is a number of bytes with a unit.
type byteCount struct {
	n     int64
	text  string           // as it was given
	units map[string]int64 // in lower case; "" is the unit of a mere number
}

// fileUnits are those of tcpdump's -C: millions of bytes, or as ls -h has them.
// sizeUnits are those of expressions.
var (
	fileUnits = map[string]int64{"": 1e6, "k": 1 << 10, "kb": 1 << 10, "m": 1 << 20, "mb": 1 << 20, "g": 1 << 30, "gb": 1 << 30}
	sizeUnits = map[string]int64{
		"": 1, "b": 1, "k": 1e3, "kb": 1e3, "m": 1e6, "mb": 1e6, "g": 1e9, "gb": 1e9, "t": 1e12, "tb": 1e12,
		"ki": 1 << 10, "kib": 1 << 10, "mi": 1 << 20, "mib": 1 << 20, "gi": 1 << 30, "gib": 1 << 30, "ti": 1 << 40, "tib": 1 << 40,
	}
)

// Set implements pflag.Value.
func (c *byteCount) Set(s string) error {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ ")
	unit, known := c.units[strings.ToLower(strings.TrimSpace(s[len(digits):]))]
	v, err := strconv.ParseFloat(digits, 64)
	if v *= float64(unit); err != nil || !known || math.IsNaN(v) || v < 1 || v >= math.MaxInt64 {
		return fmt.Errorf("not a number of bytes")
	}
	c.n, c.text = int64(v), s
	return nil
}

// String implements pflag.Value.
func (c *byteCount) String() string { return c.text }

// Type implements pflag.Value.
func (c *byteCount) Type() string { return "SIZE" }
