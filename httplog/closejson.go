package httplog

// closeJSON makes a JSON document of the beginning of one: it cuts behind the
// last element or member that is complete and closes what is open. Data that
// is no JSON gives something that is none either.
func closeJSON(data []byte) []byte {
	var stack []byte // the closing brackets that are due
	cut, cutStack := 0, 0
	inString := false
	for i := 0; i < len(data); i++ {
		c := data[i]
		if inString {
			switch c {
			case '\\':
				i++
			case '"':
				inString = false
			}
			continue
		}
		switch c {
		case '"':
			inString = true
		case '{':
			stack = append(stack, '}')
			cut, cutStack = i+1, len(stack)
		case '[':
			stack = append(stack, ']')
			cut, cutStack = i+1, len(stack)
		case '}', ']':
			if len(stack) == 0 || stack[len(stack)-1] != c {
				return nil
			}
			stack = stack[:len(stack)-1]
			cut, cutStack = i+1, len(stack)
		case ',':
			cut, cutStack = i, len(stack)
		}
	}
	out := append([]byte(nil), data[:cut]...)
	// What was open at the cut is still open below the later brackets.
	for i := cutStack - 1; i >= 0; i-- {
		out = append(out, stack[i])
	}
	return out
}
