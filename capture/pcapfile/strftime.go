package pcapfile

import (
	"fmt"
	"strconv"
	"time"
)

// strftime appends a time as strftime(3) does in the C locale. A conversion that
// it does not know stays as it is.
func strftime(dst []byte, format string, t time.Time) []byte {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			dst = append(dst, format[i])
			continue
		}
		start := i
		i++
		if (format[i] == 'E' || format[i] == 'O') && i+1 < len(format) {
			i++ // other digits and calendars, of which the C locale has none
		}
		var ok bool
		if dst, ok = appendConversion(dst, format[i], t); !ok {
			dst = append(dst, format[start:i+1]...)
		}
	}
	return dst
}

// layouts are the conversions that package time knows.
var layouts = map[byte]string{
	'a': "Mon", 'A': "Monday", 'b': "Jan", 'B': "January", 'h': "Jan",
	'c': "Mon Jan _2 15:04:05 2006", 'D': "01/02/06", 'x': "01/02/06", 'F': "2006-01-02",
	'd': "02", 'e': "_2", 'm': "01", 'y': "06", 'Y': "2006", 'j': "002",
	'H': "15", 'I': "03", 'M': "04", 'S': "05", 'p': "PM", 'P': "pm",
	'r': "03:04:05 PM", 'R': "15:04", 'T': "15:04:05", 'X': "15:04:05",
	'z': "-0700", 'Z': "MST",
	'+': "Mon Jan _2 15:04:05 MST 2006",
}

// appendConversion appends what one letter stands for.
func appendConversion(dst []byte, letter byte, t time.Time) (out []byte, ok bool) {
	if layout, ok := layouts[letter]; ok {
		return t.AppendFormat(dst, layout), true
	}
	isoYear, isoWeek := t.ISOWeek()
	sunday, monday := int(t.Weekday()), (int(t.Weekday())+6)%7
	switch letter {
	case 'C':
		return fmt.Appendf(dst, "%02d", t.Year()/100), true
	case 'g':
		return fmt.Appendf(dst, "%02d", isoYear%100), true
	case 'G':
		return strconv.AppendInt(dst, int64(isoYear), 10), true
	case 'k':
		return fmt.Appendf(dst, "%2d", t.Hour()), true
	case 'l':
		return fmt.Appendf(dst, "%2d", (t.Hour()+11)%12+1), true
	case 'n':
		return append(dst, '\n'), true
	case 's':
		return strconv.AppendInt(dst, t.Unix(), 10), true
	case 't':
		return append(dst, '\t'), true
	case 'u':
		return strconv.AppendInt(dst, int64(monday+1), 10), true
	case 'U':
		return fmt.Appendf(dst, "%02d", (t.YearDay()+6-sunday)/7), true
	case 'V':
		return fmt.Appendf(dst, "%02d", isoWeek), true
	case 'w':
		return strconv.AppendInt(dst, int64(sunday), 10), true
	case 'W':
		return fmt.Appendf(dst, "%02d", (t.YearDay()+6-monday)/7), true
	case '%':
		return append(dst, '%'), true
	}
	return dst, false
}
