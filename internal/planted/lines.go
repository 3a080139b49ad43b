package planted

import (
	"embed"
	"strings"
)

// controls are the escapes in the files.
var controls = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r", `\t`, "\t", `\e`, "\x1b")

//go:embed *.txt
var files embed.FS

// Lines returns the lines of a file of this package, without its comments:
// "tokens", "contexts", "secrets", "innocent" or "keys".
func Lines(name string) []string {
	text, err := files.ReadFile(name + ".txt")
	if err != nil {
		panic(err)
	}
	var lines []string
	for _, l := range strings.Split(string(text), "\n") {
		if l != "" && !strings.HasPrefix(l, "# ") {
			lines = append(lines, l)
		}
	}
	return lines
}

// Leak returns a piece of secret, of eight bytes or all of it, that out has.
func Leak(out, secret string) string {
	n := min(len(secret), 8)
	for i := 0; i+n <= len(secret); i++ {
		if strings.Contains(out, secret[i:i+n]) {
			return secret[i : i+n]
		}
	}
	return ""
}

// Secret fills a line of secrets.txt and returns what must be gone from it.
func (g *Samples) Secret(line string) (text string, secrets []string) {
	var b strings.Builder
	rest := controls.Replace(line)
	for {
		before, after, ok := strings.Cut(rest, "«")
		b.WriteString(g.public(before))
		if !ok {
			return b.String(), secrets
		}
		pattern, next, ok := strings.Cut(after, "»")
		if !ok {
			panic("no » in " + line)
		}
		s := g.fill(pattern)
		secrets = append(secrets, s)
		b.WriteString(s)
		rest = next
	}
}

// Token fills a pattern of tokens.txt, which is a secret as a whole unless a
// part of it is marked.
func (g *Samples) Token(pattern string) (text string, secrets []string) {
	if strings.Contains(pattern, "«") {
		return g.Secret(pattern)
	}
	s := g.fill(pattern)
	return s, []string{s}
}

// Innocent fills a line of innocent.txt.
func (g *Samples) Innocent(line string) string { return g.public(controls.Replace(line)) }

// InContext puts a token into a line of contexts.txt.
func InContext(context, token string) string {
	return strings.ReplaceAll(controls.Replace(context), "@", token)
}

// public fills the ‹…› of a text.
func (g *Samples) public(text string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(text, "‹")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		pattern, next, _ := strings.Cut(after, "›")
		b.WriteString(g.fill(pattern))
		text = next
	}
}
