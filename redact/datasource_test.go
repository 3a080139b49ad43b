package redact_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestDataSources writes the names of data sources with passwords of many makes: those
// without a network leaked.
func TestDataSources(t *testing.T) {
	head, tail := j("Zq", "8v"), j("TAIL", "99x")
	for _, c := range []string{"", "/", "=", "==", ",", "(", ")", "[", ":", "@", "+", "!", "$", "%", "&", "#", "?", "'", "`", ";", "<", "|"} {
		pw := head + c + tail
		for _, to := range []string{
			"@/db", "@/", "@/db?charset=utf8mb4", "@(127.0.0.1:3306)/db", "@tcp(db:3306)/x", "@tcp(10.0.0.1)/x", "@unix(/tmp/mysql.sock)/x",
			"@tcp/db", "@tcp6([::1]:3306)/x", "@cloudsql(p:r:i)/x", "@db+tcp(db:3306)/x",
		} {
			dsn := "root:" + pw + to
			for _, text := range []string{
				dsn, "open " + dsn + " failed", "dsn=" + dsn, fmt.Sprintf("dsn=%q", dsn), "dsn: " + dsn, fmt.Sprintf(`{"dsn":%q}`, dsn),
				fmt.Sprintf(`{\"dsn\":%q`, dsn), "map[dsn:" + dsn + "]", "{DSN:" + dsn + " Max:3}", "DB_DSN='" + dsn + "'", "sql.Open(\"mysql\", \"" + dsn + "\")",
			} {
				out := maskOnly.String(text)
				if strings.Contains(out, head) || strings.Contains(out, tail) {
					t.Errorf("String(%q) = %q, want it without the password", text, out)
				}
				if again := maskOnly.String(out); again != out {
					t.Errorf("String(%q) = %q, want it unchanged", out, again)
				}
			}
		}
	}
	f := check(t, maskOnly)
	f("root:"+head+tail+"@/db", "root:[REDACTED]@/db")
	f(`dsn="root:`+head+tail+`@(127.0.0.1:3306)/db"`, `dsn="root:[REDACTED]@(127.0.0.0/24:3306)/db"`)
	f("git@github.com:acme/x@/y", "g***@github.com:acme/x@/y")
	f("jdbc:oracle:thin:scott/"+head+tail+"@//ora:1521/svc", "jdbc:oracle:thin:scott/[REDACTED]@//ora:1521/svc")
	f("jdbc:oracle:thin:scott/"+head+tail+"@ora:1521:x", "jdbc:oracle:thin:scott/[REDACTED]@ora:1521:x")
	f("jdbc:oracle:oci:scott/"+head+tail+"@(DESCRIPTION=(x))", "jdbc:oracle:oci:scott/[REDACTED]@(DESCRIPTION=(x))")
	f("$ sqlplus scott/"+head+tail+"@orcl", "$ sqlplus scott/[REDACTED]@orcl")
}

func TestDataSourcesWithoutPassword(t *testing.T) {
	keep(t, maskOnly,
		"root@/db", "root@tcp(db:3306)/x", "root:@tcp(db:3306)/x", "root:***@/db", "file:/home/me/@/x", "alias:@/components", `"@/*": ["./src/*"]`,
		"import x from '@/components'", "12:30@/x", "https://example.com:8080/a@/b", "a:b@/c", "npm:@scope/x@1",
		"HEAD:x@(y)", "call f:abc@(x) now", "jdbc:oracle:thin:@//ora:1521/svc", "jdbc:oracle:thin:@ora:1521:x", "C:/x/y@/z", "tag: name@(HEAD)",
		"%s:%s@tcp(%s:%d)/%s", "root:${DB_PASSWORD}@tcp(db)/x", "root:<password>@/db", "dial tcp: lookup @tcp failed",
	)
}
