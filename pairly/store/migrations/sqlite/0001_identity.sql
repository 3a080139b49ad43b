-- +goose Up
CREATE TABLE users (
    id                TEXT PRIMARY KEY,
    email             TEXT NOT NULL UNIQUE, -- lower case, trimmed
    password_hash     TEXT NOT NULL,
    name              TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
    role              TEXT NOT NULL CHECK (role IN ('fan', 'creator', 'admin')),
    credits_balance   BIGINT NOT NULL DEFAULT 0 CHECK (credits_balance >= 0),
    birth_date        TEXT,
    gender            TEXT CHECK (gender IN ('male', 'female', 'non_binary', 'other')),
    is_suspended      BOOLEAN NOT NULL DEFAULT FALSE,
    suspended_at      BIGINT,
    suspended_by      TEXT,
    suspension_reason TEXT,
    twofa_enabled     BOOLEAN NOT NULL DEFAULT FALSE,
    twofa_method      TEXT CHECK (twofa_method IN ('email', 'totp')),
    twofa_secret      BLOB, -- encrypted
    twofa_last_step   BIGINT,
    last_active_at    BIGINT,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    CHECK (NOT twofa_enabled OR twofa_method IS NOT NULL),
    CHECK (NOT twofa_enabled OR twofa_method <> 'totp' OR twofa_secret IS NOT NULL)
);

CREATE TABLE sessions (
    session_id         TEXT PRIMARY KEY,
    user_id            TEXT NOT NULL REFERENCES users (id),
    device_info        TEXT NOT NULL CHECK (length(device_info) <= 200),
    ip                 TEXT NOT NULL,
    fingerprint_hash   TEXT,
    refresh_token_id   TEXT NOT NULL UNIQUE,
    refresh_jti_hash   TEXT NOT NULL,
    refresh_expires_at BIGINT NOT NULL,
    generation         BIGINT NOT NULL DEFAULT 1,
    last_active_at     BIGINT NOT NULL,
    revoked            BOOLEAN NOT NULL DEFAULT FALSE,
    revoked_at         BIGINT,
    revoke_reason      TEXT CHECK (revoke_reason IN ('logout', 'reuse', 'admin', 'password_change', 'suspended', 'twofa_disabled')),
    created_at         BIGINT NOT NULL,
    updated_at         BIGINT NOT NULL,
    CHECK (NOT revoked OR (revoked_at IS NOT NULL AND revoke_reason IS NOT NULL))
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at);

CREATE TABLE refresh_history (
    rtid       TEXT PRIMARY KEY,
    session_id TEXT NOT NULL REFERENCES sessions (session_id) ON DELETE CASCADE,
    rotated_at BIGINT NOT NULL
);
CREATE INDEX refresh_history_by_age ON refresh_history (rotated_at);

CREATE TABLE revoked_tokens (
    jti        TEXT PRIMARY KEY,
    user_id    TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);

CREATE TABLE device_fingerprints (
    fingerprint_hash TEXT PRIMARY KEY CHECK (length(fingerprint_hash) = 64),
    user_id          TEXT,
    session_id       TEXT,
    user_agent       TEXT NOT NULL,
    accept_lang      TEXT,
    browser          TEXT NOT NULL,
    os               TEXT NOT NULL,
    device_type      TEXT NOT NULL,
    usage_count      BIGINT NOT NULL CHECK (usage_count >= 1),
    last_seen        BIGINT NOT NULL,
    created_at       BIGINT NOT NULL
);
CREATE INDEX device_fingerprints_by_user ON device_fingerprints (user_id);

CREATE TABLE fingerprint_observations (
    id               TEXT PRIMARY KEY,
    fingerprint_hash TEXT NOT NULL REFERENCES device_fingerprints (fingerprint_hash),
    user_id          TEXT,
    ip               TEXT NOT NULL,
    seen_at          BIGINT NOT NULL
);
CREATE INDEX fingerprint_observations_by_device ON fingerprint_observations (fingerprint_hash, seen_at);
CREATE INDEX fingerprint_observations_by_user ON fingerprint_observations (user_id, seen_at);

CREATE TABLE failed_logins (
    id                TEXT PRIMARY KEY,
    scope             TEXT NOT NULL CHECK (scope IN ('user', 'ip')),
    subject           TEXT NOT NULL,
    count             BIGINT NOT NULL,
    window_started_at BIGINT NOT NULL,
    locked_until      BIGINT,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL,
    UNIQUE (scope, subject)
);

CREATE TABLE ip_bans (
    ip           TEXT PRIMARY KEY,
    banned_at    BIGINT NOT NULL,
    banned_until BIGINT NOT NULL,
    source       TEXT NOT NULL CHECK (source IN ('rate_limit', 'failed_login', 'fraud', 'admin')),
    banned_by    TEXT
);

CREATE TABLE audit_logs (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    id                TEXT NOT NULL UNIQUE,
    request_id        TEXT,
    event             TEXT NOT NULL,
    action            TEXT NOT NULL,
    level             TEXT NOT NULL CHECK (level IN ('INFO', 'WARNING', 'ERROR', 'CRITICAL')),
    severity          TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    actor_user_id     TEXT,
    actor_role        TEXT,
    actor_ip          TEXT,
    actor_session_id  TEXT,
    actor_fingerprint TEXT,
    target_type       TEXT,
    target_id         TEXT,
    target_email      TEXT,
    reason            TEXT,
    -- json_valid(NULL) is 0 in older SQLite, whose integrity_check would call the rows broken.
    before_state      TEXT CHECK (before_state IS NULL OR json_valid(before_state)),
    after_state       TEXT CHECK (after_state IS NULL OR json_valid(after_state)),
    details           TEXT CHECK (details IS NULL OR json_valid(details)),
    created_at        BIGINT NOT NULL
);
CREATE INDEX audit_logs_by_actor ON audit_logs (actor_user_id, seq);
CREATE INDEX audit_logs_by_target ON audit_logs (target_id, seq);
CREATE INDEX audit_logs_by_event ON audit_logs (event, seq);

-- Evidence is only ever added.
-- +goose StatementBegin
CREATE TRIGGER audit_logs_no_update BEFORE UPDATE ON audit_logs
BEGIN
    SELECT RAISE(ABORT, 'audit_logs is insert-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_logs_no_delete BEFORE DELETE ON audit_logs
BEGIN
    SELECT RAISE(ABORT, 'audit_logs is insert-only');
END;
-- +goose StatementEnd

-- +goose Down
DROP TABLE audit_logs;
DROP TABLE ip_bans;
DROP TABLE failed_logins;
DROP TABLE fingerprint_observations;
DROP TABLE device_fingerprints;
DROP TABLE revoked_tokens;
DROP TABLE refresh_history;
DROP TABLE sessions;
DROP TABLE users;
