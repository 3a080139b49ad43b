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
const maxCommand = 160

// joinedPassword reports whether a program takes -px.
func joinedPassword(program string) bool {
	switch program {
	case "mysql", "mysqldump", "mysqladmin", "mysqlimport", "mysqlshow", "mysqlcheck", "mysqlpump", "mysqlsh", "mysqlslap",
		"mysqlbinlog", "mariadb", "mariadb-dump", "mariadb-admin", "mariadb-import", "mariadb-check", "mariadb-show", "sshpass":
		return true
	}
	return false
}

// partedPassword reports whether a program takes a password after one of shortFlags and
// a space, and after which.
func partedPassword(program string) (flag byte) {
	switch program {
	case "sshpass", "mongo", "mongosh", "mongodump", "mongorestore", "mongoimport", "mongoexport", "mongostat", "mongotop":
		return 'p'
	case "redis-cli", "redis-benchmark", "valkey-cli":
		return 'a'
	case "ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldapwhoami", "ldappasswd", "ldapcompare", "ldapmodrdn":
		return 'w'
	}
	return 0
}

// loginBefore reports whether the command before the flag at k is a login that takes a
// password after -p, such as docker login.
func loginBefore(s string, k int) bool {
	const login = " login "
	line := s[lineStart(s, k, maxCommand):k]
	i := strings.LastIndex(line, login)
	if i < 0 {
		return false
	}
	switch word := lastWordOf(line, i); word {
	case "docker", "podman", "nerdctl", "buildah", "skopeo", "registry", "oras", "az":
		return true
	}
	return false
}

// shortFlag redacts the value of the flag at k, a dash and a letter.
func (sc *scanner) shortFlag(k int) (span, bool) {
	s := sc.s
	if sc.r.off[idFlag] {
		return span{}, false
	}
	start, joined := k+2, true
	if isSpace(s[start]) {
		joined = false
		for start < len(s) && isSpace(s[start]) && start-k < 16 {
			start++
		}
	} else if s[k+1] != 'p' {
		return span{}, false
	}
	if start >= len(s) || s[start] == '-' || !sc.programBefore(k, joined) && (joined || s[k+1] != 'p' || !loginBefore(s, k)) {
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
	if start >= end || isMark(s[start:]) || trivial(s[start:end]) || ports(s[start:end]) {
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

// programBefore reports whether the last command before the flag at k is a program that
// takes a password with it, with nothing but its arguments between.
func (sc *scanner) programBefore(k int, joined bool) bool {
	flag := sc.s[k+1]
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
		if word := s[start:end]; len(word) >= 5 && (joined && joinedPassword(word) || !joined && partedPassword(word) == flag) &&
			(end == len(s) || isSpace(s[end])) && (start == 0 || s[start-1] != '=' && s[start-1] != ':') {
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
