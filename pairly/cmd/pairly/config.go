package main

import (
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// minSecretBytes is the least length of a signing or encryption secret in
// production: 256 bits, the block of the hash that it keys.
const minSecretBytes = 32

// environments are the values of ENVIRONMENT. A misspelt "production" must
// not start a service with development's leniency.
var environments = []string{"development", "test", "staging", "production"}

// A Config is what the environment says about the service. The LOG_ variables
// are not in it: the pipeline reads them itself.
type Config struct {
	Environment      string
	DatabaseURL      string         // sqlite:// or postgres://
	RedisURL         string         // empty: cache in the process's memory
	JWTSecret        []byte         // signs tokens
	FingerprintKey   []byte         // keys device fingerprints, never the JWT secret
	FrontendURL      string         // scheme://host[:port], no slash at the end
	CORSOrigins      []string       // exact origins, never "*"
	TrustedProxies   []netip.Prefix // whose X-Forwarded-For is believed
	AuditAllMessages bool           // also the free ones
}

// Production reports whether the fail-fast checks apply.
func (c Config) Production() bool { return c.Environment == "production" }

// A ConfigError lists everything that is wrong with the environment, so that
// one start shows all of it. It never holds the value of a secret.
type ConfigError struct {
	Problems []string // "NAME: want this, got that"
}

// Error returns all problems, one a line.
func (e *ConfigError) Error() string {
	return "read environment: " + strings.Join(e.Problems, "\n  ")
}

// environment collects problems while it reads variables.
type environment struct {
	getenv   func(string) string
	problems []string
}

func (e *environment) refuse(name, format string, args ...any) {
	e.problems = append(e.problems, name+": "+fmt.Sprintf(format, args...))
}

// ReadConfig reads the environment through getenv. dir is the data folder,
// where the default database lives; nothing is read from or written to it.
// Secrets that are not set stay empty outside production. The error is a
// [*ConfigError].
func ReadConfig(getenv func(string) string, dir string) (Config, error) {
	e := &environment{getenv: getenv}
	c := Config{Environment: getenv("ENVIRONMENT")}
	if c.Environment == "" {
		c.Environment = "development"
	} else if !slices.Contains(environments, c.Environment) {
		e.refuse("ENVIRONMENT", "want %s, got %q", strings.Join(environments, ", "), c.Environment)
	}
	c.DatabaseURL = e.databaseURL(dir)
	c.RedisURL = e.redisURL()
	c.FrontendURL = e.origin("FRONTEND_URL", getenv("FRONTEND_URL"))
	if c.FrontendURL == "" {
		c.FrontendURL = "http://localhost:3000"
	}
	for _, o := range list(getenv("CORS_ORIGINS")) {
		if o = e.origin("CORS_ORIGINS", o); o != "" {
			c.CORSOrigins = append(c.CORSOrigins, o)
		}
	}
	if len(c.CORSOrigins) == 0 {
		c.CORSOrigins = []string{c.FrontendURL}
	}
	c.TrustedProxies = e.prefixes("TRUSTED_PROXIES")
	c.AuditAllMessages = e.boolean("AUDIT_ALL_MESSAGES")
	c.JWTSecret = []byte(getenv("JWT_SECRET"))
	c.FingerprintKey = []byte(getenv("FINGERPRINT_KEY"))
	if c.Production() {
		e.requireSecrets()
	}
	e.requireDifferent()
	if len(e.problems) > 0 {
		return c, &ConfigError{Problems: e.problems}
	}
	return c, nil
}

// productionSecrets are those without which production does not start. A
// webhook secret that is empty would make every forged signature valid.
var productionSecrets = []string{
	"JWT_SECRET", "FINGERPRINT_KEY", "ENCRYPTION_KEY",
	"STRIPE_WEBHOOK_SECRET", "RAZORPAY_WEBHOOK_SECRET",
}

func (e *environment) requireSecrets() {
	// Not "NAME: …" as elsewhere: what follows the name of a secret and a colon
	// is a secret to the log, which would show the names alone.
	for _, name := range productionSecrets {
		if n := len(e.getenv(name)); n < minSecretBytes {
			e.problems = append(e.problems, fmt.Sprintf(
				"%s has %d bytes, want %d or more in production (make one with: openssl rand -hex 32)", name, n, minSecretBytes))
		}
	}
}

// requireDifferent refuses a key with two purposes: who learns it in one place
// has it in the other.
func (e *environment) requireDifferent() {
	keys := productionSecrets[:3] // the other two are shared with providers
	for i, name := range keys {
		for _, other := range keys[:i] {
			if v := e.getenv(name); v != "" && v == e.getenv(other) {
				e.refuse(name, "want a key of its own, got the value of %s", other)
			}
		}
	}
}

func (e *environment) databaseURL(dir string) string {
	v := e.getenv("DATABASE_URL")
	if v == "" {
		return "sqlite://" + filepath.ToSlash(filepath.Join(dir, "pairly.db"))
	}
	switch scheme, _, _ := strings.Cut(v, "://"); scheme {
	case "sqlite", "postgres", "postgresql":
	default:
		// The rest of the value may hold a password.
		e.refuse("DATABASE_URL", "want sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME, got another scheme")
	}
	return v
}

func (e *environment) redisURL() string {
	v := e.getenv("REDIS_URL")
	if v != "" && !strings.HasPrefix(v, "redis://") && !strings.HasPrefix(v, "rediss://") {
		e.refuse("REDIS_URL", "want redis://HOST:PORT or rediss://HOST:PORT, got another scheme")
	}
	return v
}

// origin returns v without a slash at its end, and empty where v is not the
// origin of a web page.
func (e *environment) origin(name, v string) string {
	if v == "" {
		return ""
	}
	u, err := url.Parse(v)
	switch {
	case strings.Contains(v, "@"): // what stands before it may be a password
		e.refuse(name, "want an origin such as https://pairly.example, got one with a user")
		return ""
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Host == "",
		strings.Trim(u.Path, "/") != "", u.RawQuery != "":
		e.refuse(name, "want an origin such as https://pairly.example, got %q", v)
		return ""
	}
	return u.Scheme + "://" + u.Host
}

func (e *environment) prefixes(name string) []netip.Prefix {
	var ps []netip.Prefix
	for _, s := range list(e.getenv(name)) {
		p, err := netip.ParsePrefix(s)
		if a, aerr := netip.ParseAddr(s); aerr == nil {
			p, err = netip.PrefixFrom(a, a.BitLen()), nil
		}
		if err != nil {
			e.refuse(name, "want addresses or CIDRs separated by commas, got %q", s)
			continue
		}
		ps = append(ps, p.Masked())
	}
	return ps
}

func (e *environment) boolean(name string) bool {
	v := e.getenv(name)
	if v == "" {
		return false
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		e.refuse(name, "want true or false, got %q", v)
	}
	return b
}

// list splits v at commas and drops what is empty.
func list(v string) []string {
	var out []string
	for s := range strings.SplitSeq(v, ",") {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// knownVariables are the names that app_starting reports when they are set;
// their values are not logged.
var knownVariables = []string{
	"ENVIRONMENT", "DATABASE_URL", "REDIS_URL", "JWT_SECRET", "FINGERPRINT_KEY", "ENCRYPTION_KEY",
	"STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET",
	"RAZORPAY_KEY_ID", "RAZORPAY_KEY_SECRET", "RAZORPAY_WEBHOOK_SECRET",
	"FRONTEND_URL", "CORS_ORIGINS", "TRUSTED_PROXIES", "AUDIT_ALL_MESSAGES", "LOG_QUERIES",
	"LOG_LEVEL", "LOG_LEVELS", "LOG_FORMAT", "LOG_OUTPUT", "LOG_FILE_PATH",
	"LOG_ROTATION_SIZE", "LOG_ROTATION_EVERY", "LOG_RETENTION_DAYS", "LOG_RETENTION_SIZE", "LOG_MIN_FREE",
	"LOG_ARCHIVE", "LOG_SEAL_RECIPIENTS", "LOG_SYNC",
	"LOG_QUEUE_SIZE", "LOG_QUEUE_POLICY", "LOG_FLUSH_EVERY", "LOG_SAMPLE_RATES", "LOG_FLIGHT_RECORDER",
	"LOG_PII_MODE", "LOG_PII_KEY", "LOG_PII_KEY_ID", "LOG_PAN",
	"LOG_SLOW_REQUEST_MS", "LOG_SLOW_QUERY_MS", "LOG_STUCK_REQUEST", "LOG_BODIES", "LOG_SOURCE",
	"LOG_SHIP", "LOG_SHIP_HEADERS", "LOG_SHIP_CA", "LOG_SHIP_CERT", "LOG_SHIP_KEY", "LOG_SHIP_BUFFER",
}

// setVariables returns the known names that have a value.
func setVariables(getenv func(string) string) []string {
	set := []string{}
	for _, name := range knownVariables {
		if getenv(name) != "" {
			set = append(set, name)
		}
	}
	return set
}
