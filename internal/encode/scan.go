package encode

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// scanMembers calls f for each member of the JSON object in line, with the key
// unescaped and the value as it stands there. It reads what the encoder wrote,
// and reports false for anything that cannot be that.
func scanMembers(line []byte, f func(key string, value []byte)) bool {
	if len(line) < 2 || line[0] != '{' {
		return false
	}
	i := 1
	for i < len(line) && line[i] == '"' {
		end := stringEnd(line, i)
		if end < 0 || end+1 >= len(line) || line[end] != ':' {
			return false
		}
		key := unquote(line[i:end])
		stop := valueEnd(line, end+1)
		if stop < 0 || stop >= len(line) {
			return false
		}
		f(key, line[end+1:stop])
		if line[stop] == '}' {
			return stop == len(line)-1
		}
		i = stop + 1
	}
	return false
}

// stringEnd returns the index behind the string that begins at i, or -1 when it
// has no end or something in it that JSON does not know.
func stringEnd(b []byte, i int) int {
	for i++; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i + 1
		case c < 0x20:
			return -1
		case c == '\\':
			if i++; i == len(b) || strings.IndexByte(`"\/bfnrtu`, b[i]) < 0 {
				return -1
			}
		}
	}
	return -1
}

// valueEnd returns the index behind the value that begins at i: that of the
// comma or brace which follows it; -1 when there is none.
func valueEnd(b []byte, i int) int {
	start, depth := i, 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = stringEnd(b, i); i < 0 {
				return -1
			}
			continue
		case '{', '[':
			depth++
		case '}', ']', ',':
			if depth == 0 {
				if i == start {
					return -1
				}
				return i
			}
			if b[i] != ',' {
				depth--
			}
		}
		i++
	}
	return -1
}

// unquote returns the text of a JSON string with its quotes.
func unquote(b []byte) string {
	b = b[1 : len(b)-1]
	plain := true
	for _, c := range b {
		if c == '\\' {
			plain = false
			break
		}
	}
	if plain {
		return string(b)
	}
	out := make([]byte, 0, len(b))
	for i := 0; i < len(b); i++ {
		if b[i] != '\\' || i+1 == len(b) {
			out = append(out, b[i])
			continue
		}
		i++
		switch c := b[i]; c {
		case 'n':
			out = append(out, '\n')
		case 't':
			out = append(out, '\t')
		case 'r':
			out = append(out, '\r')
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'u':
			r := hex4(b, i+1)
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if i+2 < len(b) && b[i+1] == '\\' && b[i+2] == 'u' {
					low = hex4(b, i+3)
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			out = utf8.AppendRune(out, r)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

// hex4 returns the four hexadecimal digits at i as a number.
func hex4(b []byte, i int) rune {
	if i+4 > len(b) {
		return utf8.RuneError
	}
	n, err := strconv.ParseUint(string(b[i:i+4]), 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}
