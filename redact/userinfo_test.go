package redact_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// TestURLsThatAreRefused writes passwords with each character that net/url refuses in
// a URL, as the error of net/url and in other ways.
func TestURLsThatAreRefused(t *testing.T) {
	head, tail := j("Qz", "7"), j("TAIL", "99x")
	renderings := map[string]func(u string) string{
		"error": func(u string) string {
			_, err := url.Parse(u)
			var refused *url.Error
			if err == nil {
				return u
			}
			if !errors.As(err, &refused) {
				t.Fatalf("Parse(%q) = %v, want an url.Error", u, err)
			}
			return "open store: " + err.Error()
		},
		"%q":     func(u string) string { return fmt.Sprintf("dsn=%q: refused", u) },
		"%q %q":  func(u string) string { return fmt.Sprintf("{\"error\":%q", fmt.Sprintf("dsn=%q: refused", u)) },
		"quotes": func(u string) string { return `connect to "` + u + `": refused` },
		"single": func(u string) string { return "connect to '" + u + "': refused" },
		"bare":   func(u string) string { return "connect to " + u + ": refused" },
		"key":    func(u string) string { return "url=" + u + " attempt=3" },
		"alone":  func(u string) string { return u },
		"%+v":    func(u string) string { return "{URL:" + u + " Retries:3}" },
	}
	for name, f := range renderings {
		for _, host := range []string{"db/x", "db:5432/x", "db.internal/x", "db.example.com:5432", "10.0.0.5/x", "[::1]:5432/x"} {
			for _, scheme := range []string{"postgres", "redis", "amqps", "mongodb+srv", "https", "jdbc:postgresql"} {
				for _, user := range []string{"app", "", "app.user_1"} {
					for _, c := range []string{"<", ">", `\`, `"`, "`", " ", "'", "<<", `\"`, "/<", "@<", "/", "?", "#", "/#<", "|", "^", "{", "%", "é<", "3 4 "} {
						u := scheme + "://" + user + ":" + head + c + tail + "@" + host
						text := f(u)
						out := maskOnly.String(text)
						if strings.Contains(out, tail) || strings.Contains(out, head) {
							t.Errorf("%s: String(%q) = %q, want it without the password", name, text, out)
						}
						if again := maskOnly.String(out); again != out {
							t.Errorf("%s: String(%q) = %q, want it unchanged", name, out, again)
						}
					}
				}
			}
		}
	}
}

func TestURLsBesideAddresses(t *testing.T) {
	keep(t, maskOnly,
		`see <http://localhost:8080> or x@db`, `"http://localhost:3000","name":"a@b"`, `{\"url\":\"http://h:80\",\"x\":\"a@b\"`,
		`redis://cache:6379> get a@b`, "http://h:80 for a@b/c", "http://h:80<br>a@b", "http://<user>:<token>@host/x",
		"https://user:<password>@host/x", "postgres://app:***@db/x", "http://$HOST:$PORT for git@host:2222", "http://%s:%d for a@b",
		`"http://host:port", "a@b"`, "http://h:8080/a>b@c", "mongodb://a:27017,b:27017/x for a@b/c", "docker://nginx:alpine, a@b",
		`parse "http://h:80a": invalid port ":80a" after host`, `parse "http://h:PORT/x": invalid port ":PORT" after host`, `parse "http://h:$DB_PORT/x": invalid port ":$DB_PORT" after host`,
		`parse "http://h:port": invalid port ":port" after host`, `parse "http://h:{port}": invalid port ":{port}" after host`,
		"postgres://app:xxxxx@db/x", `parse "http://h:80x": invalid port ":80x" after host, see a@b`,
	)
	f := check(t, maskOnly)
	f(`parse "postgres://app:`+j("Qz7<", "TAIL99x")+`@db/x": net/url: invalid userinfo`, `parse "postgres://app:[REDACTED]@db/x": net/url: invalid userinfo`)
	f("postgres://app:"+j("Qz7 ", "TAIL99x")+"@db.internal/x failed", "postgres://app:[REDACTED]@db.internal/x failed")
	f(`{"dsn":"redis://:`+j(`Qz7`, `<TAIL99x`)+`@cache:6379/0","to":"bob@example.com"`, `{"dsn":"redis://:[REDACTED]@cache:6379/0","to":"b***@example.com"`)
}

func TestLinksWithShortParameters(t *testing.T) {
	f := check(t, maskOnly)
	v := j("abcdef", "123456")
	f("https://a.com/verify?t="+v, "https://a.com/verify?t=[REDACTED]")
	f("mail https://a.com/x/reset-password?u=42&k="+v+"&l=de sent", "mail https://a.com/x/reset-password?u=42&k=[REDACTED]&l=de sent")
	f("https://a.com/verify?email=bob@example.com&t="+v+"#x", "https://a.com/verify?email=b***@example.com&t=[REDACTED]#x")
	keep(t, maskOnly, "https://a.com/search?t="+v, "https://a.com/verify?t=email", "https://a.com/reset?page=2", "https://a.com/verify?x=12345678901", "https://a.com/verify?",
		"https://a.com/reset?v=2024-01-02")
	f("<password>"+v+"\na line\n</user>", "<password>[REDACTED]\na line\n</user>")
	f("<password>\n  "+v+"\n</password>", "<password>\n  [REDACTED]\n</password>")
	f("<secret>"+v+"\n"+v+"\n</secret>", "<secret>[REDACTED]\n</secret>")
}
