package pairlytest

import (
	"fmt"
	"slices"
	"strings"
)

// catalogue says of each event which logger writes it, at which levels, and
// which members it has, in any order, besides those of every record. A member
// that ends in ? may be null. A logger that ends in * stands for all that
// begin so. DEBUG beside a higher level is for what fails because its caller
// left, and for jobs that run every few seconds.
var catalogue = map[string]string{
	"app_starting":     "app.lifecycle INFO version environment go_version config",
	"app_started":      "app.lifecycle INFO listen_addr startup_ms routes",
	"app_start_failed": "app.lifecycle CRITICAL stage error_type error_message",
	"app_stopping":     "app.lifecycle INFO signal open_connections",
	"app_stopped":      "app.lifecycle INFO uptime_s drained",
	"worker_started":   "worker.* INFO worker interval_s concurrency",
	"worker_stopped":   "worker.* INFO worker reason",
	"job_scheduled":    "worker.* DEBUG worker job_id kind run_at",
	"job_started":      "worker.* DEBUG|INFO worker job_id kind attempt",
	"job_completed":    "worker.* DEBUG|INFO worker job_id kind attempt duration_ms metrics",
	"job_failed":       "worker.* WARNING|ERROR worker job_id kind attempt final error_type error_message stack_trace?",
	"job_retry":        "worker.* WARNING worker job_id kind attempt next_run_at",
	"job_skipped":      "worker.* DEBUG|INFO worker job_id kind reason",
	"health_degraded":  "api.health WARNING component state error_type?",

	"http_request":        "api.request DEBUG|INFO|WARNING|ERROR method path query_params client_ip user_agent user_id? status_code duration_ms response_size_bytes",
	"http_request_stuck":  "api.request WARNING",
	"exception":           "api.* ERROR error_type error_message error_code? stack_trace? user_id? endpoint additional_context",
	"panic_recovered":     "app.recover CRITICAL error_type endpoint stack_trace",
	"validation_rejected": "api.* DEBUG endpoint fields",
	"auth_rejected":       "middleware.auth WARNING error_code endpoint client_ip",

	"external_api_call":  "external.* DEBUG|INFO service operation duration_ms status attempt",
	"external_api_retry": "external.* WARNING service operation attempt delay_ms error_type",
	"external_api_error": "external.* ERROR service operation duration_ms status? error_type error_code? provider_request_id?",

	"login_attempt_failed":    "middleware.failed_login WARNING email client_ip reason attempts",
	"login_blocked":           "middleware.failed_login WARNING scope client_ip locked_until?",
	"failed_attempts_cleared": "middleware.failed_login DEBUG user_id scope",
	"session_created":         "api.auth INFO user_id session_id device_info client_ip",
	"session_revoked":         "api.auth INFO user_id session_id reason",
	"sessions_listed":         "api.auth DEBUG user_id count",
	"token_created":           "service.token INFO user_id token_type expires_at jti",
	"token_verified":          "service.token DEBUG user_id token_type jti",
	"token_verify_failed":     "service.token WARNING token_type reason jti?",
	"token_revoked":           "service.token INFO user_id token_type jti ttl_seconds",
	"token_store_degraded":    "service.token ERROR store operation error_type",
	"fingerprint_registered":  "service.fingerprint INFO user_id fingerprint_hash is_new usage_count browser os device_type",
	"fingerprint_failed":      "service.fingerprint ERROR user_id error_type error_message",
	"audit_write_failed":      "service.audit CRITICAL audit_event error_type",

	"rate_limit_hit":         "middleware.rate_limiter WARNING client_ip count limit window_seconds endpoint",
	"ip_ban_applied":         "middleware.rate_limiter WARNING client_ip count threshold ban_seconds source",
	"banned_request_refused": "middleware.rate_limiter WARNING client_ip retry_after",
	"ip_unbanned":            "middleware.rate_limiter INFO client_ip source",

	"profile_viewed":  "api.profiles DEBUG profile_id viewer_id?",
	"profile_created": "api.profiles INFO user_id profile_id price_per_message",
	"profile_updated": "api.profiles INFO user_id profile_id changed_fields",

	"presence_online":        "service.presence INFO user_id connections",
	"presence_offline":       "service.presence INFO user_id reason online_seconds",
	"presence_sweep":         "service.presence DEBUG checked stale duration_ms",
	"presence_update_failed": "service.presence ERROR user_id? error_type",

	"balance_read":         "api.credits DEBUG user_id",
	"credit_history_read":  "api.credits DEBUG user_id count total",
	"credits_added":        "service.credits INFO user_id amount transaction_type transaction_id balance_before balance_after related_user_id?",
	"credits_spent":        "service.credits INFO user_id amount transaction_type transaction_id balance_before balance_after related_user_id?",
	"credits_refunded":     "service.credits INFO user_id amount original_transaction_id transaction_id balance_after",
	"insufficient_credits": "service.credits WARNING user_id required available transaction_type",
	"idempotent_replay":    "service.credits INFO user_id transaction_type transaction_id?",
	"ledger_mismatch":      "worker.reconcile CRITICAL user_id balance ledger_balance",

	"message_history_read":    "api.messaging INFO user_id other_user_id count",
	"conversations_listed":    "api.messaging DEBUG user_id count",
	"ws_connected":            "websocket.messaging INFO connection_id client_ip user_agent user_id?",
	"ws_auth_success":         "websocket.messaging INFO user_id connection_id session_id",
	"ws_auth_failed":          "websocket.messaging WARNING connection_id reason claimed_user_id close_code",
	"ws_message_received":     "websocket.messaging DEBUG user_id connection_id frame_type message_length",
	"ws_message_sent":         "websocket.messaging INFO user_id recipient_id connection_id credits_charged message_length",
	"ws_message_delivered":    "websocket.messaging DEBUG user_id connection_id message_id latency_ms",
	"ws_frame_sent":           "websocket.messaging DEBUG user_id? connection_id message_length",
	"ws_delivery_failed":      "websocket.messaging WARNING user_id connection_id message_id error_type",
	"ws_message_rejected":     "websocket.messaging WARNING user_id connection_id error_code frame_type",
	"ws_rate_limited":         "websocket.messaging WARNING user_id connection_id retry_after",
	"ws_muted_rejected":       "websocket.messaging INFO user_id connection_id muted_until",
	"ws_insufficient_credits": "websocket.messaging WARNING user_id recipient_id connection_id required available",
	"ws_credits_charged":      "websocket.messaging INFO user_id recipient_id connection_id credits_charged transaction_id balance_after",
	"ws_disconnected":         "websocket.messaging INFO|ERROR user_id? connection_id close_code duration_s messages_in messages_out",
	"ws_error":                "websocket.messaging ERROR user_id? connection_id error_type error_message stack_trace?",
	"ws_rate_limit_exceeded":  "service.ws_rate_limiter WARNING user_id scope count limit window_seconds retry_after",
	"user_muted":              "service.ws_rate_limiter INFO user_id seconds",
	"user_unmuted":            "service.ws_rate_limiter INFO user_id",
	"content_blocked":         "middleware.content_moderation WARNING user_id endpoint score categories engine text_length",
	"content_quarantined":     "middleware.content_moderation WARNING user_id content_id content_type score categories",
	"moderation_error":        "middleware.content_moderation ERROR endpoint error_type fallback",

	"redis_connected":          "core.redis INFO host latency_ms",
	"redis_unavailable":        "core.redis ERROR host error_type retry_in_ms",
	"redis_degraded_operation": "core.redis WARNING operation fallback",
	"redis_disconnected":       "core.redis INFO reason",
	"redis_command":            "core.redis DEBUG",
	"redis_command_failed":     "core.redis DEBUG|ERROR",
	"redis_slow_command":       "core.redis WARNING",
	"lock_not_acquired":        "core.redis DEBUG lock_name ttl_seconds",
	"db_connected":             "db.pool INFO driver host database duration_ms",
	"db_connection_failed":     "db.pool CRITICAL driver host error_type",
	"db_pool_stats":            "db.pool DEBUG|WARNING open in_use idle wait_count wait_ms",
	"query_executed":           "db.query DEBUG operation table? statement duration_ms rows?",
	"slow_query":               "db.query WARNING operation table? statement duration_ms rows? threshold_ms",
	"slow_transaction":         "db.query WARNING",
	"query_repeated":           "db.query WARNING",
	"query_failed":             "db.query DEBUG|ERROR operation table? statement duration_ms error_type",
	"migration_applied":        "db.migration INFO migration_id duration_ms statements",
	"migration_failed":         "db.migration CRITICAL migration_id error_type error_message",
}

// audits says of each audit event its action, its level and its severity.
var audits = map[string]string{
	"user_signed_up":         "sign_up INFO low",
	"login_succeeded":        "login INFO low",
	"login_failed":           "login WARNING medium",
	"account_locked":         "lock_account WARNING high",
	"ip_banned":              "ban_ip WARNING high",
	"ip_unbanned":            "unban_ip INFO high",
	"refresh_rotated":        "rotate_refresh INFO low",
	"refresh_failed":         "rotate_refresh WARNING medium",
	"refresh_reuse_detected": "revoke_session ERROR critical",
	"session_revoked":        "logout INFO low",
	"authorization_denied":   "check_permission WARNING medium",
	"authorization_granted":  "check_permission INFO low",
	"admin_data_accessed":    "read_admin_data INFO medium",
	"user_suspended":         "suspend_user INFO high",
	"user_unsuspended":       "unsuspend_user INFO high",
	"user_muted":             "mute_user INFO medium",
	"user_unmuted":           "unmute_user INFO medium",
	"user_role_changed":      "change_role INFO high",
	"profile_created":        "create_profile INFO low",
	"profile_updated":        "update_profile INFO low",
	"message_sent":           "send_message INFO low",
	"credits_purchased":      "purchase_credits INFO medium",
	"credits_spent":          "spend_credits INFO low",
	"credits_tipped":         "tip_creator INFO medium",
	"credits_adjusted":       "adjust_credits INFO high",
	"credits_refunded":       "refund_transaction INFO high",
}

// CheckEvent holds a record against the catalogue of the program's events: a
// name that is not in it, another logger or level, and a member that is
// missing or null are errors. Lines of the log about itself, and those of
// third parties, which have a message and no event, are not the program's.
func CheckEvent(r Record) error {
	logger, event := r.Text("logger"), r.Text("event")
	if event == "" || logger == "logging.internal" {
		return nil
	}
	if logger == "audit" {
		want := strings.Fields(audits[event])
		got := []string{r.Text("action"), r.Text("level"), r.Text("severity")}
		if !slices.Equal(got, want) {
			return fmt.Errorf("check audit record: %s has action, level and severity %v, want %v: %s", event, got, want, r.Raw)
		}
		return nil
	}
	want := strings.Fields(catalogue[event])
	if len(want) < 2 {
		return fmt.Errorf("check record: the catalogue has no event %q: %s", event, r.Raw)
	}
	if prefix, some := strings.CutSuffix(want[0], "*"); logger != want[0] && !(some && strings.HasPrefix(logger, prefix)) {
		return fmt.Errorf("check record: %s of logger %q, want %q: %s", event, logger, want[0], r.Raw)
	}
	if level := r.Text("level"); !slices.Contains(strings.Split(want[1], "|"), level) {
		return fmt.Errorf("check record: %s at level %q, want %q: %s", event, level, want[1], r.Raw)
	}
	for _, member := range want[2:] {
		member, nullable := strings.CutSuffix(member, "?")
		if !r.Has(member) || r.Null(member) && !nullable {
			return fmt.Errorf("check record: %s without %s: %s", event, member, r.Raw)
		}
	}
	return nil
}
