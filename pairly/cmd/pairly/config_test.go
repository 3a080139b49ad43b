package main_test

import (
	"errors"
	"strings"
	"testing"

	main "github.com/pairly/pairlog/pairly/cmd/pairly"
)

// production is an environment with which production starts.
func production() map[string]string {
	env := map[string]string{"ENVIRONMENT": "production"}
	for _, name := range []string{
		"JWT_SECRET", "FINGERPRINT_KEY", "ENCRYPTION_KEY", "STRIPE_WEBHOOK_SECRET", "RAZORPAY_WEBHOOK_SECRET",
	} {
		env[name] = strings.ToLower(name) + strings.Repeat(".", 32)
	}
	return env
}

func lookup(env map[string]string) func(string) string {
	return func(name string) string { return env[name] }
}

func TestProductionStartsWithAllSecrets(t *testing.T) {
	c, err := main.ReadConfig(lookup(production()), "data")
	if err != nil {
		t.Fatal(err)
	}
	if !c.Production() {
		t.Errorf("Production() = false, want true")
	}
	if got, want := string(c.JWTSecret), production()["JWT_SECRET"]; got != want {
		t.Errorf("JWTSecret = %q, want %q", got, want)
	}
}

func TestProductionRefusesWeakSecrets(t *testing.T) {
	for name, value := range production() {
		if name == "ENVIRONMENT" {
			continue
		}
		for _, weak := range []string{"", "short", value[:31]} {
			env := production()
			env[name] = weak
			_, err := main.ReadConfig(lookup(env), "data")
			var ce *main.ConfigError
			if !errors.As(err, &ce) || len(ce.Problems) != 1 || !strings.HasPrefix(ce.Problems[0], name+" has ") {
				t.Errorf("%s=%q: ReadConfig = %v, want one problem with %s", name, weak, err, name)
				continue
			}
			if weak != "" && strings.Contains(err.Error(), weak) {
				t.Errorf("%s: the error shows the secret: %v", name, err)
			}
		}
	}
}

func TestAllProblemsAreToldAtOnce(t *testing.T) {
	_, err := main.ReadConfig(lookup(map[string]string{"ENVIRONMENT": "production", "REDIS_URL": "http://x"}), "data")
	var ce *main.ConfigError
	if !errors.As(err, &ce) {
		t.Fatalf("ReadConfig = %v, want a ConfigError", err)
	}
	if got, want := len(ce.Problems), 6; got != want {
		t.Errorf("%d problems, want %d: %v", got, want, err)
	}
}

func TestOneSecretForTwoPurposesIsRefused(t *testing.T) {
	for _, pair := range [][2]string{
		{"FINGERPRINT_KEY", "JWT_SECRET"}, {"ENCRYPTION_KEY", "JWT_SECRET"}, {"ENCRYPTION_KEY", "FINGERPRINT_KEY"},
	} {
		env := production()
		env[pair[0]] = env[pair[1]]
		if _, err := main.ReadConfig(lookup(env), "data"); err == nil || strings.Contains(err.Error(), env[pair[1]]) {
			t.Errorf("ReadConfig with %s = %s: got %v, want an error without the value", pair[0], pair[1], err)
		}
	}
}

func TestCredentialsInOriginsAreNotShown(t *testing.T) {
	for _, v := range []string{"https://user:geheim@pairly.example", "https://geheim@x", "user:geheim@x"} {
		_, err := main.ReadConfig(lookup(map[string]string{"FRONTEND_URL": v, "CORS_ORIGINS": v}), "data")
		if err == nil || strings.Contains(err.Error(), "geheim") {
			t.Errorf("FRONTEND_URL=%q: got %v, want an error without the password", v, err)
		}
	}
}

func TestDefaults(t *testing.T) {
	c, err := main.ReadConfig(lookup(nil), "data")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.Environment, "development"; got != want {
		t.Errorf("Environment = %q, want %q", got, want)
	}
	if got, want := c.DatabaseURL, "sqlite://data/pairly.db"; got != want {
		t.Errorf("DatabaseURL = %q, want %q", got, want)
	}
	if len(c.JWTSecret) != 0 {
		t.Errorf("JWTSecret = %q, want none: a built-in key signs everybody's tokens", c.JWTSecret)
	}
	if len(c.CORSOrigins) != 1 || c.CORSOrigins[0] != "http://localhost:3000" {
		t.Errorf("CORSOrigins = %q, want the frontend only", c.CORSOrigins)
	}
	if len(c.TrustedProxies) != 0 {
		t.Errorf("TrustedProxies = %v, want none", c.TrustedProxies)
	}
}

func TestBadValues(t *testing.T) {
	f := func(name, value string) {
		t.Helper()
		_, err := main.ReadConfig(lookup(map[string]string{name: value}), "data")
		if err == nil || !strings.Contains(err.Error(), name+": want") {
			t.Errorf("%s=%q: ReadConfig = %v, want an error that names it", name, value, err)
		}
	}
	f("ENVIRONMENT", "prodution")
	f("DATABASE_URL", "mysql://root:pw@db/x")
	f("REDIS_URL", "localhost:6379")
	f("FRONTEND_URL", "https://pairly.example/app")
	f("CORS_ORIGINS", "https://a.example,*")
	f("TRUSTED_PROXIES", "10.0.0.0/8,proxy")
	f("AUDIT_ALL_MESSAGES", "yes please")
}

func TestProxiesAndOrigins(t *testing.T) {
	c, err := main.ReadConfig(lookup(map[string]string{
		"TRUSTED_PROXIES": "127.0.0.1, 10.1.2.3/8,::1",
		"CORS_ORIGINS":    "https://a.example/, http://localhost:5173",
	}), "data")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range c.TrustedProxies {
		got = append(got, p.String())
	}
	if g, want := strings.Join(got, " "), "127.0.0.1/32 10.0.0.0/8 ::1/128"; g != want {
		t.Errorf("TrustedProxies = %q, want %q", g, want)
	}
	if g, want := strings.Join(c.CORSOrigins, " "), "https://a.example http://localhost:5173"; g != want {
		t.Errorf("CORSOrigins = %q, want %q", g, want)
	}
}
