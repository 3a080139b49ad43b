package main_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pairly/pairlog/pairly/pairlytest"
)

// createAdmin runs the command with the password on standard input and
// returns the exit code and what it printed.
func createAdmin(t *testing.T, dir, email, password string) (code int, stdout, stderr string) {
	t.Helper()
	cmd, out, errs := command(t, []string{"LOG_FILE_PATH=" + filepath.Join(dir, "app.log")},
		"admin", "create", "--email", email, "--data", dir)
	cmd.Stdin = strings.NewReader(password)
	return exitCode(t, cmd), out.String(), errs.String()
}

func TestAdminCreate(t *testing.T) {
	dir := t.TempDir()
	code, stdout, stderr := createAdmin(t, dir, "boss@pairly.test", pairlytest.Password+"\n")
	if code != 0 || !strings.HasPrefix(stdout, "created administrator boss@pairly.test") || stderr != "" {
		t.Fatalf("exit code %d, printed %q and %q, want a success", code, stdout, stderr)
	}
	rs := records(t, filepath.Join(dir, "app.log"))
	role := find(t, rs, "A:user_role_changed")
	wantMember(t, role, "system", "actor", "role")
	wantNull(t, role, "actor", "user_id")
	wantMember(t, role, "fan", "before_state", "role")
	wantMember(t, role, "admin", "after_state", "role")
	wantMember(t, role, find(t, rs, "A:user_signed_up").RequestID(), "request_id")
	for _, r := range rs {
		if strings.Contains(r.Raw, pairlytest.Password) {
			t.Errorf("the password is in the log: %s", r.Raw)
		}
	}

	t.Log("the address is taken now")
	code, _, stderr = createAdmin(t, dir, "boss@pairly.test", pairlytest.Password)
	if code != 1 || !strings.Contains(stderr, "email_exists") {
		t.Errorf("second time: exit code %d, printed %q, want email_exists", code, stderr)
	}
}

func TestAdminCreateRefuses(t *testing.T) {
	f := func(email, password, want string) {
		t.Helper()
		code, _, stderr := createAdmin(t, t.TempDir(), email, password)
		if code != 1 || !strings.Contains(stderr, want) {
			t.Errorf("%s: exit code %d, printed %q, want %q", email, code, stderr, want)
		}
	}
	f("boss@pairly.test", "", "read password from standard input: want a line, got nothing")
	f("boss@pairly.test", "\n", "got nothing")
	f("boss@pairly.test", "short\n", "password")
	f("no address", pairlytest.Password, "email")
}

// Nobody becomes an administrator over HTTP, and nobody else gets in there.
func TestAdminRoutesAreForAdministrators(t *testing.T) {
	app := start(t, pairlytest.Options{})
	f := app.Client("203.0.113.22")
	a := f.Post("/api/auth/signup", map[string]any{
		"email": "f@pairly.test", "password": pairlytest.Password, "name": "Fay", "role": "admin",
	})
	wantStatus(t, a, http.StatusUnprocessableEntity, "role_not_allowed")
	f.SignUp("f@pairly.test", "Fay", "fan")
	for _, path := range []string{
		"GET /api/admin/security/banned-ips", "GET /api/admin/security/muted", "POST /api/admin/security/unban",
		"POST /api/admin/security/mute", "POST /api/admin/security/unmute",
		"POST /api/credits/admin/adjust", "POST /api/credits/admin/refund",
	} {
		method, path, _ := strings.Cut(path, " ")
		a := f.Do(method, path, nil)
		if a.Status != http.StatusForbidden {
			t.Errorf("%s %s: status %d, want 403: %s", method, path, a.Status, a.Raw)
		}
		rs := app.Expect(t, a.RequestID, "A:authorization_denied", "http_request")
		wantMember(t, rs[0], "endpoint", "target", "type")
		wantMember(t, rs[0], path, "target", "id")
		wantMember(t, rs[0], "admin", "details", "required_role")
	}
}
