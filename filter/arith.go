package filter

import (
	"math"

	"pkt/field"
)

// arith is an operation on one or two numbers of the same kind.
type arith uint8

const (
	arithAdd arith = iota
	arithSubtract
	arithMultiply
	arithDivide
	arithModulo
	arithPower
	arithMin
	arithMax
	arithNegate // of the first
	arithAbs    // of the first
)

// ariths are the spellings of the operators.
var ariths = map[string]arith{
	"+": arithAdd, "-": arithSubtract, "*": arithMultiply, "/": arithDivide, "%": arithModulo, "**": arithPower, "^": arithPower,
}

// of returns the result for operands of a kind, false where there is none:
// nothing is divided by zero.
func (a arith) of(kind field.Kind, x, y field.Cell) (field.Cell, bool) {
	switch kind {
	case field.Float:
		return a.float(x.Float(), y.Float())
	case field.Uint:
		return a.unsigned(x.Lo, y.Lo)
	}
	return a.signed(x.Int(), y.Int())
}

func (a arith) float(x, y float64) (field.Cell, bool) {
	switch a {
	case arithAdd:
		x += y
	case arithSubtract:
		x -= y
	case arithMultiply:
		x *= y
	case arithDivide:
		if y == 0 {
			return field.Cell{}, false
		}
		x /= y
	case arithPower:
		x = math.Pow(x, y)
	case arithMin:
		x = min(x, y)
	case arithMax:
		x = max(x, y)
	case arithNegate:
		x = -x
	case arithAbs:
		x = math.Abs(x)
	}
	return field.FromFloat(x), !math.IsNaN(x) && !math.IsInf(x, 0)
}

func (a arith) unsigned(x, y uint64) (field.Cell, bool) {
	switch a {
	case arithAdd:
		x += y
	case arithMultiply:
		x *= y
	case arithModulo:
		if y == 0 {
			return field.Cell{}, false
		}
		x %= y
	case arithMin:
		x = min(x, y)
	case arithMax:
		x = max(x, y)
	}
	return field.Cell{Lo: x}, true
}

func (a arith) signed(x, y int64) (field.Cell, bool) {
	switch a {
	case arithAdd:
		x += y
	case arithSubtract:
		x -= y
	case arithMultiply:
		x *= y
	case arithModulo:
		if y == 0 {
			return field.Cell{}, false
		}
		x %= y
	case arithMin:
		x = min(x, y)
	case arithMax:
		x = max(x, y)
	case arithNegate:
		x = -x
	case arithAbs:
		if x < 0 {
			x = -x
		}
	}
	return field.FromInt(x), true
}

// floorTo rounds a value of a kind down to a multiple of a width above 0.
func floorTo(kind field.Kind, c, width field.Cell) field.Cell {
	switch kind {
	case field.Uint:
		return field.Cell{Lo: c.Lo - c.Lo%width.Lo}
	case field.Float:
		return field.FromFloat(math.Floor(c.Float()/width.Float()) * width.Float())
	}
	over := c.Int() % width.Int()
	if over < 0 {
		over += width.Int()
	}
	return field.FromInt(c.Int() - over)
}
