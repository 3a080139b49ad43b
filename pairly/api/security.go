package api

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/pairly/pairlog/pairly"
	"github.com/pairly/pairlog/pairly/service/mute"
)

// accessed records that an administrator read data of others: what, and how
// many rows. An error keeps the data back.
func (s *server) accessed(ctx context.Context, kind string, rows int) error {
	return s.Audit.Record(ctx, pairly.AuditRecord{
		Event: "admin_data_accessed", Action: "read_admin_data",
		Level: slog.LevelInfo, Severity: pairly.SeverityMedium,
		Target:  pairly.Target{Type: kind, ID: "all"},
		Details: map[string]any{"rows": rows, "revealed": false},
	})
}

func (s *server) bannedIPs(w http.ResponseWriter, r *http.Request) error {
	type banAnswer struct {
		IP          string           `json:"ip"`
		BannedUntil stamp            `json:"banned_until"`
		Source      pairly.BanSource `json:"source"`
	}
	bans, err := s.Limits.ListBans(r.Context())
	if err != nil {
		return err
	}
	out := make([]banAnswer, 0, len(bans))
	for _, b := range bans {
		out = append(out, banAnswer{IP: b.IP, BannedUntil: stamp(b.BannedUntil), Source: b.Source})
	}
	if err := s.accessed(r.Context(), "banned_ips", len(out)); err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{"banned_ips": out})
	return nil
}

func (s *server) unban(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	ip := f.ip("ip")
	if err := f.err(); err != nil {
		return err
	}
	if err := s.Limits.Unban(r.Context(), ip); err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]string{"status": "unbanned", "ip": ip})
	return nil
}

// ip reads an address and returns it as the limits write it: IPv4 never
// mapped into IPv6, IPv6 without zone.
func (f *fields) ip(name string) string {
	text := f.text(name, textRule{Min: 1, Max: 64})
	if text == "" {
		return ""
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		f.reject(name, "ip", "This field must be an IPv4 or IPv6 address.")
		return ""
	}
	return addr.Unmap().WithZone("").String()
}

func (s *server) mute(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	seconds := int64(mute.DefaultDuration / time.Second)
	userID := f.id("user_id", false)
	seconds = f.integer("seconds", int64(mute.MinDuration/time.Second), int64(mute.MaxDuration/time.Second), &seconds)
	reason := f.text("reason", textRule{Max: 200, Optional: true})
	if err := f.err(); err != nil {
		return err
	}
	if _, err := s.Mutes.Mute(r.Context(), userID, time.Duration(seconds)*time.Second, reason); err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{"status": "muted", "user_id": userID, "seconds": seconds})
	return nil
}

func (s *server) unmute(w http.ResponseWriter, r *http.Request) error {
	f, err := readBody(r)
	if err != nil {
		return err
	}
	userID := f.id("user_id", false)
	if err := f.err(); err != nil {
		return err
	}
	if err := s.Mutes.Unmute(r.Context(), userID); err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]string{"status": "unmuted", "user_id": userID})
	return nil
}

func (s *server) muted(w http.ResponseWriter, r *http.Request) error {
	type muteAnswer struct {
		UserID string `json:"user_id"`
		TTL    int64  `json:"ttl"` // in seconds, rounded up
	}
	list, err := s.Mutes.List(r.Context())
	if err != nil {
		return err
	}
	now := s.Now()
	out := make([]muteAnswer, 0, len(list))
	for _, m := range list {
		left := (m.MutedUntil.Sub(now) + time.Second - 1) / time.Second
		out = append(out, muteAnswer{UserID: m.UserID, TTL: int64(max(left, 0))})
	}
	if err := s.accessed(r.Context(), "muted_users", len(out)); err != nil {
		return err
	}
	respond(w, http.StatusOK, map[string]any{"muted_users": out})
	return nil
}
