package redact

import "strings"

// Passwords that a letter announces to a program: mysql -px, redis-cli -a x, and the
// AUTH of a Redis client. What the letter means depends on the program, which is
// sought before it on the same line.

// shortFlags are the letters of such flags.
var shortFlags = func() (t [256]bool) {
	t['p'], t['a'], t['w'] = true, true, true
	return t
}()

// maxCommand is how far before its flag, in bytes, a program is sought.
const maxCommand = 192

// joinedPassword are the programs that take -px, and partedPassword those that take
// a password after -p, -a or -w and a space.
var (
	joinedPassword = map[string]bool{
		"mysql": true, "mysqldump": true, "mysqladmin": true, "mysqlimport": true, "mysqlshow": true, "mysqlcheck": true,
		"mysqlpump": true, "mysqlsh": true, "mysqlslap": true, "mysqlbinlog": true, "mariadb": true, "mariadb-dump": true,
		"mariadb-admin": true, "mariadb-import": true, "mariadb-check": true, "mariadb-show": true, "sshpass": true,
	}
	partedPassword = map[byte]map[string]bool{
		'p': {
			"sshpass": true, "mongo": true, "mongosh": true, "mongodump": true, "mongorestore": true, "mongoimport": true,
			"mongoexport": true, "mongostat": true, "mongotop": true,
		},
		'a': {"redis-cli": true, "redis-benchmark": true, "valkey-cli": true},
		'w': {
			"ldapsearch": true, "ldapmodify": true, "ldapadd": true, "ldapdelete": true, "ldapwhoami": true, "ldappasswd": true,
			"ldapcompare": true, "ldapmodrdn": true,
		},
	}
)

// shortFlag redacts the value of the flag at k, a dash and a letter.
func (sc *scanner) shortFlag(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idFlag] {
		return span{}, false
	}
	start := k + 2
	programs := joinedPassword
	if isSpace(s[start]) {
		programs = partedPassword[s[k+1]]
		for start < len(s) && isSpace(s[start]) && start-k < 16 {
			start++
		}
	} else if s[k+1] != 'p' {
		return span{}, false
	}
	if start >= len(s) || !sc.programBefore(k, programs) {
		return span{}, false
	}
	end := start
	if isQuote(s[start]) {
		val := quotedValue(s, start, 0)
		start, end = val.start, val.end
	} else {
		for end < len(s) && !argumentEnds[s[end]] && !(s[end] == '\\' && end+1 < len(s) && (isQuote(s[end+1]) || s[end+1] == 'n')) {
			end++
		}
	}
	if start >= end || isMark(s[start:]) || trivial(s[start:end]) || s[start] == '-' || ports(s[start:end]) {
		return span{}, false
	}
	return span{start, end, idFlag}, true
}

// argumentEnds are the bytes at which an argument without quotes ends.
var argumentEnds = byteSet(" \t\n\r\"'`;|&<>", false)

// ports reports whether an argument maps ports, as that of docker run -p3306:3306.
func ports(text string) bool {
	colon := false
	for i := 0; i < len(text); i++ {
		if text[i] == ':' {
			colon = true
		} else if !isDigit(text[i]) && text[i] != '.' {
			return false
		}
	}
	return colon
}

// programBefore reports whether the last command before k is one of programs, with
// nothing but its arguments between.
func (sc *scanner) programBefore(k int, programs map[string]bool) bool {
	s := sc.s[max(0, k-maxCommand):k]
	if i := strings.LastIndexAny(s, "\n;|&"); i >= 0 {
		s = s[i+1:]
	}
	for len(s) > 0 {
		start := 0
		for start < len(s) && !nameBytes[s[start]] {
			start++
		}
		end := start
		for end < len(s) && nameBytes[s[end]] {
			end++
		}
		if word := s[start:end]; len(word) >= 5 && programs[word] && (end == len(s) || isSpace(s[end])) && (start == 0 || s[start-1] != '=' && s[start-1] != ':') {
			return true
		}
		s = s[end:]
	}
	return false
}

// redisAuth redacts the password of the command AUTH x or AUTH user x: nothing else
// stands on its line, or in its quotes. k is the second letter.
func (sc *scanner) redisAuth(k int) (span, bool) {
	s := sc.s
	if k == 0 || s[k-1] != 'A' || k+5 >= len(s) || s[k+1:k+4] != "TH " || sc.r.off[idContext] {
		return span{}, false
	}
	if p := k - 2; p >= 0 && s[p] != '\n' && !isQuote(s[p]) && !(s[p] == ' ' && p > 0 && (s[p-1] == '>' || s[p-1] == ':')) && !(s[p] == 'n' && p > 0 && s[p-1] == '\\') {
		return span{}, false
	}
	start := k + 4
	end := start
	for n := 0; ; n++ {
		for end < len(s) && !argumentEnds[s[end]] && s[end] != '\\' {
			end++
		}
		if end == len(s) || s[end] != ' ' || n == 1 {
			break
		}
		start = end + 1
		end = start
	}
	if end < len(s) && s[end] != '\n' && s[end] != '\r' && s[end] != '\\' && !isQuote(s[end]) {
		return span{}, false
	}
	if start < sc.lo || !chosen(s[start:end]) {
		return span{}, false
	}
	return span{start, end, idContext}, true
}
