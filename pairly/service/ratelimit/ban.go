package ratelimit

import (
	"context"
	"log/slog"
	"math"
	"time"

	"github.com/pairly/pairlog/pairly"
)

// banned returns the ban of ip in force.
func (s *Service) banned(ctx context.Context, ip string, now time.Time) (pairly.IPBan, bool) {
	ban, ok := s.bans.Get(ip, now)
	if !ok {
		mark := s.bans.Mark()
		read, _, err := s.c.Store.Ban(ctx, ip, now)
		if err != nil {
			return pairly.IPBan{}, false
		}
		ban = s.bans.Keep(mark, ip, read, now, now.Add(banCheckedFor))
	}
	return ban, ban.BannedUntil.After(now)
}

func (s *Service) refuseBanned(ctx context.Context, ban pairly.IPBan, now time.Time) Decision {
	left := wholeSeconds(ban.BannedUntil.Sub(now))
	if s.said.say("ban "+ban.IP, now) {
		s.c.Log.LogAttrs(ctx, slog.LevelWarn, "banned_request_refused",
			slog.String("client_ip", ban.IP),
			slog.Int64("retry_after", int64(left/time.Second)))
	}
	return Decision{Code: "ip_banned", RetryAfter: left}
}

func wholeSeconds(d time.Duration) time.Duration {
	return time.Duration(math.Ceil(d.Seconds())) * time.Second
}

// banForRate bans an address that asked count times in the window.
func (s *Service) banForRate(ctx context.Context, ip string, count int, now time.Time) Decision {
	ctx = context.WithoutCancel(ctx) // who hangs up is banned too
	ban := pairly.IPBan{IP: ip, BannedAt: now, BannedUntil: now.Add(s.c.BanFor), Source: pairly.BanRateLimit}
	first, err := s.ban(ctx, ban, count)
	if err != nil {
		// The database is away. The ban acts in this process until it is back.
		s.bans.Set(ip, ban, now, ban.BannedUntil)
		s.applied(ctx, ban, count)
		_ = s.c.Audit.Record(ctx, banRecord(ban, false)) // outside a transaction it says itself what it could not write
		first = true
	}
	if !first {
		// Another request of the same burst was faster.
		return s.refuseBanned(ctx, ban, now)
	}
	return Decision{Code: "rate_limit_exceeded", RetryAfter: wholeSeconds(s.c.BanFor)}
}

// Ban refuses all requests from b.IP until b.BannedUntil, and reports whether
// the address was free before. A ban in force is only ever made longer. In a
// transaction it acts after the commit.
func (s *Service) Ban(ctx context.Context, b pairly.IPBan) (bool, error) {
	b.IP = canonical(b.IP)
	return s.ban(ctx, b, 0)
}

func (s *Service) ban(ctx context.Context, b pairly.IPBan, count int) (free bool, err error) {
	err = s.c.Store.InTx(ctx, func(ctx context.Context) error {
		free = false
		inserted, err := s.c.Store.InsertBan(ctx, b)
		if err != nil {
			return err
		}
		if !inserted {
			longer := false
			if b.Source != pairly.BanRateLimit {
				if longer, err = s.c.Store.ExtendBan(ctx, b); err != nil {
					return err
				}
			}
			if !longer {
				return nil
			}
		}
		free = inserted
		pairly.AfterCommit(ctx, func() {
			// Not for the length of the ban: another instance may lift it.
			s.bans.Set(b.IP, b, b.BannedAt, b.BannedAt.Add(banCheckedFor))
			// The guard's own lines tell of a lock after failed logins.
			if b.Source != pairly.BanFailedLogin {
				s.applied(ctx, b, count)
			}
		})
		return s.c.Audit.Record(ctx, banRecord(b, !inserted))
	})
	return free, err
}

func banRecord(b pairly.IPBan, before bool) pairly.AuditRecord {
	return pairly.AuditRecord{
		Event: "ip_banned", Action: "ban_ip", Level: slog.LevelWarn, Severity: pairly.SeverityHigh,
		Target: pairly.Target{Type: "ip", ID: b.IP},
		Before: map[string]any{"banned": before},
		After:  map[string]any{"banned": true, "until": b.BannedUntil, "source": string(b.Source)},
		Denial: true,
	}
}

func (s *Service) applied(ctx context.Context, b pairly.IPBan, count int) {
	threshold := 0
	if b.Source == pairly.BanRateLimit {
		threshold = s.c.BanAt
	}
	s.c.Log.LogAttrs(ctx, slog.LevelWarn, "ip_ban_applied",
		slog.String("client_ip", b.IP),
		slog.Int("count", count),
		slog.Int("threshold", threshold),
		slog.Int64("ban_seconds", int64(b.BannedUntil.Sub(b.BannedAt)/time.Second)),
		slog.String("source", string(b.Source)))
}

// ListBans returns the bans in force, newest first, 1000 at most.
func (s *Service) ListBans(ctx context.Context) ([]pairly.IPBan, error) {
	return s.c.Store.Bans(ctx, s.c.Now())
}

// Unban lifts the ban of ip and clears its counters, those of failed logins
// included. It fails with ip_not_banned when there is none.
func (s *Service) Unban(ctx context.Context, ip string) error {
	ip = canonical(ip)
	now := s.c.Now()
	return s.c.Store.InTx(ctx, func(ctx context.Context) error {
		ban, ok, err := s.c.Store.Ban(ctx, ip, now)
		if err != nil {
			return err
		}
		if ok {
			if ok, err = s.c.Store.DeleteBan(ctx, ip); err != nil {
				return err
			}
		} else if ban, ok = s.bans.Get(ip, now); ok {
			ok = ban.BannedUntil.After(now) // set while the database was away
		}
		if !ok {
			return pairly.Errorf(pairly.ENotFound, "ip_not_banned", "This address is not banned.")
		}
		if _, err := s.c.Store.ClearFailures(ctx, "ip", ip); err != nil {
			return err
		}
		pairly.AfterCommit(ctx, func() { s.freed(ctx, ban, now) })
		return s.c.Audit.Record(ctx, pairly.AuditRecord{
			Event: "ip_unbanned", Action: "unban_ip", Level: slog.LevelInfo, Severity: pairly.SeverityHigh,
			Target: pairly.Target{Type: "ip", ID: ip},
			Before: map[string]any{"banned": true, "until": ban.BannedUntil, "source": string(ban.Source)},
			After:  map[string]any{"banned": false},
		})
	})
}

func (s *Service) freed(ctx context.Context, ban pairly.IPBan, now time.Time) {
	s.bans.Set(ban.IP, pairly.IPBan{}, now, now.Add(banCheckedFor))
	s.said.forget("ban " + ban.IP)
	keys := []string{key(ban.IP, ClassDefault)}
	for _, c := range tightClasses {
		keys = append(keys, key(ban.IP, c))
	}
	s.c.Counts.Delete(context.WithoutCancel(ctx), keys...)
	s.c.Log.LogAttrs(ctx, slog.LevelInfo, "ip_unbanned",
		slog.String("client_ip", ban.IP),
		slog.String("source", string(ban.Source)))
}
