package encode

import "time"

// TimeLayout is the form of every time in a record: RFC 3339, UTC, exactly
// three decimals.
const TimeLayout = "2006-01-02T15:04:05.000Z"

// stamp remembers the text of the second it formatted last. Each pooled line has
// its own, so that no goroutine waits for another's.
type stamp struct {
	sec  int64
	text [len(`{"timestamp":"2006-01-02T15:04:05.000Z",`)]byte
}

const stampOpen = `{"timestamp":"`

// begin appends `{"timestamp":"…Z",`.
func (s *stamp) begin(dst []byte, t time.Time) []byte {
	sec := t.Unix()
	if sec != s.sec || s.text[0] == 0 {
		if !inRange(sec) {
			dst = append(dst, stampOpen...)
			dst = t.UTC().AppendFormat(dst, TimeLayout)
			return append(dst, `",`...)
		}
		b := append(s.text[:0], stampOpen...)
		b = appendSecond(b, sec)
		_ = append(b, `.000Z",`...)
		s.sec = sec
	}
	p := len(dst)
	b := room(dst, len(s.text))
	line := (*[len(s.text)]byte)(b[p:])
	*line = s.text
	putMillis((*[3]byte)(line[len(stampOpen)+len("2006-01-02T15:04:05."):]), t)
	return b
}

// putMillis writes the milliseconds of t.
func putMillis(b *[3]byte, t time.Time) {
	ms := uint(t.Nanosecond()) / 1e6
	hundreds := ms * 41 >> 12 // ms/100 below 1000
	rest := ms - hundreds*100
	tens := rest * 103 >> 10 // rest/10 below 100
	b[0], b[1], b[2] = byte('0'+hundreds), byte('0'+tens), byte('0'+rest-tens*10)
}

// day remembers the text of the second it formatted last: most times in a record
// are of today, and many of them of the same second.
type day struct {
	sec   int64 // of which text is
	first int64 // of the day that text begins with
	text  [len(`"2006-01-02T15:04:05.000Z"`)]byte
}

const secondsOfDay = 86400

// append appends t in [TimeLayout], with quotes.
func (d *day) append(dst []byte, t time.Time) []byte {
	if sec := t.Unix(); sec != d.sec || d.text[0] == 0 {
		if !inRange(sec) {
			dst = t.UTC().AppendFormat(append(dst, '"'), TimeLayout)
			return append(dst, '"')
		}
		d.set(sec)
	}
	p := len(dst)
	b := room(dst, len(d.text))
	text := (*[len(d.text)]byte)(b[p:])
	*text = d.text
	putMillis((*[3]byte)(text[len(`"2006-01-02T15:04:05.`):]), t)
	return b
}

// set makes text that of sec.
func (d *day) set(sec int64) {
	if d.text[0] == 0 || sec < d.first || sec >= d.first+secondsOfDay {
		d.first = sec - (sec-firstSecond)%secondsOfDay
		appendDay(append(d.text[:0], '"'), sec)
		copy(d.text[len(`"2006-01-02T15:04:05`):], `.000Z"`)
	}
	d.sec = sec
	b := d.text[len(`"2006-01-02T`):]
	s := uint(sec - d.first)
	putTwo(b, s/3600)
	putTwo(b[3:], s/60%60)
	putTwo(b[6:], s%60)
	b[2], b[5] = ':', ':'
}

// Seconds of 0000-03-01 and 10000-01-01, between which a year has four digits
// and the arithmetic below has no negative numbers.
const (
	firstSecond = -62162035200
	lastSecond  = 253402300800
)

func inRange(sec int64) bool { return sec >= firstSecond && sec < lastSecond }

// appendSecond appends yyyy-mm-ddThh:mm:ss.
func appendSecond(dst []byte, sec int64) []byte {
	dst = appendDay(dst, sec)
	clock := uint64(sec-firstSecond) % secondsOfDay
	hour, minute, second := clock/3600, clock/60%60, clock%60
	return append(dst,
		byte('0'+hour/10), byte('0'+hour%10), ':',
		byte('0'+minute/10), byte('0'+minute%10), ':',
		byte('0'+second/10), byte('0'+second%10))
}

// appendDay appends yyyy-mm-ddT. The calendar is Howard Hinnant's
// civil_from_days (https://howardhinnant.github.io/date_algorithms.html), in
// which a year begins in March.
func appendDay(dst []byte, sec int64) []byte {
	days := uint64(sec-firstSecond) / secondsOfDay
	era := days / 146097
	doe := days % 146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	day := doy - (153*mp+2)/5 + 1
	year := yoe + era*400
	month := mp + 3
	if month > 12 {
		month -= 12
		year++
	}
	return append(dst,
		byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-',
		byte('0'+month/10), byte('0'+month%10), '-',
		byte('0'+day/10), byte('0'+day%10), 'T')
}
